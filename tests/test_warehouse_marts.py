"""Marts: what the dashboard reads adds up, whatever the workspace holds."""

from datetime import date
from decimal import Decimal

import pytest
from small_warehouse import add_customers, build, rows, small_warehouse

from warehouse import marks

AS_OF = date(2025, 6, 30)
SHOP = """
    customer  order  at                   amount  kind      category  city
    ann       o1     2025-01-01 10:00:00   10.00  purchase  Drinks    Köln
    ann       o1     2025-01-01 10:00:00   20.00  purchase  Food      Köln
    ann       o2     2025-05-31 19:30:00   50.00  purchase  Drinks    Bonn
    ann       o2     2025-06-10 11:00:00  -10.00  refund    Drinks    Bonn
    bob       o3     2025-06-15 09:00:00    5.00  purchase  -         Köln
    bob       o3     2025-06-15 09:00:00  900.00  income    -         -
    cyd       o4     2025-05-01 12:00:00   -7.00  refund    Food      Köln
    -         o5     2025-06-20 12:00:00    9.00  purchase  Drinks    Köln
    -         o6     2025-06-21 12:00:00    1.50  purchase  Food      Bonn
"""
PEOPLE = """
    customer_id  name           city  consent
    ann          Ann Ostermann  Köln  true
    eve          Eve Weiß       Wien  false
"""


@pytest.fixture(scope="module")
def con():
    with small_warehouse(SHOP) as con:
        add_customers(con, PEOPLE)
        build(con, AS_OF)
        yield con


def value(con, sql):
    return con.execute(sql).fetchall()[0][0]


def test_about_says_what_is_there(con):
    assert rows(con, "from marts.about") == [
        {
            "first_day": date(2025, 1, 1),
            "last_day": date(2025, 6, 21),
            "as_of": AS_OF,
            "scores_as_of": None,
            "horizon_days": 30,
            "currency": "EUR",
            "n_customers": 4,
            "n_transactions": 8,
            "n_orders": 6,
            "revenue": Decimal("68.00"),
            "revenue_without_customer": Decimal("10.50"),
            "n_transactions_without_customer": 2,
            "has_transactions": True,
            "has_dates": True,
            "n_buyers": 2,
            "history_days": 172,
        }
    ]


def test_every_mart_tells_the_same_revenue(con):
    spend = "sum(amount) from core.transactions where kind in ('purchase', 'refund')"
    with_customer = value(con, f"select {spend} and customer_key is not null")
    assert with_customer == Decimal("68.00")
    assert value(con, "select sum(monetary) from marts.customers") == with_customer
    assert value(con, "select revenue from marts.about") == with_customer
    everything = value(con, f"select {spend}")
    assert everything == Decimal("78.50")
    assert value(con, "select sum(amount) from marts.purchases") == everything
    assert value(con, "select sum(revenue) from marts.orders") == everything
    cities = "select sum(revenue) from marts.dimensions where dimension = 'city'"
    assert value(con, cities) == everything


def test_orders_are_counted_the_same_everywhere(con):
    per_customer = rows(con, """
        select customer_id, count(distinct order_key) filter (where has_purchase) as orders
        from marts.orders join marts.customers using (customer_key)
        group by customer_id order by customer_id
    """)  # fmt: skip
    assert per_customer == [
        {"customer_id": "ann", "orders": 2},
        {"customer_id": "bob", "orders": 1},
        {"customer_id": "cyd", "orders": 0},
    ]
    assert rows(con, """
        select customer_id, frequency as orders from marts.customers
        where customer_id != 'eve' order by customer_id
    """) == per_customer  # fmt: skip


def test_an_order_that_is_refunded_later_has_a_row_a_day(con):
    assert rows(con, """
        select purchased_on, revenue, n_lines, has_purchase from marts.orders
        where order_key = (select order_key from marts.orders where revenue = 50)
        order by purchased_on
    """) == [
        {"purchased_on": date(2025, 5, 31), "revenue": 50, "n_lines": 1, "has_purchase": True},
        {"purchased_on": date(2025, 6, 10), "revenue": -10, "n_lines": 1, "has_purchase": False},
    ]  # fmt: skip


