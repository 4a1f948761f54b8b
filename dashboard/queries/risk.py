"""Where the exposure is: bands, what high spending has in common, amounts, cities and merchants."""

from typing import TYPE_CHECKING

from dashboard.reader import View

if TYPE_CHECKING:
    import pandas as pd


def risk_bands(view: View) -> "pd.DataFrame":
    """One row per band from low to high: threshold in words, customers, their spend and its share.

    Returns
    -------
    ``band, words, n_customers, monetary, share``; nothing before a refresh.
    """
    return view.frame(
        """
        with held as (
            select risk_band, count(*) as n_customers, sum(monetary) as monetary
            from marts.customers
            where risk_band is not null
            group by risk_band
        )

        select
            thresholds.band,
            thresholds.words,
            coalesce(held.n_customers, 0) as n_customers,
            coalesce(held.monetary, 0) as monetary,
            held.monetary / nullif(sum(held.monetary) over (), 0) as share
        from marts.thresholds as thresholds
        left join held on held.risk_band = thresholds.band
        where thresholds.question = 'risk'
        order by thresholds.lower nulls first
        """
    )


def high_purchases(view: View) -> "pd.DataFrame":
    """How many purchases up to the as-of day count as high, and what they make of all spend.

    Returns
    -------
    One row ``above, words, n_lines, share_of_lines, spend, share_of_spend``; none before a refresh.
    """
    return view.frame(
        """
        with bar as (
            select lower as above, words
            from marts.thresholds
            where question = 'high_spend' and band = 'high'
        ),

        sums as (
            select
                count(*) filter (where amount > bar.above) as n_lines,
                count(*) as n_all,
                coalesce(sum(amount) filter (where amount > bar.above), 0) as spend,
                sum(amount) as total
            from marts.purchases as purchases
            cross join bar
            cross join marts.about as about
            where
                purchases.is_purchase
                and purchases.customer_key is not null
                and (
                    about.last_day is null
                    or purchases.purchased_on is null
                    or purchases.purchased_on <= coalesce(about.as_of, about.last_day)
                )
        )

        select
            bar.above, bar.words,
            sums.n_lines, sums.n_lines / nullif(sums.n_all, 0) as share_of_lines,
            sums.spend, sums.spend / nullif(sums.total, 0) as share_of_spend
        from bar
        cross join sums
        """
    )


def risk_runs(view: View) -> "pd.DataFrame":
    """What serves for each question about high spending and amounts, and why."""
    return view.frame(
        """
        select question, champion, why, note
        from marts.model_runs
        where question in ('high_spend', 'high_spenders', 'amount')
        order by list_position(['high_spend', 'high_spenders', 'amount'], question)
        """
    )


def risk_rules(view: View) -> "pd.DataFrame":
    """Rules that hold, the most often high first: the columns of marts.risk_rules."""
    return view.frame("from marts.risk_rules order by question, place")


def amount_estimates(view: View) -> "pd.DataFrame":
    """What purchases are expected to amount to: the columns of marts.amount_estimates."""
    return view.frame("from marts.amount_estimates order by dimension, n_lines desc, value")


def exposure(view: View) -> "pd.DataFrame":
    """Where the spending sits, the most first: the columns of marts.exposure."""
    return view.frame(
        """
        from marts.exposure
        order by list_position(['city', 'merchant', 'country'], dimension), spend desc, value
        """
    )


def concentration(view: View) -> "pd.DataFrame":
    """How much of the spending sits in few places, one row per dimension.

    Returns
    -------
    ``dimension, n_values, hhi`` (sum of squared shares: 1 is one place alone), ``top_share``,
    ``top5_share, not_said_share``. Purchases that do not say are a share, and no place.
    """
    return view.frame(
        """
        with placed as (
            select
                dimension, value, share,
                row_number() over (partition by dimension order by value is null, share desc, value)
                    as place
            from marts.exposure
        )

        select
            dimension,
            count(value) as n_values,
            sum(power(share, 2)) filter (where value is not null) as hhi,
            max(share) filter (where value is not null) as top_share,
            sum(share) filter (where value is not null and place <= 5) as top5_share,
            coalesce(max(share) filter (where value is null), 0) as not_said_share
        from placed
        group by dimension
        order by list_position(['city', 'merchant', 'country'], dimension)
        """
    )
