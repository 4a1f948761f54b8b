"""What is watched after a training, drift and what came of scores: as JSON and in words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.drift import DRIFTED, LEAST_ROWS, SHIFTED
from analytics.realised import HIGHEST_RATIO, LOWEST_RATIO, MOST_ECE

Row = Mapping[str, Any]
# So many features are named in words; the JSON carries all of them.
_MOST_NAMED: Final = 5
_RED: Final = "WARNING "


def watched(drift: Sequence[Row], realised: Sequence[Row]) -> dict[str, Any]:
    """The keys ``drift`` and ``realised`` of ``models --json``, from the rows of both tables."""
    first = drift[0] if drift else {}
    return {
        "drift": {
            "as_of": _day(first.get("as_of")),
            "learnt_at": _day(first.get("learnt_at")),
            "thresholds": {"shifted": SHIFTED, "drifted": DRIFTED, "least_customers": LEAST_ROWS},
            "scores": _measured(drift, "score"),
            "features": _measured(drift, "feature"),
        },
        "realised": [
            {name: _day(value) if name == "as_of" else _plain(value) for name, value in row.items()}
            for row in sorted(realised, key=lambda row: (str(row["as_of"]), row["generation"]))
        ],
    }


def _measured(drift: Sequence[Row], kind: str) -> list[dict[str, Any]]:
    """Largest first."""
    rows = [row for row in drift if row["kind"] == kind]
    rows.sort(key=lambda row: (-row["psi"], row["name"]))
    return [
        {"name": row["name"], "psi": round(row["psi"], 4), "level": row["level"]} for row in rows
    ]


def _day(value: Any) -> str | None:  # noqa: ANN401 - a timestamp of pandas, or None
    return None if value is None else str(value.date().isoformat())


def _plain(value: Any) -> Any:  # noqa: ANN401
    return None if isinstance(value, float) and not math.isfinite(value) else value


def lines(answer: Row) -> list[str]:
    """Both in words, line by line; what is red begins with WARNING."""
    return [*drift_lines(answer["drift"]), *realised_lines(answer["realised"])]


def red(answer: Row) -> list[str]:
    """What somebody should hear of without asking: scores that drifted, forecasts that were off.

    Not features: in a shop whose history began lately all that counts days grows with every month.
    """
    scores = drift_lines({**answer["drift"], "features": []})
    said = [*scores, *realised_lines(answer["realised"])]
    return [line.strip() for line in said if line.strip().startswith(_RED)]


def drift_lines(drift: Row) -> list[str]:
    """What moved since the training, the scores first."""
    measured = [*drift["scores"], *drift["features"]]
    if not measured:
        return []
    since = f" since {drift['learnt_at']}" if drift["learnt_at"] else ""
    said = [f"drift{since} (population stability index, {SHIFTED} shifted, {DRIFTED} drifted):"]
    for level in ("drifted", "shifted", "few"):
        found = [row for row in measured if row["level"] == level]
        if level == "few" and found:
            said.append(f"  fewer than {LEAST_ROWS} customers: nothing can be told")
        elif found:
            named = ", ".join(f"{row['name']} {row['psi']:.2f}" for row in found[:_MOST_NAMED])
            more = len(found) - _MOST_NAMED
            named += f" and {more} more" if more > 0 else ""
            said.append(f"  {_RED if level == 'drifted' else ''}{level}: {named}")
    if len(said) == 1:
        said.append(f"  stable: all {len(measured)} features and scores")
    return said


def realised_lines(realised: Sequence[Row]) -> list[str]:
    """What came of the last forecasts whose horizon has passed, the newest first."""
    if not realised:
        return []
    said = [
        f"what came of earlier scores (red: total beyond {LOWEST_RATIO} to {HIGHEST_RATIO},"
        f" calibration error above {MOST_ECE}, both beyond chance):"
    ]
    for row in reversed(realised[-_MOST_NAMED:]):
        parts = []
        if row["total_ratio"] is not None:
            parts.append(
                f"expected {row['expected_spend']:,.0f}, came {row['actual_spend']:,.0f},"
                f" ratio {row['total_ratio']:.2f}{_few(row['spend_level'], 'buyers')}"
            )
        if row["ece"] is not None:
            parts.append(
                f"churn expected {row['expected_churn'] * 100:.1f} %,"
                f" came {row['actual_churn'] * 100:.1f} %, calibration error {row['ece']:.3f}"
                f"{_few(row['churn_level'], 'customers')}"
            )
        is_off = "off" in (row["spend_level"], row["churn_level"])
        told = "; ".join(parts) or "nobody was scored then"
        said.append(f"  {_RED if is_off else ''}{row['as_of']}: {told}")
    return said


def _few(level: str | None, who: str) -> str:
    """What is said beside a number that may be off by chance alone."""
    return f" (too few {who} to tell it from chance)" if level == "few" else ""
