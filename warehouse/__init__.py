"""DuckDB and files: loading, generations, feature views. Knows no model library and no web."""

__version__ = "0.1.0"
