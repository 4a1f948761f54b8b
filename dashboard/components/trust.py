"""The trust strip: how old the data are, what made the scores, how the last forecast came out."""

from datetime import UTC, datetime, timedelta
from typing import Final

from dash import Dash, Input, html

from dashboard import ids
from dashboard.components.icons import icon
from dashboard.context import Context
from dashboard.panels import Ask, Panels
from dashboard.queries.trust import Provenance, Watch, provenance
from warehouse.titles import SPEND_MODEL_TITLES

# Outcome over forecast: beyond the first it is said to be off, beyond the second far off.
OFF: Final = 0.15
FAR_OFF: Final = 0.4


def register(app: Dash, context: Context) -> None:
    """Attach the strip; it is worded anew every minute."""
    Panels(app, context).bare(
        ids.TRUST,
        _strip,
        extra=[Input(ids.TICK, "n_intervals")],
        follows=True,
        quiet=True,
        timely=True,
    )


def _strip(ask: Ask) -> list[object]:
    papers = provenance(ask.view)
    parts: list[object] = [*_age(ask, papers)]
    if papers.champion is not None:
        called = SPEND_MODEL_TITLES.get(papers.champion, papers.champion.replace("_", " "))
        parts.append(_fact("Spend model", called.removeprefix("the "), "roomy-only"))
    if papers.scores_as_of and papers.as_of and papers.scores_as_of < papers.as_of:
        day = ask.context.formatter.date(papers.scores_as_of)
        parts.append(_fact([icon("exclamation-triangle"), "Scores only to"], day, "is-warn"))
    elif papers.watch is not None:
        parts.append(_light(ask, papers.watch))
    newest = ask.context.reader.view().number
    if newest > ask.view.number:
        parts.append(_newer())
    if ask.context.reader.trouble:
        parts.append(_unreadable(ask.context.reader.trouble))
    outcome = _outcome(ask, papers)
    if outcome is not None:
        parts.append(outcome)
    return parts


def _fact(key: object, value: object, class_name: str = "") -> html.Span:
    keys = key if isinstance(key, list) else [key]
    return html.Span([*keys, " ", html.B(value)], className=class_name or None)


def _age(ask: Ask, papers: Provenance) -> list[object]:
    """Data to, refreshed, generation; stale ones look and read stale."""
    formatter, created = ask.context.formatter, ask.view.manifest.created_at
    limit = timedelta(hours=ask.context.settings.max_age_hours)
    stale = datetime.now(UTC) - created > limit
    mark = icon("exclamation-triangle-fill") if stale else icon("check-circle-fill", "is-good")
    day = ["Data to ", html.B(formatter.date(papers.last_day))]
    if papers.last_day is None:
        day = ["Data without dates"]
    elif papers.as_of is None and ask.view.vocabulary.about.n_later:
        day = ["No purchase so far, only later days"]
    refreshed = _fact(
        [icon("clock-history"), "Stale: refreshed"] if stale else "Refreshed",
        formatter.age(created),
        "is-warn" if stale else "",
    )
    return [
        html.Span([mark, *day], className="is-warn" if stale else None),
        refreshed,
        html.Span(["Generation ", html.B(str(ask.view.number))], className="wide-only"),
    ]


_LIGHTS: Final = {
    "good": ("check-circle", "Scores as at training", "is-good"),
    "warn": ("exclamation-triangle", "Scores shifted since training", "is-warn"),
    "bad": ("exclamation-octagon", "Scores drifted since training", "is-bad"),
}
_SCORES: Final = {"expected_spend": "expected spend", "churn_risk": "churn risk"}


def _light(ask: Ask, watch: Watch) -> html.Span:
    """Whether scores still are what they were at the training: shape and words, then colour."""
    mark, words, tone = _LIGHTS[watch.level]
    formatter = ask.context.formatter
    measured = ", ".join(
        f"{_SCORES.get(name, name)} {formatter.number(psi, 2)}" for name, psi in watch.moved
    )
    said = f"Population stability index against the training: {measured}." if measured else ""
    if watch.off_since is not None:
        words = "Scores were off"
        day = formatter.date(watch.off_since)
        said = f"Those of {day} were off by more than chance would explain. {said}".strip()
    return html.Span([icon(mark, tone), words], title=said, className="wide-only")


def _newer() -> html.Button:
    return html.Button(
        [icon("arrow-clockwise"), "Newer data are ready: show them"],
        type="button",
        className="btn-link-quiet",
        **{"data-reload": "true"},
    )


def _unreadable(trouble: str) -> html.Span:
    """That the disk no longer holds what is shown, or what came after it."""
    return html.Span(
        [icon("exclamation-octagon"), "The data on disk cannot be read"],
        title=f"{trouble}. Shown is what was open before; `spendboard status` says what to do.",
        className="is-bad",
    )


def _outcome(ask: Ask, papers: Provenance) -> html.Span | None:
    """What the backtest expected of the last complete horizon, and what came.

    Both sums are of the customers known at its beginning: no forecast of the shop's revenue.
    """
    difference = papers.difference
    if difference is None:
        return None
    formatter, days = ask.context.formatter, ask.view.vocabulary.about.horizon_days
    words, tone = "", "is-good"
    if abs(difference) > OFF:
        words, tone = (": off", "is-warn")
    if abs(difference) > FAR_OFF:
        words, tone = (": far off", "is-bad")
    change = f"({formatter.signed(difference * 100, 1)} %{words})"
    said = (
        f"{days} days from {formatter.date(papers.origin)}: expected"
        f" {formatter.money(papers.expected, compact=True)},"
        f" came {formatter.money(papers.came, compact=True)}"
    )
    # In a narrow window the words end in an ellipsis; the result stays.
    return html.Span(
        [
            icon("bullseye"),
            html.Span(said, className="clip"),
            " ",
            html.Span(change, className=tone),
        ],
        title=f"Backtest, {said} {change}",
        className="trust-result push wide-only",
    )
