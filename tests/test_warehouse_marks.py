"""Marks: features read from them are what plain SQL says of the lines, however the lines came."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_views import assert_equal, spread
from small_warehouse import AS_OF, FUTURE, SHOP, build, by_customer, rows, small_warehouse

from warehouse import marking, marks
from warehouse.synthetic import write_shop

MARKS = {
    "customer_days": "select * from core.customer_days order by customer_key, known_from",
    "order_days": "select * from core.order_days order by all",
}
# An order of several days, one that comes back whole and is bought again, one of refunds first,
# lines without a day, the same order id of two sources and of two customers, a change of leader,
# an equal one, nobody's line.
AWKWARD = """
    source  customer  order  at                   amount  quantity  product  category  merchant  promo  n_products
    shop    ann       o1     2025-01-01 19:00:00   30.00  1         tea      Drinks    cafe      true   -
    shop    ann       o1     2025-02-10 00:00:00   10.00  -         tea      Drinks    kiosk     -      -
    shop    ann       o1     2025-05-20 09:00:00   25.00  2         cake     Food      cafe      false  -
    shop    ann       o1     2025-06-01 09:00:00  -65.00  -2        cake     Food      cafe      -      -
    shop    ann       o1     2025-06-20 09:00:00    5.00  1         cup      Home      cafe      -      4
    till    ann       o1     2025-03-01 10:00:00   40.00  3         tea      Drinks    -         -      2
    shop    ann       o2     2025-03-01 10:00:00   40.00  -         -        Home      -         -      -
    shop    bob       o1     2025-04-05 20:00:00   15.00  1         tea      Food      cafe      true   -
    shop    bob       o3     2025-04-05 18:00:00   15.00  1         cup      Drinks    cafe      true   -
    shop    bob       o4     2025-06-30 23:59:59  100.00  1         sofa     -         -         -      -
    shop    cyd       o5     2025-02-01 10:00:00  -20.00  -         sofa     Home      -         -      -
    shop    cyd       o5     2025-03-01 10:00:00   50.00  1         sofa     Home      cafe      true   -
    shop    cyd       o6     -                      9.00  1         tea      Drinks    cafe      -      1
    shop    cyd       o5     -                      7.00  -         -        -         -         -      -
    shop    dot       o7     -                      8.00  1         tea      Drinks    cafe      -      -
    shop    -         o8     2025-02-02 10:00:00    3.00  1         tea      Drinks    cafe      -      -
