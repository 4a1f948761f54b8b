"""Feature views: numbers checked by hand, and nothing of the future in them."""

from datetime import date
from decimal import Decimal

import pytest
from small_warehouse import AS_OF, FUTURE, SHOP, add_transactions, by_customer, small_warehouse

from warehouse import marks
from warehouse.headers import sql_files

FEATURES = [file.header.name for file in sql_files("features")]


@pytest.fixture
def con():
    with small_warehouse(SHOP) as con:
        yield con


def test_rfm_counts_orders_and_subtracts_refunds(con):
    assert by_customer(con, "features.customer_rfm", AS_OF) == {
        "ann": {
            "recency_days": 0,
            "frequency": 3,
            "monetary": Decimal("120.00"),
            "first_purchased_on": date(2025, 1, 1),
            "last_purchased_on": date(2025, 6, 30),
        },
        "bob": {
            "recency_days": 15,
            "frequency": 1,
            "monetary": Decimal("5.00"),
            "first_purchased_on": date(2025, 6, 15),
            "last_purchased_on": date(2025, 6, 15),
        },
        "cyd": {
            "recency_days": None,
            "frequency": 0,
            "monetary": Decimal("-7.00"),
            "first_purchased_on": None,
            "last_purchased_on": None,
        },
    }


def test_behaviour_speaks_of_order_totals_net_of_their_refunds(con):
    found = by_customer(con, "features.customer_behaviour", AS_OF)
    # Ann's orders come to 20, 50 - 10 = 40 and 60; she paid 130 and got 10 back.
    assert found["ann"] == {
        "avg_order_value": 40.0,
        "max_order_value": Decimal("60.00"),
        "std_order_value": 20.0,
        "first_order_value": Decimal("20.00"),
        "last_order_value": Decimal("60.00"),
        "total_quantity": 12.0,
        "avg_quantity": 4.0,
        "refund_ratio": 10 / 130,
    }
    assert found["bob"] == {
        "avg_order_value": 5.0,
        "max_order_value": Decimal("5.00"),
        "std_order_value": None,
        "first_order_value": Decimal("5.00"),
        "last_order_value": Decimal("5.00"),
        "total_quantity": None,
        "avg_quantity": None,
        "refund_ratio": 0.0,
    }
    assert set(found["cyd"].values()) == {None}


def test_an_order_that_came_back_whole_has_no_value_but_was_an_order():
    con = small_warehouse("""
        customer  order  day          amount
        ann       o1     2025-01-01    30.00
        ann       o2     2025-02-01    80.00
        ann       o2     2025-02-03   -80.00
    """)
    behaviour = by_customer(con, "features.customer_behaviour", AS_OF)["ann"]
    assert behaviour["avg_order_value"] == 30.0
    assert behaviour["last_order_value"] == Decimal("30.00")
    assert by_customer(con, "features.customer_rfm", AS_OF)["ann"]["frequency"] == 2


def test_diversity_counts_what_the_source_names(con):
    found = by_customer(con, "features.customer_diversity", AS_OF)
    # Ann's orders hold 2, 1 and 2 products; of 130 paid, 100 went into drinks.
    assert found["ann"] == {
        "avg_products_per_order": 5 / 3,
        "promo_usage_ratio": 1 / 5,
        "n_merchants": 2,
        "n_categories": 3,
        "n_products": 4,
        "top_category": "Drinks",
        "top_category_share": 100 / 130,
    }
    assert set(found["bob"].values()) == {None}
    assert set(found["cyd"].values()) == {None}


def test_products_per_order_come_from_a_count_in_the_source():
    con = small_warehouse("""
        customer  day         amount  n_products
        ann       2025-01-01   30.00  4
        ann       2025-01-05   10.00  1
    """)
    found = by_customer(con, "features.customer_diversity", AS_OF)["ann"]
    assert found["avg_products_per_order"] == 2.5
    assert found["n_products"] is None


def test_a_tie_between_categories_goes_to_the_first_by_name():
    con = small_warehouse("""
        customer  day         amount  category
        ann       2025-01-01   30.00  Shoes
        ann       2025-01-05   30.00  Books
    """)
    found = by_customer(con, "features.customer_diversity", AS_OF)["ann"]
    assert (found["top_category"], found["top_category_share"]) == ("Books", 0.5)


