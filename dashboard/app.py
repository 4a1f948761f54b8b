"""The Dash application, made by a factory so that tests can make as many as they like."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote

from dash import Dash
from flask import Response, request

from dashboard import finished, guards, questions, router
from dashboard.components.shell import BRAND, Stop, frame
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.pages import customer, customers, overview, segment, segments
from dashboard.pages import map as map_page
from dashboard.panels import matches
from dashboard.reader import Reader
from dashboard.routes import export, health, wall, wall_page
from dashboard.theme import assets_folder
from warehouse.configuration import Settings
from warehouse.generations import Workspace

# In the order of the rail; dashboard/pages/__init__.py says what a page must have.
PAGES: Final[tuple[ModuleType, ...]] = (overview, segments, segment, map_page, customers, customer)

INDEX: Final = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/theme.js"></script>
{%css%}
</head>
<body>
<noscript>Spendboard needs JavaScript. Exports and figures are also at hand without it:
see <code>spendboard export --help</code>.</noscript>
{%app_entry%}
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>
"""


class _App(Dash):
    """Dash with the title of the asked page in the very first answer."""

    def interpolate_index(self, *args: Any, **parts: Any) -> str:  # noqa: ANN401 - all text
        page = find_page(asked_path())
        parts["title"] = f"{page.TITLE if page else 'Page not found'} · {BRAND}"
        page_html = super().interpolate_index(*args, **parts)  # type: ignore[no-untyped-call]
        return str(page_html)


def find_page(path: str | None) -> ModuleType | None:
    """The page at ``path``, or None."""
    return next((page for page in PAGES if matches(page.PATH, path)[0]), None)


def asked_path() -> str:
    """The request's path as the browser wrote it.

    The server hands it on decoded, where a slash inside of an id looks like one between folders.
    """
    path: str = request.path
    for page in PAGES:
        stem, _, parameter = page.PATH.partition("<")
        if parameter and path.startswith(stem):
            return f"{stem}{quote(path.removeprefix(stem), safe='')}"
    return path


def stops() -> tuple[Stop, ...]:
    """The rail: every page that names a group."""
    return tuple(
        Stop(page.TITLE, page.PATH, page.ICON, page.GROUP, getattr(page, "COMPARES", False))
        for page in PAGES
        if getattr(page, "GROUP", None) is not None
    )


def create_app(workspace: Path, settings: Settings) -> Dash:
    """Build the dashboard on one workspace.

    Parameters
    ----------
    workspace : folder; it may still be empty, pages then say what to run.
    settings : from its ``spendboard.toml``.
    """
    app = _App(
        __name__,
        assets_folder=str(assets_folder()),
        assets_ignore=r"^(wall.*|plotly-.*|theme\.js)$",
        title=BRAND,
        update_title="",
        index_string=INDEX,
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    context = Context(
        Reader(Workspace(workspace, keep=settings.keep_generations), settings),
        settings,
        Formatter(settings.currency),
    )
    app.layout = frame()
    router.register(app, context, find_page, stops())
    for page in PAGES:
        page.register(app, context)
    for route in (health, wall, export, wall_page):
        route.register(app.server, context)
    finished.register(app, context)
    app.server.after_request(_told_missing(context))
    guards.register(app.server, app.csp_hashes())
    questions.register(app.server, app.callback_map)
    return app


def _told_missing(context: Context) -> Callable[[Response], Response]:
    """An address without a page answers 404; its body still is the app, which helps."""

    def tell(response: Response) -> Response:
        is_page, path = request.endpoint in ("/<path:path>", "/"), asked_path()
        if (
            is_page
            and response.status_code == 200
            and not router.exists(context, find_page(path), path)
        ):
            response.status_code = 404
        return response

    return tell


__all__ = ["PAGES", "create_app", "find_page"]
