"""Feature views of a workspace: what they become, and what is refused with which proof."""

from datetime import date, timedelta

import duckdb
import pytest
from small_shop import PEOPLE, SETTINGS, SHOP, publish
from small_warehouse import add_transactions, rows

from warehouse.custom_proof import _midweek, prove
from warehouse.custom_views import read_custom_view, taken_names
from warehouse.errors import FeatureViewError
from warehouse.headers import sql_files
from warehouse.publishing import finish

STAMPS = """\
-- features.loyalty(as_of): stamps on the card of each customer.
-- grain:  one row per customer with a transaction on or before as_of
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts
-- columns:
--   customer_id  VARCHAR  key
--   stamps       BIGINT   [stamps] one for each line of 20 and more
--   card         VARCHAR  gold from two stamps on, else blue
with stamped as (
    select
        customer_id,
        count(*) filter (where amount >= 20) as stamps
    from core.transactions
    where customer_id is not null and purchased_on <= $as_of
    group by customer_id
)

select
    customer_id,
    stamps,
    if(stamps >= 2, 'gold', 'blue') as card
from stamped;
"""
HEADER = "\n".join(STAMPS.splitlines()[:7]) + "\n"
LINES = "from core.transactions where customer_id is not null"


def put(workspace, text, name="loyalty"):
    folder = workspace / "features"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.sql"
    file.write_text(text, encoding="utf-8")
    return file


def again(workspace):
    """Publish the shop once more, as a load does."""
    with workspace.writing("load", SETTINGS) as draft:
        return finish(
            draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[]
        )  # fmt: skip


def asked(generation, sql):
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return rows(con, sql)


def test_a_file_of_the_workspace_becomes_columns_of_the_customers(tmp_path):
    put(tmp_path, STAMPS)
    generation = publish(tmp_path).current()
    assert asked(
        generation,
        "select customer_id, loyalty_stamps, loyalty_card from marts.customers order by 1",
    ) == [
        # ann paid 20, 30 and 40, bob 50, cyd 100; fay 8. Eve has bought nothing.
        {"customer_id": "ann", "loyalty_stamps": 3, "loyalty_card": "gold"},
        {"customer_id": "bob", "loyalty_stamps": 1, "loyalty_card": "blue"},
        {"customer_id": "cyd", "loyalty_stamps": 1, "loyalty_card": "blue"},
        {"customer_id": "dan", "loyalty_stamps": 0, "loyalty_card": "blue"},
        {"customer_id": "eve", "loyalty_stamps": None, "loyalty_card": None},
        {"customer_id": "fay", "loyalty_stamps": 0, "loyalty_card": "blue"},
    ]
    assert asked(generation, "select column_name, title, unit from marts.custom_columns") == [
        {"column_name": "loyalty_stamps", "title": "Loyalty stamps", "unit": "stamps"},
        {"column_name": "loyalty_card", "title": "Loyalty card", "unit": ""},
    ]
    # A cutoff is asked as every feature view is: ann's line of 30 came on the last day.
    assert asked(
        generation, "select loyalty_stamps from features.custom_loyalty('2025-06-29')"
        " where customer_id = 'ann'",
    ) == [{"loyalty_stamps": 2}]  # fmt: skip


def test_the_columns_go_with_the_file(tmp_path):
    file = put(tmp_path, STAMPS)
    workspace = publish(tmp_path)
    file.unlink()
    generation = again(workspace)
    names = [row["column_name"] for row in asked(generation, "describe marts.customers")]
    assert not [name for name in names if name.startswith("loyalty")]
    assert asked(generation, "from marts.custom_columns") == []


def test_two_files_stand_side_by_side_and_may_read_our_views(tmp_path):
    put(tmp_path, STAMPS)
    put(
        tmp_path,
        "-- features.pace(as_of): x\n-- grain: one row per buyer\n"
        "-- reads: features.customer_rfm, core.customers\n"
        "-- columns:\n--   customer_id  VARCHAR  key\n"
        "--   is_slow      BOOLEAN  x\n--   since        DATE     x\n"
        "select r.customer_id, r.recency_days > 20 as is_slow, r.first_purchased_on as since\n"
        "from features.customer_rfm($as_of) as r join core.customers using (customer_key)",
        "pace",
    )
    found = asked(
        publish(tmp_path).current(),
        "select loyalty_stamps, pace_is_slow, pace_since from marts.customers"
        " where customer_id = 'cyd'",
    )
    assert found == [{"loyalty_stamps": 1, "pace_is_slow": True, "pace_since": date(2025, 5, 20)}]