def test_temporal_windows_end_with_as_of_and_begin_a_day_late(con):
    found = by_customer(con, "features.customer_temporal", AS_OF)
    # 1 January lies 180 days before as_of, 31 May 30 days, the refund of 10 June 20 days: the
    # window of 30 days begins on 1 June, that of 180 days on 2 January. Gaps: 150 and 30 days.
    assert found["ann"] == {
        "customer_lifetime_days": 180,
        "mean_gap_days": 90.0,
        "std_gap_days": pytest.approx(7200**0.5),
        "orders_7d": 1,
        "spend_7d": Decimal("60.00"),
        "orders_30d": 1,
        "spend_30d": Decimal("50.00"),
        "orders_60d": 2,
        "spend_60d": Decimal("100.00"),
        "orders_90d": 2,
        "spend_90d": Decimal("100.00"),
        "orders_180d": 2,
        "spend_180d": Decimal("100.00"),
        "spend_trend": 1.0,
        "weekend_share": 1 / 3,
        "evening_share": 2 / 3,
    }


def test_temporal_of_one_purchase_and_of_none(con):
    found = by_customer(con, "features.customer_temporal", AS_OF)
    unknown = ("mean_gap_days", "std_gap_days", "spend_trend", "evening_share")
    assert {found["bob"][name] for name in unknown} == {None}
    assert found["bob"]["customer_lifetime_days"] == 15
    assert found["bob"]["weekend_share"] == 1.0  # 15 June 2025 is a Sunday
    assert (found["bob"]["orders_7d"], found["bob"]["orders_30d"]) == (0, 1)
    # Cyd's refund lies 60 days back: outside 60 days, inside 90.
    assert found["cyd"]["orders_180d"] == 0
    assert found["cyd"]["spend_60d"] == 0
    assert found["cyd"]["spend_90d"] == Decimal("-7.00")
    assert found["cyd"]["customer_lifetime_days"] is None


def test_trend_compares_the_last_90_days_with_the_90_before():
    con = small_warehouse("""
        customer  day          amount
        ann       2024-12-01   100.00
        ann       2025-04-01    30.00
        ann       2025-04-02    10.00
        bob       2025-01-03    10.00
        bob       2025-06-01    10.00
        cyd       2025-01-02    10.00
        cyd       2025-06-01    30.00
        dot       2024-06-01    10.00
    """)
    found = by_customer(con, "features.customer_temporal", AS_OF)
    # 1 April is 90 days back (before), 2 April 89 (now): (10 - 30) / (10 + 30).
    assert found["ann"]["spend_trend"] == -0.5
    assert found["bob"]["spend_trend"] is None  # a customer for 178 days: half a comparison
    assert found["cyd"]["spend_trend"] == 0.5
    assert found["dot"]["spend_trend"] is None  # nothing in either


def test_equal_gaps_deviate_by_exactly_zero():
    con = small_warehouse("""
        customer  day          amount
        ann       2025-01-01     0.10
        ann       2025-01-08     0.10
        ann       2025-01-15     0.10
        ann       2025-01-22     0.10
    """)
    temporal = by_customer(con, "features.customer_temporal", AS_OF)["ann"]
    assert (temporal["mean_gap_days"], temporal["std_gap_days"]) == (7.0, 0.0)
    assert by_customer(con, "features.customer_behaviour", AS_OF)["ann"]["std_order_value"] == 0.0


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_knows_nothing_after_as_of(con, name):
    before = by_customer(con, name, AS_OF)
    add_transactions(con, FUTURE)
    assert by_customer(con, name, AS_OF) == before
    assert by_customer(con, name, date(2025, 7, 31)) != before


@pytest.mark.parametrize("name", FEATURES)
def test_everybody_seen_by_as_of_has_one_row_in_every_view(con, name):
    assert set(by_customer(con, name, AS_OF)) == {"ann", "bob", "cyd"}
    assert set(by_customer(con, name, date(2025, 5, 1))) == {"ann", "cyd"}
    assert by_customer(con, name, date(2024, 12, 31)) == {}


