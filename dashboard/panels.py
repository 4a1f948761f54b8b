"""The one way a panel is filled: open the generation, read the URL, ask, draw, or say why not."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
    """Content of a panel of plain components, with the note and the sentence of its head."""

    body: object
    sub: object = None
    say: object = None


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
    """

    figure: Figure
    say: object
    table: Callable[[], object]
    key: object = None
    sub: object = None
    height: int | None = None


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
    names: list[str] = field(default_factory=list)

    def html(
        self, name: str, body: Body, *, extra: Sequence[Input | State] = (), themed: bool = False
    ) -> None:
        """Fill ``panel(name, ...)``. ``body`` returns :class:`Shown`, a component or a state."""

        def draw(ask: Ask) -> list[object]:
            made = body(ask)
            if isinstance(made, Message):
                return [None, None, None, made.component(), True]
            shown = made if isinstance(made, Shown) else Shown(made)
            return [shown.body, shown.sub, shown.say, None, False]

        outputs = [
            Output(ids.part(name, "body"), "children"),
            Output(ids.part(name, "sub"), "children"),
            Output(ids.part(name, "say"), "children"),
            Output(ids.part(name, "slot"), "children"),
            Output(ids.part(name, "body"), "hidden"),
        ]
        self._register(name, outputs, draw, lambda m: [None, None, None, m, True], extra, themed)

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
        self._register(
            name, outputs, draw, lambda m: [m], extra, themed, follows=follows, searching=searching
        )

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

        outputs = [
            Output(ids.graph(name), "figure"),
            Output(ids.graph(name), "style"),
            Output(ids.part(name, "sub"), "children"),
            Output(ids.part(name, "say"), "children"),
            Output(ids.part(name, "key"), "children"),
            Output(ids.part(name, "table"), "children"),
            Output(ids.part(name, "slot"), "children"),
            Output(ids.part(name, "content"), "hidden"),
            Output(ids.part(name, "group"), "hidden"),
            Output(ids.part(name, "table"), "hidden"),
            Output(ids.part(name, "toggle"), "children"),
            Output(ids.part(name, "toggle"), "hidden"),
        ]
        toggle = Input(ids.part(name, "toggle"), "n_clicks")
        self._register(name, outputs, draw, _without_figure, [*extra, toggle], True, table=True)
        if drill:
            self.app.clientside_callback(
                ClientsideFunction("spendboard", "drill"),
                Input(ids.graph(name), "clickData"),
                State(ids.graph(name), "id"),
            )

    def _register(
        self,
        name: str,
        outputs: list[Output],
        draw: Callable[[Ask], list[object]],
        instead: Callable[[object], list[object]],
        extra: Sequence[Input | State],
        themed: bool,
        *,
        follows: bool = False,
        searching: bool = True,
        table: bool = False,
    ) -> None:
        """Register one callback; ``instead`` puts a message where the content would be."""
        arguments: dict[str, Any] = {
            "search": (Input if searching else State)(ids.URL, "search"),
            "generation": (Input if follows else State)(ids.GENERATION, "data"),
            "path": State(ids.URL, "pathname"),
            "theme": (Input if themed else State)(ids.THEME, "data"),
            "retry": Input(ids.part(name, "retry"), "data"),
            "values": list(extra),
        }
        self.names.append(name)

        @self.app.callback(
            output=outputs,
            inputs=arguments,
            running=[(Output(name, "aria-busy"), "true", "false")],
        )
        def fill(
            search: str | None,
            generation: int | None,
            path: str | None,
            theme: str | None,
            retry: object,
            values: list[Any],
        ) -> list[object]:
            del retry
            as_table = bool(table and (values.pop() or 0) % 2)
            try:
                ask = self._ask(search, generation, path, theme, tuple(values), as_table)
                return draw(ask)
            except Exception as error:
                return instead(self._excused(error, name))

    def _ask(
        self,
        search: str | None,
        generation: int | None,
        path: str | None,
        theme_name: str | None,
        values: tuple[Any, ...],
        as_table: bool,
    ) -> Ask:
        """The panel's question; refuses to answer for a page that is no longer shown."""
        parameter = None
        if self.path is not None:
            here, parameter = matches(self.path, path)
            if not here:
                raise PreventUpdate
        view = self.context.reader.view(generation)
        selection = Selection.parse(search or "", view.vocabulary)
        return Ask(
            self.context, view, selection, path or "/", parameter, theme(theme_name), values,
            as_table,
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


def _without_figure(message: object) -> list[object]:
    """Outputs of a figure panel that shows ``message`` instead."""
    return [no_update, no_update, None, None, None, None, message, True, True, True,
            "Show as table", True]  # fmt: skip


def _with_figure(drawn: Drawn, as_table: bool) -> list[object]:
    """Outputs of a figure panel that shows its figure, or the same numbers as a table."""
    style = no_update if drawn.height is None else {"height": f"{drawn.height}px"}
    head = [drawn.sub, drawn.say]
    if as_table:
        return [no_update, no_update, *head, None, drawn.table(), None, False, True, False,
                "Show as figure", False]  # fmt: skip
    return [drawn.figure, style, *head, drawn.key, None, None, False, False, True,
            "Show as table", False]  # fmt: skip