LEAKS = {
    "no day at all": f"select customer_id, count(*) as stamps {LINES} group by all",
    "one day too many":
        f"select customer_id, count(*) as stamps {LINES} and purchased_on <= $as_of + 1"
        " group by all",
    "the length of the whole history":
        "select customer_id, count(*) + (select count(*) from core.transactions) as stamps"
        f" {LINES} and purchased_on <= $as_of group by all",
    "a row only for who comes back":
        f"select customer_id, 0::bigint as stamps {LINES} and purchased_on > $as_of"
        " group by all",
    "the last day of the data for today":
        f"select customer_id, count(*) as stamps {LINES}"
        " and purchased_on <= (select max(purchased_on) from core.transactions) group by all",
    # Nothing of this changes where the same purchases only come again and cost more.
    "the least that was ever paid":
        f"select customer_id, min(amount)::bigint as stamps {LINES} and amount > 0 group by all",
    "how many kinds of goods":
        f"select customer_id, count(distinct category) as stamps {LINES} group by all",
    "whether something was ever sent back":
        f"select customer_id, count(*) filter (kind = 'refund') as stamps {LINES} group by all",
    "what comes a quarter later":
        f"select customer_id, count(*) as stamps {LINES}"
        " and (purchased_on <= $as_of or purchased_on > $as_of + 90) group by all",
    "the end of the month":
        f"select customer_id, count(*) as stamps {LINES} and purchased_on <= last_day($as_of)"
        " group by all",
    "everybody who will ever be a customer":
        "select customer_id, (select count(*) from core.customers) as stamps"
        f" {LINES} and purchased_on <= $as_of group by all",
    "a rank among everybody at any time":
        "select customer_id, rank() over (order by total desc) as stamps"
        f" from (select customer_id, sum(amount) as total {LINES} group by all)"
        " where customer_id in (select customer_id from core.transactions"
        " where purchased_on <= $as_of)",
}  # fmt: skip


@pytest.mark.parametrize("select", LEAKS.values(), ids=LEAKS.keys())
def test_a_view_that_reads_past_as_of_is_refused_with_the_proof(tmp_path, select):
    workspace = publish(tmp_path)
    more = ", core.customers" if "core.customers" in select else ""
    put(tmp_path, HEADER.replace("core.transactions", f"core.transactions{more}") + select)
    with pytest.raises(FeatureViewError, match="reads past as_of") as refused:
        again(workspace)
    assert ", stamps: " in refused.value.found
    assert "with purchases after that day" in refused.value.found
    assert workspace.current().number == 1
    assert workspace.numbers() == [1]


def test_the_proof_names_day_customer_column_and_both_values(tmp_path):
    workspace = publish(tmp_path)
    put(tmp_path, HEADER + f"select customer_id, count(*) as stamps {LINES} group by all")
    with pytest.raises(FeatureViewError) as refused:
        again(workspace)
    # Ann has 4 lines, all within 62 days before the last one: they happen again after it, and the
    # one of her last day happens twice more, much later.
    assert refused.value.found == (
        "as of 2025-06-30, customer ann, stamps: 10 with purchases after that day, 4 without them"
    )


