"""Plain HTTP routes beside the Dash app: export, health, the wall."""
