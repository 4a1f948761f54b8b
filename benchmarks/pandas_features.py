"""The features in pandas, in RAM, vectorised throughout: what the warehouse is compared with."""

import pandas as pd

WINDOWS = (7, 30, 60, 90, 180)
# Counts and sums of somebody without a row are zero.
ZERO_WITHOUT_A_ROW = {
    "frequency",
    *(f"{kind}_{n}d" for kind in ("orders", "spend") for n in WINDOWS),
}


def frame_of(con):
    """The transactions as somebody who works in pandas would hold them."""
    frame = con.execute("""
        select customer_key, source, order_id, purchased_on, purchased_at, amount::double as amount,
            quantity::double as quantity, is_promotion, product_id, merchant, category
        from core.transactions where customer_key is not null and kind in ('purchase', 'refund')
    """).df()
    texts = ("source", "order_id", "product_id", "merchant", "category")
    return frame.astype({"customer_key": "int32", **dict.fromkeys(texts, "category")})


def by(frame, *keys):
    return frame.groupby(list(keys), observed=True, sort=False)


def in_pandas(frame, as_of):
    """The same features, vectorised throughout."""
    lines = frame[frame.purchased_on <= pd.Timestamp(as_of)]
    lines = lines.assign(days_ago=(pd.Timestamp(as_of) - lines.purchased_on).dt.days)
    bought = lines[lines.amount > 0]
    customers = by(lines, "customer_key")
    features = pd.DataFrame({"monetary": customers.amount.sum()})
    order = ("customer_key", "source", "order_id")
    orders = by(bought, *order).agg(
        days_ago=("days_ago", "min"),
        at=("purchased_at", "min"),
        quantity=("quantity", "sum"),
        n_products=("product_id", "nunique"),
    )
    orders["total"] = by(lines, *order).amount.sum()
    orders = orders.reset_index().sort_values(["customer_key", "at"])
    pandas_orders(features, orders)
    pandas_breadth(features, bought)
    paid, returned = by(bought, "customer_key").amount.sum(), lines[lines.amount < 0]
    back = by(returned, "customer_key").amount.sum().reindex(features.index, fill_value=0.0)
    features["refund_ratio"] = -back / paid
    pandas_days(features, lines, bought)
    return features


def pandas_orders(features, orders):
    """What is counted and averaged over orders."""
    placed = by(orders, "customer_key")
    features["frequency"] = placed.size()
    features["recency_days"] = placed.days_ago.min()
    features["avg_products_per_order"] = placed.n_products.mean()
    features["total_quantity"] = placed.quantity.sum()
    features["avg_quantity"] = placed.quantity.mean()
    valued = by(orders[orders.total > 0.005], "customer_key").total
    features["avg_order_value"] = valued.mean()
    features["max_order_value"] = valued.max()
    features["std_order_value"] = valued.std()
    features["first_order_value"] = valued.first()
    features["last_order_value"] = valued.last()
    for window in WINDOWS:
        recent = orders[orders.days_ago < window]
        features[f"orders_{window}d"] = by(recent, "customer_key").size()
    marks = orders.assign(
        weekend=orders["at"].dt.day_of_week >= 5, evening=orders["at"].dt.hour >= 18
    )
    features[["weekend_share", "evening_share"]] = by(marks, "customer_key")[
        ["weekend", "evening"]
    ].mean()


def pandas_breadth(features, bought):
    """Distinct counts, promotions and the top category."""
    customers = by(bought, "customer_key")
    features["n_merchants"] = customers.merchant.nunique()
    features["n_products"] = customers.product_id.nunique()
    features["promo_usage_ratio"] = customers.is_promotion.mean()
    spent = by(bought, "customer_key", "category").amount.sum().round(2).reset_index()
    features["n_categories"] = by(spent, "customer_key").size()
    spent = spent.sort_values(["amount", "category"], ascending=[False, True])
    top = spent.drop_duplicates("customer_key").set_index("customer_key")
    features["top_category"] = top.category
    features["top_category_share"] = top.amount / by(spent, "customer_key").amount.sum()


def pandas_days(features, lines, bought):
    """Gaps between purchase days, net spend in the windows, and the trend."""
    days = bought[["customer_key", "days_ago"]].drop_duplicates()
    days = days.sort_values(["customer_key", "days_ago"], ascending=[True, False])
    days["gap"] = -by(days, "customer_key").days_ago.diff()
    rhythm = by(days, "customer_key")
    features["customer_lifetime_days"] = rhythm.days_ago.max()
    features["mean_gap_days"] = rhythm.gap.mean()
    features["std_gap_days"] = rhythm.gap.std()
    for window in WINDOWS:
        recent = by(lines[lines.days_ago < window], "customer_key").amount.sum()
        features[f"spend_{window}d"] = recent
    half = by(bought[bought.days_ago < 90], "customer_key").amount.sum()
    whole = by(bought[bought.days_ago < 180], "customer_key").amount.sum()
    known = whole.index[features.customer_lifetime_days.reindex(whole.index) >= 179]
    now = half.reindex(known, fill_value=0.0)
    features["spend_trend"] = (2 * now - whole.reindex(known)) / whole.reindex(known)
