"""What a panel shows instead of its content. Zero, nothing, not enough and failed all differ."""

from dataclasses import dataclass, field
from typing import Literal

from dash import html

from dashboard.components.icons import icon
from dashboard.components.links import go
from warehouse.errors import NoGenerationError, SpendboardError


@dataclass(frozen=True)
class State:
    """Something to say in place of a panel's content.

    Parameters
    ----------
    icon : Bootstrap icon.
    title : one bold sentence: what is the matter.
    why : the reason, text or components.
    actions : what can be done about it, links or buttons.
    kind : ``empty``, ``no-data``, ``not-enough`` or ``error``, for tests and styles.
    """

    icon: str
    title: str
    why: object
    actions: tuple[object, ...] = field(default=())
    kind: str = "empty"

    def component(self, level: Literal[2, 3] = 3) -> html.Div:
        """The state as drawn; ``level`` of its heading: 2 where it stands in no panel."""
        heading = html.H2 if level == 2 else html.H3
        parts = [icon(self.icon), heading(self.title), html.P(self.why)]
        if self.actions:
            parts.append(html.Div(list(self.actions), className="btn-row"))
        role = "alert" if self.kind == "error" else None
        extra = {"role": role} if role else {}
        return html.Div(parts, className="state", **{"data-state": self.kind, **extra})


def no_match(title: str, chip: str, count: str, address: str) -> State:
    """No customer is left, and taking away one filter helps most.

    Parameters
    ----------
    title : the sentence, such as ``No customer matches these filters``.
    chip : the filter as its chip words it, ``City: Potsdam``.
    count : how many customers there would be without it, worded.
    address : where the page stands without it.
    """
    return State(
        "funnel",
        title,
        f"Without \N{LEFT DOUBLE QUOTATION MARK}{chip}\N{RIGHT DOUBLE QUOTATION MARK}"
        f" there would be {count}.",
        (
            go(
                [icon("x-lg"), html.Span(f"Remove {chip}", className="clip")],
                address,
                className="btn btn-quiet",
            ),
        ),
    )


def nothing(title: str, why: object, *actions: object, mark: str = "inbox") -> State:
    """The question has no answer in these data; it is not a fault and not a zero."""
    return State(mark, title, why, actions)


def no_data(error: NoGenerationError) -> State:
    """The workspace has no generation yet; ``error`` says which command gives it one."""
    demo = [html.Code("spendboard demo"), " makes a demo to look around"]
    return State(
        "database",
        "No data yet",
        [*with_code(error.fix or ""), html.Br(), *demo],
        (go([icon("arrow-clockwise"), "Look again"], "/", className="btn btn-quiet",
            **{"data-reload": "true"}),),
        kind="no-data",
    )  # fmt: skip


def not_enough(why: object, *actions: object, title: str = "Not enough history") -> State:
    """No number is better than a guess: says what is missing."""
    return State("hourglass-split", title, why, actions, kind="not-enough")


def failed(identifier: str, panel: str, what: str = "This part could not be made") -> State:
    """Something broke. The id stands in the server's log beside the reason."""
    retry = html.Button(
        [icon("arrow-clockwise"), "Retry"],
        type="button",
        className="btn btn-quiet",
        **{"data-retry": panel},
    )
    return State(
        "exclamation-octagon",
        what,
        f"The rest of the page is complete. Error {identifier}.",
        (retry,),
        kind="error",
    )


def skeleton(*heights: int) -> html.Div:
    """Grey bars of ``heights`` px while a panel is drawn for the first time."""
    bars = [
        html.Div(className="skeleton", style={"height": height, "width": "55%" if n == 0 else None})
        for n, height in enumerate(heights)
    ]
    return html.Div(bars, className="skeletons", **{"aria-hidden": "true"})


def no_view(error: SpendboardError) -> html.Div:
    """A page that cannot be drawn at all: no generation yet, or a damaged one."""
    if isinstance(error, NoGenerationError):
        return no_data(error).component(2)
    again = html.Button(
        [icon("arrow-clockwise"), "Try again"],
        type="button",
        className="btn btn-quiet",
        **{"data-reload": "true"},
    )
    fix = with_code(error.fix or "")
    return State("exclamation-octagon", error.what, fix, (again,), kind="error").component(2)


def with_code(text: str) -> list[object]:
    """A sentence of the command line for a page: what stands in backticks is set as code."""
    parts = text.split("`")
    return [html.Code(part) if at % 2 else part for at, part in enumerate(parts) if part]
