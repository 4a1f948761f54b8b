"""The one way a panel is filled: open the generation, read the URL, ask, draw, or say why not."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import abort

from dashboard import finished, ids
from dashboard.asking import Ask, Body, Drawn, FigureBody, ScopeOf, Shown, matches, scoped
from dashboard.components.states import State as Message
from dashboard.components.states import failed, no_data
from dashboard.context import Context
from dashboard.reader import GenerationGone
from dashboard.theme import theme
from warehouse.errors import NoGenerationError, SpendboardError

logger = logging.getLogger(__name__)

GONE = 409

__all__ = ["GONE", "Ask", "Drawn", "Panels", "ScopeOf", "Shown", "in_browser", "matches", "scoped"]


@dataclass(frozen=True)
class _Plan:
    """How one panel is filled.

    Parameters
    ----------
    outputs : what the callback sets.
    draw : values of the outputs for a question.
    instead : values of the outputs with a message in place of the content.
    extra : further inputs and states.
    themed : drawn anew when the theme changes.
    follows : drawn anew with every page, not only when it is put on one.
    searching : drawn anew when the filters change.
    quiet : empty as long as there are no data, because the page says it already.
    has_table : the last extra input counts the clicks on "Show as table".
    timely : tells what changes within a generation, such as its age; never kept.
    waits : asked only when one of its inputs changes, not when it is put on a page.
    """

    outputs: Sequence[Output]
    draw: Callable[[Ask], list[object]]
    instead: Callable[[object], list[object]]
    extra: Sequence[Input | State] = ()
    themed: bool = False
    follows: bool = False
    searching: bool = True
    quiet: bool = False
    has_table: bool = False
    timely: bool = False
    waits: bool = False

    def arguments(self, name: str) -> dict[str, Any]:
        """Inputs and states of the callback of panel ``name``."""
        return {
            "search": (Input if self.searching else State)(ids.URL, "search"),
            "generation": (Input if self.follows else State)(ids.GENERATION, "data"),
            "path": State(ids.URL, "pathname"),
            "colours": (Input if self.themed else State)(ids.THEME, "data"),
            "retry": Input(ids.part(name, "retry"), "data"),
            "values": list(self.extra),
        }


@dataclass
class Panels:
    """Registers the panels of one page.

    Parameters
    ----------
    app : the dashboard.
    context : what every panel may need.
    path : the page's PATH; ``None`` for parts of the shell, which live on every page.
    scope_of : for parts of the shell, what the path at hand says of the selection.
    scope : key of the selection that the parameter of ``path`` says.
    """

    app: Dash
    context: Context
    path: str | None = None
    scope: str | None = None
    scope_of: ScopeOf | None = None

    def html(
        self, name: str, body: Body, *, extra: Sequence[Input | State] = (), themed: bool = False
    ) -> None:
        """Fill ``panel(name, ...)``. ``body`` returns :class:`Shown`, a component or a state."""

        def draw(ask: Ask) -> list[object]:
            made = body(ask)
            if isinstance(made, Message):
                return _without_body(made.component())
            shown = made if isinstance(made, Shown) else Shown(made)
            return [shown.body, shown.sub, shown.say, shown.aside, None, False]

        outputs = [
            *(Output(ids.part(name, p), "children") for p in ("body", "sub", "say", "aside")),
            Output(ids.part(name, "slot"), "children"),
            Output(ids.part(name, "body"), "hidden"),
        ]
        self._register(name, _Plan(outputs, draw, _without_body, extra, themed))

    def bare(
        self,
        name: str,
        body: Body,
        *,
        extra: Sequence[Input | State] = (),
        themed: bool = False,
        follows: bool = False,
        searching: bool = True,
        quiet: bool = False,
        timely: bool = False,
        waits: bool = False,
    ) -> None:
        """Fill ``bare(name, ...)``: one output, no head.

        ``follows``: drawn anew with every page. ``searching``: drawn anew with every filter.
        ``quiet``: part of the shell, empty as long as there are no data. ``timely``: tells the
        time, so each request is answered anew. ``waits``: empty until one of ``extra`` changes.
        """

        def draw(ask: Ask) -> list[object]:
            made = body(ask)
            return [made.component(2) if isinstance(made, Message) else made]

        outputs = [Output(ids.part(name, "body"), "children")]
        plan = _Plan(
            outputs, draw, lambda m: [m], extra, themed, follows, searching, quiet,
            timely=timely, waits=waits,
        )  # fmt: skip
        self._register(name, plan)

    def figure(
        self,
        name: str,
        body: FigureBody,
        *,
        extra: Sequence[Input | State] = (),
        drill: bool = False,
    ) -> None:
        """Fill ``figure_panel(name, ...)``. ``body`` returns :class:`Drawn` or a state.

        With ``drill`` a click on a point goes to the address in the point's ``customdata``
        (its last item where it is a list). The figure's table must offer the same as links.
        """

        def draw(ask: Ask) -> list[object]:
            made = body(ask)
            if isinstance(made, Message):
                return _without_figure(made.component())
            return _with_figure(made, ask.as_table)

        parts = ("sub", "say", "aside", "key", "table", "slot", "toggle")
        outputs = [
            Output(ids.graph(name), "figure"),
            Output(ids.graph(name), "style"),
            *(Output(ids.part(name, part), "children") for part in parts),
            *(Output(ids.part(name, part), "hidden")
              for part in ("content", "group", "table", "toggle")),
        ]  # fmt: skip
        toggle = Input(ids.part(name, "toggle"), "n_clicks")
        plan = _Plan(outputs, draw, _without_figure, [*extra, toggle], True, has_table=True)
        self._register(name, plan)
        if drill:
            in_browser(
                self.app,
                "drill",
                Input(ids.graph(name), "clickData"),
                State(ids.graph(name), "id"),
            )

    def _register(self, name: str, plan: _Plan) -> None:
        arguments = plan.arguments(name)

        def fill(**given: Any) -> list[object]:  # noqa: ANN401 - named by _Plan.arguments
            try:
                return plan.draw(self._ask(given, plan.has_table))
            except Exception as error:
                if plan.quiet and isinstance(error, NoGenerationError):
                    return plan.instead(None)
                return plan.instead(self._excused(error, name))

        if not plan.timely:
            retry = ids.part(name, "retry")
            finished.keep(self.app, finished.Kept(plan.outputs, fill, arguments, retry))
        self.app.callback(
            output=list(plan.outputs),
            inputs=arguments,
            running=[(Output(name, "aria-busy"), "true", "false")],
            prevent_initial_call=plan.waits,
        )(fill)

    def _ask(self, given: Mapping[str, Any], has_table: bool) -> Ask:
        """The panel's question; refuses to answer for a page that is no longer shown."""
        path, parameter = given["path"] or "/", None
        if self.path is not None:
            here, parameter = matches(self.path, path)
            if not here:
                raise PreventUpdate
        values = list(given["values"])
        as_table = bool(has_table and (values.pop() or 0) % 2)
        view = self.context.reader.view(given["generation"])
        fixed = {self.scope: parameter} if self.scope and parameter else {}
        if self.scope_of is not None:
            fixed = dict(self.scope_of(path))
        selection = scoped(view.selection(given["search"] or ""), fixed)
        return Ask(
            self.context, view, selection, path, parameter, theme(given["colours"]),
            tuple(values), as_table, frozenset(fixed),
        )  # fmt: skip

    def _excused(self, error: Exception, name: str) -> object:
        """What to show for ``error``; raises what the browser must hear of."""
        if isinstance(error, PreventUpdate):
            raise error
        if isinstance(error, GenerationGone):
            abort(GONE, "this page was drawn from data that are gone; load it anew")
        if isinstance(error, NoGenerationError):
            return no_data(error).component()
        finished.spoil()
        identifier = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}"
        logger.exception("panel %s failed, error %s", name, identifier, exc_info=error)
        what = error.what if isinstance(error, SpendboardError) else "This part could not be made"
        what = what.replace(str(self.context.reader.workspace.folder), "workspace")
        return failed(identifier, name, what).component()


