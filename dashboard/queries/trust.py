"""Age and origin of what a page shows: data, scores, model, and how the last forecast came out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import duckdb

from dashboard.reader import View


@dataclass(frozen=True)
class Provenance:
    """One generation's papers.

    Parameters
    ----------
    last_day : last day with a purchase.
    as_of : last day that features may see; None in a workspace without dates.
    scores_as_of : the same of the scores; older than ``as_of`` after a load without a refresh.
    champion : name of the serving spend model, None before the first training.
    origin : cutoff of the last horizon that is complete.
    expected, came : forecast and outcome of that horizon in total, currency.
    watch : how the scores keep since the training; None where there are too few to say.
    """

    last_day: date | None
    as_of: date | None
    scores_as_of: date | None
    champion: str | None
    origin: date | None
    expected: Decimal | None
    came: Decimal | None
    watch: "Watch | None" = None

    @property
    def difference(self) -> float | None:
        """How far the outcome lay above the forecast, as a ratio; None without both."""
        if self.expected is None or self.came is None or not self.expected:
            return None
        return float(self.came / self.expected) - 1


@dataclass(frozen=True)
class Watch:
    """What is watched after a training, as one light.

    Parameters
    ----------
    level : ``good``, ``warn`` or ``bad``.
    moved : the scores that moved since the training (``expected_spend``, ``churn_risk``), the most
        first, and how much by the population stability index; of all scores where none did.
    off_since : as-of date of the newest scores whose horizon has passed, where they were off beyond
        chance.
    """

    level: Literal["good", "warn", "bad"]
    moved: tuple[tuple[str, float], ...] = ()
    off_since: date | None = None


_MODEL = """
    select champion
    from marts.model_runs
    where question = 'spend' and enough_history
    order by created_at desc
    limit 1
"""
_OUTCOME = """
    select
        origin,
        max(value) filter (metric = 'total_expected')::decimal(18, 2) as expected,
        max(value) filter (metric = 'total_actual')::decimal(18, 2) as came
    from marts.backtests
    where question = 'spend' and is_champion and origin is not null
        and metric in ('total_expected', 'total_actual')
    group by origin
    order by origin desc
    limit 1
"""


_DRIFT = "select name, psi, level from marts.drift where kind = 'score' order by psi desc, name"
_REALISED = """
    select as_of, spend_level, churn_level
    from marts.realised
    order by as_of desc, generation desc
    limit 1
"""
# What a level of a score is worth on the light; "few" says nothing.
_LIGHT: dict[str, Literal["good", "warn", "bad"]] = {
    "stable": "good", "shifted": "warn", "drifted": "bad",
}  # fmt: skip
_COLUMNS = {"spend_level": "expected_spend", "churn_level": "churn_risk"}


def watch(view: View) -> Watch | None:
    """How the scores that are shown keep since the training.

    Features are not asked: in a shop whose history began lately all that counts days grows.
    """
    hidden = view.vocabulary.withheld
    told = [
        (str(row["name"]), float(str(row["psi"])), str(row["level"]))
        for row in _watched(view, _DRIFT)
        if row["name"] not in hidden and row["level"] in _LIGHT
    ]
    off_since: date | None = None
    for row in _watched(view, _REALISED):
        levels = {row[level] for level, name in _COLUMNS.items() if name not in hidden}
        if "off" in levels and isinstance(row["as_of"], date):
            off_since = row["as_of"]
    worst = "bad" if off_since else next((_LIGHT[level] for _, _, level in told), None)
    if worst is None:
        return None
    moved = [(name, psi) for name, psi, level in told if level != "stable"]
    return Watch(worst, tuple(moved or ((name, psi) for name, psi, _ in told)), off_since)


def _watched(view: View, sql: str) -> list[dict[str, object]]:
    """What was watched; nothing in a generation of an older build, which lacks the relation."""
    try:
        return view.rows(sql)
    except duckdb.CatalogException:
        return []


def provenance(view: View) -> Provenance:
    """The papers of ``view``, asked once a generation."""

    def ask() -> Provenance:
        about = view.rows("select last_day, as_of, scores_as_of from marts.about")[0]
        model = view.rows(_MODEL)
        outcome = view.rows(_OUTCOME)
        found: dict[str, object] = {
            **about,
            "champion": model[0]["champion"] if model else None,
            **(outcome[0] if outcome else {"origin": None, "expected": None, "came": None}),
        }
        return Provenance(**found, watch=watch(view))  # type: ignore[arg-type]

    return view.cached("provenance", ask)
