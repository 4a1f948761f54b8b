"""What a panel is asked, and the two shapes of its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from dashboard.components.links import address
from dashboard.components.states import State
from dashboard.context import Context
from dashboard.figures.encoding import Figure
from dashboard.querystring import Ignored, shortened
from dashboard.reader import View
from dashboard.selection import Selection
from dashboard.theme import Theme


@dataclass(frozen=True)
class Ask:
    """What a panel is asked.

    Parameters
    ----------
    context : reader, settings, formatter; the formatter is made that of ``view``.
    view : the generation that the page was drawn from.
    selection : the URL's filters, parsed.
    path : the page's path as it stands in the address bar.
    parameter : the variable part of the path, decoded; ``None`` where the page has none.
    theme : colours and figure template of the reader's theme.
    values : current values of the panel's extra inputs and states, in their order.
    as_table : the reader wants the figure's numbers as a table.
    fixed : keys of the selection that the page's path says, such as the persona of
        ``/segments/loyal``; they are not repeated in its query.
    """

    context: Context
    view: View
    selection: Selection
    path: str
    parameter: str | None
    theme: Theme
    values: tuple[Any, ...] = ()
    as_table: bool = False
    fixed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        # Here and not where it is asked: no panel can then word its amounts in another currency.
        object.__setattr__(self, "context", self.context.of(self.view))

    def href(self, path: str | None = None, **keys: str | None) -> str:
        """Address of ``path`` (this page) with ``keys`` of the selection replaced; None removes."""
        if path in (None, self.path):
            keys |= dict.fromkeys(self.fixed)
        return address(path or self.path, self.selection.query_with(**keys))


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


Body = Callable[[Ask], Shown | State | Any]
FigureBody = Callable[[Ask], Drawn | State]
ScopeOf = Callable[[str], Mapping[str, str]]


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


def scoped(selection: Selection, fixed: Mapping[str, str]) -> Selection:
    """``selection`` with what the page's path says; what it ignored is still listed."""
    if not fixed:
        return selection
    narrowed = selection.replacing(**fixed)
    asked, said = selection.pairs(), narrowed.pairs()
    overruled = [
        Ignored(key, shortened(asked[key]), f"is overruled by the page's path: {shortened(value)}")
        for key, value in fixed.items()
        if key in asked and asked[key] != said.get(key)
    ]
    return replace(narrowed, ignored=(*selection.ignored, *overruled, *narrowed.ignored))
