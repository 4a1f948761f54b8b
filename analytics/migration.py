"""Who moved from one persona, cluster or band to another between two sets of scores, as counts."""

from typing import Final

import duckdb
import pandas as pd

# What customers can move between, and the model that puts them there; bands of total spend are
# cut by a written rule, whichever model serves.
DIMENSIONS: Final = {
    "persona": "clusters_model",
    "cluster": "clusters_model",
    "risk_band": None,
    "value_band": "spend_model",
    "churn_band": "churn_model",
}
MODELS: Final = tuple(dict.fromkeys(model for model in DIMENSIONS.values() if model))


def count_moves(con: duckdb.DuckDBPyConnection, before: str, after: str) -> pd.DataFrame:
    """Count the moves between two relations.

    Parameters
    ----------
    before, after : names of relations of ours, one row per customer: ``customer_id``, a column for
        each of :data:`DIMENSIONS` (NULL where there is no such score) and of :data:`MODELS` (id of
        the model that said so).

    Returns
    -------
    DataFrame with ``dimension, from_value, to_value, change, n_customers, share_of_from, share,
    is_same_model``, see scores.migration, sorted. Whoever has no such score on one side has
    appeared or left; who has none on either is not counted.
    """
    sides = ", ".join(
        f"earlier.{name}::varchar as from_{name}, later.{name}::varchar as to_{name}"
        for name in DIMENSIONS
    )
    parts = [_moves(dimension, model, before, after) for dimension, model in DIMENSIONS.items()]
    return con.execute(
        f"""
        -- Counted together first: customers are many, ways to move are few.
        with ways as (
            select {sides}, count(*) as n_customers
            from {before} as earlier
            full join {after} as later using (customer_id)
            group by all
        ),

        moves as ({" union all ".join(parts)})

        select
            dimension, from_value, to_value,
            case
                when from_value is null then 'appeared'
                when to_value is null then 'left'
                when from_value = to_value then 'stayed'
                else 'moved'
            end as change,
            n_customers,
            n_customers / sum(n_customers) over (partition by dimension, from_value)
                as share_of_from,
            n_customers / sum(n_customers) over (partition by dimension) as share,
            is_same_model
        from moves
        order by dimension, from_value nulls last, to_value nulls last
        """
    ).df()


def _moves(dimension: str, model: str | None, before: str, after: str) -> str:
    """A SELECT that counts the moves of one dimension."""
    same = "true"
    if model:
        same = (
            f"(select max({model}) from {before}) is not distinct from"
            f" (select max({model}) from {after})"
        )
    return f"""
        select
            '{dimension}' as dimension,
            from_{dimension} as from_value,
            to_{dimension} as to_value,
            sum(n_customers)::bigint as n_customers,
            {same} as is_same_model
        from ways
        where from_{dimension} is not null or to_{dimension} is not null
        group by all
    """