BROKEN = {
    "two rows": (f"select customer_id, 1::bigint as stamps {LINES}", "more than one row"),
    "nobody": ("select customer_id, count(*) as stamps from core.transactions group by all",
               "rows without a customer"),
    "strangers": (f"select 'zoe' as customer_id, count(*) as stamps {LINES}", "do not exist"),
    "other columns": (f"select customer_id, 'x' as stamps {LINES} group by all",
                      "does not list the columns"),
    "other letters": (f"select customer_id, count(*) as Stamps {LINES} group by all",
                      "write `as stamps` in the SELECT"),
    "a typo": (f"select customer_id,\n  cont(*) as stamps\n{LINES} group by all", "line 9"),
    "no SQL": (f"select customer_id, count(*) as stamps\n{LINES}\ngroup bye all", "line 10"),
    "two statements": (f"select customer_id, 1 as stamps {LINES}; drop table core.loads",
                       "not valid SQL"),
    "no query": ("drop table core.transactions", "not valid SQL"),
    "a file": ("select customer_id, (select count(*) from '/etc/passwd') as stamps"
               f" {LINES} group by all", "must not read /etc/passwd"),
    "a reader": ("select customer_id, (select count(*) from read_text('/etc/passwd')) as stamps"
                 f" {LINES} group by all", "must not read read_text"),
    "scores": ("select customer_id, 1::bigint as stamps from scores.spend", "scores.spend"),
    "marks": ("select customer_id, max(n_lines) as stamps from core.customer_days group by all",
              "must not read core.customer_days"),
    "the catalogue": ("select customer_id, (select count(*) from duckdb_settings()) as stamps"
                      f" {LINES} group by all", "duckdb_settings"),
    "chance": (f"select customer_id, (random() * 9)::bigint as stamps {LINES} group by all",
               "line 8: random does not give the same answer"),
    "today": (f"select customer_id, count(*) as stamps {LINES} and purchased_on < today()"
              " group by all", "today does not give the same answer"),
    "the clock": (f"select customer_id, count(*) as stamps {LINES} and purchased_on <"
                  " current_date group by all", "current_date does not give the same answer"),
    "the time": (f"select customer_id, count(*) as stamps {LINES} and purchased_at <"
                 " localtimestamp group by all", "localtimestamp does not give the same answer"),
    "an age": (f"select customer_id, date_part('day', age(max(purchased_at))) as stamps {LINES}"
               " group by all", "today does not give the same answer"),
    "days ago": (f"select customer_id, count(*) as stamps {LINES} and purchased_at <"
                 " ago(interval 1 day) group by all", "ago does not give the same answer"),
    "the ledger of loads": ("select customer_id, (select count(*) from core.loads) as stamps"
                            f" {LINES} group by all", "must not read core.loads"),
    "a long sum": (f"select customer_id, count(*) {'+ 1 ' * 600} as stamps {LINES} group by all",
                   "nested too deeply"),
    "a longer sum": (f"select customer_id, count(*) {'+ 1 ' * 1200} as stamps {LINES} group by all",
                     "nested too deeply"),
    "what a file said": ("select customer_id, count(*) as stamps from core.customer_records"
                         " group by all", "must not read core.customer_records"),
    "a step of that name":
        ('with "core.loads" as (select 1) select customer_id, (select count(*) from core.loads)'
         f" as stamps {LINES} group by all", "must not read core.loads"),
    "the load of a line": ("select customer_id, max(t.load_id) as stamps"
                           " from core.transactions as t group by all",
                           "line 8: a feature view must not read load_id"),
    "a sample": (f"select customer_id, count(*) as stamps {LINES} group by all using sample 10%",
                 "sample"),
    "dollar text": (f"select customer_id, $as_of$x$as_of$::bigint as stamps {LINES}", "dollar"),
    "a parameter": (f"select customer_id, $x::bigint as stamps {LINES} group by all", r"\$x"),
    "no end": ("select customer_id, (with recursive a as (select 1 as i union all select i + 1"
               f" from a) select count(*) from a) as stamps {LINES} and purchased_on <= $as_of"
               " group by all", "not computed after 1 second"),
}  # fmt: skip


