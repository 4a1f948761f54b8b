"""What a server holds of a generation in memory: its orders and customers as arrays.

At fifty thousand customers two thirds of a statement's time are its planning, and at half a
million its hash tables; over dense keys and days in order, the same rows are counted, not hashed.
So a change of filter asks the warehouse only who is meant, and the purchases are added up from
here. The statements stay for what arrays do not hold (purchase filters, totals, very large shops)
and answer until the arrays are read; both give the same numbers to the cent.
"""

import threading
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.period import Days
from dashboard.queries.selected import Compiler, selected
from dashboard.queries.vocabulary import REACHABLE
from dashboard.selection import Lens, Selection

if TYPE_CHECKING:
    from dashboard.reader import View

Ints = npt.NDArray[np.signedinteger[Any]]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_ORDERS: Final = 20_000_000  # 21 bytes each; of more, statements answer
AT_ONCE: Final = 1_000_000  # so many are read by who asks first, more beside the statements
EXACT: Final = 2.0**53  # sums below are whole numbers in a double too
UNDATED: Final = np.iinfo(np.int32).max
RISK_DAYS: Final = 365  # whose spend is at risk: what a year would miss
GROUPS: Final = ("persona", "churn_band", "value_band", "risk_band")
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Orders:
    """Rows of marts.orders in the order of their days, undated ones last.

    Parameters
    ----------
    customer : key; 0 for nobody.
    day : since 1970.
    cents : net; whole numbers, as doubles, because that is what sums by key are made of.
    bought : whether a line has an amount above 0.
    split : places of the rows whose order has other rows.
    order : the key of each of these.
    """

    customer: Ints
    day: Ints
    cents: Reals
    bought: Flags
    split: Ints
    order: Ints


@dataclass(frozen=True)
class Customers:
    """One item a customer, at her key; item 0 is nobody.

    Parameters
    ----------
    expected : cents; -1 where she has no score.
    churn_risk : NaN where she has none.
    year : cents that she spent in the 365 days up to the as-of day.
    asked, consents, reachable : consent known, given, and given with an address.
    groups : by column of :data:`GROUPS` its values, the missing one first, and each one's place.
    """

    expected: Reals
    churn_risk: Reals
    year: Reals
    asked: Flags
    consents: Flags
    reachable: Flags
    groups: dict[str, tuple[tuple[str | None, ...], Ints]]


@dataclass(frozen=True)
class Held:
    """Both."""

    orders: Orders
    customers: Customers


