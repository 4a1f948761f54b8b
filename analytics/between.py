"""Who moved between two as-of dates: as it was said then, or else with the models of today.

Nothing is fitted here. Where the history holds what was said as of both days, that is compared.
Otherwise both days are scored with the saved models, from features that know nothing later: what
moves then are the customers, never the model.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

import duckdb
import pandas as pd

from analytics import keeping
from analytics.backtest import Frames
from analytics.frames import KEYS, key_ranges
from analytics.grouping import persona_sql
from analytics.keeping import Kept
from analytics.migration import DIMENSIONS, count_moves
from analytics.scoring import BATCH, Models, banded, predicted
from analytics.situation import Situation, look
from analytics.tables import read_scores
from warehouse.configuration import Settings
from warehouse.connection import reading
from warehouse.errors import NoModelError, UsageError
from warehouse.generations import Generation

# The number that each dimension is made from; the bands are those of a score table.
_MADE_FROM: Final = {
    "cluster": ("clusters", "cluster"),
    "persona": ("clusters", "cluster"),
    "risk_band": ("risk", "monetary"),
    "value_band": ("spend", "expected_spend"),
    "churn_band": ("churn", "churn_risk"),
}


@dataclass(frozen=True)
class Moves:
    """Moves between two days.

    Parameters
    ----------
    start, end : the as-of dates.
    source : ``history`` where both were said then, ``computed`` with the models of today.
    rows : see :func:`analytics.migration.count_moves`.
    note : what a reader should know.
    """

    start: date
    end: date
    source: Literal["history", "computed"]
    rows: pd.DataFrame
    note: str


def moves_between(
    generation: Generation,
    settings: Settings,
    start: date | None,
    end: date | None,
    *,
    key: bytes,
) -> Moves:
    """Count who moved between two as-of dates of one generation's customers.

    Parameters
    ----------
    start : None: the last as-of date in the history before ``end``, else a horizon before it.
    end : None: as of when customers were last scored.
    key : verifies the saved models.

    Raises
    ------
    UsageError : a day at which nothing can be known, or ``start`` is not before ``end``.
    NoModelError : nobody was scored yet, or the saved models do not fit these data.
    CorruptGenerationError : a saved model was altered or comes from elsewhere.
    """
    if generation.manifest.as_of is None:
        raise UsageError(
            "two days cannot be compared here: no purchase has a date",
            fix="leave --from and --to out: then the last two refreshes are compared",
        )
    with reading(generation.database, settings) as con:
        days = _kept_days(con)
        last = end or generation.manifest.scores_as_of
        if last is None:
            raise _unscored(generation)
        before = [day for day in days if day < last]
        horizon = timedelta(days=generation.manifest.horizon_days)
        first = start or (before[-1] if before else last - horizon)
        if first >= last:
            raise UsageError(
                "customers move from an earlier day to a later one",
                found=f"from {first} to {last}",
                fix="name the earlier day with --from, the later one with --to",
            )
        if first in days and last in days:
            return _remembered(con, first, last)
        kept = keeping.read(generation, key)
        return _Saved(con, generation, settings, kept).moves(first, last)


def _unscored(generation: Generation) -> NoModelError:
    return NoModelError(
        f"generation {generation.number} has no scores as of a day",
        fix="`spendboard refresh` makes them, from purchases that have dates",
    )


def _kept_days(con: duckdb.DuckDBPyConnection) -> list[date]:
    """As-of dates of the history, ascending; none in a generation of an older build."""
    known = con.execute(
        "select count(*) from duckdb_tables()"
        " where schema_name = 'scores' and table_name = 'history'"
    ).fetchall()[0][0]
    if not known:
        return []
    found = con.execute(
        "select distinct as_of from scores.history where as_of is not null order by as_of"
    )
    return [day for (day,) in found.fetchall()]


def _remembered(con: duckdb.DuckDBPyConnection, first: date, last: date) -> Moves:
    """The moves between what was said as of each day."""
    for name, day in (("moved_from", first), ("moved_to", last)):
        con.execute(
            f"""
            create or replace temp table {name} as
            select
                customer_id, {", ".join(DIMENSIONS)},
                model_id as clusters_model, model_id as spend_model, model_id as churn_model
            from scores.history
            where as_of = $day
            """,
            {"day": day},
        )
    rows = count_moves(con, "moved_from", "moved_to")
    return Moves(first, last, "history", rows, "What was said as of each of these days.")


@dataclass(frozen=True)
class _Saved:
    """The saved models of a generation, and what they are asked with."""

    con: duckdb.DuckDBPyConnection
    generation: Generation
    settings: Settings
    kept: Kept

    def moves(self, first: date, last: date) -> Moves:
        """The moves when the saved models score both days."""
        origin = self.kept.origin
        if origin is None or (self.kept.clusters is None and not self.kept.models):
            raise _unscored(self.generation)
        self.score("moved_from", first)
        self.score("moved_to", last)
        rows = count_moves(self.con, "moved_from", "moved_to")
        note = "Both days are scored with the models of today; bands are cut anew on each day."
        if origin.as_of is not None and origin.as_of > first:
            note += f" The models learnt from days up to {origin.as_of}."
        return Moves(first, last, "computed", rows, note)

    def score(self, name: str, day: date) -> None:
        """Write what the models say as of a day into a temporary relation."""
        horizon_days = self.generation.manifest.horizon_days
        views = self.kept.origin.own_views if self.kept.origin else ""
        situation = look(self.con, self.settings, day, horizon_days, views)
        models = Models(self.kept.models, self.kept.clusters)
        predictions = predicted(self._batches(situation), models, situation, 1, lambda _: None)
        self._write(name, predictions, banded(predictions, situation, self.settings)[0])

    def _batches(self, situation: Situation) -> Iterator[pd.DataFrame]:
        """The features of everybody as of a day, some customers at a time."""
        frames = Frames(self.con, situation.horizon_days)
        # That the models saw later days does no harm: nothing is judged by these scores.
        undated = replace(situation, as_of=None)
        for keys in key_ranges(self.con, BATCH):
            frame = frames.batch(situation.as_of, keys)
            features = [*KEYS, *frame.columns.drop("customer_key")]
            misfit = keeping.unfit(self.kept, undated, features, self.settings)
            if misfit:
                raise NoModelError(
                    f"the saved models cannot be used: {misfit}",
                    fix="`spendboard refresh` makes new ones",
                )
            yield frame

    def _write(self, name: str, predictions: pd.DataFrame, bands: dict[str, str]) -> None:
        names = read_scores(self.con, "personas")
        if len(names):
            bands["clusters"] = persona_sql(names)
        columns = [_column(dimension, bands) for dimension in DIMENSIONS]
        self.con.register("predictions", predictions)
        try:
            self.con.execute(
                f"""
                create or replace temp table {name} as
                select
                    customers.customer_id, {", ".join(columns)},
                    'kept' as clusters_model, 'kept' as spend_model, 'kept' as churn_model
                from predictions
                join core.customers as customers using (customer_key)
                """
            )
        finally:
            self.con.unregister("predictions")


def _column(dimension: str, bands: dict[str, str]) -> str:
    """The SQL of one dimension; NULL where the models say nothing."""
    table, number = _MADE_FROM[dimension]
    if table not in bands:
        return f"null::varchar as {dimension}"
    said = "cluster::integer" if dimension == "cluster" else bands[table]
    return f"case when not isnan({number}) then {said} end as {dimension}"
