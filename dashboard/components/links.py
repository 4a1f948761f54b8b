"""Links inside the app. The URL is the state, so nearly every control is one of these."""

from dashboard.components import html


def go(children: object, href: str, **attributes: object) -> html.A:
    """A link that ``assets/60-shell.js`` follows without loading the page anew.

    A middle click, a copied address or a browser without the script reach the same view.

    Parameters
    ----------
    children : text or components.
    href : path and query on this server, such as ``/customers?persona=loyal``.
    attributes : further attributes of the anchor, ``className`` or ``aria-...``.
    """
    return html.A(children, href=href, **{"data-go": "true", **attributes})


def address(path: str, query: str) -> str:
    """``path?query``, or ``path`` alone for an empty query."""
    return f"{path}?{query}" if query else path
