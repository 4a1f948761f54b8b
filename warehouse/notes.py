"""Sentences about a load of transactions that its counts do not say."""

import re

import duckdb
import msgspec

from warehouse.incoming import TABLE
from warehouse.origins import Constant
from warehouse.planning import Plan


def about_transactions(
    con: duckdb.DuckDBPyConnection, plan: Plan, source: str, currency: str
) -> list[str]:
    """What a reader of the report should know.

    Parameters
    ----------
    con : holds the rows of the load in ``incoming``.
    source : name of the source.
    currency : the workspace's.
    """
    choices = [mapping.choices for mapping in plan.mappings]
    notes = []
    if any("purchased_at" not in one for one in choices):
        notes.append("no column of dates: an undated ledger, which counts as a whole")
    if any("customer_id" not in one for one in choices):
        notes.append("no column of customers: nobody is known, so nobody can be scored")
    owners = {
        one["customer_id"].origin.value
        for one in choices
        if "customer_id" in one and isinstance(one["customer_id"].origin, Constant)
    }
    notes += [f"nobody is named: every row belongs to {owner!r}" for owner in sorted(owners)]
    notes += _other_columns(con, plan, source) + _foreign(con, currency)
    return notes + _rounded(con, plan) + _mixed_ids(con) + _no_purchase(con)


def _rounded(con: duckdb.DuckDBPyConnection, plan: Plan) -> list[str]:
    """How many amounts lost decimals."""
    count = con.execute(
        f"select count(*) from {TABLE} where is_rounded and reason is null"
    ).fetchall()[0][0]
    if not count:
        return []
    return [
        f"{count:,} amounts have more than two decimals and are rounded, half away from zero:"
        f" {plan.mapping_as_json()['amount']}"
    ]


def _mixed_ids(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A warning where ``17850.0`` stands beside ``12346``: it is not the customer ``17850``."""
    count, example = con.execute(
        rf"""
        select count(distinct customer_id), min(customer_id)
        from {TABLE}
        where customer_id < ':' and ends_with(customer_id, '.0')
            and regexp_full_match(customer_id, '-?\d+\.0')
        """
    ).fetchall()[0]
    if not count:
        return []
    return [
        f"{count:,} ids of customers such as {example} stand beside whole ones and are kept as they"
        f" are written: {example} is another customer than {example[:-2]}, unless the whole column"
        " is written in one way"
    ]


def _no_purchase(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A warning where nothing is spent: there is nothing to score, and no day to score at."""
    good = f"{TABLE} where reason is null and not is_foreign"
    if not con.execute(f"select 1 from {good} limit 1").fetchall():
        return []
    for rows in (f"{good} and", "core.transactions where"):
        found = con.execute(
            f"select 1 from {rows} kind = 'purchase' and amount > 0 limit 1"
        ).fetchall()
        if found:
            return []
    return [
        "there is no purchase with a positive amount: there is no day to score at, and nobody has"
        " spent anything; if these amounts are spend, see --map amount and --map kind"
    ]


def _foreign(con: duckdb.DuckDBPyConnection, currency: str) -> list[str]:
    """Which currencies were set aside, and how to change that."""
    foreign = con.execute(
        f"select string_agg(distinct currency, ', ' order by currency) from {TABLE}"
        " where is_foreign"
    ).fetchall()[0][0]
    if not foreign:
        return []
    codes = [code for code in foreign.split(", ") if re.fullmatch("[A-Z]{3}", code)]
    if not codes:
        way = "a currency has a code of three letters: map another column, or correct this one"
        return [f"rows in {foreign} are set aside, the workspace keeps {currency}; {way}"]
    is_empty = not con.execute("select 1 from core.transactions limit 1").fetchall()
    line = f'currency = "{codes[0]}"'
    way = (
        f"write {line} into the spendboard.toml of the workspace"
        if is_empty
        else f"for {codes[0]} use a workspace of its own, with {line} in its spendboard.toml"
    )
    return [f"rows in {foreign} are set aside, the workspace keeps {currency}; {way}"]


def _other_columns(con: duckdb.DuckDBPyConnection, plan: Plan, source: str) -> list[str]:
    """A warning where rows without ids could come twice because they are read differently.

    Such a row is known by its content, which is made of the columns that are mapped.
    """
    mapping = plan.mapping_as_json()
    earlier = con.execute(
        "select load_id, mapping from core.loads"
        " where source = $source and as_kind = 'transactions' order by load_id desc limit 1",
        {"source": source},
    ).fetchall()
    if not earlier or "transaction_id" in mapping:
        return []
    load_id, text = earlier[0]
    other = mapping.keys() ^ msgspec.json.decode(text, type=dict[str, str]).keys()
    if not other:
        return []
    return [
        f"load {load_id} of this source was read with other columns ({', '.join(sorted(other))});"
        " rows without ids that came with it are not recognised"
    ]
