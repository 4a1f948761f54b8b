"""Everything the page of one customer asks. Rows out, nothing worded: words are the page's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dashboard.queries.held import count
from dashboard.queries.listing import order_by
from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
NEAREST: Final = 6
ALIKE: Final = 0.7  # Jaro-Winkler similarity from which an id may have been meant
MOST_PLACED: Final = 200_000  # above this, sorting the list costs more than a place in it is worth


def profile(view: View, customer_id: str) -> Row | None:
    """The customer's row of ``marts.customers``, every column; ``None`` for an unknown id.

    Scores that are withheld are None in it.
    """
    rows: list[Row] = view.rows("from marts.customers where customer_id = $id", {"id": customer_id})
    return rows[0] | dict.fromkeys(view.vocabulary.withheld) if rows else None


def nearest(view: View, customer_id: str) -> list[Row]:
    """Up to six ids that look like an unknown one, most alike first: ``customer_id``, ``name``."""
    return view.rows(
        """
        with alike as (
            select
                customer_id,
                name,
                jaro_winkler_similarity(lower(customer_id), lower($id)) as likeness
            from marts.customers
        )

        select customer_id, name
        from alike
        where likeness >= $least
        order by likeness desc, customer_id
        limit $most
        """,
        {"id": customer_id[:100], "least": ALIKE, "most": NEAREST},
    )


# A line that is dated after the last day of the data has not happened: it counts nowhere.
_HAPPENED: Final = "(purchased_on is null or purchased_on <= $last_day)"


def _known_of(view: View, customer_key: int) -> dict[str, object]:
    """What the queries of one customer's purchases bind."""
    return {"key": customer_key, "last_day": view.vocabulary.about.last_day}


def orders(view: View, customer_key: int) -> "pd.DataFrame":
    """Orders in time: ``purchased_on`` (datetime64), ``revenue`` (float, refunds below zero)."""
    return view.frame(
        """
        select purchased_on, sum(revenue)::double as revenue
        from marts.orders
        where customer_key = $key and purchased_on <= $last_day
        group by purchased_on
        order by purchased_on
        """,
        _known_of(view, customer_key),
    )


def recent(view: View, customer_key: int, most: int) -> list[Row]:
    """The latest orders, newest first.

    Returns
    -------
    Rows of ``purchased_on``, ``amount`` (Decimal), ``lines`` (int), ``what`` (names of up to three
    categories, else products or merchants, those for the most money first) and ``more`` (how many
    further ones there are).
    """
    return view.rows(
        f"""
        with latest as (
            select order_key, max(purchased_on) as purchased_on
            from marts.purchases
            where customer_key = $key and {_HAPPENED}
            group by order_key
            order by purchased_on desc nulls last, order_key desc
            limit $most
        ),
        named as (
            select
                order_key,
                coalesce(category, product, merchant) as name,
                sum(amount) as amount,
                count(*) as lines
            from marts.purchases
            where
                customer_key = $key and {_HAPPENED}
                and order_key in (select order_key from latest)
            group by all
        )
        select
            latest.order_key,
            latest.purchased_on,
            sum(named.amount)::decimal(18, 2) as amount,
            sum(named.lines)::bigint as lines,
            list(named.name order by abs(named.amount) desc, named.name)
                filter (named.name is not null)[:3] as what,
            greatest(count(named.name) - 3, 0) as more
        from latest
        join named using (order_key)
        group by all
        order by latest.purchased_on desc nulls last, latest.order_key desc
        """,
        _known_of(view, customer_key) | {"most": most},
    )


def year(view: View, customer_key: int, as_of: date) -> tuple[Decimal, int]:
    """Spend (currency) and count of orders in the 365 days up to ``as_of``."""
    rows: list[Row] = view.rows(
        """
        select
            coalesce(sum(revenue), 0)::decimal(18, 2) as spend,
            count(distinct order_key) filter (has_purchase) as orders
        from marts.orders
        where
            customer_key = $key
            and purchased_on > $as_of::date - 365
            and purchased_on <= $as_of::date
        """,
        {"key": customer_key, "as_of": as_of},
    )
    return rows[0]["spend"], rows[0]["orders"]


