"""Real data sets load with no hint or one, and are right to the cent."""

from decimal import Decimal

import pytest
from loading_desk import Desk, counts

CDNOW = {"customer_id": "1", "purchased_at": "3", "quantity": "4", "amount": "5"}


@pytest.fixture(scope="module")
def retail(shared_data):
    return shared_data / "online_retail"


@pytest.fixture(scope="module")
def retail_content(retail, tmp_path_factory):
    """Content of the table that the Parquet file alone gives."""
    desk = Desk(tmp_path_factory.mktemp("retail"))
    report = desk.load_files(retail / "online_retail.parquet")
    assert counts(report) == (541_909, 541_909, 0, 0, 0)
    desk.rules = {rule.rule: rule.rows for rule in report.rules}
    yield desk.content(), desk
    desk.con.close()


def test_online_retail_is_right_to_the_cent(retail_content):
    _, desk = retail_content
    assert desk.rows(
        "count(*), count(distinct order_id), count(distinct customer_id),"
        " min(purchased_on)::varchar, max(purchased_on)::varchar"
    ) == [(541_909, 25_900, 4_372, "2010-12-01", "2011-12-09")]
    assert desk.value("sum(amount) filter (customer_id is not null)") == Decimal("8300065.81")
    assert desk.value("sum(amount) filter (customer_id is null)") == Decimal("1447682.12")
    assert desk.value("count(*)", "core.customers") == 4_372
    assert desk.value("max(customer_key)", "core.customers") == 4_372


def test_what_is_doubtful_in_online_retail_is_kept_and_counted(retail_content):
    _, desk = retail_content
    assert desk.rules == {
        "bad_debt": 3, "non_products": 2_909, "zero_amounts": 2_519, "duplicates": 5_268,
        "cancellations_matched": 2_787, "cancellations_unmatched": 6_118,
    }  # fmt: skip


def test_cancelled_pairs_are_worth_nothing_and_come_back(retail_content):
    content, desk = retail_content
    desk.settle(cancellations="drop_matched")
    assert desk.rows(
        "count(*), sum(amount)", "core.transactions where kind = 'cancelled'"
    ) == [(2 * 2_787, Decimal("0.00"))]  # fmt: skip
    desk.settle()
    assert desk.rows("bit_xor(hash(transaction_id, kind, amount))") == desk.rows(
        "bit_xor(hash(transaction_id, if(amount < 0, 'refund', 'purchase'), amount))"
    )
    assert desk.content() == content


def test_daily_files_after_the_parquet_add_nothing(retail, retail_content):
    content, desk = retail_content
    report = desk.load_files(retail / "by-day" / "*.csv")
    assert counts(report) == (33_292, 0, 0, 33_292, 0)
    assert len(report.files) == 10
    assert desk.content() == content


def test_daily_files_in_any_order_and_then_the_parquet_give_the_same_table(
    retail, retail_content, desk
):
    content, _ = retail_content
    days = sorted((retail / "by-day").glob("*.csv"))
    later = desk.load_files(*days[5:])
    earlier = desk.load_files(*reversed(days))
    assert later.loaded + earlier.loaded == 33_292
    assert earlier.already_loaded == later.loaded
    assert desk.load_files(retail / "online_retail.parquet").loaded == 541_909 - 33_292
    assert desk.content() == content


def test_cdnow_loads_by_position(shared_data, desk):
    file = shared_data / "cdnow_sample" / "CDNOW_sample.txt"
    assert counts(desk.load_files(file, mapping=CDNOW)) == (6_919, 6_919, 0, 0, 0)
    assert desk.rows(
        "count(distinct customer_id), sum(amount), min(customer_id), min(purchased_on)::varchar,"
        " max(purchased_on)::varchar, count(*) filter (amount = 0)"
    ) == [(2_357, Decimal("244091.94"), "00004", "1997-01-01", "1998-06-30", 8)]
    assert counts(desk.load_files(file, mapping=CDNOW)) == (6_919, 0, 0, 6_919, 0)


