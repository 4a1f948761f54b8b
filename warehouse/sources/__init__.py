"""Readers of source files: each yields the rows of one kind of source as text columns.

Text, because nothing may pass through DOUBLE on its way to a DECIMAL. A reader is one entry of
``READERS`` in :mod:`warehouse.sources.registry`.
"""