@pytest.mark.parametrize("name", FEATURES)
def test_income_and_transfers_are_not_spend(con, name):
    before = by_customer(con, name, AS_OF)
    add_transactions(con, """
        customer  day          amount  kind
        ann       2025-06-02   900.00  income
        bob       2025-06-02    70.00  transfer
        eve       2025-05-02    70.00  income
    """)  # fmt: skip
    assert by_customer(con, name, AS_OF) == before


@pytest.mark.parametrize("as_of", [AS_OF, date(2025, 6, 1), date(2026, 6, 30), None])
def test_the_large_views_side_by_side_say_what_each_of_them_says(con, as_of):
    add_transactions(
        con,
        """
        customer  day  amount
        fay       -     12.00
    """,
    )
    views = ("customer_rfm", "customer_behaviour", "customer_diversity", "customer_temporal")
    one_by_one = {}
    for view in views:
        for customer, features in by_customer(con, f"features.{view}", as_of).items():
            one_by_one.setdefault(customer, []).extend(features.items())
    together = by_customer(con, "steps.customer_features", as_of)
    assert "fay" in together
    assert {customer: list(features.items()) for customer, features in together.items()} == (
        one_by_one
    )


@pytest.mark.parametrize("as_of", [None, date(2020, 1, 1), date(2030, 1, 1)])
def test_an_undated_ledger_counts_at_every_as_of(as_of):
    con = small_warehouse("""
        customer  day  amount  category
        ann       -     30.00  Food
        ann       -     10.00  Rent
        ann       -     -5.00  Food
    """)
    rfm = by_customer(con, "features.customer_rfm", as_of)["ann"]
    assert (rfm["frequency"], rfm["monetary"]) == (2, Decimal("35.00"))
    assert rfm["recency_days"] is None
    behaviour = by_customer(con, "features.customer_behaviour", as_of)["ann"]
    assert behaviour["avg_order_value"] == 20.0
    assert behaviour["last_order_value"] is None
    assert by_customer(con, "features.customer_diversity", as_of)["ann"]["n_categories"] == 2
    assert set(by_customer(con, "features.customer_temporal", as_of)["ann"].values()) == {None}


def test_the_same_order_id_of_two_sources_or_customers_is_two_orders():
    con = small_warehouse("""
        source  customer  order  day         amount
        web     ann       1      2025-01-01   30.00
        till    ann       1      2025-01-05   10.00
        till    bob       1      2025-01-05   20.00
    """)
    found = by_customer(con, "features.customer_rfm", AS_OF)
    assert (found["ann"]["frequency"], found["bob"]["frequency"]) == (2, 1)
    assert by_customer(con, "features.customer_behaviour", AS_OF)["ann"]["max_order_value"] == 30


@pytest.fixture(scope="module")
def many_lines():
    """A warehouse of 200,000 lines: enough that threads share the work; nobody writes to it."""
    con = small_warehouse()
    con.execute("""
        insert into core.transactions by name
        select
            's' as source,
            i::varchar as transaction_id,
            (i // 3)::varchar as order_id,
            (hash(i // 3) % 500)::integer as customer_key,
            customer_key::varchar as customer_id,
            date '2024-01-01' + (hash(i // 3, 1) % 500)::integer as purchased_on,
            purchased_on + interval (i % 86400) second as purchased_at,
            ((hash(i, 2) % 1000003) / 100 - 300)::decimal(18, 2) as amount,
            if(amount < 0, 'refund', 'purchase') as kind,
            hash(i, 3) % 7 as quantity,
            hash(i, 4) % 9 as category,
            hash(i, 5) % 90 as product_id
        from range(200000) as numbers(i)
    """)
    marks.rebuild(con)
    yield con
    con.close()


@pytest.mark.parametrize("name", FEATURES)
def test_every_bit_is_the_same_on_any_number_of_threads(many_lines, name):
    results = set()
    for threads in (1, 2, 4, 4):
        many_lines.execute(f"set threads = {threads}")
        view = f"{name}(date '2025-03-01')"
        results.add(
            many_lines.execute(f"select sum(hash(seen)), count(*) from {view} as seen").fetchall()[
                0
            ]
        )
    assert len(results) == 1