def test_an_order_with_lines_on_one_day_only_is_whole(con):
    assert rows(con, """
        select order_key, count(*) as days, bool_and(is_whole) as is_whole
        from marts.orders group by order_key having is_whole != (days = 1)
    """) == []  # fmt: skip
    assert value(con, "select count(*) from marts.orders where not is_whole") == 2


def test_order_keys_are_dense_and_the_oldest_comes_first(con):
    keys = con.execute("""
        select order_key, min(purchased_on) from marts.purchases group by all order by order_key
    """).fetchall()  # fmt: skip
    assert [key for key, _ in keys] == [1, 2, 3, 4, 5, 6]
    assert sorted(day for _, day in keys) == [day for _, day in keys]


def test_a_customer_without_a_transaction_bought_nothing(con):
    eve = rows(con, "from marts.customers where customer_id = 'eve'")[0]
    assert (eve["name"], eve["home_city"], eve["consent"]) == ("Eve Weiß", "Wien", False)
    assert (eve["frequency"], eve["monetary"]) == (0, 0)
    assert (eve["orders_30d"], eve["spend_180d"]) == (0, 0)
    unknown = ("recency_days", "avg_order_value", "first_purchased_on", "top_category", "persona")
    assert {eve[name] for name in unknown} == {None}


def test_a_customer_who_only_returned_has_no_recency(con):
    cyd = rows(con, "from marts.customers where customer_id = 'cyd'")[0]
    assert (cyd["frequency"], cyd["monetary"]) == (0, Decimal("-7.00"))
    assert cyd["recency_days"] is None


def test_customers_who_come_after_as_of_have_bought_nothing_yet():
    with small_warehouse(SHOP) as con:
        build(con, date(2025, 5, 1))
        found = rows(con, "select customer_id, frequency, monetary from marts.customers order by 1")
        assert [tuple(row.values()) for row in found] == [
            ("ann", 1, Decimal("30.00")),
            ("bob", 0, Decimal("0.00")),
            ("cyd", 0, Decimal("-7.00")),
        ]
        assert value(con, "select revenue from marts.about") == Decimal("68.00")


def test_a_table_of_customers_alone_knows_of_no_purchases():
    attributes = (("purchases_frequency", "DOUBLE"), ("plan", "VARCHAR"), ("is_member", "BOOLEAN"))
    with small_warehouse() as con:
        add_customers(con, """
            customer_id  credit_limit  purchases_frequency  plan   is_member
            C10001       1000.00       0.166667             gold   true
            C10002       -             0.5                  -      false
        """, attributes)  # fmt: skip
        build(con, None)
        customers = rows(con, "from marts.customers")
        assert [row["customer_id"] for row in customers] == ["C10001", "C10002"]
        assert customers[0]["credit_limit"] == Decimal("1000.00")
        assert list(customers[0])[-3:] == ["purchases_frequency", "plan", "is_member"]
        assert list(customers[0].values())[-3:] == [0.166667, "gold", True]
        unknown = ("frequency", "monetary", "recency_days", "orders_30d", "spend_30d")
        assert {row[name] for row in customers for name in unknown} == {None}
        about = rows(con, "from marts.about")[0]
        assert (about["n_customers"], about["n_transactions"], about["revenue"]) == (2, 0, 0)
        assert (about["has_transactions"], about["has_dates"]) == (False, False)
        assert {about[name] for name in ("first_day", "last_day", "as_of", "history_days")} == {
            None
        }
        titles = con.execute("select title from marts.attributes").fetchall()
        assert [title for (title,) in titles] == [name for name, _ in attributes]
        assert con.execute("from marts.dimensions").fetchall() == []


def test_an_undated_ledger_has_orders_but_no_days():
    with small_warehouse("""
        customer  day  amount
        ann       -     30.00
        bob       -     10.00
        bob       -     -4.00
    """) as con:  # fmt: skip
        build(con, None)
        about = rows(con, "from marts.about")[0]
        assert (about["has_transactions"], about["has_dates"]) == (True, False)
        assert (about["n_orders"], about["revenue"]) == (3, 36)
        bob = rows(con, "from marts.customers where customer_id = 'bob'")[0]
        assert (bob["frequency"], bob["monetary"], bob["orders_30d"]) == (1, 6, None)


