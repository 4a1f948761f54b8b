"""The pages, one module each, listed in ``dashboard.app.PAGES`` in the order of the rail.

A page has

- ``TITLE``, ``PATH`` (with at most one parameter: ``/segments/<slug>``) and ``ICON``;
- ``layout(context)``: its frame without numbers; panels fill it;
- ``register(app, context)``: attaches its panels through :class:`dashboard.panels.Panels`;

and it may have

- ``GROUP``: its place in the rail; a page without it is not in the rail;
- ``COMPARES``: true where it needs more customers than one; else it is not in the rail either;
- ``FILTERS = False``: no filter bar;
- ``head(context)``: the page's head instead of title and search;
- ``heading(view, parameter)``: its h1 where it depends on the parameter; None is a 404;
- ``SCOPE``: the key of the selection that the parameter says, such as ``persona``.
"""
