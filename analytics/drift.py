"""Whether customers still look like those that the models learnt from.

The population stability index compares shares in bins that were cut at the deciles of the training
window: the sum of (now - then) * ln(now / then). Below 0.1 nothing moved much, from 0.25 on it did:
these two numbers are a convention of credit scoring, and no test of significance.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from analytics.backtest import Frames, plan
from analytics.candidates import Model
from analytics.frames import KEYS, LABELS, finite
from analytics.metrics import Array
from analytics.reference import Numbers, Reference, Texts, describe, shares
from analytics.scoring import Models, answers_of, buyers
from analytics.situation import Situation
from analytics.tables import write_scores

SHIFTED: Final = 0.1
DRIFTED: Final = 0.25
# With fewer customers on either side the index is large by chance alone.
LEAST_ROWS: Final = 200
# A bin that is empty on one side would make the index infinite.
_SMALLEST_SHARE: Final = 1e-4
SCORES: Final = ("expected_spend", "churn_risk")
_COLUMNS: Final = ("kind", "name", "psi", "level", "n_then", "n_now")


def learnt_from(
    frame: pd.DataFrame,
    frames: Frames | None,
    situation: Situation,
    models: Mapping[str, Model],
) -> Reference:
    """What is kept of the newest training window; without one, of whom the groups were made from.

    Scores are those of the day of the training: on that day nothing has moved yet, however much the
    customers of a young shop have grown since the window.

    Parameters
    ----------
    frame : features as of the day of the refresh.
    frames : those of other days; None for a table of customers.
    """
    past = situation.history
    cutoffs = plan(past.first_day, past.last_day, situation.horizon_days).training()
    cutoff = situation.as_of
    is_labelled = bool(situation.labels.labels)
    scored = buyers(frame) if situation.answers("risk") and not is_labelled else frame
    seen = scored
    if frames is not None and situation.answers("spend") and cutoffs:
        cutoff, seen = cutoffs[0], frames.training(cutoffs[0])
    return describe(seen, cutoff, _said(scored, models))


def _said(scored: pd.DataFrame, models: Mapping[str, Model]) -> dict[str, Array]:
    """The scores of the training, rounded like those that are held against them.

    Where everybody is given the same number, the last digit would move all of them to another bin.
    """
    if not len(scored):
        return {}
    said = answers_of(scored, Models(models))
    return {column: said[column] for column in SCORES if column in said}


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index of two lists of shares, bin by bin."""
    before = np.maximum(np.asarray(then, dtype=float), _SMALLEST_SHARE)
    after = np.maximum(np.asarray(now, dtype=float), _SMALLEST_SHARE)
    return float(np.sum((after - before) * np.log(after / before)))


def keep(
    con: duckdb.DuckDBPyConnection,
    situation: Situation,
    reference: Reference | None,
    frame: pd.DataFrame,
    said: pd.DataFrame,
) -> None:
    """Replace scores.drift; empty where an older build made the models, or nobody was learnt from.

    Parameters
    ----------
    frame : features as of today, of whom the models score; in a large shop of those drawn.
    said : scores of everybody, see :func:`analytics.scoring.predicted`.
    """
    rows = pd.DataFrame()
    if reference is not None and reference.n_rows and len(frame):
        rows = measured(reference, frame, said)
        rows = rows.assign(learnt_at=reference.cutoff, as_of=situation.as_of)
    write_scores(con, "drift", rows)


def measured(reference: Reference, frame: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Rows of scores.drift but for their dates: every feature and every score, largest first.

    Parameters
    ----------
    frame : features as of today, of whom a model scores.
    said : scores of the same or more customers, NaN where there is none.
    """
    rows: list[tuple[object, ...]] = []
    for name, column in reference.columns.items():
        if name in frame and name not in (*KEYS, *LABELS):
            rows.append(_row("feature", name, reference.n_rows, *_compared(column, frame[name])))
    for name, numbers in reference.scores.items():
        known = said[name].dropna() if name in said else pd.Series(dtype=float)
        if len(known):
            rows.append(_row("score", name, reference.n_scored, *_compared(numbers, known)))
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    return found.sort_values(["kind", "psi", "name"], ascending=[False, False, True])


def _row(kind: str, name: str, n_then: int, index: float, n_now: int) -> tuple[object, ...]:
    return (kind, name, index, level(index, min(n_then, n_now)), n_then, n_now)


def _compared(column: Numbers | Texts, values: "pd.Series[float]") -> tuple[float, int]:
    """The index of one column, and how many values it has today."""
    if isinstance(column, Texts):
        counts = values.astype(object).where(values.notna(), None).value_counts(normalize=True)
        now = [float(counts.get(name, 0.0)) for name in column.shares]
        missing = float(values.isna().mean()) if len(values) else 0.0
        rest = [max(0.0, 1 - sum(now) - missing), missing]
        before = list(column.shares.values())
        return psi([*before, max(0.0, 1 - sum(before) - column.missing), column.missing],
                   [*now, *rest]), len(values)  # fmt: skip
    numbers = finite(values.to_frame("x"), ["x"])["x"].to_numpy()
    return psi(column.shares, shares(numbers, column.steps).tolist()), len(values)


def level(index: float, n_rows: int) -> str:
    """``stable``, ``shifted`` or ``drifted``; ``few`` where there are too few customers to say."""
    if n_rows < LEAST_ROWS:
        return "few"
    if index < SHIFTED:
        return "stable"
    return "shifted" if index < DRIFTED else "drifted"