@dataclass
class Shelf:
    """Where a view keeps its arrays; read by who asks first, or beside her."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: bool = False
    _held: Held | None = None

    def held(self, view: "View") -> Held | None:
        """The arrays; None where there are none, or not yet."""
        with self._lock:
            begins, self._begun = not self._begun, True
            n_lines = view.vocabulary.about.n_transactions
            if begins and n_lines <= AT_ONCE:
                self._held = read(view)
            elif begins:
                threading.Thread(target=self._fill, args=(view,), daemon=True).start()
            return self._held

    def _fill(self, view: "View") -> None:
        held = read(view)
        with self._lock:
            self._held = held


def read(view: "View") -> Held | None:
    """The arrays of a generation; None where they would be too large, or not exact."""
    about = view.vocabulary.about
    if not about.has_transactions or _n_orders(view) > MOST_ORDERS:
        return None
    orders = _orders(view)
    if np.abs(orders.cents).sum() >= EXACT:
        return None
    customers = _customers(view, orders)
    return None if customers is None else Held(orders, customers)


def _n_orders(view: "View") -> int:
    return int(str(view.rows("select count(*) as n from marts.orders")[0]["n"]))


def _orders(view: "View") -> Orders:
    found = view.arrays(
        """
        select
            coalesce(customer_key, 0)::bigint as customer,
            coalesce(purchased_on - date '1970-01-01', 2147483647)::integer as day,
            cast(revenue * 100 as bigint)::double as cents,
            has_purchase as bought,
            case when is_whole then 0 else order_key end as part_of
        from marts.orders
        where $last_day::date is null or purchased_on is null or purchased_on <= $last_day
        """,
        {"last_day": view.vocabulary.about.last_day},
    )
    part_of = found.pop("part_of")
    if (np.diff(found["day"]) < 0).any():
        in_order = np.argsort(found["day"], kind="stable")
        found = {name: values[in_order] for name, values in found.items()}
        part_of = part_of[in_order]
    split = np.flatnonzero(part_of)
    return Orders(**found, split=split, order=part_of[split])


def _customers(view: "View", orders: Orders) -> Customers | None:
    found = view.arrays(
        f"""
        select
            customer_key,
            coalesce(cast(expected_spend * 100 as bigint), -1)::double as expected,
            coalesce(churn_risk, 'nan'::double) as churn_risk,
            consent is not null as asked,
            coalesce(consent, false) as consents,
            {REACHABLE} as reachable
        from marts.customers as customers
        order by customer_key
        """
    )
    keys = found.pop("customer_key")
    if len(keys) != view.vocabulary.about.n_customers or (len(keys) and keys[-1] != len(keys)):
        return None  # not dense
    nobody = {"expected": -1, "churn_risk": np.nan}
    shifted = {name: np.insert(items, 0, nobody.get(name, 0)) for name, items in found.items()}
    year = np.zeros(len(keys) + 1)
    as_of = view.vocabulary.about.as_of
    if as_of is not None:
        last = as_of.toordinal()
        rows = within(orders, Days(date.fromordinal(max(1, last - RISK_DAYS + 1)), as_of))
        year = summed(orders.customer[rows], orders.cents[rows], len(year))
    return Customers(**shifted, year=year, groups={c: _group(view, c) for c in GROUPS})


def _group(view: "View", column: str) -> tuple[tuple[str | None, ...], Ints]:
    """Values of ``column`` and the place of each customer's."""
    values = [
        str(row["value"])
        for row in view.rows(
            f"select distinct {column} as value from marts.customers"
            f" where {column} is not null order by value"
        )
    ]
    places = view.arrays(
        f"""
        select coalesce(list_position($known::varchar[], {column}), 0)::bigint as place
        from marts.customers
        order by customer_key
        """,
        {"known": values},
    )["place"]
    return (None, *values), np.insert(places, 0, 0)


def within(orders: Orders, days: Days | None) -> slice:
    """The rows of some days; of None all rows, undated ones too."""
    if days is None:
        return slice(0, len(orders.day))
    first, last = ordinal(days.first), ordinal(days.last)
    begin, end = np.searchsorted(orders.day, [first, last + 1])
    return slice(int(begin), max(int(begin), int(end)))


def ordinal(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def meant(view: "View", selection: Selection) -> Flags:
    """Of each customer key whether the who half means it; 0 never."""
    who = Selection(
        view.vocabulary, selection.who, Lens(), selection.q, selection.box, selection.lasso
    )
    size = view.vocabulary.about.n_customers + 1
    if not who.narrows_who:
        everybody = np.ones(size, np.bool_)
        everybody[0] = False
        return everybody

    def ask() -> bytes:
        compiler = Compiler(who, view.vocabulary)
        keys = view.arrays(compiler.who(), compiler.values)["customer_key"]
        flags = np.zeros(size, np.bool_)
        flags[keys] = True
        return np.packbits(flags).tobytes()

    # Kept as bits: two million customers take a quarter of a megabyte.
    bits = view.cached(("who", who.meaning()), ask)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=size).view(np.bool_)


def known(view: "View", selection: Selection) -> Held | None:
    """The arrays, where they can answer ``selection``."""
    lens = selection.lens
    return None if lens.filters or lens.totals else view.held()


def count(view: "View", selection: Selection) -> int:
    """How many customers the selection means."""

    def ask() -> int:
        if known(view, selection) is not None:
            return counted(meant(view, selection))
        statement = selected(selection, view)
        sql = f"{statement.ctes}\nselect count(*) as n from {statement.customers}"
        return int(str(view.rows(sql, statement.parameters)[0]["n"]))

    return view.cached(("count", selection.meaning()), ask)


def summed(keys: Ints, values: Reals, size: int) -> Reals:
    """Sums of ``values`` by key, exact for whole numbers."""
    return np.bincount(keys, values, size).astype(np.float64, copy=False)


def counted(flags: Any) -> int:  # noqa: ANN401 - any array of truths
    """How many are true."""
    return int(np.count_nonzero(flags))
