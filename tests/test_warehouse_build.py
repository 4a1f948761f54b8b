"""The build: what a SELECT becomes, in which order, and what the checks find."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from small_warehouse import add_customers, add_transactions, build, rows, small_warehouse

from warehouse.build import build_core, build_marts, build_views, default_as_of, run_checks
from warehouse.errors import SqlFileError

AS_OF = date(2025, 6, 30)
SHOP = """
    customer  order  at                   amount
    ann       o1     2025-06-01 10:00:00   10.00
    ann       o1     2025-06-01 10:00:00    2.50
    ann       o2     2025-06-20 10:00:00   -2.50
    bob       o3     2025-06-30 23:59:59   40.00
    -         o4     2025-06-30 12:00:00    5.00
"""


@pytest.fixture
def sql(tmp_path):
    """A folder of SQL files; call it with ``schema/name`` and the text below the first line."""

    def write(name, text, title=""):
        file = tmp_path / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        relation = name.replace("/", ".")
        file.write_text(f"-- {relation}{title}: a relation\n{text}\n", encoding="utf-8")

    write.folder = tmp_path
    write("core/transactions", "select null::date as purchased_on, null::int as amount where false")
    # A workspace's own views are joined with it, even where there is none.
    write("core/customers", "select null::int as customer_key, null::varchar as customer_id"
          " where false")  # fmt: skip
    return write


@pytest.fixture
def con():
    with duckdb.connect(config={"threads": 1}) as con:
        yield con


def marts(con, sql, as_of=AS_OF):
    build_marts(con, as_of=as_of, horizon_days=30, currency="EUR", sql=sql.folder)


def test_building_core_again_keeps_what_is_loaded(con, sql):
    build_core(con, sql.folder)
    con.execute("insert into core.transactions values (date '2025-06-01', 5)")
    build_core(con, sql.folder)
    assert rows(con, "from core.transactions") == [
        {"purchased_on": date(2025, 6, 1), "amount": 5}
    ]  # fmt: skip


def test_a_table_of_an_older_build_gets_its_new_columns(con, sql):
    build_core(con, sql.folder)
    con.execute("insert into core.transactions values (date '2025-06-01', 5)")
    con.execute("alter table core.transactions add column loyalty_card varchar")
    sql("core/transactions", "select null::date as purchased_on, null::int as amount,"
        " null::decimal(18, 2) as discount where false")  # fmt: skip
    build_core(con, sql.folder)
    assert rows(con, "from core.transactions") == [
        {"purchased_on": date(2025, 6, 1), "amount": 5, "loyalty_card": None, "discount": None}
    ]


def test_a_feature_file_becomes_a_macro_that_a_column_cannot_shadow(con, sql):
    # The table has a column that is called like the parameter: DuckDB would take the column.
    sql("core/transactions", "select null::date as purchased_on, null::date as as_of where false")
    sql("features/seen", "select count(*) as n from core.transactions"
        " where purchased_on <= $as_of", "(as_of)")  # fmt: skip
    build_core(con, sql.folder)
    build_views(con, sql.folder)
    con.execute("insert into core.transactions values (date '2025-06-01', date '2030-01-01'),"
                " (date '2025-06-02', date '2030-01-01')")  # fmt: skip
    assert rows(con, "from features.seen(?)", date(2025, 6, 1)) == [{"n": 1}]
    assert rows(con, "from features.seen(?)", None) == [{"n": 0}]


def test_a_macro_that_no_file_defines_any_more_is_gone(con, sql):
    sql("features/old", "select 1 as n")
    build_core(con, sql.folder)
    build_views(con, sql.folder)
    (sql.folder / "features" / "old.sql").unlink()
    build_views(con, sql.folder)
    with pytest.raises(duckdb.CatalogException):
        con.execute("from features.old()")


def test_a_macro_follows_its_file_whichever_build_made_it(con, sql):
    sql("features/answer", "select 41 as n")
    build_core(con, sql.folder)
    build_views(con, sql.folder)
    sql("features/answer", "select 42 as n")
    build_views(con, sql.folder)
    assert rows(con, "from features.answer()") == [{"n": 42}]
    con.execute("drop view steps.build")  # as a build before this one left it
    con.execute("create or replace macro features.answer() as table select 40 as n")
    build_views(con, sql.folder)
    assert rows(con, "from features.answer()") == [{"n": 42}]


def test_macros_stay_while_their_files_do(con, sql):
    def made():
        return rows(con, "select macro_definition, function_oid from duckdb_functions()"
                         " where schema_name = 'features' order by all")  # fmt: skip

    sql("features/answer", "select 41 as n")
    build_core(con, sql.folder)
    build_views(con, sql.folder)
    before = made()
    build_views(con, sql.folder)
    assert made() == before
    sql("features/other", "select 42 as n")
    build_views(con, sql.folder)
    assert len(made()) == len(before) + 1


def test_marts_are_built_behind_what_they_read_and_built_afresh(con, sql):
    # By name, "about" comes first; it reads "views", which reads "zebras".
    sql("marts/about", "-- reads: marts.views\nselect sum(n) as n from marts.views")
    sql(
        "marts/views", "-- reads: marts.zebras\n-- kind: view\nselect n * 10 as n from marts.zebras"
    )
    sql("marts/zebras", "select extract(day from $as_of) + $horizon_days as n")
    build_core(con, sql.folder)
    marts(con, sql)
    assert rows(con, "from marts.about") == [{"n": 600}]
    marts(con, sql, as_of=date(2025, 6, 10))
    assert rows(con, "from marts.about") == [{"n": 400}]
    kinds = rows(con, "select table_name, table_type from information_schema.tables"
                 " where table_schema = 'marts' order by table_name")  # fmt: skip
    assert [(row["table_name"], row["table_type"]) for row in kinds] == [
        ("about", "BASE TABLE"), ("views", "VIEW"), ("zebras", "BASE TABLE"),
    ]  # fmt: skip


def test_files_that_read_each_other_are_refused(con, sql):
    sql("marts/hen", "-- reads: marts.egg\nselect * from marts.egg")
    sql("marts/egg", "-- reads: marts.hen\nselect * from marts.hen")
    build_core(con, sql.folder)
    with pytest.raises(SqlFileError, match=r"(?s)in a circle.*marts\.hen"):
        marts(con, sql)


def test_a_statement_that_cannot_run_names_its_file(con, sql):
    sql("marts/hens", "select eggs from core.transactions")
    build_core(con, sql.folder)
    with pytest.raises(SqlFileError, match=r"(?s)marts\.hens.*hens\.sql.*eggs"):
        marts(con, sql)


def test_an_unknown_parameter_is_refused(con, sql):
    sql("marts/hens", "select $today as day")
    build_core(con, sql.folder)
    with pytest.raises(SqlFileError, match=r"(?s)unknown parameter \$today.*as_of, horizon_days"):
        marts(con, sql)
    sql("features/hens", "select $cutoff as day", "(as_of)")
    with pytest.raises(SqlFileError, match=r"(?s)unknown parameter \$cutoff.*given: as_of"):
        build_views(con, sql.folder)


def test_the_default_as_of_is_the_last_purchase_that_is_not_in_the_future():
    with small_warehouse("""
        customer  day         amount
        ann       2025-06-01   10.00
        ann       2025-06-20   -2.50
        ann       2031-01-01    9.00
    """) as con:
        assert default_as_of(con, date(2025, 6, 30)) == date(2025, 6, 1)
        assert default_as_of(con, date(2031, 1, 1)) == date(2031, 1, 1)
        assert default_as_of(con, date(2025, 5, 31)) is None


def test_an_undated_ledger_has_no_as_of_and_still_has_marts():
    with small_warehouse("customer  amount\n ann  10.00\n ann  5.00") as con:
        assert default_as_of(con) is None
        build(con, None)
        assert rows(con, "select frequency, monetary from marts.customers") == [
            {"frequency": 2, "monetary": Decimal("15.00")}
        ]


@pytest.fixture
def shop():
    with small_warehouse(SHOP) as con:
        build(con, AS_OF)
        yield con


def offending(con):
    """Number of rows by check, of those that found any."""
    return {
        result.name.removeprefix("checks."): result.rows
        for result in run_checks(con)
        if result.rows
    }


def test_a_sound_shop_passes_every_check(shop):
    assert offending(shop) == {}
    assert len(run_checks(shop)) >= 10


def test_an_empty_warehouse_passes_every_check():
    with small_warehouse() as con:
        build(con, None)
        assert offending(con) == {}


@pytest.mark.parametrize(
    ("damage", "finds"),
    [
        ("insert into core.transactions from core.transactions where order_id = 'o3'",
         {"transactions_unique": 1, "orders_revenue": 1, "customers_monetary": 1}),
        ("update core.transactions set kind = 'gift' where order_id = 'o4'",
         {"transactions_complete": 1, "orders_revenue": 1}),
        ("update core.transactions set purchased_on = date '2025-06-29' where order_id = 'o3'",
         {"transactions_days": 1}),
        ("delete from core.customers where customer_id = 'bob'",
         {"transactions_customers": 1, "customers_shown": 1}),
        ("insert into core.customers (customer_id, customer_key) values ('bob', 7)",
         {"customers_unique": 2, "customers_shown": 1}),
        ("update core.transactions set amount = amount + 0.01 where order_id = 'o4'",
         {"orders_revenue": 1}),
        ("insert into marts.orders from marts.orders where customer_key is not null",
         {"orders_revenue": 1}),
        ("insert into marts.customers from marts.customers where customer_id = 'ann'",
         {"customers_shown": 1}),
        ("update marts.customers set monetary = 39.99 where customer_id = 'bob'",
         {"customers_monetary": 1}),
        ("insert into scores.spend (customer_key, customer_id, expected_spend)"
         " values (1, 'ann', 5), (1, 'ann', -1), (2, 'cyd', 1)",
         {"scores_customers": 3, "scores_ranges": 1}),
        ("insert into scores.churn (customer_key, customer_id, churn_risk)"
         " values (1, 'ann', 1.01), (2, 'bob', 'nan'), (99, 'taken out again', 0.5)",
         {"scores_ranges": 2}),
    ],
)  # fmt: skip
def test_a_check_finds_what_it_is_for(shop, damage, finds):
    shop.execute(damage)
    assert offending(shop) == finds


def test_what_is_odd_but_possible_is_a_warning_with_a_sample(shop):
    tomorrow = AS_OF + timedelta(days=1)
    add_transactions(
        shop,
        f"""
        customer  order  day         amount
        ann       o5     {tomorrow}     7.00
        ann       o6     2025-06-02     0.00
        ann       o7     2025-06-03  9000.00
        ann       o8     -              3.00
    """,
    )
    build(shop, AS_OF)
    found = {result.name: result for result in run_checks(shop) if result.rows}
    assert {name: (result.severity, result.rows) for name, result in found.items()} == {
        "checks.purchases_in_the_future": ("warn", 1),
        "checks.amounts_of_zero": ("warn", 1),
        "checks.amounts_extreme": ("warn", 1),
        "checks.purchases_undated": ("warn", 1),
    }
    sample = found["checks.purchases_in_the_future"].sample[0]
    assert (sample["customer_id"], sample["purchased_on"]) == ("ann", "2025-07-01")
    # Sizes of the amounts: 2.50, 2.50, 3, 5, 7, 10, 40 and 9000. Their median is (5 + 7) / 2.
    assert found["checks.amounts_extreme"].sample[0]["usual_amount"] == "6.00"


def test_one_customer_with_a_fifth_of_all_spend_is_a_warning():
    small = "\n".join(f"c{i}  1.00  2025-06-01" for i in range(99))
    with small_warehouse(f"customer  amount  day\n{small}\nbig  30.00  2025-06-01") as con:
        build(con, AS_OF)
        assert offending(con) == {"customers_large": 1}


def test_a_table_of_customers_alone_passes_every_check():
    with small_warehouse() as con:
        add_customers(con, "customer_id  balance\n ann  12.5\n bob  3.0", [("balance", "double")])
        build(con, None)
        assert offending(con) == {}
        assert rows(con, "select customer_id, monetary, balance from marts.customers") == [
            {"customer_id": "ann", "monetary": None, "balance": 12.5},
            {"customer_id": "bob", "monetary": None, "balance": 3.0},
        ]
