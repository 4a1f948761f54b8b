"""The synthetic shop: the same bytes for the same seed, and a business one could believe."""

import hashlib
from datetime import date

import duckdb
import pytest

from warehouse.configuration import Settings
from warehouse.errors import UsageError
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.synthetic import write_shop

LAST_DAY = date(2026, 9, 30)


def digests(shop):
    return [
        hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (shop.transactions, shop.customers)
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return write_shop(tmp_path_factory.mktemp("shop"), customers=3000, last_day=LAST_DAY)


@pytest.fixture(scope="module")
def con(shop):
    with duckdb.connect() as con:
        con.execute(f"create table lines as from read_csv('{shop.transactions}')")
        con.execute(f"create table people as from read_csv('{shop.customers}')")
        yield con


def one(con, sql):
    found = con.execute(sql).fetchall()[0]
    return found[0] if len(found) == 1 else found


def rows_of(con, sql):
    return dict(con.execute(sql).fetchall())


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes(tmp_path, form):
    options = {"customers": 200, "months": 6, "last_day": LAST_DAY, "format": form}
    first = digests(write_shop(tmp_path / "a", seed=3, **options))
    assert digests(write_shop(tmp_path / "b", seed=3, **options)) == first
    other = digests(write_shop(tmp_path / "c", seed=4, **options))
    assert not set(other) & set(first)


def test_both_formats_hold_the_same_rows(tmp_path):
    options = {"customers": 100, "months": 3, "last_day": LAST_DAY}
    csv = write_shop(tmp_path, format="csv", **options)
    parquet = write_shop(tmp_path, format="parquet", **options)
    for a, b in ((csv.transactions, parquet.transactions), (csv.customers, parquet.customers)):
        differing = duckdb.sql(f"""
            select count(*) from (
                (from read_csv('{a}', all_varchar = true)
                 except all select columns(*)::varchar from '{b}')
                union all
                (select columns(*)::varchar from '{b}'
                 except all from read_csv('{a}', all_varchar = true))
            )
        """).fetchall()[0][0]  # fmt: skip
        assert differing == 0


def test_the_period_is_as_long_as_asked_and_ends_on_the_last_day(shop, con):
    assert (shop.first_day, shop.last_day) == (date(2024, 10, 1), LAST_DAY)
    days = "select min(purchased_at)::date, max(purchased_at)::date from lines"
    assert one(con, days) == (shop.first_day, shop.last_day)


@pytest.mark.parametrize(
    ("last_day", "months", "first_day"),
    [
        (date(2026, 12, 31), 12, date(2026, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 1, 1)),
        (date(2026, 3, 31), 1, date(2026, 3, 1)),
        (date(2024, 2, 29), 12, date(2023, 3, 1)),
        (date(2026, 9, 30), 18, date(2025, 4, 1)),
        (date(2026, 5, 15), 2, date(2026, 3, 16)),
    ],
)
def test_months_are_counted_from_day_to_day(tmp_path, last_day, months, first_day):
    shop = write_shop(tmp_path, customers=1, months=months, last_day=last_day)
    assert shop.first_day == first_day


def test_the_counts_are_those_of_the_files(shop, con):
    assert one(con, "select count(*), count(distinct transaction_id) from lines") == (
        shop.n_transactions,
        shop.n_transactions,
    )
    assert one(con, "select count(*), count(distinct customer_id) from people") == (3000, 3000)
    assert shop.n_transactions > 60_000


def test_an_amount_is_quantity_times_unit_price(con):
    # In whole cents: the reader of CSV takes these columns for binary fractions.
    cents = (
        "select count(*) from lines where round(amount * 100) != quantity * round(unit_price * 100)"
    )
    assert one(con, cents) == 0
    assert one(con, "select min(unit_price) > 0 and bool_and(quantity != 0) from lines")


def test_a_refund_follows_a_purchase_of_the_same_order_and_product(con):
    share = one(con, "select avg(case when amount < 0 then 1 else 0 end) from lines")
    assert 0.02 < share < 0.06
    orphans = one(con, """
        select count(*) from lines as back
        where back.amount < 0 and not exists (
            from lines as bought
            where bought.order_id = back.order_id and bought.product_id = back.product_id
            and bought.amount = -back.amount and bought.purchased_at < back.purchased_at
        )
    """)  # fmt: skip
    assert orphans == 0


def test_baskets_are_log_normal_and_rates_differ(con):
    plain, logarithm = one(con, """
        select skewness(total), skewness(ln(total))
        from (select sum(amount) as total from lines where amount > 0 group by order_id)
    """)  # fmt: skip
    assert plain > 2
    assert abs(logarithm) < 0.5
    low, middle, high, once = one(con, """
        select
            quantile_cont(n, 0.25), median(n), quantile_cont(n, 0.95),
            avg(case when n = 1 then 1 else 0 end)
        from (select count(distinct order_id) as n from lines where amount > 0 and customer_id
              is not null group by customer_id)
    """)  # fmt: skip
    assert low < middle < high
    assert high > 6 * middle
    assert 0.1 < once < 0.35


def test_business_grows_with_the_season_and_does_not_break_off(con):
    months = [total for _, total in con.execute("""
        select date_trunc('month', purchased_at) as month, sum(amount) from lines
        group by month order by month
    """).fetchall()]  # fmt: skip
    assert len(months) == 24
    first, second = sum(months[:12]), sum(months[12:])
    assert 1.02 < second / first < 1.4
    usual = first / 12
    assert months[0] > 0.7 * usual  # an established shop, no ramp from zero
    assert min(months[-3:]) > 0.8 * second / 12  # no cliff at the end
    november_december, february = sum(months[1:3]) / 2, months[4]
    assert november_december > 1.25 * february


def test_shops_are_closed_on_sundays_and_at_night(con):
    assert one(con, "select count(*) from lines where channel = 'store' and amount > 0"
                    " and (isodow(purchased_at) = 7 or hour(purchased_at) < 8)") == 0  # fmt: skip
    evening = "avg(case when hour(purchased_at) between 18 and 21 then 1 else 0 end)"
    assert one(con, f"select {evening} from lines where channel = 'web' and amount > 0") > 0.25


def test_a_few_percent_buy_without_giving_a_name(con):
    share = one(con, "select avg(case when customer_id is null then 1 else 0 end) from lines")
    assert 0.02 < share < 0.06


def test_people_can_be_written_to_without_reaching_anybody(con):
    assert one(con, "select count(*) from people where email not like '%@example.org'") == 0
    assert one(con, "select count(email) - count(distinct email) from people") == 0
    mailboxes = one(con, r"select count(*) from people where not regexp_full_match(email,"
                         r" '[a-z][a-z0-9.-]*@example\.org')")  # fmt: skip
    assert mailboxes == 0
    assert one(con, "select count(*) from people where phone not like '+49 30 23125 ___'") == 0
    assert 0.6 < one(con, "select avg(consent::int) from people") < 0.95
    assert 0.005 < one(con, "select avg(suppressed::int) from people") < 0.03
    assert one(con, "select max(length(name)) >= 30 and count(distinct name) > 2000 from people")
    assert one(con, "select count(*) > 100 from people where name != strip_accents(name)")


def test_who_bought_lately_comes_back_and_who_did_not_stays_away(con):
    again = """
        with seen as (
            select
                customer_id,
                max(purchased_at) filter (where purchased_at < '2026-09-01') as last_before,
                bool_or(purchased_at >= '2026-09-01') as again
            from lines where amount > 0 and customer_id is not null group by customer_id
        )
        select
            avg(again::int) filter (where last_before >= '2026-08-01'),
            avg(again::int) filter (where last_before < '2026-05-01')
        from seen
    """
    recent, long_ago = one(con, again)
    assert recent > 0.4
    assert long_ago < 0.1


def test_six_groups_of_behaviour_are_there_to_be_found(con):
    shares = rows_of(con, """
        with seen as (
            select
                count(distinct order_id) as orders,
                date_diff('day', max(purchased_at), timestamp '2026-10-01') as recency,
                date_diff('day', min(purchased_at), timestamp '2026-10-01') as lifetime
            from lines where amount > 0 and customer_id is not null group by customer_id
        )
        select case
            when orders >= 40 and recency <= 30 then 'champions'
            when orders between 10 and 39 and recency <= 75 then 'loyal'
            when orders >= 8 and recency between 130 and 330 then 'at risk'
            when lifetime between 90 and 210 and orders >= 3 then 'promising'
            when lifetime <= 60 then 'new'
            when recency >= 300 then 'dormant'
            else 'others' end as persona,
            count(*) / sum(count(*)) over () as share
        from seen group by persona
    """)  # fmt: skip
    assert set(shares) == {
        "champions", "loyal", "at risk", "promising", "new", "dormant", "others",
    }  # fmt: skip
    assert all(share > 0.08 for persona, share in shares.items() if persona != "others")
    assert shares["others"] < 0.2
    assert "persona" not in [row[0] for row in con.execute("describe people").fetchall()]


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"months": 0}, {"seed": -1}])
def test_impossible_numbers_are_refused(tmp_path, wrong):
    with pytest.raises(UsageError, match=f"{next(iter(wrong))} must be at least"):
        write_shop(tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_one_customer_and_one_month_are_enough(tmp_path):
    shop = write_shop(tmp_path, customers=1, months=1, last_day=LAST_DAY, seed=5)
    assert shop.transactions.exists()
    assert shop.customers.read_text(encoding="utf-8").count("\n") == 2


def test_the_files_load_without_a_hint(tmp_path):
    shop = write_shop(tmp_path / "shop", customers=200, months=3, last_day=LAST_DAY)
    workspace, settings = Workspace(tmp_path / "workspace"), Settings(currency=shop.currency)
    lines = load(workspace, settings, [str(shop.transactions)]).as_json()
    assert (lines["as"], lines["loaded"], lines["rejected"]) == (
        "transactions", shop.n_transactions, 0,
    )  # fmt: skip
    people = load(workspace, settings, [str(shop.customers)]).as_json()
    assert (people["as"], people["loaded"], people["rejected"]) == ("customers", 200, 0)
    for report in (lines, people):
        assert report["unused"] == []
        assert all(ours == theirs for ours, theirs in report["mapping"].items())
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        shown = "select n_transactions, revenue + revenue_without_customer from marts.about"
        exact = "types = {'amount': 'decimal(18, 2)'}"
        total = f"select sum(amount) from read_csv('{shop.transactions}', {exact})"
        assert one(con, shown) == (shop.n_transactions, one(con, total))
