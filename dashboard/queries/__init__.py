"""Every question that the app asks the warehouse. Reads marts only."""