def test_a_mistyped_day_of_the_future_is_not_the_last_day():
    with small_warehouse("""
        customer  day         amount
        ann       2025-01-01   30.00
        ann       2999-01-01   10.00
    """) as con:  # fmt: skip
        build(con, AS_OF)
        about = rows(con, "from marts.about")[0]
        assert (about["last_day"], about["history_days"]) == (date(2025, 1, 1), 1)


def test_scores_stand_beside_the_customers_whom_they_are_about():
    with small_warehouse(SHOP) as con:
        con.execute(
            "insert into scores.spend values (1, 'ann', 12.34, 56.78, 'high', 's-1', '2025-06-01')"
        )
        con.execute("insert into scores.churn values (1, 'ann', 0.25, 'low', 'c-1', '2025-06-01')")
        con.execute("insert into scores.risk values (2, 'bob', 'low', 'r-1', '2025-05-01')")
        con.execute(
            "insert into scores.clusters"
            " values (2, 'bob', 0, 'new', 0.5, -1.5, 'k-1', '2025-06-01')"
        )
        con.execute(
            "insert into scores.personas values (1, 'loyal', 'Loyal', 2, '', '', '', ''),"
            " (0, 'new', 'New', 1, '', '', '', '')"
        )
        build(con, AS_OF)
        assert rows(con, """
            select customer_id, expected_spend, value_band, churn_risk, risk_band, persona, pca_2
            from marts.customers where customer_id != 'cyd'
        """) == [
            {"customer_id": "ann", "expected_spend": Decimal("12.34"), "value_band": "high",
             "churn_risk": 0.25, "risk_band": None, "persona": None, "pca_2": None},
            {"customer_id": "bob", "expected_spend": None, "value_band": None,
             "churn_risk": None, "risk_band": "low", "persona": "new", "pca_2": -1.5},
        ]  # fmt: skip
        assert value(con, "select scores_as_of from marts.about") == date(2025, 6, 1)
        personas = con.execute("select persona, n_customers from marts.personas").fetchall()
        assert personas == [("new", 1), ("loyal", 0)]


def test_a_product_without_a_name_goes_by_its_number():
    with small_warehouse("""
        customer  day         amount  product_id  product
        ann       2025-01-01   30.00  85123A      -
        ann       2025-01-02   10.00  22423       Cake stand
    """) as con:  # fmt: skip
        build(con, AS_OF)
        found = con.execute("select product from marts.purchases").fetchall()
        assert [product for (product,) in found] == ["85123A", "Cake stand"]


def test_online_retail_is_right_to_the_cent(shared_data):
    with small_warehouse() as con:
        con.execute(
            """
            insert into core.transactions by name
            select * exclude (place) from (select
                'shop' as source,
                row_number() over () as transaction_id,
                InvoiceNo as order_id,
                CustomerID as customer_id,
                dense_rank() over (order by CustomerID) as place,
                if(CustomerID is null, null, place) as customer_key,
                InvoiceDate as purchased_at,
                InvoiceDate as purchased_on,
                cast(Quantity * UnitPrice as decimal(18, 2)) as amount,
                if(amount < 0, 'refund', 'purchase') as kind,
                Country as country,
                StockCode as product_id,
                Description as product
            from read_parquet($file))
            """,
            {"file": str(shared_data / "online_retail" / "online_retail.parquet")},
        )
        con.execute("""
            insert into core.customers (customer_id, customer_key)
            select distinct customer_id, customer_key from core.transactions
            where customer_key is not null
        """)
        marks.rebuild(con)
        build(con, date(2011, 12, 9))
        about = rows(con, "from marts.about")[0]
        assert about["n_transactions"] == 541_909
        assert about["n_orders"] == 25_900
        assert about["n_customers"] == 4_372
        assert about["revenue"] == Decimal("8300065.81")
        assert about["revenue_without_customer"] == Decimal("1447682.12")
        totals = "select sum(monetary), count(*), count(distinct customer_key) from marts.customers"
        assert con.execute(totals).fetchall() == [(Decimal("8300065.81"), 4372, 4372)]
        unique = "select count(*) - count(distinct (dimension, slug)) from marts.dimensions"
        assert value(con, unique) == 0
