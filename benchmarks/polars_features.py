"""The features in polars, lazily, on all cores: the quickest way without a database."""

import polars as pl

from benchmarks.pandas_features import WINDOWS

BOUGHT = pl.col("amount") > 0
KEY = "customer_key"


def in_polars(frame, as_of):
    """One row a customer; ``frame`` is what :func:`benchmarks.pandas_features.frame_of` made."""
    lines = frame.lazy().filter(pl.col("purchased_on") <= pl.lit(as_of))
    lines = lines.with_columns(
        days_ago=(pl.lit(as_of) - pl.col("purchased_on").cast(pl.Date)).dt.total_days()
    )
    parts = [_lines(lines), _orders(lines), _categories(lines), _rhythm(lines)]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, on=KEY, how="left")
    return _finished(joined).collect()


def _recent(column, days):
    return pl.col(column).filter(pl.col("days_ago") < days)


def _lines(lines):
    return lines.group_by(KEY).agg(
        monetary=pl.col("amount").sum(),
        paid=pl.col("amount").filter(BOUGHT).sum(),
        returned=-pl.col("amount").filter(pl.col("amount") < 0).sum(),
        n_merchants=pl.col("merchant").filter(BOUGHT).n_unique(),
        n_products=pl.col("product_id").filter(BOUGHT).n_unique(),
        promo_usage_ratio=pl.col("is_promotion").filter(BOUGHT).mean(),
        half=pl.col("amount").filter(BOUGHT & (pl.col("days_ago") < 90)).sum(),
        whole=pl.col("amount").filter(BOUGHT & (pl.col("days_ago") < 180)).sum(),
        **{f"spend_{days}d": _recent("amount", days).sum() for days in WINDOWS},
    )


def _orders(lines):
    orders = lines.group_by(KEY, "source", "order_id").agg(
        total=pl.col("amount").sum(),
        days_ago=pl.col("days_ago").filter(BOUGHT).min(),
        at=pl.col("purchased_at").filter(BOUGHT).min(),
        quantity=pl.col("quantity").filter(BOUGHT).sum(),
        n_products=pl.col("product_id").filter(BOUGHT).n_unique(),
    )
    valued = pl.col("total").filter(pl.col("total") > 0.005)
    by_time = valued.sort_by(pl.col("at").filter(pl.col("total") > 0.005))
    return (
        orders.filter(pl.col("days_ago").is_not_null())
        .group_by(KEY)
        .agg(
            frequency=pl.len(),
            recency_days=pl.col("days_ago").min(),
            avg_products_per_order=pl.col("n_products").mean(),
            total_quantity=pl.col("quantity").sum(),
            avg_quantity=pl.col("quantity").mean(),
            avg_order_value=valued.mean(),
            max_order_value=valued.max(),
            std_order_value=valued.std(),
            first_order_value=by_time.first(),
            last_order_value=by_time.last(),
            weekend_share=(pl.col("at").dt.weekday() >= 6).mean(),
            evening_share=(pl.col("at").dt.hour() >= 18).mean(),
            **{f"orders_{days}d": (pl.col("days_ago") < days).sum() for days in WINDOWS},
        )
    )


def _categories(lines):
    spent = lines.filter(BOUGHT).group_by(KEY, "category").agg(paid=pl.col("amount").sum().round(2))
    return (
        spent.with_columns(pl.col("category").cast(pl.String))
        .sort("paid", "category", descending=[True, False])
        .group_by(KEY, maintain_order=True)
        .agg(
            n_categories=pl.len(),
            top_category=pl.col("category").first(),
            top_category_share=pl.col("paid").first() / pl.col("paid").sum(),
        )
    )


def _rhythm(lines):
    days = lines.filter(BOUGHT).select(KEY, "days_ago").unique().sort(KEY, "days_ago")
    gap = pl.col("days_ago").diff()
    return days.group_by(KEY, maintain_order=True).agg(
        customer_lifetime_days=pl.col("days_ago").max(),
        mean_gap_days=gap.mean(),
        std_gap_days=gap.std(),
    )


def _finished(joined):
    whole = pl.when(pl.col("whole") > 0).then(pl.col("whole"))
    return joined.with_columns(
        refund_ratio=pl.col("returned") / pl.when(pl.col("paid") > 0).then(pl.col("paid")),
        spend_trend=pl.when(pl.col("customer_lifetime_days") >= 179).then(
            (2 * pl.col("half") - whole) / whole
        ),
    ).drop("paid", "returned", "half", "whole")
