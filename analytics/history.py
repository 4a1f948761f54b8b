"""What was said of customers before: kept by month, and for ever as sums and counts.

The scores themselves are replaced by every refresh. What they said at the last month-ends stays
with each customer; what they said of all customers together, and who moved between groups from one
refresh to the next, stays as long as the workspace.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import duckdb

from analytics.migration import DIMENSIONS, count_moves
from analytics.situation import Situation
from analytics.tables import add_scores
from warehouse.drafts import Draft

MONTHS: Final = 13
_BEFORE, _NOW = "scored_before", "scored_now"


@dataclass(frozen=True)
class Refreshed:
    """One refresh: the generation that it makes, the one it began from, and what it looked at."""

    number: int
    parent: int | None
    as_of: date | None
    horizon_days: int

    @classmethod
    def of(cls, draft: Draft, situation: Situation) -> Self:
        """The refresh that works on a draft."""
        parent = draft.parent.number if draft.parent else None
        return cls(draft.number, parent, situation.as_of, situation.horizon_days)


def remember(con: duckdb.DuckDBPyConnection) -> None:
    """Put the scores as they are aside, before they are replaced."""
    con.execute(f"create or replace temp table {_BEFORE} as {_SCORED}")


def keep(con: duckdb.DuckDBPyConnection, now: Refreshed) -> None:
    """Write the new scores into the history; call :func:`remember` before they are made.

    Scores of the same as-of date are replaced; of earlier months the last as-of date stays, for
    thirteen months with this one.
    """
    con.execute(f"create or replace temp table {_NOW} as {_SCORED}")
    _keep_customers(con, now)
    _keep_totals(con, now)
    _keep_moves(con, now)
    con.execute(f"drop table {_BEFORE}; drop table {_NOW}")


# One row per customer of whom anything is said, with what scores.* say.
_SCORED: Final = """
    select
        customer_key,
        coalesce(
            spend.customer_id, churn.customer_id, risk.customer_id, clusters.customer_id
        ) as customer_id,
        coalesce(spend.as_of, churn.as_of, risk.as_of, clusters.as_of) as as_of,
        spend.expected_spend, spend.value_band, churn.churn_risk, churn.churn_band,
        risk.risk_band, clusters.cluster, clusters.persona,
        spend.model_id as spend_model, churn.model_id as churn_model,
        clusters.model_id as clusters_model, risk.model_id as risk_model
    from scores.risk
    full join scores.spend using (customer_key)
    full join scores.churn using (customer_key)
    full join scores.clusters using (customer_key)
"""
_MODEL: Final = "coalesce(spend_model, churn_model, clusters_model, risk_model)"


def _keep_customers(con: duckdb.DuckDBPyConnection, now: Refreshed) -> None:
    con.execute(
        """
        delete from scores.history
        where as_of is not distinct from $as_of or as_of is null
        """,
        {"as_of": now.as_of},
    )
    con.execute(
        f"""
        insert into scores.history by name
        select
            $as_of::date as as_of, customer_key, customer_id, expected_spend, value_band,
            churn_risk, churn_band, risk_band, cluster, persona, {_MODEL} as model_id,
            $horizon_days as horizon_days, $number as generation
        from {_NOW}
        order by customer_key
        """,
        {"as_of": now.as_of, "horizon_days": now.horizon_days, "number": now.number},
    )
    con.execute(
        """
        delete from scores.history
        where as_of <> $as_of and as_of not in (
            select max(as_of) as month_end
            from (select distinct as_of from scores.history)
            group by date_trunc('month', as_of)
            order by month_end desc
            limit $months
        )
        """,
        {"as_of": now.as_of, "months": MONTHS},
    )


def _keep_totals(con: duckdb.DuckDBPyConnection, now: Refreshed) -> None:
    """The sums over everybody and over each group."""
    groups = {"everybody": "null", **dict(zip(DIMENSIONS, DIMENSIONS, strict=True))}
    for dimension, value in groups.items():
        con.execute(
            f"""
            insert into scores.history_totals by name
            select
                $number as generation, $as_of::date as as_of, $horizon_days as horizon_days,
                '{dimension}' as dimension, {value}::varchar as value,
                count(*) as n_customers, sum(expected_spend) as expected_spend,
                sum(churn_risk::decimal(18, 12))::double as expected_quiet,
                max({_MODEL}) as model_id
            from {_NOW}
            where '{dimension}' = 'everybody' or {value} is not null
            group by value
            having count(*) > 0
            order by value
            """,
            {"number": now.number, "as_of": now.as_of, "horizon_days": now.horizon_days},
        )


def _keep_moves(con: duckdb.DuckDBPyConnection, now: Refreshed) -> None:
    """Who moved since the scores that were replaced; nothing where there were none."""
    found = con.execute(f"select count(*), max(as_of) from {_BEFORE}").fetchall()[0]
    if not found[0]:
        return
    moves = count_moves(con, _BEFORE, _NOW).assign(
        from_generation=now.parent, from_as_of=found[1], to_as_of=now.as_of
    )
    of = {"to_generation": now.number}
    add_scores(con, "migration", of, moves.assign(**of))
