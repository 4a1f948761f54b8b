"""Recurring payments, the monthly report, payment modes and seasons: one small frame each."""

from typing import TYPE_CHECKING, Final

from dashboard.reader import View
from warehouse.titles import FORECASTER_TITLES, PLAIN_FORECASTERS

if TYPE_CHECKING:  # pandas takes a quarter of a second, and not every command needs it
    import pandas as pd

STATUSES: Final = ("active", "overdue", "ended")


def recurring_payments(
    view: View, *, statuses: tuple[str, ...] = STATUSES, most: int | None = 1000
) -> "pd.DataFrame":
    """What customers pay again and again: active ones first, the dearest in a year first.

    Parameters
    ----------
    statuses : which of ``active``, ``overdue`` and ``ended``.
    most : rows at most, None for all; the column ``n_found`` says how many there are.

    Returns
    -------
    The columns of marts.recurring_payments without the key, and ``n_found``.
    """
    return view.frame(
        """
        select * exclude (customer_key), count(*) over () as n_found
        from marts.recurring_payments
        where list_contains($statuses, status)
        order by
            list_position(['active', 'overdue', 'ended'], status),
            yearly_amount desc, customer_id, payee
        limit $most
        """,
        {"statuses": list(statuses), "most": most},
    )


def monthly_categories(view: View, *, months: int | None = None) -> "pd.DataFrame":
    """The monthly report, the latest month first, in it the category with the most spend.

    Parameters
    ----------
    months : how many of the latest months; None for all.

    Returns
    -------
    The columns of marts.monthly_categories; ``category`` is None for what has none.
    """
    return view.frame(
        """
        select *
        from marts.monthly_categories
        where
            $months::integer is null
            or month > (select max(month) from marts.monthly_categories) - to_months($months)
        order by month desc, spend desc, category
        """,
        {"months": months},
    )


def payment_modes(view: View) -> "pd.DataFrame":
    """How purchases are paid, the most spend first: the columns of marts.payment_modes."""
    return view.frame("from marts.payment_modes order by spend desc, payment_method")


def months_and_years(view: View) -> "pd.DataFrame":
    """Every month against the average one, in order: the columns of marts.seasons_month_year."""
    return view.frame("from marts.seasons_month_year order by year, month")


def weekdays_and_hours(view: View) -> "pd.DataFrame":
    """168 cells from Monday 0:00 on, none without times: marts.seasons_weekday_hour."""
    return view.frame("from marts.seasons_weekday_hour order by weekday, hour")


def monthly_forecasts(view: View) -> "pd.DataFrame":
    """The coming months as they are forecast now: total first, then by size.

    Returns
    -------
    The columns of marts.forecasts of the latest as-of date; nothing before a refresh.
    """
    return view.frame(
        """
        select *
        from marts.forecasts
        where as_of = (select max(as_of) from marts.forecasts)
        order by month, series <> 'total', series = 'others', expected desc, category
        """,
        {},
    )


def served_by(categories: str, total: str) -> str:
    """Who made a forecast, and whether it is a plain rule that no model proved better than.

    Parameters
    ----------
    categories, total : ``model`` in marts.forecasts; a name of another build is told as it stands.
    """
    of_parts, of_total = (FORECASTER_TITLES.get(name, name) for name in (categories, total))
    same = of_parts == of_total
    said = f"by {of_parts}" if same else f"categories by {of_parts}, in all by {of_total}"
    if {categories, total} <= {*PLAIN_FORECASTERS, "sum_of_categories"}:
        said += f": {'a plain rule' if same else 'plain rules'}, no model proved better"
    return said
