"""A card for every model: data, window, candidates, how each did, drift, and what not to expect.

Written at every refresh, from what stands in ``scores``. It names no time of day and no generation:
the same data and settings give the same card.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb
import pandas as pd

from analytics.frames import KEYS, LABELS
from analytics.keeping import Kept, Origin
from analytics.leaderboard import SHOWN, boards, records, table
from analytics.monitoring import drift_lines, realised_lines, watched
from analytics.situation import Situation
from analytics.tables import write_scores

Row = Mapping[str, Any]

_ASKED: Final = {
    "spend": "What each customer will spend in the horizon, net of refunds, never below 0.",
    "total": "What all customers together will spend in the horizon.",
    "churn": "How likely each customer is to buy nothing in the horizon.",
    "risk": "How much of the book sits with each customer: low, medium or high total spend.",
    "clusters": "Which groups of customers there are, and what to call them.",
    "forecast": "What the coming months will bring, per category and in all.",
    "high_spend": "Which purchases are high, by what their lines say beside the amount.",
    "high_spenders": "Which customers are of high exposure, by what they do whatever it costs.",
    "amount": "What a purchase will amount to, by merchant, city and account.",
}  # fmt: skip
_LIMITS: Final = {
    "spend": (
        "Most customers buy nothing in a horizon: a number is a mean over many alike, and hardly"
        " anybody spends exactly it.",
        "Use it to order customers. The sum is only as good as the forecast of the total.",
    ),
    "total": ("A few windows are all that it learnt from: a new season is a surprise to it.",),
    "churn": (
        "Churn means no purchase in the horizon, nothing more: somebody who buys twice a year is at"
        " risk in most months.",
        "A probability holds for groups of customers, see the calibration error.",
    ),
    "risk": ("Exposure, not a verdict on a customer: high means that losing them would hurt.",),
    "clusters": (
        "Groups are a way of looking: a customer near an edge could as well be in the next one.",
    ),
    "high_spend": ("A rule says what high purchases have in common, not why they are high.",),
    "high_spenders": ("A rule says what these customers have in common, not what made them so.",),
    "amount": ("Where the mean serves, merchant, city and account say nothing of the amount.",),
    "forecast": (
        "It knows no campaign, price or holiday that the past did not have.",
        "Intervals are as wide as nine in ten errors of the tests were.",
    ),
}
# Of a table of customers with labels there is no horizon, and nothing was bought or not.
_LABELLED: Final = {
    "spend": "The amount that the label column says, for customers who have no label yet.",
    "churn": "How likely a customer is to be one that the label column calls churned.",
}
_LABELLED_LIMITS: Final = (
    "It knows what the label says and not why; a label that was made from the other columns is"
    " foretold perfectly, and nothing is learnt about customers.",
)
_ALWAYS: Final = (
    "Differences of 1 to 3 % between candidates prove nothing over so few tests.",
    "Reasons for a score are reasons of the model, not causes.",
)
_TRAINED: Final = frozenset({"spend", "churn"})
# The others learn from lines, from months, or not at all.
_OF_FEATURES: Final = frozenset({"spend", "churn", "clusters"})


def keep(con: duckdb.DuckDBPyConnection, kept: Kept, situation: Situation) -> None:
    """Write a card for every question of scores.model_runs, in place of those of before."""
    asked = boards(records(con, "model_runs"), records(con, "backtests"))
    seen = watched(records(con, "drift"), records(con, "realised"))
    cards = [
        {"question": name, "card": card(name, asked, seen, kept.origin), "as_of": situation.as_of}
        for name in asked
    ]
    write_scores(con, "model_cards", pd.DataFrame(cards))


def card(name: str, asked: Mapping[str, Row], seen: Row, origin: Origin | None) -> str:
    """The card of one question, as Markdown.

    Parameters
    ----------
    asked : every question, see :func:`analytics.leaderboard.boards`.
    seen : drift and what came of earlier scores, see :func:`analytics.monitoring.watched`.
    origin : what the models were made from; None before a training.
    """
    question = asked[name]
    is_labelled = origin is not None and name in origin.labels
    about = _LABELLED[name] if is_labelled else _ASKED.get(name, "")
    limits = _LABELLED_LIMITS if is_labelled else _LIMITS.get(name, ())
    sections = {
        f"Model card: {name}": [about],
        "What serves": _serving(question),
        "Data": _data(name, question, origin),
        "Candidates": ["```text", table(name, question), "```"],
        "By test": _by_test(name, question),
        "Totals": _totals(name, asked),
        "Drift": _watched(name, seen),
        "Limits": [f"- {each}" for each in (*limits, *_ALWAYS)],
    }
    parts = []
    for place, (title, lines) in enumerate(sections.items()):
        said = [line for line in lines if line]
        if said:
            parts.append("\n".join([f"{'##' if place else '#'} {title}", "", *said]))
    return "\n\n".join(parts) + "\n"


def _serving(question: Row) -> list[str]:
    serves = f"`{question['champion']}`." if question["champion"] else "Nothing serves."
    enough = "" if question["enough_history"] else "There is not enough history to judge."
    return [" ".join(filter(None, (serves, question["why"], question["note"], enough)))]


def _data(name: str, question: Row, origin: Origin | None) -> list[str]:
    """What was learnt from, and which window."""
    found = []
    if origin is not None and origin.n_lines:
        loads = ", ".join(map(str, origin.loads))
        found.append(f"- {origin.n_lines:,} purchases and refunds of customers, of loads {loads}.")
    if question["as_of"]:
        found.append(f"- Known up to {question['as_of']}, that day included.")
    if question["horizon_days"] and (origin is None or origin.kind == "dated"):
        found.append(f"- The horizon is {question['horizon_days']} days.")
    if question["trained_on"]:
        found.append(f"- Learnt from what came after {question['trained_on']}.")
    if question["n_rows"]:
        found.append(f"- {question['n_rows']:,} rows in the training.")
    if origin is not None and name in _OF_FEATURES:
        names = [each for each in origin.features if each not in (*KEYS, *LABELS)]
        found.append(f"- {len(names)} features: {', '.join(names)}.")
    if origin is not None:
        made = ", ".join(f"{name} {number}" for name, number in sorted(origin.libraries.items()))
        found.append(f"- Made with {made}.")
    return found


def _by_test(name: str, question: Row) -> list[str]:
    """How the champion did at each test, as a Markdown table."""
    tests = question["candidates"].get(question["champion"], {})
    metrics = [each for each in SHOWN.get(name, ()) if any(each in row for row in tests.values())]
    if not metrics:
        return []
    rows = [["test", *metrics]]
    for test in sorted(tests, key=lambda each: (len(each), each)):
        found = (tests[test].get(metric) for metric in metrics)
        rows.append([test, *("-" if value is None else f"{value:,.3f}" for value in found)])
    rows.insert(1, ["---"] * (1 + len(metrics)))
    return [f"| {' | '.join(row)} |" for row in rows]


def _totals(name: str, asked: Mapping[str, Row]) -> list[str]:
    """How the sum of the scores was brought in line."""
    if name != "spend" or "total" not in asked:
        return []
    return [str(asked["total"]["why"])]


def _watched(name: str, seen: Row) -> list[str]:
    said: Sequence[str] = drift_lines(seen["drift"]) if name in {*_TRAINED, "clusters"} else ()
    came = realised_lines(seen["realised"]) if name in _TRAINED else []
    return [f"- {line.strip()}" for line in (*said, *came)]