@pytest.mark.parametrize(("select", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_view_that_cannot_be_trusted_is_refused(tmp_path, select, says, monkeypatch):
    settings = type(SETTINGS)(threads=1, currency="EUR", feature_seconds=1)
    monkeypatch.setitem(again.__globals__, "SETTINGS", settings)
    workspace = publish(tmp_path, people="")
    put(tmp_path, HEADER + select)
    with pytest.raises(FeatureViewError, match=says) as refused:
        again(workspace)
    assert "loyalty.sql" in str(refused.value)
    assert workspace.current().number == 1
    assert asked(workspace.current(), "select count(*) as n from core.transactions") == [{"n": 10}]


ORDERS = {
    "the first that comes": "any_value(transaction_id)",
    "a place in a list": "list(transaction_id)[1]",
    "a choice among equals": "arg_max(transaction_id, amount > 0)",
    "a limit":
        "(select transaction_id from core.transactions where purchased_on <= $as_of limit 1)",
    "a number without an order":
        "(select transaction_id from (select transaction_id, row_number() over () as n"
        " from core.transactions where purchased_on <= $as_of) where n = 1)",
}  # fmt: skip


@pytest.mark.parametrize("choice", ORDERS.values(), ids=ORDERS.keys())
def test_a_view_that_depends_on_the_order_of_rows_is_refused(tmp_path, choice):
    workspace = publish(tmp_path)
    select = f"select customer_id, {choice} as stamps {LINES} and purchased_on <= $as_of group by 1"
    put(tmp_path, HEADER.replace("BIGINT   [stamps]", "VARCHAR") + select)
    with pytest.raises(FeatureViewError, match="order in which rows happen to be stored") as told:
        again(workspace)
    assert "customer" in told.value.found


def test_an_order_that_decides_is_an_answer(tmp_path):
    workspace = publish(tmp_path)
    select = f"select customer_id, min(transaction_id) as stamps {LINES}"
    put(tmp_path, HEADER.replace("BIGINT   [stamps]", "VARCHAR")
        + f"{select} and purchased_on <= $as_of group by 1")  # fmt: skip
    assert again(workspace).number == 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "features.loyalty(as_of)",
            "features.other(as_of)",
            r"write -- features\.loyalty\(as_of\)",
        ),
        ("features.loyalty(as_of)", "features.loyalty()", r"write -- features\.loyalty\(as_of\)"),
        ("-- features.loyalty", "-- stamps", "line 1"),
        ("-- grain:  one", "-- one", "no grain"),
        ("core.transactions\n-- params", "core.loads\n-- params", "reads:  core.transactions"),
        ("--   customer_id  VARCHAR  key\n", "", "customer_id"),
        ("--   stamps       BIGINT", "--   stamps       STRUCT(a_INTEGER)", "no filter"),
        ("--   stamps       BIGINT", "--   Stamps       BIGINT", "cannot be called 'Stamps'"),
        ("--   stamps       BIGINT  ", "--   all stamps   BIGINT", "call it all_stamps"),
    ],
)
def test_a_header_that_does_not_fit_is_named(tmp_path, old, new, says):
    assert old in STAMPS
    file = put(tmp_path, STAMPS.replace(old, new, 1))
    with pytest.raises(FeatureViewError, match=says):
        read_custom_view(file)


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(FeatureViewError, match="No such file"):
        read_custom_view(tmp_path / "loyalty.sql")


def test_no_column_takes_a_name_of_ours(tmp_path):
    file = put(tmp_path, HEADER.replace("loyalty", "orders").replace("stamps", "30d") + "select 1",
               "orders")  # fmt: skip
    with pytest.raises(FeatureViewError):
        read_custom_view(file)
    text = HEADER.replace("loyalty", "payment").replace("stamps ", "method ") + "select 1"
    with pytest.raises(FeatureViewError, match="payment_method, as one of ours"):
        read_custom_view(put(tmp_path, text, "payment"))
    ours = {name for f in sql_files("features") for name in f.header.columns}
    assert ours <= taken_names()


def test_no_column_takes_the_name_of_an_attribute(tmp_path):
    workspace = publish(tmp_path)
    put(tmp_path, STAMPS)
    with workspace.writing("load", SETTINGS) as draft:
        draft.con.execute("alter table core.customers add column loyalty_card varchar")
        draft.con.execute(
            "insert into core.attributes values ('loyalty_card', 'Card', 'VARCHAR', 'Card')"
        )
        with pytest.raises(FeatureViewError, match="loyalty_card, as a column of your customers"):
            finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])


