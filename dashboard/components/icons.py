"""Icons: always beside a word or under an accessible name, so never announced themselves."""

from dashboard.components import html


def icon(name: str, class_name: str = "") -> html.I:
    """The Bootstrap icon ``name`` such as ``funnel``; screen readers skip it."""
    return html.I(className=f"bi bi-{name} {class_name}".strip(), **{"aria-hidden": "true"})