"""  # noqa: E501
DAYS = [date(2025, 1, 1), date(2025, 3, 1), date(2025, 5, 31), AS_OF, date(2025, 12, 31), None]


def test_a_row_holds_until_the_next_day_with_a_line():
    with small_warehouse(SHOP) as con:
        found = rows(
            con,
            "select known_from, known_until, n_orders, net, n_merchants, top_category"
            " from core.customer_days where customer_id = 'ann' order by known_from",
        )
    first, second, refund, last = (tuple(map(str, row.values())) for row in found)
    assert first == ("2025-01-01", "2025-05-31", "1", "20.00", "1", "Drinks")
    assert second == ("2025-05-31", "2025-06-10", "2", "70.00", "2", "Drinks")
    assert refund == ("2025-06-10", "2025-06-30", "2", "60.00", "2", "Drinks")
    assert last == ("2025-06-30", "9999-12-31", "3", "120.00", "2", "Drinks")


def test_an_order_of_three_days_counts_once_in_each_window():
    with small_warehouse(AWKWARD) as con:
        found = rows(
            con,
            "select begun_on, bought_on, bought_until from core.order_days order by bought_on",
        )
        assert [tuple(map(str, row.values())) for row in found] == [
            ("2025-01-01", "2025-02-10", "2025-05-20"),
            ("2025-01-01", "2025-05-20", "2025-06-20"),
            ("2025-01-01", "2025-06-20", "9999-12-31"),
        ]
        ann = rows(con, "from features.customer_temporal(?) where customer_id = 'ann'", AS_OF)[0]
    # The order of January was bought again on 20 June; two others began on 1 March.
    assert [ann[f"orders_{days}d"] for days in (7, 30, 90, 180)] == [0, 1, 1, 3]


@pytest.mark.parametrize("table", [SHOP, SHOP + FUTURE.split("\n", 2)[2], AWKWARD])
def test_awkward_lines_give_what_plain_sql_says(table):
    with small_warehouse(table) as con:
        assert_equal(con, DAYS, horizons=(1, 30, 200))


def test_a_day_may_bring_more_products_than_a_narrow_number_holds():
    """Six thousand million of three baskets: a typing error of the shop, and no defect here."""
    baskets = "".join(f"ann  o{order}  2025-01-01  9.00  2000000000\n" for order in (1, 2, 3))
    with small_warehouse("customer  order  day  amount  n_products\n" + baskets) as con:
        assert rows(con, "select products from core.customer_days") == [{"products": 6 * 10**9}]
        assert_equal(con, [AS_OF])
        build(con, AS_OF)


def test_the_largest_amount_that_money_holds_is_marked_to_the_cent():
    with small_warehouse("""
        customer  order  day                   amount  quantity             category
        ann       o1     2025-01-01  9999999999999999.99  999999999999999.999  Food
        ann       o1     2025-01-02  -9999999999999999.99  -                   Food
        bob       o2     2025-01-01  9999999999999999.99  -                    Food
    """) as con:
        found = by_customer(con, "features.customer_behaviour", AS_OF)
        bob = rows(con, "select * from core.customer_days where customer_id = 'bob'")[0]
    assert [found[who]["refund_ratio"] for who in ("ann", "bob")] == [1, 0]
    assert bob["order_value_squares"] == (10**18 - 1) ** 2
    money = ("paid", "paid_in_top_category", "max_order_value", "order_value_sum")
    assert {str(bob[name]) for name in money} == {"9999999999999999.99"}


def test_an_undated_ledger_gives_what_plain_sql_says():
    with small_warehouse("""
        customer  order  day  amount  category
        ann       o1     -     30.00  Food
        ann       o1     -     10.00  Rent
        ann       o2     -     -5.00  Food
        bob       o3     -     -5.00  Food
    """) as con:
        assert_equal(con, [None, AS_OF])


def test_a_synthetic_shop_gives_what_plain_sql_says(tmp_path, monkeypatch):
    # In several portions, as larger ones are.
    monkeypatch.setattr(marking, "LINES_AT_ONCE", 2000)
    shop = write_shop(tmp_path, customers=300, last_day=AS_OF, format="parquet")
    with small_warehouse() as con:
        con.execute(
            f"""
            insert into core.transactions by name
            select *, purchased_at::date as purchased_on, 'shop' as source,
                right(customer_id, 6)::integer as customer_key,
                if(amount < 0, 'refund', 'purchase') as kind
            from '{shop.transactions}'
            """
        )
        marks.rebuild(con)
        assert_equal(con, spread(con), horizons=(7, 90))


LINE = st.tuples(
    st.integers(1, 8),  # customer: each has a history of her own, and so an example holds eight
    st.integers(1, 4),  # order
    st.none() | st.integers(0, 200),  # day
    st.integers(-4, 6),  # amount: equal ones happen, and nothing
    st.none() | st.integers(0, 2),  # product, category, merchant
    st.none() | st.booleans(),  # promotion
)


def insert(con, lines, load_id):
    """Add lines as they are drawn, one load."""
    if not lines:
        return
    drawn = ", ".join(f"({', '.join(map(json.dumps, line))})" for line in lines)
    con.execute(
        f"""
        insert into core.transactions by name
        select customer as customer_key, 'c' || customer as customer_id, 's' as source,
            'o' || number as order_id, date '2025-01-01' + day::integer as purchased_on,
            purchased_on + to_hours(5 * number) as purchased_at,
            amount::decimal(18, 2) * 10 as amount, 'purchase' as kind,
            thing as quantity, promotion::boolean as is_promotion, 'p' || thing as product_id,
            'k' || thing as category, if(thing = 1, 'm', null) as merchant,
            {load_id} as load_id
        from (values {drawn}) as drawn (customer, number, day, amount, thing, promotion)
        """
    )


def content(con):
    return {name: con.execute(sql).fetchall() for name, sql in MARKS.items()}


def of_load(load_id):
    return f"select customer_key from core.transactions where load_id = {load_id}"


@pytest.fixture(scope="module")
def con():
    with small_warehouse() as con, pytest.MonkeyPatch.context() as never:
        never.setattr(marks, "_MOST_TOUCHED", 99)  # to begin anew would be no test
        con.execute("set threads = 1")
        yield con


def empty(con):
    for table in ("transactions", "customer_days", "order_days"):
        con.execute(f"delete from core.{table}")


SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
LINES = st.lists(LINE, min_size=12, max_size=32)


@settings(max_examples=4, deadline=None, suppress_health_check=SLOW)
@given(st.lists(LINES, min_size=2, max_size=4), st.booleans())
def test_lines_that_come_late_or_go_leave_the_marks_of_a_full_build(con, loads, take_one_out):
    empty(con)
    for load_id, lines in enumerate(loads):
        insert(con, lines, load_id)
        marks.update(con, of_load(load_id))
    if take_one_out:
        con.execute(f"create or replace temp table gone as {of_load(0)}")
        con.execute("delete from core.transactions where load_id = 0")
        marks.update(con, "from gone")
    updated = content(con)
    marks.rebuild(con)
    assert updated == content(con)
    assert_equal(con, [date(2025, 1, 1), date(2025, 4, 1), None])


@pytest.mark.parametrize("afterwards", ["nothing", "unload", "correct"])
@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
@given(
    st.lists(
        st.tuples(LINES, st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=9, max_size=9)),
        min_size=2,
        max_size=4,
    )
)
def test_marks_that_are_continued_are_those_of_a_full_build(con, afterwards, loads):
    """Each load lies behind the one before, but for customers whose lines come late by one or two.

    Orders of odd customers go on with those of the load before, the others' are new.
    """
    empty(con)
    for load_id, (lines, late_by) in enumerate(loads):
        insert(
            con,
            [
                (
                    customer,
                    order + (0 if customer % 2 else 10 * load_id),
                    day and day + 201 * max(load_id - late_by[customer], 0),
                    *rest,
                )
                for customer, order, day, *rest in lines
            ],
            load_id,
        )
        marks.touch(con, of_load(load_id), only_added=True)
        if load_id == 1 and afterwards == "unload":
            con.execute(f"create or replace temp table gone as {of_load(0)}")
            con.execute("delete from core.transactions where load_id = 0")
            marks.touch(con, "from gone")
        if load_id == 1 and afterwards == "correct":
            # One line's category and day change, its amount and number of lines do not.
            con.execute(
                "update core.transactions set category = 'k9', purchased_on = purchased_on - 1"
                " where rowid = (select min(rowid) from core.transactions)"
            )
            marks.touch(con, "select customer_key from core.transactions order by rowid limit 1")
        marks.catch_up(con)
    continued = content(con)
    marks.rebuild(con)
    assert continued == content(con)


def test_a_later_line_leaves_what_is_marked_alone(con):
    """Of whose lines were only added, all later, the row that holds ends, and one is new."""
    empty(con)
    insert(con, [(1, 1, 0, 1, 1, True), (1, 2, 5, 2, 1, None), (2, 1, 5, 3, 2, None)], 0)
    marks.rebuild(con)
    # To tell which rows are made anew: these are not what the lines say.
    con.execute("update core.customer_days set n_merchants = 77 where known_from = '2025-01-01'")
    insert(con, [(1, 1, 9, -1, 0, None), (1, 3, 9, 4, 1, True)], 1)
    marks.update(con, of_load(1), only_added=True)
    assert rows(
        con,
        "select known_from::varchar as day, known_until::varchar as until, n_merchants, net::int"
        " as net, n_orders from core.customer_days where customer_key = 1 order by 1",
    ) == [
        {"day": "2025-01-01", "until": "2025-01-06", "n_merchants": 77, "net": 10, "n_orders": 1},
        {"day": "2025-01-06", "until": "2025-01-10", "n_merchants": 1, "net": 30, "n_orders": 2},
        {"day": "2025-01-10", "until": "9999-12-31", "n_merchants": 1, "net": 60, "n_orders": 3},
    ]
    # A late one has all of hers made anew.
    insert(con, [(1, 4, 7, 1, None, None)], 2)
    marks.update(con, of_load(2), only_added=True)
    found = rows(con, "select n_merchants from core.customer_days where customer_key = 1")
    assert [row["n_merchants"] for row in found] == [1, 1, 1, 1]


def test_who_is_touched_and_got_no_line_keeps_her_marks(con):
    empty(con)
    insert(con, [(1, 1, 0, 1, 1, True), (1, 1, 5, 2, 1, None), (2, 1, None, 3, 2, None)], 0)
    marks.rebuild(con)
    before = content(con)
    marks.update(con, of_load(0), only_added=True)
    assert len(before["order_days"]) == 1
    assert content(con) == before


def test_who_is_touched_is_caught_up_once_and_a_workspace_without_marks_gets_them():
    with small_warehouse(SHOP) as con:
        marks.touch(con, "select 1 as customer_key")
        con.execute("update core.transactions set amount = 11 where transaction_id = 't1'")
        marks.touch(con, "select customer_key from core.transactions where source = 'none'")
        assert by_customer(con, "features.customer_rfm", AS_OF)["ann"]["monetary"] == 120
        marks.catch_up(con)
        assert by_customer(con, "features.customer_rfm", AS_OF)["ann"]["monetary"] == 121
        con.execute("delete from core.customer_days")
        marks.catch_up(con)
        assert by_customer(con, "features.customer_rfm", AS_OF)["ann"]["monetary"] == 121


def test_marks_of_an_older_build_are_made_anew():
    with small_warehouse(SHOP) as con:
        con.execute("alter table core.customer_days rename column top_category to favourite")
        con.execute("comment on table core.customer_days is 'another'")
        marks.touch(con, "select 1 as customer_key")
        marks.catch_up(con)
        assert_equal(con, [AS_OF])


@pytest.mark.parametrize("signature", ["'another'", "null"])
def test_marks_of_other_sql_are_neither_continued_nor_kept(signature):
    """Lines and sums are right, and another build counted merchants another way."""
    with small_warehouse(SHOP) as con:
        old = "update core.customer_days set n_merchants = 77"
        con.execute(old)
        con.execute(f"comment on table core.customer_days is {signature}")
        marks.touch(con, "select 1 as customer_key", only_added=True)
        marks.catch_up(con)
        assert not marks.only_added(con)
        assert_equal(con, [AS_OF])
        # Nobody is touched, and what this build made stays.
        con.execute(old)
        marks.catch_up(con)
        assert rows(con, "select distinct n_merchants from core.customer_days") == [
            {"n_merchants": 77}
        ]
        con.execute(f"comment on table core.order_days is {signature}")
        marks.catch_up(con)
        assert_equal(con, [AS_OF])


def test_marts_may_be_continued_only_where_no_line_changed_or_went():
    with small_warehouse(SHOP) as con:
        marks.touch(con, "select customer_key from core.transactions", only_added=True)
        marks.touch(con, "select customer_key from core.transactions where source = 'none'")
        assert marks.only_added(con)
        # A line that names nobody went, and no customer is touched.
        marks.touch(con, "select null::integer as customer_key")
        assert not marks.only_added(con)
        marks.catch_up(con)
        assert not marks.only_added(con)
    with small_warehouse(SHOP) as con:
        con.execute("update core.transactions set amount = 11 where transaction_id = 't1'")
        marks.catch_up(con)  # nobody said so, but the sums do
        assert not marks.only_added(con)
