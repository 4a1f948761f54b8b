"""Marts that are continued behind the first changed day are those of a full build."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_warehouse import AS_OF, SHOP, add_transactions, build, rows, small_warehouse

from warehouse import growing, growing_lines
from warehouse.build import build_marts, build_views
from warehouse.headers import sql_files

LATER = """
    customer  order  at                   amount  product  category  load_id
    ann       o2     2025-07-01 09:00:00  -40.00  coffee   Drinks    2
    ann       o9     2025-07-01 09:00:00   12.00  cup      Home      2
    dot       o3     2025-07-02 08:00:00   44.00  cup      Home      2
    -         o6     2025-07-02 12:00:00   -9.00  tea      Drinks    2
"""
LINE = st.tuples(
    st.none() | st.integers(1, 2),  # customer
    st.integers(1, 4),  # order
    st.integers(0, 3),  # day
    st.integers(-1, 2),  # amount: equal ones happen, and nothing
    st.sampled_from("ab"),  # what was bought, and how it was paid
)
# What can be continued; of marts.customers the cube needs where each of them stands.
SUMS = ("dimension_values", "weekday_hours", "payment_sums", "category_months", "spending_cube")
MARTS = ("purchases", "orders", "payment_rhythms", *SUMS)
STAND = """
    select customer_key, null::varchar as persona, risk_band, null::varchar as churn_band,
        null::varchar as value_band
    from core.customers left join scores.risk using (customer_key)
