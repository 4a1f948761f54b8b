"""Features and labels of real data sets are what plain SQL says of their lines, to the last bit."""

from datetime import date

import pytest
from plain_views import assert_equal, spread

from warehouse import marks
from warehouse.build import build_views

CDNOW = {"customer_id": "1", "purchased_at": "3", "quantity": "4", "amount": "5"}


@pytest.fixture
def desk(desk):
    build_views(desk.con)
    return desk


def test_online_retail(shared_data, desk):
    desk.load_files(shared_data / "online_retail" / "online_retail.parquet")
    assert_equal(desk.con, [date(2011, 12, 9), date(2011, 6, 15), date(2010, 12, 1)])
    # A day at a time, late ones too, changes the marks of its customers only.
    desk.con.execute("create temp table before as from core.customer_days")
    day = "select customer_key from core.transactions where purchased_on = date '2011-03-04'"
    marks.update(desk.con, day)
    assert desk.rows("count(*)", "(from before except all from core.customer_days)") == [(0,)]
    assert desk.value("count(*)", "core.customer_days") == desk.value("count(*)", "before")


def test_next_30_days(shared_data, desk):
    desk.load_files(shared_data / "next_30_days" / "transactions.csv")
    assert_equal(desk.con, spread(desk.con, 2), horizons=(30, 60))


def test_cdnow(shared_data, desk):
    desk.load_files(shared_data / "cdnow_sample" / "CDNOW_sample.txt", mapping=CDNOW)
    assert_equal(desk.con, spread(desk.con), horizons=(30, 273))


def test_retail_risk_has_no_days(shared_data, desk):
    desk.load_files(shared_data / "retail_risk" / "spending expenses.csv")
    assert_equal(desk.con, [None, date(2024, 1, 1)])
    assert desk.value("count(*)", "features.customer_rfm(null)") == 50


@pytest.mark.parametrize(
    ("file", "currency"),
    [("Daily Household Transactions.csv", "INR"), ("personal_transactions.csv", "GBP")],
)
def test_a_household_is_one_customer(shared_data, desk, file, currency):
    desk.load_files(shared_data / "household_ledger" / file, currency=currency)
    desk.con.execute("update core.transactions set customer_key = 1, customer_id = 'we'")
    marks.rebuild(desk.con)
    assert_equal(desk.con, spread(desk.con), horizons=(30, 365))
    assert desk.value("count(*)", "features.customer_rfm(date '2018-01-01')") == 1
