"""What is written down about a training: who serves, why, and every result behind it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd

from analytics.clusters import FEWEST_CUSTOMERS, Clustering
from analytics.sample import Sample
from analytics.situation import Situation
from analytics.training import Answer, told
from warehouse.configuration import Settings

NOTHING = "No number is better than a guess."


def backtests(answers: Sequence[Answer]) -> pd.DataFrame:
    """Rows of scores.backtests."""
    tested = [
        each.results.assign(
            question=each.question, is_champion=each.results["candidate"] == each.champion
        )
        for each in answers
        if not each.results.empty
    ]
    return pd.concat(tested, ignore_index=True) if tested else pd.DataFrame()


def model_runs(
    answers: Sequence[Answer],
    found: Clustering | None,
    situation: Situation,
    settings: Settings,
    *,
    number: int,
    n_grouped: int,
    sample: Sample | None = None,
) -> pd.DataFrame:
    """Rows of scores.model_runs, one a question; without a champion where there is no number.

    Parameters
    ----------
    found : the clustering; None where there is nothing to group.
    number : of the generation; it is part of the model ids.
    n_grouped : customers that the clustering saw.
    sample : told of where that was not everybody.
    """
    rows = [_judged(each) for each in answers]
    rows += [_risk(situation, settings), _clusters(found, situation, n_grouped, sample)]
    return pd.DataFrame(rows).assign(
        model_id=[f"{row['question']}-{number:06d}" for row in rows],
        as_of=situation.as_of,
        horizon_days=situation.horizon_days,
        created_at=datetime.now(UTC).replace(tzinfo=None),
    )


def _judged(answer: Answer) -> dict[str, object]:
    return {
        "question": answer.question,
        "champion": answer.champion,
        "why": answer.why,
        "trained_on": ", ".join(str(cutoff) for cutoff in sorted(answer.trained_on)) or None,
        "n_rows": answer.n_rows,
        "enough_history": answer.enough_history,
        "note": answer.note,
    }


def _risk(situation: Situation, settings: Settings) -> dict[str, object]:
    low, high = settings.risk.low * 100, settings.risk.high * 100
    if not situation.answers("risk"):
        return _none("risk", situation.missing)
    return {
        "question": "risk",
        "champion": "quantiles",
        "why": f"A written rule: by total spend the lowest {low:g} % of the customers are low, "
        f"the highest {100 - high:g} % high.",
        "trained_on": None,
        "n_rows": situation.history.n_lines,
        "enough_history": True,
        "note": None,
    }


def _clusters(
    found: Clustering | None, situation: Situation, n_grouped: int, sample: Sample | None
) -> dict[str, object]:
    if found is None:
        least = (
            f"Groups need at least {FEWEST_CUSTOMERS} customers and two features that tell them "
            "apart."
        )
        return _none("clusters", least if situation.answers("clusters") else situation.missing)
    return {
        "question": "clusters",
        "champion": f"kmeans_{found.model.kmeans.n_clusters}",
        "why": told(found.why, sample),
        "trained_on": str(situation.as_of) if situation.as_of else None,
        "n_rows": n_grouped,
        "enough_history": True,
        "note": None,
    }


def _none(question: str, note: str) -> dict[str, object]:
    return {
        "question": question,
        "champion": None,
        "why": NOTHING,
        "trained_on": None,
        "n_rows": 0,
        "enough_history": False,
        "note": note,
    }