"""


@pytest.fixture(scope="module")
def con():
    with small_warehouse() as con, pytest.MonkeyPatch.context() as never:
        never.setattr(growing, "_MOST_REWRITTEN", 1)  # to begin anew would be no test
        con.execute("set threads = 1")
        built(con)
        yield con


def content(con):
    """Every row of the marts that can be continued, and of those that follow from them."""
    names = (*MARTS, "recurring_payments", "dimensions", "payment_modes", "seasons_weekday_hour",
             "monthly_categories", "about")  # fmt: skip
    return {name: con.execute(f"from marts.{name} order by all").fetchall() for name in names}


def built(con, as_of=AS_OF):
    build(con, as_of)
    growing.sign(con)
    return content(con)


def continued(con, as_of=AS_OF, loads=(1,)):
    since = growing.first_new_load(con, loads)
    kept = growing.continue_marts(con, as_of, since) if since else ()
    build_marts(con, as_of=as_of, horizon_days=30, currency="EUR", kept=kept)
    growing.sign(con)
    return content(con)


def test_later_lines_are_added_behind_the_days_that_are_there(monkeypatch):
    monkeypatch.setattr(growing, "_MOST_REWRITTEN", 0.5)
    with small_warehouse(SHOP) as con:
        built(con)
        before = rows(con, "select order_key, purchased_on from marts.orders")
        add_transactions(con, LATER)
        build_views(con)
        # What is marked so would not outlive a build of everything.
        con.execute("update marts.purchases set channel = 'kept'")
        kept = growing.continue_marts(con, AS_OF, growing.first_new_load(con, [1]))
        assert sorted(kept) == sorted(f"marts.{name}" for name in MARTS)
        assert con.execute("select count(*) from marts.purchases where channel = 'kept'").fetchall(
        ) == [(9,)]  # fmt: skip
        con.execute("update marts.purchases set channel = null")
        build_marts(con, as_of=AS_OF, horizon_days=30, currency="EUR", kept=kept)
        ours = content(con)
        found = rows(con, "from marts.orders where purchased_on > '2025-06-30' order by order_key")
        assert ours == built(con)
    # Six orders were there; o2 and o6 go on, o9 of ann and o3 of dot are new.
    assert [(row["order_key"], float(row["revenue"]), row["is_whole"]) for row in found] == [
        (3, -40, False), (5, -9, False), (7, 12, True), (8, 44, True),
    ]  # fmt: skip
    assert len({row["order_key"] for row in before}) == 6


def rebuilt(con, kept=()):
    """Only these marts, as a full build writes them: all of them would take a second each time."""
    files = {file.path.stem: file for file in sql_files("marts")}
    con.execute(f"create or replace table marts.customers as {STAND}")
    for name in ("purchases", "orders", "payment_rhythms", *SUMS[:4], "dimensions", SUMS[4]):
        if f"marts.{name}" not in kept:
            select = files[name].select.replace("$as_of", f"date '{AS_OF}'")
            con.execute(f"create or replace table marts.{name} as {select}")
    con.execute("update marts.about set last_day = (select max(purchased_on) from marts.orders)")
    growing.sign(con)
    return {name: con.execute(f"from marts.{name} order by all").fetchall() for name in MARTS}


def kept_of(con, load_id):
    """What is continued where ``load_id`` is the newest load."""
    since = growing.first_new_load(con, range(load_id))
    return growing.continue_marts(con, AS_OF, since) if since else ()


def load_lines(con, load_id, lines):
    for customer, order, day, amount, word in lines:
        con.execute(
            """
            insert into core.transactions by name
            select $customer::integer as customer_key, 's' as source, 'o' || $order as order_id,
                date '2025-01-30' + $day::integer as purchased_on,
                purchased_on + to_hours(abs($amount)) as purchased_at,
                $amount::decimal(18, 2) as amount, 'purchase' as kind, $load_id as load_id,
                $word as category, nullif($word, 'b') as payment_method,
                if($load_id > 1, $word, null) as channel
            """,
            {"customer": customer, "order": order, "day": day + 2 * load_id, "amount": amount,
             "load_id": load_id, "word": word},
        )  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(LINE, min_size=1, max_size=8), min_size=2, max_size=4),
    st.booleans(),
    st.lists(st.sampled_from(["low", "high", None]), min_size=4, max_size=4),
)
def test_continued_marts_are_those_of_a_full_build(con, loads, is_undated, bands):
    con.execute("delete from core.transactions; delete from core.customers")
    con.execute("insert into core.customers (customer_key, customer_id) values (1, 'a'), (2, 'b')")
    rebuilt(con)
    for load_id, lines in enumerate(loads, start=1):
        load_lines(con, load_id, lines)
        # Scores may have moved somebody; where they did not, nobody may move.
        con.execute("delete from scores.risk")
        con.execute("insert into scores.risk (customer_key, risk_band) values (1, ?)",
                    [bands[load_id - 1]])  # fmt: skip
        if is_undated and load_id == 2:
            con.execute("update core.transactions set purchased_on = null where load_id = 2")
            assert kept_of(con, load_id) == ()
        ours, anew = rebuilt(con, kept_of(con, load_id)), rebuilt(con)
        assert [name for name in MARTS if ours[name] != anew[name]] == []


def test_lines_that_are_in_the_future_no_more_join_their_month(con):
    con.execute("delete from core.transactions")
    load_lines(con, 1, [(1, 1, 0, 1, "a"), (1, 2, 3, 2, "a"), (None, 3, 40, 2, "b")])
    ours = rebuilt(con)
    # As it was built on the evening of the third of February.
    con.execute("delete from marts.category_months where month > '2025-02-01'")
    con.execute("update marts.category_months set spend = 1, net = 1 where month = '2025-02-01'")
    con.execute("update marts.about set last_day = date '2025-02-03'")
    kept = kept_of(con, 2)
    assert "marts.category_months" in kept
    assert rebuilt(con, kept) == ours
    # A clock that was turned back: the future may have been counted.
    con.execute("update marts.about set last_day = current_date + 9")
    assert "marts.category_months" not in kept_of(con, 2)


def test_a_payment_that_has_come_due_joins_its_rhythm(monkeypatch):
    weeks = [f"2025-05-{day:02}" for day in (1, 8, 15, 22, 29)]
    table = "customer  day  amount  merchant\n"
    for customer in ("ann", "bob", "cyd"):
        table += "\n".join(f"{customer}  {day}  9.00  gym" for day in weeks) + "\n"
    monkeypatch.setattr(growing, "_MOST_REWRITTEN", 1)
    # Bob's next payment is in the file already, but in the future.
    with small_warehouse(table + "bob  2025-06-05  9.00  gym") as con:
        built(con, date(2025, 5, 29))
        add_transactions(
            con, "customer  day  amount  merchant  load_id\nann  2025-06-12  9.00  gym  2"
        )
        found = continued(con, date(2025, 6, 12))
        paid = dict(con.execute("select customer_id, n_payments from marts.recurring_payments"
                                ).fetchall())  # fmt: skip
        assert paid == {"ann": 6, "bob": 6, "cyd": 5}
        assert found == built(con, date(2025, 6, 12))
        # An earlier day is another past: all of it is asked again.
        assert "marts.payment_rhythms" not in growing.continue_marts(con, date(2025, 6, 1), 3)


def test_marts_of_another_build_or_of_other_lines_are_not_continued(con):
    con.execute("delete from core.transactions")
    load_lines(con, 1, [(1, 1, 0, 1, "a")])
    built(con)
    assert growing.first_new_load(con, [1]) == 2
    con.execute("comment on table marts.orders is 'another'")
    assert growing.first_new_load(con, [1]) is None
    built(con)
    con.execute("update core.transactions set amount = 2")
    assert growing.first_new_load(con, [1]) is None


def test_an_order_id_that_always_comes_back_is_found_once_and_not_line_by_line(con):
    """3000 equal lines of a till: each against each would be nine million, for one key."""
    con.execute("delete from core.transactions")
    sold = """
        insert into core.transactions by name
        select 's' as source, $order as order_id, date '2025-01-01' + $day::integer as purchased_on,
            2.5::decimal(18, 2) as amount, 'purchase' as kind, $day as load_id from range($lines)
    """
    con.execute(sold, {"order": "CASH", "day": 0, "lines": 3000})
    con.execute(sold, {"order": "CASH", "day": 1, "lines": 1})
    rebuilt(con)
    con.execute(sold, {"order": "CASH", "day": 2, "lines": 2})
    growing_lines.gather(con, date(2025, 1, 3))
    assert con.execute("select count(*) from grown_earlier").fetchall() == [(2,)]
    kept = kept_of(con, 2)
    assert "marts.purchases" in kept
    assert rebuilt(con, kept) == rebuilt(con)


def test_orders_that_nearly_all_go_on_are_built_anew(monkeypatch):
    monkeypatch.setattr(growing, "_MOST_REWRITTEN", 0.4)
    days = "".join(f"o1  2025-01-{day:02}  {day}.00\n" for day in range(1, 10))
    with small_warehouse("order  day  amount\n" + days + "o2  2025-01-10  1.00") as con:
        built(con)
        add_transactions(con, "order  day  amount  load_id\no2  2025-01-11  1.00  2")
        assert kept_of(con, 2)
        built(con)
        # One line a day later, and nine of its order before: of twelve.
        add_transactions(con, "order  day  amount  load_id\no1  2025-01-12  1.00  3")
        assert kept_of(con, 3) == ()