def test_what_was_known_by_then_proves_itself_with_a_long_history(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.custom_worlds.MOST_LINES", 4)
    put(tmp_path, STAMPS)
    workspace = publish(tmp_path, SHOP, PEOPLE)
    put(tmp_path, HEADER + f"select customer_id, count(*) as stamps {LINES} group by all")
    with pytest.raises(FeatureViewError, match="reads past as_of"):
        again(workspace)


def test_a_view_of_ours_must_not_be_asked_for_a_later_day(tmp_path):
    workspace = publish(tmp_path)
    head = HEADER.replace("core.transactions", "features.customer_rfm")
    select = "select customer_id, frequency as stamps from features.customer_rfm($as_of{})"
    put(tmp_path, head + select.format(" + 30"))
    # As of 31 May ann had one order (o3); o1 and o2 came in June.
    with pytest.raises(FeatureViewError, match="reads past as_of") as refused:
        again(workspace)
    assert refused.value.found == (
        "as of 2025-05-31, customer ann, stamps: 3 with purchases after that day, 1 without them"
    )
    put(tmp_path, head + select.format(" - 30"))
    earlier = "select loyalty_stamps from marts.customers where customer_id = 'ann'"
    assert asked(again(workspace), earlier) == [{"loyalty_stamps": 1}]


def test_one_row_today_and_two_on_an_earlier_day_are_too_many(tmp_path):
    workspace = publish(tmp_path)
    put(
        tmp_path,
        HEADER + f"with known as (select distinct customer_id {LINES} and purchased_on <= $as_of)"
        " select customer_id, 1::bigint as stamps from known, unnest([1, 2]) as copies(number)"
        " where number = 1 or $as_of < date '2025-06-30'",
    )
    with pytest.raises(FeatureViewError, match="more than one row for a customer"):
        again(workspace)


@pytest.fixture
def undated():
    """Ann spent 5 and 7, bob 3; nobody knows when."""
    from warehouse.build import build_core, build_views

    with duckdb.connect(config={"threads": "1"}) as con:
        build_core(con)
        add_transactions(con, "customer  amount\n ann  5.00\n ann  7.00\n bob  3.00")
        build_views(con)
        yield con


def proven(con, file):
    """The views that have no row for anybody."""
    return prove(con, [read_custom_view(file)], None, horizon_days=30, seconds=60)


def test_an_undated_ledger_has_no_future_to_read(undated, tmp_path):
    every = f"select customer_id, count(*) as stamps {LINES} {{}} group by all"
    assert proven(undated, put(tmp_path, HEADER + every.format(""))) == ()
    # No line is known to be from before any day.
    (silent,) = proven(undated, put(tmp_path, HEADER + every.format("and purchased_on <= $as_of")))
    assert silent.name == "loyalty"


@pytest.mark.parametrize("choice", ["any_value(amount)", "list(amount)[1]"])
def test_the_order_of_undated_rows_decides_nothing(undated, tmp_path, choice):
    select = f"select customer_id, {choice}::bigint as stamps {LINES} group by all"
    with pytest.raises(FeatureViewError, match="order in which rows happen to be stored") as told:
        proven(undated, put(tmp_path, HEADER + select))
    assert told.value.found in {f"customer ann, stamps: {two}" for two in ("5, or 7", "7, or 5")}


def test_the_column_that_differs_is_named_among_those_that_do_not(undated, tmp_path):
    stamps = "sum(amount / 3)::double as stamps, any_value(amount)::varchar as card"
    header = STAMPS[: STAMPS.index("with stamped")].replace("BIGINT", "DOUBLE")
    file = put(tmp_path, f"{header}select customer_id, {stamps} {LINES} group by all")
    with pytest.raises(FeatureViewError, match="order in which rows") as told:
        proven(undated, file)
    both = {f"customer ann, card: {two}" for two in ("5.00, or 7.00", "7.00, or 5.00")}
    assert told.value.found in both


def test_what_is_computed_before_the_first_row_counts_too(undated, tmp_path, monkeypatch):
    monkeypatch.delattr("warehouse.custom_proof._refuse_other_rows")
    file = put(tmp_path, HEADER + f"select customer_id, count(*) as stamps {LINES} group by all")
    with pytest.raises(FeatureViewError, match="not computed after 0 seconds"):
        prove(undated, [read_custom_view(file)], None, horizon_days=30, seconds=0)


def test_the_order_of_customers_decides_nothing(undated, tmp_path):
    select = "select customer_id, row_number() over () as stamps from core.customers"
    file = put(tmp_path, HEADER.replace("core.transactions", "core.customers") + select)
    with pytest.raises(FeatureViewError, match="order in which rows happen to be stored"):
        proven(undated, file)


def test_the_load_of_a_line_is_not_read_through_its_whole_row_either(tmp_path):
    workspace = publish(tmp_path)
    select = "select customer_id, max(json_extract(to_json(t), '$.load_id')::bigint) as stamps"
    put(tmp_path, HEADER + f"{select} from core.transactions as t"
        " where customer_id is not null and purchased_on <= $as_of group by all")  # fmt: skip
    with pytest.raises(FeatureViewError, match="reads past as_of"):
        again(workspace)


def test_a_wednesday_within_a_month_is_found_for_every_day():
    start = date(2023, 12, 1)
    for day in (start + timedelta(days=n) for n in range(800)):
        found = _midweek(day)
        assert found <= day
        assert (found.weekday(), 5 <= found.day <= 20) == (2, True)


def test_what_is_no_number_and_no_day_is_kept_as_nothing(tmp_path):
    put(
        tmp_path,
        HEADER.replace("BIGINT   [stamps]", "DOUBLE  ") + "--   since  DATE    x\n"
        "--   scaled  FLOAT   x\n--   sum  HUGEINT  integers add up to it\n"
        "select customer_id, sum(amount) / if(customer_id = 'ann', 0, 2) as stamps,\n"
        "if(customer_id = 'ann', 'infinity', '2025-01-01')::date as since,\n"
        "if(customer_id = 'ann', 'nan', '0.5')::float as scaled, sum(1::bigint) as sum\n"
        f"{LINES} and purchased_on <= $as_of group by customer_id",
    )
    generation = publish(tmp_path).current()
    names = "loyalty_stamps, loyalty_since, loyalty_scaled, loyalty_sum"
    assert asked(
        generation, f"select {names} from marts.customers where customer_id in ('ann', 'bob')"
        " order by customer_id",
    ) == [
        {"loyalty_stamps": None, "loyalty_since": None, "loyalty_scaled": None, "loyalty_sum": 4},
        {"loyalty_stamps": 15.0, "loyalty_since": date(2025, 1, 1), "loyalty_scaled": 0.5,
         "loyalty_sum": 2},
    ]  # fmt: skip
    described = asked(generation, f"describe select {names} from marts.customers")
    assert [row["column_type"] for row in described] == ["DOUBLE", "DATE", "FLOAT", "BIGINT"]


def test_the_day_may_stand_beside_what_is_grouped(tmp_path):
    put(tmp_path, HEADER + f"select customer_id, $as_of - max(purchased_on) as stamps {LINES}"
        " and purchased_on <= $as_of group by customer_id"
        " having max(purchased_on) >= $as_of - 60")  # fmt: skip
    generation = publish(tmp_path, people="").current()
    days = "select customer_id, loyalty_stamps as n from {} where loyalty_stamps > 1 order by 1"
    # Bob came on 28 June, dan on the 15th, cyd on 20 May; fay is gone for longer.
    assert [(row["customer_id"], row["n"]) for row in asked(
        generation, days.format("features.custom_loyalty(date '2025-06-30')")
    )] == [("bob", 2), ("cyd", 41), ("dan", 15)]  # fmt: skip


def test_a_sum_beyond_what_pages_show_is_refused(tmp_path):
    workspace = publish(tmp_path, people="")
    beyond = "sum(9223372036854775807::bigint) as stamps"
    put(tmp_path, HEADER.replace("BIGINT ", "HUGEINT")
        + f"select customer_id, {beyond} {LINES} group by all")  # fmt: skip
    with pytest.raises(FeatureViewError, match="out of range"):
        again(workspace)


def test_a_file_may_be_called_as_a_word_of_sql_is(tmp_path):
    for name in ("select", "known"):
        put(tmp_path, STAMPS.replace("features.loyalty", f"features.{name}"), name)
    assert asked(
        publish(tmp_path, people="").current(),
        "select select_stamps, known_stamps from marts.customers where customer_id = 'ann'",
    ) == [{"select_stamps": 3, "known_stamps": 3}]
