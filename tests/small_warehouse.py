"""A warehouse in memory, drawn as small tables of text that a reader can check by hand."""

from datetime import date

import duckdb

from warehouse import marks
from warehouse.build import build_core, build_marts, build_views

AS_OF = date(2025, 6, 30)
# Ann buys on a Wednesday, a Saturday evening and at the last minute of as_of; she returns one
# coffee of order o2. Bob buys once, at no known time, without further details. Cyd only returns.
SHOP = """
    customer  order  at                   amount  quantity  product  category  merchant  promo
    ann       o1     2025-01-01 10:00:00   10.00  1         coffee   Drinks    cafe      true
    ann       o1     2025-01-01 10:00:00   10.00  2         cake     Food      cafe      false
    ann       o2     2025-05-31 19:30:00   50.00  5         coffee   Drinks    kiosk     false
    ann       o2     2025-06-10 11:00:00  -10.00  -1        coffee   Drinks    kiosk     false
    ann       o3     2025-06-30 23:59:59   40.00  3         tea      Drinks    cafe      false
    ann       o3     2025-06-30 23:59:59   20.00  1         cup      Home      cafe      false
    bob       o4     2025-06-15 00:00:00    5.00  -         -        -         -         -
    cyd       o5     2025-05-01 12:00:00   -7.00  -1        cake     Food      cafe      false
    -         o6     2025-06-20 12:00:00    9.00  1         tea      Drinks    cafe      false
"""
FUTURE = """
    customer  order  at                   amount   quantity  product  category  merchant  promo
    ann       o7     2025-07-01 00:00:00  1000.00  9         sofa     Home      kiosk     true
    ann       o2     2025-07-01 09:00:00   -40.00  -4        coffee   Drinks    kiosk     false
    bob       o8     2025-07-11 08:00:00    33.00  1         cup      Home      cafe      true
    cyd       o5     2025-07-10 09:00:00    -3.00  -1        cake     Food      cafe      false
    dot       o9     2025-07-02 08:00:00    44.00  1         cup      Home      cafe      true
"""

_DEFAULTS = {"source": "shop", "currency": "EUR", "load_id": "1"}


def _rows(table):
    """Dicts of a table drawn in text: names first, columns apart by two spaces, - is NULL."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    cells = [[cell.strip() for cell in line.strip().split("  ") if cell.strip()] for line in lines]
    names = cells[0]
    assert all(len(row) == len(names) for row in cells), f"a ragged table: {cells}"
    return [
        {name: None if cell == "-" else cell for name, cell in zip(names, row, strict=True)}
        for row in cells[1:]
    ]


def _insert(con, table, *rows):
    """Insert rows of the same columns at once: a statement for each would take long."""
    names = ", ".join(f'"{name}"' for name in rows[0])
    places = ", ".join("?" for _ in rows[0])
    con.execute(
        f"insert into {table} ({names}) values {', '.join([f'({places})'] * len(rows))}",
        [value for row in rows for value in row.values()],
    )


def _add_customer(con, row):
    known = con.execute(
        "select count(*) from core.customers where customer_id = ?", [row["customer_id"]]
    ).fetchall()[0][0]
    if not known:
        con.execute(
            "insert into core.customers (customer_id, customer_key, load_id)"
            " select ?, coalesce(max(customer_key), 0) + 1, 1 from core.customers",
            [row["customer_id"]],
        )
    told = {name: value for name, value in row.items() if name != "customer_id"}
    names = ", ".join(f'"{name}" = ?' for name in told)
    con.execute(
        f"update core.customers set {names} where customer_id = ?",
        [*told.values(), row["customer_id"]],
    )


def add_transactions(con, table):
    """Add rows drawn as text; what a source would leave out is filled in.

    ``day`` or ``at`` is when; ``order`` defaults to an order of its own; the kind follows the sign.
    """
    first = con.execute("select count(*) from core.transactions").fetchall()[0][0] + 1
    rows = []
    for number, row in enumerate(_rows(table), first):
        at = row.pop("at", None) or row.pop("day", None)
        row.pop("day", None)
        amount = float(row["amount"])
        customer_id = row.pop("customer", None)
        rows.append({
            **_DEFAULTS,
            "transaction_id": f"t{number}",
            "order_id": row.pop("order", None) or f"t{number}",
            "customer_id": customer_id,
            "purchased_at": at,
            "purchased_on": at and at[:10],
            "kind": "refund" if amount < 0 else "purchase",
            "is_promotion": row.pop("promo", None),
            **row,
        })  # fmt: skip
    _insert(con, "core.transactions", *rows)
    con.execute(
        "insert into core.customers (customer_id, customer_key, load_id)"
        " select customer_id, row_number() over (order by min(rowid))"
        " + (select coalesce(max(customer_key), 0) from core.customers), 1"
        " from core.transactions where customer_id is not null"
        " and customer_id not in (select customer_id from core.customers) group by customer_id"
    )
    con.execute("""
        update core.transactions set customer_key = known.customer_key
        from core.customers as known where known.customer_id = transactions.customer_id
    """)
    marks.rebuild(con)


def add_customers(con, table, attributes=()):
    """Add rows of a customers file; ``attributes`` are pairs of a further column and its type."""
    for name, kind in attributes:
        con.execute(f'alter table core.customers add column "{name}" {kind}')
        _insert(con, "core.attributes", dict.fromkeys(("attribute", "original_name", "title"), name)
                | {"data_type": kind})  # fmt: skip
    for row in _rows(table):
        _add_customer(con, row)


def small_warehouse(transactions=None):
    """An open connection to a fresh warehouse in memory, with feature and label macros."""
    con = duckdb.connect(config={"threads": 2})
    build_core(con)
    build_views(con)
    if transactions:
        add_transactions(con, transactions)
    return con


def build(con, as_of):
    """Build the marts as a refresh does."""
    build_marts(con, as_of=as_of, horizon_days=30, currency="EUR")


def rows(con, sql, *values):
    """Every row of a query as a dict."""
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def by_customer(con, relation, *values):
    """Rows of a feature view or label without their keys, by customer_id."""
    marks = ", ".join("?" for _ in values)
    found = rows(con, f"from {relation}({marks})", *values)
    assert len({row["customer_key"] for row in found}) == len(found)
    return {
        row.pop("customer_id"): {k: v for k, v in row.items() if k != "customer_key"}
        for row in found
    }