def in_browser(
    app: Dash, function: str, *arguments: Input | Output | State, waits: bool = False
) -> None:
    """Register ``function`` of ``assets/60-shell.js`` as a callback that asks no server.

    ``waits``: it is not called when its inputs are put on a page.
    """
    where = ClientsideFunction("spendboard", function)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        where, *arguments, prevent_initial_call=waits
    )


def _without_body(message: object) -> list[object]:
    """Outputs of a panel that shows ``message`` instead of its content."""
    return [None, None, None, None, message, True]


def _without_figure(message: object) -> list[object]:
    """Outputs of a figure panel that shows ``message`` instead."""
    texts = [None, None, None, None, None, message, "Show as table"]
    return [no_update, no_update, *texts, True, True, True, True]


def _with_figure(drawn: Drawn, as_table: bool) -> list[object]:
    """Outputs of a figure panel that shows its figure, or the same numbers as a table."""
    head = [drawn.sub, drawn.say, drawn.aside]
    if as_table:
        texts = [*head, None, drawn.table(), None, "Show as figure"]
        return [no_update, no_update, *texts, False, True, False, False]
    style = no_update if drawn.height is None else {"height": f"{drawn.height}px"}
    texts = [*head, drawn.key, None, None, "Show as table"]
    return [drawn.figure, style, *texts, False, False, True, False]
