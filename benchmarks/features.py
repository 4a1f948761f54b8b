"""Feature build in the warehouse against the same features in pandas, in one process.

    python -m benchmarks.features [--customers 32000] [--rounds 3] [--threads 2]

Both sides begin with the transactions where they keep them (a DuckDB table; a DataFrame in RAM
with categories instead of texts) and end with a DataFrame of one row a customer. The rounds
alternate between the sides. Compare the ratios: absolute times depend on the machine.
"""

import argparse
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from warehouse.build import build_core, build_views
from warehouse.synthetic import write_shop

AS_OF = date(2026, 9, 30)
VIEWS = ("customer_rfm", "customer_behaviour", "customer_diversity", "customer_temporal")
WINDOWS = (7, 30, 60, 90, 180)
ZERO_WITHOUT_A_ROW = {
    "frequency",
    *(f"{kind}_{n}d" for kind in ("orders", "spend") for n in WINDOWS),
}
FLOOR = "select customer_key, sum(amount), count(*) from core.transactions group by customer_key"


def fill(con, folder, customers):
    """Load a synthetic shop into core; returns the number of transactions."""
    shop = write_shop(folder, customers=customers, last_day=AS_OF, format="parquet")
    con.execute(f"""
        insert into core.customers by name
        select *, row_number() over (order by customer_id) as customer_key from '{shop.customers}'
    """)
    con.execute(f"""
        insert into core.transactions by name
        select lines.*, 'shop' as source, lines.purchased_at::date as purchased_on,
            if(lines.amount < 0, 'refund', 'purchase') as kind, known.customer_key
        from '{shop.transactions}' as lines
        left join core.customers as known on lines.customer_id = known.customer_id
    """)
    return shop.n_transactions


def in_warehouse(con):
    """Every feature of every view, joined."""
    joins = " ".join(
        f"join features.{view}($as_of) as {view} using (customer_key, customer_id)"
        for view in VIEWS[1:]
    )
    return con.execute(f"from features.{VIEWS[0]}($as_of) as first {joins}", {"as_of": AS_OF}).df()


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


def in_pandas(frame):
    """The same features, vectorised throughout."""
    lines = frame[frame.purchased_on <= pd.Timestamp(AS_OF)]
    lines = lines.assign(days_ago=(pd.Timestamp(AS_OF) - lines.purchased_on).dt.days)
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


def assert_equal(ours, theirs):
    """Both sides agree on every feature; counts and sums that pandas leaves out are zero."""
    ours = ours.set_index("customer_key").sort_index()
    for name in theirs.columns:
        mine, other = ours[name], theirs[name].reindex(ours.index)
        if name == "top_category":
            assert (mine.dropna() == other.dropna().astype("str")).all()
            continue
        if name in ZERO_WITHOUT_A_ROW:
            other = other.fillna(0)
        a, b = mine.astype("float64").to_numpy(), other.astype("float64").to_numpy()
        assert np.allclose(a, b, atol=1e-6, equal_nan=True), name
    return len(theirs.columns)


def seconds(work):
    """Wall and CPU seconds, the latter over all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(con, frame, rounds):
    """Median wall and CPU seconds of each side; the sides take turns."""
    sides = {
        "warehouse": lambda: in_warehouse(con),
        "pandas": lambda: in_pandas(frame),
        "group floor": lambda: con.execute(FLOOR).fetchall(),
    }
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            times[name].append(seconds(work))
    return {
        name: tuple(statistics.median(column) for column in zip(*values, strict=True))
        for name, values in times.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=32_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(
            str(Path(folder) / "bench.duckdb"), config={"threads": arguments.threads}
        )
        build_core(con)
        build_views(con)
        count = fill(con, Path(folder), arguments.customers)
        con.execute("checkpoint")
        frame = frame_of(con)
        features = assert_equal(in_warehouse(con), in_pandas(frame))
        medians = measure(con, frame, arguments.rounds)
        con.close()
    print(f"{count:,} transactions, {features} features, equal on both sides")
    print("                  wall s       CPU s   pandas over this: wall    CPU")
    for name, (wall, cpu) in medians.items():
        print(
            f"{name:12} {wall:11.2f} {cpu:11.2f}"
            f" {medians['pandas'][0] / wall:24.2f} {medians['pandas'][1] / cpu:6.2f}"
        )


if __name__ == "__main__":
    main()
