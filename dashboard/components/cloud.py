"""The cloud of customers as a panel: points, a legend that filters, the drawn area."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard.area import Box, Lasso
from dashboard.components import switch, tables
from dashboard.components.links import go
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.states import State, nothing
from dashboard.components.unscored import without_groups
from dashboard.figures.map import SYMBOLS, Corners, Group, scatter, symbol_of
from dashboard.panels import Ask, Drawn
from dashboard.queries import map as queries
from dashboard.queries.customer import personas
from dashboard.queries.held import count
from dashboard.selection import Selection

SHADE: Final = "map-shade"
TOOL: Final = "map-tool"
SHADES: Final = {"persona": "Persona", "churn_band": "Churn", "risk_band": "Exposure"}
TOOLS: Final = {"select": "Box", "lasso": "Lasso", "zoom": "Zoom"}
# Token and mark of each band. Exposure is no judgement: the best customers have most of it.
BANDS: Final = {
    "churn_band": {"low": ("ink-3", 1), "medium": ("warn", 2), "high": ("bad", 3)},
    "risk_band": {"low": ("ink-3", 1), "medium": ("c3", 2), "high": ("c1", 3)},
}
AREA: Final[dict[str, str | None]] = {"box": None, "lasso": None}


def without_area(selection: Selection) -> Selection:
    """The selection as it was before an area was drawn."""
    return selection.replacing(**AREA)


def corners(area: Box | Lasso | None) -> Corners:
    """The area as a polygon."""
    if area is None:
        return ()
    if isinstance(area, Lasso):
        return [(float(x), float(y)) for x, y in area.corners]
    left, bottom, right, top = (float(n) for n in (area.left, area.bottom, area.right, area.top))
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def drawn(ask: Ask) -> Drawn | State:
    """The map of everybody whom the filters other than the drawn area leave."""
    view, formatter = ask.view, ask.context.formatter
    extent = queries.extent(view)
    if extent is None:
        why = ["Customers get their place when they are scored: ", html.Code("spendboard refresh")]
        return without_groups(ask, "No map", why, "bullseye")
    outer = without_area(ask.selection)
    counts = queries.group_counts(view, outer, shade := _shade(ask))
    total = sum(counts.values())
    if not total:
        return nobody(ask) if is_nobody(ask) else _unplaced(ask, outer)
    groups = groups_of(ask, shade)
    points = queries.points(view, outer, shade, counts)
    area = corners(ask.selection.box or ask.selection.lasso)
    note = f"{formatter.count(count(view, ask.selection))} selected" if area else ""
    axes = queries.axes(view)
    names = (axes[0].title, axes[1].title) if len(axes) == 2 else ("First axis", "Second axis")
    tool = ask.values[1] if ask.values[1] in TOOLS else "select"
    return Drawn(
        scatter(
            points, groups, names, (extent.left, extent.bottom, extent.right, extent.top),
            ask.theme, area=area, note=note, drag=tool, drawing=ask.selection.query(),
        ),
        _say(ask, axes, len(points), total),
        lambda: _table(ask, groups, counts, shade),
        key=legend(ask, groups, shade),
        aside=[
            switch.switch(SHADE, _answerable(ask), shade, "Colour by"),
            switch.switch(TOOL, TOOLS, tool, "What dragging does"),
        ],
    )  # fmt: skip


def _shade(ask: Ask) -> queries.Shade:
    """What colours the points: the reader's choice, else the persona."""
    return next((s for s in queries.SHADES if s == ask.values[0]), "persona")


def _answerable(ask: Ask) -> dict[str, str]:
    """The ways of colouring that the data can answer."""
    return {name: words for name, words in SHADES.items() if ask.view.vocabulary.has(name)}


def _unplaced(ask: Ask, outer: Selection) -> State:
    number = ask.context.formatter.count(count(ask.view, outer))
    return nothing(
        "None of these customers is on the map",
        f"The {number} selected ones have not been scored yet.",
        mark="bullseye",
    )


