"""The one way a panel is filled: open the generation, read the URL, ask, draw, or say why not."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import abort

from dashboard import ids
from dashboard.components.links import address
from dashboard.components.states import State as Message
from dashboard.components.states import failed, no_data
from dashboard.context import Context
from dashboard.figures.encoding import Figure
from dashboard.reader import GenerationGone, View
from dashboard.selection import Selection
from dashboard.theme import Theme, theme
from warehouse.errors import NoGenerationError, SpendboardError

logger = logging.getLogger(__name__)

GONE = 409


@dataclass(frozen=True)
class Ask:
    """What a panel is asked.

    Parameters
    ----------
    context : reader, settings, formatter.
    view : the generation that the page was drawn from.
    selection : the URL's filters, parsed.
    path : the page's path as it stands in the address bar.
    parameter : the variable part of the path, decoded; ``None`` where the page has none.
    theme : colours and figure template of the reader's theme.
    values : current values of the panel's extra inputs and states, in their order.
    as_table : the reader wants the figure's numbers as a table.
    """

    context: Context
    view: View
    selection: Selection
    path: str
    parameter: str | None
    theme: Theme
    values: tuple[Any, ...] = ()
    as_table: bool = False

    def href(self, path: str | None = None, **keys: str | None) -> str:
        """Address of ``path`` (this page) with ``keys`` of the selection replaced; None removes."""
        selection = self.selection.replacing(**keys) if keys else self.selection
        return address(path or self.path, selection.query())


@dataclass(frozen=True)
class Shown:
    """Content of a panel of plain components.

    Parameters
    ----------
    body : the content.
    sub : note beside the title.
    say : the finding as one sentence, under the title.
    aside : what stands right of the title and depends on the data, such as a switch.
    """

    body: object
    sub: object = None
    say: object = None
    aside: object = None


@dataclass(frozen=True)
class Drawn:
    """Content of a figure panel.

    Parameters
    ----------
    figure : plotly figure as a plain dict.
    say : the finding as one sentence; it is also what a screen reader says of the figure.
    table : makes the same numbers as a table; called only when the reader asks for it.
    key : what line, colour and dash mean; drawn above the figure.
    sub : note beside the title.
    height : px, where it depends on the data.
    aside : what stands right of the title and depends on the data, such as a switch.
    """

    figure: Figure
    say: object
    table: Callable[[], object]
    key: object = None
    sub: object = None
    height: int | None = None
    aside: object = None


Body = Callable[[Ask], Shown | Drawn | Message | Any]


def matches(pattern: str, path: str | None) -> tuple[bool, str | None]:
    """Whether ``path`` is the page ``pattern``, and the value of its parameter.

    >>> matches("/customers/<customer_id>", "/customers/C%2F1")
    (True, 'C/1')
    """
    if path is None:
        return False, None
    stem, _, parameter = pattern.partition("<")
    bare = path.rstrip("/") or "/"
    if not parameter:
        return bare == pattern, None
    value = bare.removeprefix(stem)
    if not bare.startswith(stem) or not value or "/" in value:
        return False, None
    return True, unquote(value)


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
    has_table : the last extra input counts the clicks on "Show as table".
    """

    outputs: Sequence[Output]
    draw: Callable[[Ask], list[object]]
    instead: Callable[[object], list[object]]
    extra: Sequence[Input | State] = ()
    themed: bool = False
    follows: bool = False
    searching: bool = True
    has_table: bool = False

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
    """

    app: Dash
    context: Context
    path: str | None = None

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
    ) -> None:
        """Fill ``bare(name, ...)``: one output, no head.

        ``follows``: drawn anew with every page. ``searching``: drawn anew with every filter.
        """

        def draw(ask: Ask) -> list[object]:
            made = body(ask)
            return [made.component() if isinstance(made, Message) else made]

        outputs = [Output(ids.part(name, "body"), "children")]
        plan = _Plan(outputs, draw, lambda m: [m], extra, themed, follows, searching)
        self._register(name, plan)

    def figure(
        self, name: str, body: Body, *, extra: Sequence[Input | State] = (), drill: bool = False
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
            self.app.clientside_callback(
                ClientsideFunction("spendboard", "drill"),
                Input(ids.graph(name), "clickData"),
                State(ids.graph(name), "id"),
            )

    def _register(self, name: str, plan: _Plan) -> None:
        @self.app.callback(
            output=list(plan.outputs),
            inputs=plan.arguments(name),
            running=[(Output(name, "aria-busy"), "true", "false")],
        )
        def fill(**given: Any) -> list[object]:  # noqa: ANN401 - named by _Plan.arguments
            try:
                return plan.draw(self._ask(given, plan.has_table))
            except Exception as error:
                return plan.instead(self._excused(error, name))

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
        selection = Selection.parse(given["search"] or "", view.vocabulary)
        return Ask(
            self.context, view, selection, path, parameter, theme(given["colours"]),
            tuple(values), as_table,
        )  # fmt: skip

    def _excused(self, error: Exception, name: str) -> object:
        """What to show for ``error``; raises what the browser must hear of."""
        if isinstance(error, PreventUpdate):
            raise error
        if isinstance(error, GenerationGone):
            abort(GONE, "this page was drawn from data that are gone; load it anew")
        if isinstance(error, NoGenerationError):
            return no_data().component()
        identifier = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}"
        logger.exception("panel %s failed, error %s", name, identifier, exc_info=error)
        what = error.what if isinstance(error, SpendboardError) else "This part could not be made"
        return failed(identifier, name, what).component()


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
