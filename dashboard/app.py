"""The Dash application, made by a factory so that tests can make as many as they like."""

from pathlib import Path
from types import ModuleType
from typing import Any, Final

from dash import Dash
from flask import Response, request

from dashboard import router
from dashboard.components.shell import BRAND, Stop, frame
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.pages import overview
from dashboard.panels import matches
from dashboard.reader import Reader
from dashboard.theme import assets_folder
from warehouse.configuration import Settings
from warehouse.generations import Workspace

# In the order of the rail. A page is a module; docs/architecture.md says what it must have.
PAGES: Final[tuple[ModuleType, ...]] = (overview,)

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
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


class _App(Dash):
    """Dash with the title of the asked page in the very first answer."""

    def interpolate_index(self, **parts: Any) -> str:  # noqa: ANN401 - dash passes text
        page = find_page(request.path)
        parts["title"] = f"{page.TITLE if page else 'Page not found'} · {BRAND}"
        return str(super().interpolate_index(**parts))


def find_page(path: str | None) -> ModuleType | None:
    """The page at ``path``, or None."""
    return next((page for page in PAGES if matches(page.PATH, path)[0]), None)


def stops() -> tuple[Stop, ...]:
    """The rail: every page that names a group."""
    return tuple(
        Stop(page.TITLE, page.PATH, page.ICON, page.GROUP)
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
        assets_ignore=r"^(wall.*|theme\.js)$",
        title=BRAND,
        update_title=None,
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
    import importlib

    for name in ("health", "wall", "export", "wall_page"):
        try:
            importlib.import_module(f"dashboard.routes.{name}").register(app.server, context)
        except ModuleNotFoundError as e:
            print(e)
    app.server.after_request(_not_found)
    try:
        from dashboard import guards

        guards.register(app.server, app.csp_hashes())
    except (ImportError, TypeError) as e:
        print(e)
    return app


def _not_found(response: Response) -> Response:
    """An address without a page answers 404; its body still is the app, which helps."""
    if request.endpoint == "/<path:path>" and find_page(request.path) is None:
        response.status_code = 404
    return response


__all__ = ["PAGES", "create_app", "find_page"]