def habits(view: View, customer_key: int) -> Row:
    """What she buys most, where and how: one value of each purchase dimension, or NULL."""
    rows: list[Row] = view.rows(
        f"""
        select
            mode(merchant order by merchant) as merchant,
            mode(category order by category) as category,
            mode(product order by product) as product,
            mode(country order by country) as country,
            mode(payment_method order by payment_method) as payment_method,
            mode(city order by city) as city
        from marts.purchases
        where customer_key = $key and is_purchase and {_HAPPENED}
        """,
        _known_of(view, customer_key),
    )
    return rows[0]


def persona(view: View, slug: str | None) -> Row | None:
    """The persona's card of ``marts.personas``, or ``None``."""
    rows: list[Row] = view.rows("from marts.personas where persona = $slug", {"slug": slug})
    return rows[0] if rows else None


def personas(view: View) -> list[Row]:
    """Every persona's card, in the order of their marks."""
    return view.rows("from marts.personas order by mark")


def rank(view: View, expected_spend: Decimal | None) -> float | None:
    """Which part of the scored customers is expected to spend less, in [0, 1]."""
    if expected_spend is None:
        return None
    rows: list[Row] = view.rows(
        """
        select avg((expected_spend < $amount)::integer)::double as below
        from marts.customers
        where expected_spend is not null
        """,
        {"amount": expected_spend},
    )
    below: float | None = rows[0]["below"]
    return below


def threshold(view: View, question: str, band: str | None) -> str | None:
    """The cut points of a band in words, as the models wrote them down."""
    rows: list[Row] = view.rows(
        "select words from marts.thresholds where question = $question and band = $band",
        {"question": question, "band": band},
    )
    return rows[0]["words"] if rows else None


def similar(view: View, customer_key: int, names: Sequence[str], most: int) -> list[Row]:
    """Nearest customers on the map, nearest first; empty when she is not on it.

    Returns
    -------
    ``customer_id``, ``name`` and ``persona``, and the columns ``names`` of the vocabulary.
    """
    columns = view.vocabulary.columns
    more = "".join(f",\n            {columns[name].expression}" for name in names)
    return view.rows(
        f"""
        with her as (
            select pca_1, pca_2 from marts.customers where customer_key = $key
        )

        select
            customers.customer_id,
            customers.name,
            customers.persona{more}
        from marts.customers as customers, her
        where
            customers.customer_key <> $key
            and customers.pca_1 is not null
            and her.pca_1 is not null
        order by
            pow(customers.pca_1 - her.pca_1, 2) + pow(customers.pca_2 - her.pca_2, 2),
            customers.customer_id
        limit $most
        """,
        {"key": customer_key, "most": most},
    )


def telling(view: View, slug: str | None, most: int) -> list[Row]:
    """Features in which a persona differs most: ``feature``, ``title``, ``unit``, ``mean``."""
    rows: list[Row] = view.rows(
        """
        select feature, feature_title as title, feature_unit as unit, mean
        from marts.cluster_profiles
        where persona = $slug
        order by abs(z) desc, feature
        """,
        {"slug": slug},
    )
    return [row for row in rows if row["feature"] in view.vocabulary.columns][:most]


@dataclass(frozen=True)
class Place:
    """Where a customer stands in the list that she was opened from.

    Parameters
    ----------
    row : 1 for the first one.
    total : customers in the list.
    before, after : ids of her neighbours, ``None`` at the ends.
    """

    row: int
    total: int
    before: str | None
    after: str | None


def place(view: View, selection: Selection, customer_id: str) -> Place | None:
    """Where ``customer_id`` stands in the sorted list of ``selection``.

    ``None`` where she is not in it, or the list is too long to be worth sorting for this.
    """
    total = count(view, selection)
    if total > MOST_PLACED:
        return None
    what = selected(selection, view)
    order = order_by(selection, view.vocabulary)
    rows: list[Row] = view.rows(
        f"""
        {what.ctes},
        listed as (
            select
                customers.customer_id,
                row_number() over ranked as place,
                lag(customers.customer_id) over ranked as above,
                lead(customers.customer_id) over ranked as below
            from selected
            join marts.customers as customers using (customer_key)
            window ranked as (order by {order})
        )
        select place, above, below from listed where customer_id = $id
        """,
        what.parameters | {"id": customer_id},
    )
    if not rows:
        return None
    return Place(rows[0]["place"], total, rows[0]["above"], rows[0]["below"])
