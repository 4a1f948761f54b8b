"""The leaderboard: per question who competed, how each did at every origin, who serves and why."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import duckdb

from analytics import monitoring
from analytics.tables import read_scores
from warehouse.configuration import Settings
from warehouse.connection import reading
from warehouse.errors import UsageError
from warehouse.generations import Generation

Row = dict[str, Any]

# In the order in which people ask them.
QUESTIONS: Final = (
    "spend", "total", "churn", "risk", "high_spend", "high_spenders", "amount", "clusters",
    "forecast",
)  # fmt: skip
# What people look at first; the JSON carries every metric.
SHOWN: Final = {
    "spend": ("mae", "rmse", "r2", "ngini", "top10", "total_ratio"),
    "total": ("total_accuracy", "total_ratio", "rmse", "mae"),
    "churn": ("auc", "pr_auc", "brier", "log_loss", "ece"),
    "high_spend": ("auc", "pr_auc", "brier", "log_loss"),
    "high_spenders": ("auc", "pr_auc", "brier", "log_loss"),
    "amount": ("mae", "rmse", "r2"),
    "forecast": ("mase", "wape", "total_mase", "total_wape"),
}


def _tables(generation: Generation, *names: str) -> list[list[Row]]:
    """Rows of these score tables; none of one that an older build did not make."""
    with reading(generation.database, Settings()) as con:
        return [records(con, name) for name in names]


def records(con: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """Rows of a score table as plain values, None where it says NULL; none where it is missing."""
    try:
        frame = read_scores(con, table)
    except duckdb.CatalogException:
        return []
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _day(value: Any) -> str | None:  # noqa: ANN401 - a timestamp of pandas, or None
    return None if value is None else str(value.date().isoformat())


def _test(row: Row) -> str:
    """What a candidate was tested on: the day of an origin, or a part of the data held out."""
    return str(_day(row["origin"])) if row.get("fold") is None else f"fold {row['fold']:.0f}"


def models_json(generation: Generation) -> dict[str, Any]:
    """The answer of ``spendboard models --json`` for one generation."""
    names = ("model_runs", "backtests", "drift", "realised")
    runs, backtests, drift, realised = _tables(generation, *names)
    questions = boards(runs, backtests)
    answer = {"schema": 1, "generation": generation.number, "questions": questions}
    return answer | monitoring.watched(drift, realised) if questions else answer


def boards(runs: Sequence[Row], backtests: Sequence[Row]) -> dict[str, Any]:
    """Every question with its candidates, from the rows of model_runs and of backtests."""
    questions: dict[str, Any] = {}
    for run in sorted(runs, key=lambda run: QUESTIONS.index(run["question"])):
        mine = [row for row in backtests if row["question"] == run["question"]]
        questions[run["question"]] = {
            "champion": run["champion"],
            "why": run["why"],
            "model_id": run["model_id"],
            "as_of": _day(run["as_of"]),
            "horizon_days": run["horizon_days"],
            "trained_on": run["trained_on"],
            "n_rows": run["n_rows"],
            "enough_history": run["enough_history"],
            "note": run["note"],
            "origins": sorted({_test(row) for row in mine}),
            "candidates": _candidates(mine),
        }
    return questions


def _candidates(rows: Iterable[Row]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Candidate to origin to metric to value; what cannot be told is null."""
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for row in rows:
        origin, value = _test(row), row["value"]
        metrics = found.setdefault(row["candidate"], {}).setdefault(origin, {})
        metrics[row["metric"]] = value if value is not None and math.isfinite(value) else None
    return found


def warnings(generation: Generation) -> list[str]:
    """Lines about scores that drifted, and about forecasts that were off; mostly none.

    Models that were trained for this very generation are not said to have drifted: `spendboard
    models` shows how far customers have moved since the window that they learnt from.
    """
    answer = models_json(generation)
    if not answer["questions"]:
        return []
    made = f"-{generation.number:06d}"
    if any((each["model_id"] or "").endswith(made) for each in answer["questions"].values()):
        answer["drift"] = {**answer["drift"], "scores": []}
    return monitoring.red(answer)


def card(generation: Generation, question: str) -> str:
    """The model card of a question, as Markdown.

    Raises
    ------
    UsageError : there is no such card; the error names those that there are.
    """
    (rows,) = _tables(generation, "model_cards")
    cards = {row["question"]: str(row["card"]) for row in rows}
    if question not in cards:
        known = ", ".join(name for name in QUESTIONS if name in cards)
        raise UsageError(
            f"generation {generation.number} has no model card {question!r}",
            fix=f"choose from {known}" if known else "make models first: spendboard refresh",
        )
    return cards[question]


def models_text(generation: Generation) -> str:
    """The same for people: one table a question, means over the origins, the champion first."""
    answer = models_json(generation)
    if not answer["questions"]:
        return (
            f"generation {generation.number} has no models yet\n  to make them: spendboard refresh"
        )
    parts = [table(name, question) for name, question in answer["questions"].items()]
    return "\n\n".join([*parts, *filter(None, ["\n".join(monitoring.lines(answer))])])


def table(name: str, question: Mapping[str, Any]) -> str:
    """Who competes, means over the tests, the champion first."""
    serves = f"{question['champion']} serves" if question["champion"] else "nothing serves"
    lines = [f"{name}: {serves}. {question['why']}"]
    if question["note"]:
        lines.append(f"  note: {question['note']}")
    metrics = SHOWN.get(name, ())
    candidates = question["candidates"]
    if not candidates or not metrics:
        return "\n".join(lines)
    origins = question["origins"]
    where = (
        f"{len(origins)} folds"
        if origins[0].startswith("fold")
        else f"{len(origins)} origins, {origins[0]} to {origins[-1]}"
    )
    lines.append(f"  means over {where}:")
    width = max(map(len, candidates))
    lines.append("  " + " " * width + "".join(f"{metric:>12}" for metric in metrics))
    for candidate in sorted(candidates, key=lambda c: (c != question["champion"], c)):
        origin_metrics = list(candidates[candidate].values())
        values = [
            _pooled(origin_metrics) if metric == "total_ratio" else _mean(origin_metrics, metric)
            for metric in metrics
        ]
        cells = "".join(f"{'-' if value is None else f'{value:,.3f}':>12}" for value in values)
        lines.append(f"  {candidate:<{width}}{cells}")
    return "\n".join(lines)


def _pooled(origins: Iterable[Mapping[str, float | None]]) -> float | None:
    """Expected over actual total of all origins together: what the guardrail judges."""
    known = [(each.get("total_expected"), each.get("total_actual")) for each in origins]
    expected = sum(value or 0.0 for value, _ in known)
    actual = sum(value or 0.0 for _, value in known)
    return expected / actual if actual > 0 else None


def _mean(origins: Iterable[Mapping[str, float | None]], metric: str) -> float | None:
    values = [v for v in (origin.get(metric) for origin in origins) if v is not None]
    return sum(values) / len(values) if values else None
