"""Generations of one small table that says which of them were published."""

from datetime import date

import duckdb

from warehouse.configuration import Settings

SETTINGS = Settings(threads=1)


def publish(workspace, say=None, models=()):
    """Publish a generation that adds ``say`` to table ``t`` (its number, unless told)."""
    with workspace.writing("load orders.csv", SETTINGS) as draft:
        draft.con.execute("create table if not exists t (said varchar)")
        draft.con.execute("insert into t values (?)", [say or str(draft.number)])
        return finish(draft, models)


def finish(draft, models=()):
    return draft.publish(
        as_of=date(2025, 6, 30), scores_as_of=None, horizon_days=30, currency="EUR",
        rows={"t": draft.number}, loads=[draft.number], models=models,
    )  # fmt: skip


def said(generation):
    """What table ``t`` of a generation says."""
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return [row[0] for row in con.execute("from t order by rowid").fetchall()]
