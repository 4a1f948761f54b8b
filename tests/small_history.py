"""Workspaces for the models: a few hundred customers with a past, written straight into core."""

from contextlib import contextmanager
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import (
    amounts,
    backtest,
    boosted_spend,
    churn,
    folds,
    forecast,
    high_spend,
    reconciliation,
    regressors,
    table_candidates,
)
from warehouse import marks
from warehouse.build import build_core, build_views
from warehouse.configuration import Clusters, Settings
from warehouse.generations import Workspace
from warehouse.publishing import finish

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
KEY = bytes(range(32))
# A fixed number of clusters: no scan, which takes most of a small refresh.
QUICK = Settings(threads=1, min_buyers=100, clusters=Clusters(k=4))


@contextmanager
def little_work(origins=3):
    """Small models at few origins: for tests that do not depend on how good the models are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosted_spend, "_TREES", 10)
        patch.setattr(boosted_spend, "_TREES_OF_VALUE", 8)
        patch.setattr(regressors, "_TREES", 4)
        patch.setattr(churn, "_TREES", 8)
        patch.setattr(churn, "_SEARCHED", 1)
        patch.setattr(high_spend, "FOLDS", 2)
        patch.setattr(amounts, "FOLDS", 2)
        patch.setattr(table_candidates, "_TREES", 4)
        patch.setattr(table_candidates, "_BOOSTED", 8)
        patch.setattr(table_candidates, "_SEARCHED", 1)
        patch.setattr(table_candidates, "_INNER_FOLDS", 2)
        patch.setattr(folds, "FOLDS", 3)
        patch.setattr(folds, "_REPETITIONS", 1)
        for tested in (backtest, reconciliation):
            patch.setattr(tested, "MOST_ORIGINS", origins)
            patch.setattr(tested, "MOST_TRAINING_WINDOWS", origins)
        patch.setattr(forecast, "MOST_ORIGINS", 1)
        yield


def purchases(n_customers=240, seed=3, last=LAST):
    """Rows of customer, day, amount: each customer has a rate and a usual basket, some stop."""
    random = np.random.default_rng(seed)
    days = (last - FIRST).days + 1
    rows = []
    for number in range(n_customers):
        gap, basket = random.gamma(2, 18) + 2, random.lognormal(3.5, 0.7)
        begins, stops = random.integers(0, days - 30), random.integers(60, 2 * days)
        day = float(begins)
        while day < min(begins + stops, days):
            amount = round(float(basket * random.lognormal(0, 0.4)), 2)
            rows.append((f"c{number:04d}", int(day), max(amount, 0.01)))
            day += random.exponential(gap) + 1
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame["purchased_on"] = pd.Timestamp(FIRST) + pd.to_timedelta(frame["day"], unit="D")
    return frame.drop(columns="day")


def insert(con, rows):
    """Put rows of customer_id, amount and perhaps purchased_on and merchant into core."""
    known = con.execute("select count(*) from core.transactions").fetchall()[0][0]
    dated = "purchased_on" in rows
    con.register("given", rows)
    con.execute(
        """
        insert into core.customers (customer_id, customer_key, load_id)
        select customer_id, row_number() over (order by customer_id)
            + (select coalesce(max(customer_key), 0) from core.customers), 1
        from (select distinct customer_id from given where customer_id is not null)
        where customer_id not in (select customer_id from core.customers)
        """
    )
    con.execute(
        f"""
        insert into core.transactions by name
        select 't' || (row_number() over () + {known}) as transaction_id,
            't' || (row_number() over () + {known}) as order_id,
            'shop' as source, given.customer_id, customers.customer_key,
            {"purchased_on::date" if dated else "null::date"} as purchased_on,
            {"purchased_on::timestamp" if dated else "null::timestamp"} as purchased_at,
            amount::decimal(18, 2) as amount,
            case when amount < 0 then 'refund' else 'purchase' end as kind,
            {"merchant" if "merchant" in rows else "null::varchar"} as merchant,
            'GBP' as currency, 1 as load_id
        from given left join core.customers using (customer_id)
        """
    )
    con.unregister("given")
    marks.rebuild(con)


def add_attributes(con, table):
    """Put a customers table (customer_id and numbers) into core."""
    names = [name for name in table if name != "customer_id"]
    for name in names:
        con.execute(f'alter table core.customers add column "{name}" double')
        con.execute(
            "insert into core.attributes values (?, ?, 'DOUBLE', ?)",
            [name, name.upper(), name.replace("_", " ").capitalize()],
        )
    con.register("given", table)
    chosen = ", ".join(f'"{name}"' for name in names)
    con.execute(
        f"insert into core.customers by name select customer_id, {chosen},"
        " row_number() over () as customer_key, 1 as load_id from given"
    )
    con.unregister("given")


def workspace(folder, rows=None, table=None):
    """A workspace with these transactions, this customers table or both; not refreshed."""
    made = Workspace(folder)
    with made.writing("load", QUICK) as draft:
        build_core(draft.con)
        build_views(draft.con)
        if table is not None:
            add_attributes(draft.con, table)
        if rows is not None:
            insert(draft.con, rows)
        finish(draft, QUICK, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    return made


def load_more(made, rows):
    """Load further transactions, as ``load`` does: scores and models stay those of before."""
    with made.writing("load", QUICK) as draft:
        insert(draft.con, rows)
        before = draft.parent.manifest
        finish(
            draft, QUICK, as_of=None, scores_as_of=before.scores_as_of,
            horizon_days=before.horizon_days, models=before.models,
        )  # fmt: skip
