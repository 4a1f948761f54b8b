"""Readers of source files: each yields the rows of one kind of source as text columns."""