def groups_of(ask: Ask, shade: queries.Shade) -> list[Group]:
    """Kinds of points in drawing order, the unscored ones first."""
    theme = ask.theme
    unknown = Group("", "Not scored", "circle", theme.colours["line-control"])
    if shade == "persona":
        cards = personas(ask.view)
        return [
            unknown,
            *(
                Group(card["persona"], card["title"], symbol_of(card["mark"]),
                      theme.mark(card["mark"]))
                for card in cards
            ),
        ]  # fmt: skip
    key, bands = ask.view.vocabulary.keys.get(shade), BANDS[shade]
    return [
        unknown,
        *(
            Group(choice.value, choice.title, symbol_of(bands[choice.value][1]),
                  theme.colours[bands[choice.value][0]])
            for choice in (key.choices if key else ())
            if choice.value in bands
        ),
    ]  # fmt: skip


def legend(ask: Ask, groups: Sequence[Group], shade: queries.Shade) -> html.Div:
    """One button a group, with its count; pressing it filters, pressing again takes it back.

    Counts are of the selection without a filter on this key, so that a group which is filtered
    out still says what it would bring.
    """
    formatter = ask.context.formatter
    open_counts = queries.group_counts(
        ask.view, without_area(ask.selection).replacing(**{shade: None}), shade
    )
    wanted = _wanted(ask.selection, shade)
    buttons = []
    for group in groups:
        if not group.value:
            continue
        pressed = group.value in wanted
        slug = ask.view.vocabulary.slug(shade, group.value)
        slugs = [ask.view.vocabulary.slug(shade, value) for value in wanted if value != group.value]
        values = slugs if pressed else [*slugs, slug]
        number = formatter.count(open_counts.get(group.value, 0))
        buttons.append(
            go(
                [_mark(ask, group, shade), group.title, html.Span(number, className="key")],
                ask.href(**{shade: ",".join(values) or None, "page": None}),
                className="btn btn-ghost" + (" active" if pressed else ""),
                **{"aria-pressed": "true" if pressed else "false", "role": "button"},
            )
        )
    return html.Div(buttons, className="legend" + (" some" if wanted else ""))


def _wanted(selection: Selection, shade: str) -> tuple[str, ...]:
    """Values of ``shade`` that the selection asks for; empty for all."""
    for condition in selection.who:
        if condition.key == shade and not condition.excluded:
            key = selection.vocabulary.keys[shade]
            return tuple(key.by_slug[slug].value for slug in condition.values)
    return ()


def _mark(ask: Ask, group: Group, shade: str) -> html.Span:
    """The group's symbol, in the shape and colour that its points have."""
    number = 1 + SYMBOLS.index(group.symbol)
    style = {} if shade == "persona" else {"background": f"var(--{BANDS[shade][group.value][0]})"}
    return html.Span(className=f"mark m{number}", style=style, **{"aria-hidden": "true"})


def _say(ask: Ask, axes: Sequence[queries.Axis], shown: int, placed: int) -> str:
    """How many are shown, who has no place, and how much of the differences two axes can hold."""
    formatter = ask.context.formatter
    everybody = count(ask.view, without_area(ask.selection))
    words = f"Showing {formatter.count(shown)} of {formatter.count(everybody)}"
    if everybody > placed:
        rest = everybody - placed
        words += f" ({formatter.count(rest)} {'has' if rest == 1 else 'have'} no place yet)"
    words += "; neighbours buy alike."
    if len(axes) != 2:
        return words
    share = formatter.percent(float(axes[0].share) + float(axes[1].share), 0)
    return f"{words} The axes hold {share} of all differences."


def _table(
    ask: Ask, groups: Sequence[Group], counts: Mapping[str, int], shade: queries.Shade
) -> html.Table:
    """The map in numbers: how many of each group there are, and how many the area holds."""
    formatter = ask.context.formatter
    inside = queries.group_counts(ask.view, ask.selection, shade)
    total = sum(counts.values())
    rows: list[Sequence[Any]] = [
        (
            group.title,
            formatter.count(counts[group.value]),
            formatter.percent(counts[group.value] / total),
            formatter.count(inside.get(group.value, 0)),
        )
        for group in groups
        if group.value in counts
    ]
    heads = [
        tables.Column(SHADES[shade]),
        tables.Column("Customers", True),
        tables.Column("Share", True),
        tables.Column("In the selection", True, "strong"),
    ]
    return tables.table(heads, rows, caption="Customers on the map by group")
