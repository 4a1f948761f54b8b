"""The end of a load or refresh: what is published, what a failed check prevents."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest
from small_warehouse import add_transactions, rows

from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.errors import CheckFailedError, LoadError
from warehouse.generations import ModelFile, Workspace
from warehouse.loading import load as load_files
from warehouse.publishing import as_of_today, finish, row_counts

SETTINGS = Settings(threads=1, currency="EUR")
SHOP = """
    customer  order  day         amount
    ann       o1     2025-06-01   10.00
    ann       o1     2025-06-01    2.50
    bob       o2     2025-06-30    0.00
    -         o3     2025-06-30    5.00
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def load(workspace, table, settings=SETTINGS, **kwargs):
    """What a load does, in short: fill core, finish."""
    with workspace.writing("load", settings) as draft:
        build_core(draft.con)
        add_transactions(draft.con, table)
        number = draft.number
        draft.con.execute(
            "insert into core.loads (load_id, source) values (?, 'shop')", [number]
        )  # fmt: skip
        options = {"as_of": None, "scores_as_of": None, "models": []} | kwargs
        return finish(draft, settings, horizon_days=settings.horizon_days, **options)


def ask(generation, sql):
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return rows(con, sql)


def test_a_load_is_published_with_marts_counts_and_loads(workspace):
    generation = load(workspace, SHOP)
    manifest = generation.manifest
    assert (manifest.as_of, manifest.scores_as_of) == (date(2025, 6, 30), None)
    assert (manifest.horizon_days, manifest.currency, manifest.loads) == (30, "EUR", [1])
    expected = {"core.transactions": 4, "core.customers": 2, "marts.customers": 2}
    assert expected.items() <= manifest.rows.items()
    assert manifest.rows["scores.spend"] == 0
    assert ask(generation, "select customer_id, monetary from marts.customers order by 1") == [
        {"customer_id": "ann", "monetary": Decimal("12.50")},
        {"customer_id": "bob", "monetary": Decimal("0.00")},
    ]
    second = load(workspace, "customer  day  amount\n cyd  2025-07-02  1.00")
    assert second.manifest.loads == [1, 2]
    assert second.manifest.as_of == date(2025, 7, 2)
    assert second.manifest.rows["core.transactions"] == 5


def test_what_the_caller_says_about_scores_and_models_is_published(workspace):
    spend = ModelFile("spend", "spend.joblib", "aa", "bb")
    with workspace.writing("refresh", SETTINGS) as draft:
        build_core(draft.con)
        (draft.models / "spend.joblib").write_bytes(b"model")
        generation = finish(draft, SETTINGS, as_of=date(2025, 6, 15), horizon_days=14,
                            scores_as_of=date(2025, 6, 15), models=[spend])  # fmt: skip
    manifest = workspace.current().manifest
    assert manifest == generation.manifest
    assert (manifest.as_of, manifest.scores_as_of) == (date(2025, 6, 15), date(2025, 6, 15))
    assert (manifest.horizon_days, manifest.models) == (14, [spend])
    assert ask(generation, "select as_of, horizon_days, currency from marts.about") == [
        {"as_of": date(2025, 6, 15), "horizon_days": 14, "currency": "EUR"}
    ]


def test_a_failed_check_prevents_publication_and_shows_a_row(workspace):
    load(workspace, SHOP)
    doubled = """
        customer  order  day         amount  transaction_id
        ann       o9     2025-06-01   10.00  t1
    """
    with pytest.raises(CheckFailedError) as error:
        load(workspace, doubled)
    text = str(error.value)
    assert "checks failed; nothing was published" in text
    assert "checks.transactions_unique: 1 row; a transaction id occurs more than once" in text
    assert "found:  source = shop; transaction_id = t1; copies = 2" in text
    assert "`spendboard unload`" in text
    assert error.value.exit_code == 1
    assert workspace.current().number == 1
    assert workspace.numbers() == [1]


def test_the_results_of_every_check_are_shown_on_the_data_page(workspace):
    generation = load(workspace, SHOP)
    results = {row["name"]: row for row in ask(generation, "from marts.checks")}
    assert results["transactions_unique"]["n_rows"] == 0
    zero = results["amounts_of_zero"]
    assert (zero["severity"], zero["n_rows"]) == ("warn", 1)
    assert zero["summary"] == "a purchase or refund costs nothing"
    assert json.loads(zero["sample"])[0]["customer_id"] == "bob"


def test_today_is_today_where_the_workspace_is(workspace):
    east = Settings(timezone="Pacific/Kiritimati")  # UTC+14
    today = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    with workspace.writing("load", SETTINGS) as draft:
        build_core(draft.con)
        add_transactions(
            draft.con,
            f"""
            customer  day                          amount
            ann       {today}                        1.00
            ann       {today + timedelta(days=1)}    1.00
        """,
        )
        assert as_of_today(draft.con, east) == today


def test_views_are_not_counted_as_tables(workspace):
    with workspace.writing("load", SETTINGS) as draft:
        draft.con.execute("create schema core; create table core.a as select 1 as x")
        draft.con.execute("create schema marts; create view marts.b as from core.a")
        assert row_counts(draft.con) == {"core.a": 1}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["9999999999999999.99,1", "7.50,1"], r"amounts.* together they reach 10,.*,007\.49"),
        (["7,999999999999999.999", "7,2"], r"quantities.* together they reach 1,.*,002\.00"),
    ],
)
def test_what_is_beyond_every_sum_is_refused_and_nothing_is_published(
    workspace, tmp_path, lines, words
):
    file = tmp_path / "orders.csv"
    rows = "".join(f"ann,2025-06-01,{line}\n" for line in lines)
    file.write_text(f"customer_id,order_date,amount,quantity\n{rows}", encoding="utf-8")
    with pytest.raises(LoadError, match=words):
        load_files(workspace, SETTINGS, [str(file)])
    assert workspace.numbers() == []
