"""Dash components that pages share."""
