"""Feature views and labels: numbers checked by hand, and nothing of the future in them."""

import re
from datetime import date
from decimal import Decimal

import pytest
from small_warehouse import add_transactions, build, rows, small_warehouse

from warehouse.headers import sql_files

AS_OF = date(2025, 6, 30)

# Ann buys on a Wednesday, a Saturday evening and at the last minute of as_of; she returns one
# coffee of order o2. Bob buys once, at no known time, without further details. Cyd only returns.
SHOP = """
    customer  order  at                   amount  quantity  product  category  merchant  promo
    ann       o1     2025-01-01 10:00:00   10.00  1         coffee   Drinks    cafe      true
    ann       o1     2025-01-01 10:00:00   10.00  2         cake     Food      cafe      false
    ann       o2     2025-05-31 19:30:00   50.00  5         coffee   Drinks    kiosk     false
    ann       o2     2025-06-10 11:00:00  -10.00  -1        coffee   Drinks    kiosk     false
    ann       o3     2025-06-30 23:59:59   40.00  3         tea      Drinks    cafe      false
    ann       o3     2025-06-30 23:59:59   20.00  1         cup      Home      cafe      false
    bob       o4     2025-06-15 00:00:00    5.00  -         -        -         -         -
    cyd       o5     2025-05-01 12:00:00   -7.00  -1        cake     Food      cafe      false
    -         o6     2025-06-20 12:00:00    9.00  1         tea      Drinks    cafe      false
"""
FUTURE = """
    customer  order  at                   amount   quantity  product  category  merchant  promo
    ann       o7     2025-07-01 00:00:00  1000.00  9         sofa     Home      kiosk     true
    ann       o2     2025-07-01 09:00:00   -40.00  -4        coffee   Drinks    kiosk     false
    bob       o8     2025-07-11 08:00:00    33.00  1         cup      Home      cafe      true
    cyd       o5     2025-07-10 09:00:00    -3.00  -1        cake     Food      cafe      false
    dot       o9     2025-07-02 08:00:00    44.00  1         cup      Home      cafe      true
"""
FEATURES = [file.header.name for file in sql_files("features")]
LABELS = [file.header.name for file in sql_files("labels")]


@pytest.fixture
def con():
    with small_warehouse(SHOP) as con:
        yield con


def by_customer(con, relation, *values):
    """Rows of a feature view or label without their keys, by customer_id."""
    marks = ", ".join("?" for _ in values)
    found = rows(con, f"from {relation}({marks})", *values)
    assert len({row["customer_key"] for row in found}) == len(found)
    return {
        row.pop("customer_id"): {k: v for k, v in row.items() if k != "customer_key"}
        for row in found
    }


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


@pytest.mark.parametrize("name", FEATURES + LABELS)
def test_income_and_transfers_are_not_spend(con, name):
    values = (AS_OF,) if name in FEATURES else (date(2025, 5, 31), 30)
    before = by_customer(con, name, *values)
    add_transactions(con, """
        customer  day          amount  kind
        ann       2025-06-02   900.00  income
        bob       2025-06-02    70.00  transfer
        eve       2025-05-02    70.00  income
    """)  # fmt: skip
    assert by_customer(con, name, *values) == before


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
    assert by_customer(con, "labels.future_spend", date(2025, 1, 1), 30) == {}


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


def test_future_spend_is_the_net_of_the_days_after_the_cutoff(con):
    add_transactions(con, FUTURE)
    # Ten days from 1 to 10 July: Ann buys for 1000 and returns 40; Bob comes a day too late.
    assert by_customer(con, "labels.future_spend", AS_OF, 10) == {
        "ann": {"future_spend": Decimal("960.00")},
        "bob": {"future_spend": Decimal("0.00")},
        "cyd": {"future_spend": Decimal("-3.00")},
    }
    assert by_customer(con, "labels.future_spend", AS_OF, 11)["bob"]["future_spend"] == 33


def test_purchased_again_needs_a_purchase_not_a_refund(con):
    add_transactions(con, FUTURE)
    assert by_customer(con, "labels.purchased_again", AS_OF, 10) == {
        "ann": {"purchased_again": True},
        "bob": {"purchased_again": False},
        "cyd": {"purchased_again": False},
    }
    assert by_customer(con, "labels.purchased_again", AS_OF, 11)["bob"]["purchased_again"]


@pytest.mark.parametrize("name", LABELS)
def test_a_label_knows_nothing_outside_its_horizon(con, name):
    before = by_customer(con, name, AS_OF, 10)
    add_transactions(con, """
        customer  day          amount
        ann       2025-07-11   500.00
        ann       2025-06-30   500.00
        bob       2025-06-01   500.00
        dot       2025-07-01   500.00
    """)  # fmt: skip
    assert by_customer(con, name, AS_OF, 10) == before


@pytest.mark.parametrize("name", FEATURES)
def test_every_bit_is_the_same_on_any_number_of_threads(name):
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
    results = set()
    for threads in (1, 2, 4, 4):
        con.execute(f"set threads = {threads}")
        view = f"{name}(date '2025-03-01')"
        results.add(
            con.execute(f"select sum(hash(seen)), count(*) from {view} as seen").fetchall()[0]
        )
    assert len(results) == 1


ARGUMENTS = {"features": "(null)", "labels": "(null, 30)"}
RELATIONS = [
    file
    for schema in ("core", "features", "labels", "scores", "marts")
    for file in sql_files(schema)
]


@pytest.fixture(scope="module")
def built():
    with small_warehouse(SHOP) as con:
        build(con, AS_OF)
        yield con


@pytest.mark.parametrize("file", RELATIONS, ids=lambda file: file.header.name)
def test_a_header_declares_the_columns_that_the_relation_has(built, file):
    schema = file.header.name.split(".")[0]
    described = built.execute(
        f"describe from {file.header.name}{ARGUMENTS.get(schema, '')}"
    ).fetchall()
    declared = [(name, column.type) for name, column in file.header.columns.items()]
    assert declared == [(name, kind) for name, kind, *_ in described]
    assert all(column.description for column in file.header.columns.values())


@pytest.mark.parametrize("file", RELATIONS, ids=lambda file: file.header.name)
def test_a_header_names_grain_reads_and_parameters(file):
    named = re.findall(r"\b(?:from|join) ((?:core|features|labels|scores|marts)\.\w+)", file.select)
    assert file.header.grain
    assert set(file.header.reads) == set(named)
    if file.header.name.startswith(("features.", "labels.")):
        assert set(file.header.params) == set(re.findall(r"\$(\w+)", file.select))
