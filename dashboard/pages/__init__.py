"""One module a page: TITLE, PATH, layout() and register()."""
