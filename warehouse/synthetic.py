"""The synthetic shop: a file of transactions and a file of customers, for the demo and benchmarks.

Nothing is copied from anybody. The same arguments give the same bytes.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from warehouse.errors import UsageError
from warehouse.progress import Progress, Silent
from warehouse.synthetic_goods import CATEGORIES, Goods, Ints, draw_goods
from warehouse.synthetic_habits import draw_calendar, draw_shoppers
from warehouse.synthetic_orders import (
    CHANNELS,
    PAYMENT_METHODS,
    Lines,
    Orders,
    draw_lines,
    draw_orders,
)
from warehouse.synthetic_people import CITIES, draw_people

CURRENCY = "EUR"

# Text is made while writing: in numbers the million lines take little memory.
_TRANSACTIONS = """
    select
        format('T-{:08d}', number) as transaction_id,
        format('O-{:07d}', order_number) as order_id,
        if(customer < 0, null, format('C-{:06d}', customer + 1)) as customer_id,
        make_timestamp(instant * 1000000) as purchased_at,
        cast(quantity * unit_cents * 0.01 as decimal(18, 2)) as amount,
        quantity,
        cast(unit_cents * 0.01 as decimal(18, 2)) as unit_price,
        product_id,
        product,
        category,
        merchant,
        payment_method,
        city,
        country,
        channel,
        is_promotion,
        $currency as currency
    from lines
"""

# A column in which nobody happens to have a value would lose its type without the casts.
_CUSTOMERS = """
    select
        customer_id,
        name,
        cast(email as varchar) as email,
        cast(phone as varchar) as phone,
        cast(age as integer) as age,
        cast(gender as varchar) as gender,
        city,
        country,
        cast(consent as boolean) as consent,
        suppressed
    from people
"""


@dataclass(frozen=True)
class Shop:
    """The files that were written.

    ``transactions`` and ``customers`` are files that ``spendboard load`` maps without a hint;
    ``n_transactions`` counts lines, refunds included. Amounts are in ``currency``.
    """

    transactions: Path
    customers: Path
    n_transactions: int
    n_customers: int
    first_day: date
    last_day: date
    currency: str = CURRENCY


def _first_day(last_day: date, months: int) -> date:
    """The day after ``last_day``, ``months`` earlier: whole months stay whole."""
    day_after = last_day + timedelta(days=1)
    year, month = divmod(day_after.year * 12 + day_after.month - 1 - months, 12)
    days = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day_after.day, days))


def _named(codes: Ints, names: Sequence[str]) -> pd.Series:
    """Numbers as the names that they stand for; DuckDB reads it without copying a text."""
    unique = sorted(set(names))
    place = {name: i for i, name in enumerate(unique)}
    lookup = np.array([place[name] for name in names], dtype=np.int16)
    return pd.Series(pd.Categorical.from_codes(lookup[codes], categories=pd.Index(unique)))


def _frame(orders: Orders, lines: Lines, goods: Goods, first_day: date) -> pd.DataFrame:
    """One row a line, numbers and categories only."""
    start = int(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC).timestamp())
    order, product = lines.order, lines.product
    city = orders.city[order]
    return pd.DataFrame(
        {
            "number": np.arange(1, len(order) + 1),
            "order_number": order + 1,
            "customer": orders.customer[order],
            "instant": start + lines.day * 86_400 + lines.second,
            "quantity": lines.quantity,
            "unit_cents": lines.unit_cents,
            "product_id": _named(product, goods.product_id),
            "product": _named(product, goods.product),
            "category": _named(goods.category[product], [c.name for c in CATEGORIES]),
            "merchant": _named(product, goods.merchant),
            "payment_method": _named(orders.payment[order], PAYMENT_METHODS),
            "city": _named(city, [c.name for c in CITIES]),
            "country": _named(city, [c.country for c in CITIES]),
            "channel": _named(orders.channel[order], CHANNELS),
            "is_promotion": lines.is_promotion,
        }
    )


def _invent(
    rng: np.random.Generator, customers: int, first_day: date, last_day: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of both files. The order of the draws is part of what a seed means."""
    season = draw_calendar(first_day, (last_day - first_day).days + 1)
    goods = draw_goods(rng)
    shoppers = draw_shoppers(rng, customers, season)
    orders = draw_orders(rng, shoppers, season)
    lines = draw_lines(rng, orders, shoppers, goods, season)
    people = draw_people(rng, shoppers.city, np.minimum(shoppers.rate * 30, 1.0))
    return _frame(orders, lines, goods, first_day), people


def _write(file: Path, table: str, frame: pd.DataFrame, select: str, **values: str) -> None:
    """Copy a query over ``frame``, known to it as ``table``, to a CSV or Parquet file."""
    form = "format csv, header" if file.suffix == ".csv" else "format parquet"
    with duckdb.connect() as con:
        con.register(table, frame)
        target = str(file).replace("'", "''")
        con.execute(f"copy ({select}) to '{target}' ({form})", values)


def write_shop(
    folder: Path,
    *,
    customers: int = 5000,
    months: int = 24,
    seed: int = 0,
    last_day: date | None = None,
    format: Literal["csv", "parquet"] = "csv",
    progress: Progress | None = None,
) -> Shop:
    """Invent a shop and write its transactions and customers into ``folder``.

    About 32 transactions a customer over 24 months; 32,000 customers make a million.

    Parameters
    ----------
    folder : created if missing; ``transactions`` and ``customers`` in it are replaced.
    customers : number of customers, at least 1.
    months : length of the history, at least 1; it ends with ``last_day``.
    seed : same seed and same other arguments, same bytes.
    last_day : last day with a transaction; yesterday by default.
    progress : told about the two steps.

    Raises
    ------
    UsageError : ``customers``, ``months`` or ``seed`` is out of range.
    """
    _refuse_bad_numbers(customers, months, seed)
    last_day = last_day or datetime.now(tz=UTC).date() - timedelta(days=1)
    first_day = _first_day(last_day, months)
    progress = progress or Silent()
    with progress.step("Inventing customers and what they buy"):
        lines, people = _invent(np.random.default_rng(seed), customers, first_day, last_day)
    folder.mkdir(parents=True, exist_ok=True)
    shop = Shop(
        folder / f"transactions.{format}", folder / f"customers.{format}", len(lines), customers,
        first_day, last_day,
    )  # fmt: skip
    with progress.step("Writing the shop's files"):
        _write(shop.transactions, "lines", lines, _TRANSACTIONS, currency=CURRENCY)
        _write(shop.customers, "people", people, _CUSTOMERS)
    return shop


def _refuse_bad_numbers(customers: int, months: int, seed: int) -> None:
    """Raise where a number cannot be meant."""
    for name, value, least in (
        ("customers", customers, 1),
        ("months", months, 1),
        ("seed", seed, 0),
    ):
        if value < least:
            raise UsageError(
                f"the synthetic shop: {name} must be at least {least}", found=str(value)
            )