def test_next_30_days_loads_without_a_hint(shared_data, desk):
    report = desk.load_files(shared_data / "next_30_days" / "transactions.csv")
    assert counts(report) == (112_503, 112_503, 0, 0, 0)
    assert report.mapping == {
        "transaction_id": "transaction_id", "customer_id": "customer_id",
        "purchased_at": "transaction_date", "amount": "total_amount", "quantity": "quantity",
        "n_products": "num_products", "is_promotion": "promotion_used",
    }  # fmt: skip
    assert report.unused == ()
    assert desk.rows("count(distinct customer_id), min(amount), max(amount)") == [
        (5_000, Decimal("50.00"), Decimal("14089.65"))
    ]


def test_credit_card_is_a_customers_table(shared_data, desk):
    report = desk.load_files(shared_data / "credit_card" / "CC GENERAL.csv")
    assert (report.kind, *counts(report)) == ("customers", 8_950, 8_950, 0, 0, 0)
    assert len(report.attributes) == 16
    assert desk.rows(
        "round(avg(balance), 2), round(avg(purchases), 2), round(avg(credit_limit), 2),"
        " count(*) - count(minimum_payments), count(*) - count(credit_limit)",
        "core.customers",
    ) == [(1564.47, 1003.20, 4494.45, 313, 1)]


def test_smart_sales_and_telco_churn_are_customers_tables(shared_data, desk):
    report = desk.load_files(shared_data / "smart_sales" / "customer_data.csv")
    assert (report.kind, report.loaded) == ("customers", 1_000)
    assert desk.value("sum(churn_label)", "core.customers") == 518
    desk.load_files(shared_data / "telco_churn" / "Telco-Customer-Churn.csv")
    assert desk.rows(
        "count(*), count(*) filter (churn), count(total_charges)",
        "(from core.customers where contract is not null)",
    ) == [(7_043, 1_869, 7_043 - 11)]


def test_retail_risk_is_an_undated_ledger(shared_data, desk):
    report = desk.load_files(shared_data / "retail_risk" / "spending expenses.csv")
    assert counts(report) == (5_000, 5_000, 0, 0, 0)
    assert desk.rows(
        "count(distinct customer_id), count(distinct merchant), count(distinct city),"
        " count(purchased_on)"
    ) == [(50, 100, 5, 0)]


def test_a_household_ledger_has_its_kinds(shared_data, desk):
    file = shared_data / "household_ledger" / "Daily Household Transactions.csv"
    assert counts(desk.load_files(file, currency="INR")) == (2_461, 2_461, 0, 0, 0)
    assert desk.rows("kind, count(*), sum(amount)", "core.transactions group by kind") == [
        ("income", 125, Decimal("3042397.35")),
        ("purchase", 2_176, Decimal("1957390.53")),
        ("transfer", 160, Decimal("1770780.90")),
    ]
    # 1,303 rows have a time, and one of them is midnight.
    assert desk.rows(
        "min(purchased_on)::varchar, max(purchased_on)::varchar,"
        " count(*) filter (purchased_at > purchased_on)"
    ) == [("2015-01-01", "2018-09-20", 1_302)]


def test_two_wordings_of_a_date_in_one_column(shared_data, desk):
    file = shared_data / "household_ledger" / "personal_transactions.csv"
    assert counts(desk.load_files(file)) == (806, 806, 0, 0, 0)
    assert desk.rows("kind, count(*), sum(amount)", "core.transactions group by kind") == [
        ("income", 118, Decimal("124269.76")), ("purchase", 688, Decimal("96083.78")),
    ]  # fmt: skip


def test_a_ledger_in_another_currency_is_set_aside_as_a_whole(shared_data, desk):
    file = shared_data / "household_ledger" / "Daily Household Transactions.csv"
    report = desk.load_files(file)
    assert counts(report) == (2_461, 0, 0, 0, 2_461)
    assert "rows in INR are set aside, the workspace keeps GBP" in report.notes[-1]
