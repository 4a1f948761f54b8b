"""Age and origin of what a page shows: data, scores, model, and how the last forecast came out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
    """

    last_day: date | None
    as_of: date | None
    scores_as_of: date | None
    champion: str | None
    origin: date | None
    expected: Decimal | None
    came: Decimal | None

    @property
    def difference(self) -> float | None:
        """How far the outcome lay above the forecast, as a ratio; None without both."""
        if self.expected is None or self.came is None or not self.expected:
            return None
        return float(self.came / self.expected) - 1


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
        return Provenance(**found)  # type: ignore[arg-type]

    return view.cached("provenance", ask)
