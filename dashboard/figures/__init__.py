"""Figures: a small frame in, a plain figure dict out. Knows neither Dash nor DuckDB."""
