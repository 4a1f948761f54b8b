"""The filter bar: period, comparison, one chip a filter, the count, the sentence, the export."""

from datetime import date, timedelta
from typing import Final

from dash import dcc, html

from dashboard.components import filter_popover
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.menus import Choice, menu
from dashboard.panels import Ask
from dashboard.period import Period
from dashboard.queries.held import count
from dashboard.queries.kpi_sums import measure
from dashboard.selection import VIEW_ONLY, Chip
from dashboard.wording import is_one_persons

PERIODS: Final = {
    "all": "All time",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "365d": "Last 365 days",
}
MOST_IGNORED: Final = 5
QUOTE: Final = "'"
ASKED: Final = "period-asked"  # the query that the button's days make
REFUSED: Final = "period-refused"  # why they make none
COMPARISONS: Final = {
    None: "Nothing",
    "previous": "Previous period",
    "year": "Same days a year ago",
}


def bar(ask: Ask) -> list[object]:
    """The whole bar for one selection."""
    number = count(ask.view, ask.selection)
    parts: list[object] = [
        html.Div([*_controls(ask), *_chips(ask), *_ends(ask)], className="filter-row"),
        html.Div(_readback(ask, number), className="readback"),
    ]
    if ask.selection.ignored:
        parts.append(_ignored(ask))
    return parts


def _controls(ask: Ask) -> list[object]:
    """Period and comparison, where purchases have dates."""
    if not (ask.view.vocabulary.about.has_transactions and ask.view.vocabulary.about.has_dates):
        return []
    period, compare = ask.selection.lens.period, ask.selection.lens.compare
    periods = [
        Choice(words, ask.href(period=code), (period.preset or "all") == code and not period.first)
        for code, words in PERIODS.items()
    ]
    controls: list[object] = [
        menu("Period", _shown(ask, period), periods, _custom(ask, period), name="period-menu")
    ]
    if not period.is_all:
        choices = [
            Choice(words, ask.href(compare=code), compare == code)
            for code, words in COMPARISONS.items()
        ]
        controls.append(menu("Against", COMPARISONS[compare], choices, name="compare-menu"))
    return controls


def _shown(ask: Ask, period: Period) -> str:
    """The period as its button says it."""
    if period.preset or period.is_all:
        return PERIODS[period.text()]
    formatter = ask.context.formatter
    if period.first and period.last:
        return formatter.span(period.first, period.last)
    return (
        f"Since {formatter.date(period.first)}"
        if period.first
        else (f"Until {formatter.date(period.last)}")
    )


def _custom(ask: Ask, period: Period) -> html.Form:
    """Two days and a button."""
    about = ask.view.vocabulary.about
    days = period.asked(about)
    end = about.last_day or date.max
    fields = [
        ("period-from", "From", str(days.first if days else end - timedelta(days=89))),
        ("period-to", "To", str(days.last if days else end)),
    ]
    inputs = [
        html.Label(
            [html.Span(label), dcc.Input(id=name, type="date", value=value,
                                         min=str(about.first_day), max=str(end),
                                         className="form-control")]
        )
        for name, label, value in fields
    ]  # fmt: skip
    button = html.Button("Apply", id="period-apply", type="submit", className="btn btn-quiet",
                         n_clicks=0)  # fmt: skip
    words = html.P(id=REFUSED, className="refused", role="status")
    parts = [*inputs, button, words, dcc.Store(id=ASKED)]
    return html.Form(parts, className="menu-form", **{"data-plain": "true"})


def refused(reason: str) -> str:
    """Why two days are no period, as it stands under their button."""
    # A reason that begins with what was given says by itself what it speaks of.
    return f"Not applied: {reason if reason.startswith(QUOTE) else f'the period {reason}'}."


def _chips(ask: Ask) -> list[object]:
    """One chip for each filter; on narrow screens a button that opens them."""
    drawn = [_chip(ask, chip) for chip in ask.selection.chips()]
    if not drawn:
        return []
    number = f"{len(drawn)} filter{'' if len(drawn) == 1 else 's'}"
    folded = html.Details(
        [
            html.Summary([icon("funnel"), number], className="btn btn-quiet"),
            html.Div(drawn, className="menu-pop chip-list"),
        ],
        className="menu phone-only",
    )
    line = html.Span(className="sep wide-only", **{"aria-hidden": "true"})
    before = [line] if _controls(ask) else []
    return [*before, html.Div(drawn, className="chip-row wide-only"), folded]


def _chip(ask: Ask, chip: Chip) -> html.Span:
    remove = go(
        icon("x-lg"),
        _without(ask, chip.key),
        className="chip-remove",
        **{"aria-label": f"Remove filter {chip.title} {chip.text}"},
    )
    words = html.Span([html.Span(chip.title, className="key"), chip.text], className="clip")
    return html.Span([words, remove], className="chip", **{"data-chip": chip.key})


def _without(ask: Ask, key: str) -> str:
    """Where the selection stands without ``key``; one that the path says is left with its page."""
    if key in ask.fixed:
        return ask.href(ask.path.rsplit("/", 1)[0] or "/", **{key: None})
    return ask.href(**{key: None})


def _ends(ask: Ask) -> list[object]:
    """The filter popover, and the way back to everybody."""
    ends: list[object] = [filter_popover.closed()]
    if set(ask.selection.pairs()) - ask.fixed - VIEW_ONLY:
        ends.append(go("Clear all", ask.path, className="btn btn-ghost push", id="clear-all"))
    return ends


def _readback(ask: Ask, number: int) -> list[object]:
    """How many there are, who they are in a sentence, and what can be done with them."""
    formatter = ask.context.formatter
    about = ask.view.vocabulary.about
    total = formatter.count(about.n_customers)
    counted = f" of {total} customer{'' if about.n_customers == 1 else 's'}"
    is_ledger = is_one_persons(about)
    if is_ledger:  # nobody to list or to count but the one who writes it
        number = measure(ask.view, ask.selection).now.n_orders
        counted = f" purchase{'' if number == 1 else 's'}"
    query = ask.selection.replacing(page=None, columns=None).query()
    # The list of the generation on the screen, also when a newer one has been published since.
    query += f"{'&' if query else ''}generation={ask.view.number}"
    right: list[object] = [
        html.Button(
            [icon("link-45deg"), html.Span("Copy link", **{"data-label": "true"})],
            type="button", className="btn btn-ghost", id="copy-link", **{"data-copy": "true"},
        )
    ]  # fmt: skip
    if number and not is_ledger:
        right.append(
            html.A(
                [icon("download"), f"Export {formatter.count(number)}"],
                href=address("/export.csv", query), className="btn btn-primary", id="export",
                download="",
            )
        )  # fmt: skip
    return [
        html.Span(
            [html.B(formatter.count(number), id="selected-count"), counted],
            className="nowrap", id="selected-of",
        ),
        html.Span(
            ask.selection.words(), className="sentence", id="selected-words"
        ),
        html.Div(right, className="btn-row push"),
    ]  # fmt: skip


def _ignored(ask: Ask) -> html.Div:
    """What the address asked for and nobody understood."""
    shown = ask.selection.ignored[:MOST_IGNORED]
    more = len(ask.selection.ignored) - len(shown)
    entries: list[object] = [
        html.Li([html.B(f"{part.key}={part.value}"[:80]), f" {part.reason}"[:160]])
        for part in shown
    ]
    if more > 0:
        entries.append(html.Li(f"and {more} more"))
    return html.Div(
        [icon("exclamation-triangle"), html.Span("Ignored in the address:"), html.Ul(entries)],
        className="ignored",
        role="status",
    )
