"""Synthetic shops in a warehouse, of any number of lines: what the feature benchmark runs on."""

from datetime import date
from pathlib import Path

import duckdb

from warehouse.build import build_core, build_views
from warehouse.synthetic import write_shop

AS_OF = date(2026, 9, 30)
LINES_A_CUSTOMER = 22.6  # as measured with: ten million lines of 443,000 customers
_FROM_THE_SHOP = 31.76
_PORTION = 200_000  # customers invented at a time


def connect(file, threads, memory_limit):
    """Open or create the warehouse of a benchmark."""
    config = {
        "threads": threads,
        "memory_limit": memory_limit,
        "temp_directory": f"{file}.tmp",
        "storage_compatibility_version": "v1.5.0",
    }
    con = duckdb.connect(str(file), config=config)
    build_core(con)
    build_views(con)
    return con


def fill(con, folder, lines):
    """Load shops with about so many lines; customers keep two orders in three of theirs."""
    customers = round(lines / LINES_A_CUSTOMER)
    for number, first in enumerate(range(0, customers, _PORTION)):
        shop = write_shop(
            Path(folder), customers=min(_PORTION, customers - first), seed=number,
            last_day=AS_OF, format="parquet",
        )  # fmt: skip
        _store(con, shop, number, first)
    con.execute("checkpoint")


def _store(con, shop, number, first):
    kept = round(LINES_A_CUSTOMER / _FROM_THE_SHOP * 1000)
    con.execute(f"""
        insert into core.customers by name
        select * replace ('{number}-' || customer_id as customer_id),
            {first} + row_number() over (order by customer_id) as customer_key
        from '{shop.customers}'
    """)
    con.execute(f"""
        insert into core.transactions by name
        select lines.* replace (
                '{number}-' || lines.customer_id as customer_id,
                '{number}-' || transaction_id as transaction_id,
                '{number}-' || order_id as order_id
            ),
            'shop' as source, lines.purchased_at::date as purchased_on,
            if(lines.amount < 0, 'refund', 'purchase') as kind, known.customer_key
        from '{shop.transactions}' as lines
        left join core.customers as known on '{number}-' || lines.customer_id = known.customer_id
        where hash(lines.order_id) % 1000 < {kept}
        order by known.customer_key, lines.purchased_at
    """)
