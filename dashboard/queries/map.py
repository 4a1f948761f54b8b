"""What the map asks: a fair sample of points, counts by group, sums of the selection, axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Shade = Literal["persona", "churn_band", "risk_band"]
SHADES: Final[tuple[Shade, ...]] = ("persona", "churn_band", "risk_band")
MOST_POINTS: Final = 20_000
FEWEST: Final = 200  # points of a group that the sample never goes below, if it has them
_DRAWN: Final = "customers.pca_1 is not null and customers.pca_2 is not null"
_PARTS: Final = 1_000_000


@dataclass(frozen=True)
class Extent:
    """Outermost coordinates over all customers."""

    left: float
    bottom: float
    right: float
    top: float


def extent(view: View) -> Extent | None:
    """Where the landscape ends; ``None`` when nobody has coordinates."""

    def ask() -> Extent | None:
        row: Row = view.rows(
            """
            select
                min(pca_1)::double as left,
                min(pca_2)::double as bottom,
                max(pca_1)::double as right,
                max(pca_2)::double as top
            from marts.customers
            """
        )[0]
        return None if row["left"] is None else Extent(**row)

    return view.cached(("map-extent",), ask)


def group_counts(view: View, selection: Selection, shade: Shade) -> dict[str, int]:
    """Customers of ``selection`` on the map by ``shade``; those without a value count as ``""``."""
    key = ("map-counts", selection.meaning(), shade)
    return view.cached(key, lambda: _group_counts(view, selection, shade))


def _group_counts(view: View, selection: Selection, shade: Shade) -> dict[str, int]:
    what = selected(selection, view)
    rows: list[Row] = view.rows(
        f"""
        {what.ctes}
        select coalesce(customers.{shade}, '') as shade, count(*) as n
        from selected
        join marts.customers as customers using (customer_key)
        where {_DRAWN}
        group by all
        order by all
        """,
        what.parameters,
    )
    return {row["shade"]: row["n"] for row in rows}


def quotas(counts: Mapping[str, int], most: int = MOST_POINTS) -> dict[str, int]:
    """How many points each group may show: in proportion, but small groups stay visible.

    The sum never exceeds ``most``; with at most ``most`` customers everybody is shown.

    >>> quotas({"a": 30_000, "b": 10_000, "c": 50}, most=2_000)
    {'a': 1462, 'b': 487, 'c': 50}
    """
    total = sum(counts.values())
    if total <= most:
        return dict(counts)
    floor = min(FEWEST, most // max(1, len(counts)))
    small = {group: n for group, n in counts.items() if n * most <= floor * total}
    shown = {group: min(n, floor) for group, n in small.items()}
    room = most - sum(shown.values())
    others = total - sum(small.values())
    return {
        group: shown[group] if group in shown else room * n // others for group, n in counts.items()
    }


def points(
    view: View, selection: Selection, shade: Shade, counts: Mapping[str, int]
) -> "pd.DataFrame":
    """A sample of ``selection`` to draw, the same one every time.

    Customers are ranked by the hash of their key, so a sample does not move when one customer
    joins. A threshold on the hash thins the rows before the exact quota is taken, because a
    window over millions of rows costs more than the whole page may.

    Returns
    -------
    Columns ``customer_key`` (int), ``pca_1``, ``pca_2`` (float32), ``shade`` (str).
    """
    what = selected(selection, view)
    shown = quotas(counts)
    rows = [
        {"shade": group, "quota": shown[group], "part": _part(shown[group], counts[group])}
        for group in counts
    ]
    return view.frame(
        f"""
        {what.ctes},
        quotas as (
            select
                unnest($shades::varchar[]) as shade,
                unnest($shade_quotas::integer[]) as quota,
                unnest($shade_parts::integer[]) as part
        ),
        candidates as (
            select
                customers.customer_key,
                customers.pca_1::float as pca_1,
                customers.pca_2::float as pca_2,
                coalesce(customers.{shade}, '') as shade,
                hash(customers.customer_key) as lot
            from selected
            join marts.customers as customers using (customer_key)
            where {_DRAWN}
        )
        select customer_key, pca_1, pca_2, shade
        from candidates
        join quotas using (shade)
        where lot % {_PARTS} < part
        qualify row_number() over (partition by shade order by lot, customer_key) <= quota
        order by lot, customer_key
        """,
        what.parameters
        | {
            "shades": [row["shade"] for row in rows],
            "shade_quotas": [row["quota"] for row in rows],
            "shade_parts": [row["part"] for row in rows],
        },
    )


def _part(quota: int, count: int) -> int:
    """Threshold in millionths that lets a little more than ``quota`` of ``count`` through."""
    if quota >= count:
        return _PARTS
    return min(_PARTS, int(_PARTS * (quota * 1.15 + 60) / count) + 1)


@dataclass(frozen=True)
class Facts:
    """The numbers of the Selection panel.

    Parameters
    ----------
    n : customers in the selection.
    expected_spend, churn_risk : averages over those who have a score; ``None`` without any.
    revenue : sum of ``spend_in_period``; ``None`` where the data have no transactions.
    reachable : who consented, is not suppressed and has an address; ``None`` without consent data.
    """

    n: int
    expected_spend: float | None
    churn_risk: float | None
    revenue: Decimal | None
    reachable: int | None


def facts(view: View, selection: Selection) -> Facts:
    """Count, averages and sums of ``selection``, in one statement."""
    return view.cached(("map-facts", selection.meaning()), lambda: _facts(view, selection))


def _facts(view: View, selection: Selection) -> Facts:
    what = selected(selection, view)
    vocabulary = view.vocabulary
    columns = vocabulary.columns
    reachable = "null::bigint"
    if vocabulary.has("reachable"):
        reachable = f"count(*) filter ({vocabulary.keys['reachable'].column})"
    revenue = "sum(selected.spend_in_period)" if vocabulary.about.has_transactions else "null"
    expected, risk = (
        f"avg({columns[name].expression})" if name in columns else "null"
        for name in ("expected_spend", "churn_risk")
    )
    row: Row = view.rows(
        f"""
        {what.ctes}
        select
            count(*) as n,
            {expected}::double as expected_spend,
            {risk}::double as churn_risk,
            {revenue}::decimal(18, 2) as revenue,
            {reachable} as reachable
        from selected
        join marts.customers as customers using (customer_key)
        """,
        what.parameters,
    )[0]
    return Facts(**row)


@dataclass(frozen=True)
class Axis:
    """One axis of the map in words: its name, what it explains, what it is made of.

    Parameters
    ----------
    share : part of the variation between customers that the axis shows, in [0, 1].
    loadings : title of a feature and its weight in [-1, 1], strongest first.
    """

    title: str
    share: float
    loadings: tuple[tuple[str, float], ...]


def axes(view: View, most: int = 5) -> list[Axis]:
    """The two axes of the map; empty when no clustering has been made."""
    return view.cached(("map-axes", most), lambda: _axes(view, most))


def _axes(view: View, most: int) -> list[Axis]:
    rows: list[Row] = view.rows("from marts.pca_axes order by axis limit 2")
    made = []
    for row in rows:
        loadings: list[Row] = view.rows(
            """
            select feature_title, loading
            from marts.pca_loadings
            where axis = $axis
            order by abs(loading) desc, feature
            limit $most
            """,
            {"axis": row["axis"], "most": most},
        )
        made.append(
            Axis(
                row["title"],
                row["explained_variance_ratio"],
                tuple((part["feature_title"], part["loading"]) for part in loadings),
            )
        )
    return made


def middle_of(view: View, persona: str) -> str | None:
    """The box, as ``box=`` writes it, of the middle half of a persona on each axis."""

    def ask() -> dict[str, str]:
        rows: list[Row] = view.rows(
            """
            select
                persona,
                quantile_cont(pca_1, 0.25) as x0,
                quantile_cont(pca_2, 0.25) as y0,
                quantile_cont(pca_1, 0.75) as x1,
                quantile_cont(pca_2, 0.75) as y1
            from marts.customers
            where persona is not null and pca_1 is not null and pca_2 is not null
            group by persona
            """
        )
        return {
            row["persona"]: ",".join(f"{row[name]:.3f}" for name in ("x0", "y0", "x1", "y1"))
            for row in rows
        }

    return view.cached(("map-middles",), ask).get(persona)


def customer_id(view: View, customer_key: object) -> str | None:
    """The id behind a point's key."""
    if not isinstance(customer_key, int):
        return None
    rows: list[Row] = view.rows(
        "select customer_id from marts.customers where customer_key = $key", {"key": customer_key}
    )
    return rows[0]["customer_id"] if rows else None
