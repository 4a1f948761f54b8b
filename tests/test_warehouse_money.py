"""Money views: recurring payments, the monthly report, payment modes, seasons, times of day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from loading_desk import Desk
from small_warehouse import add_transactions, build, by_customer, rows, small_warehouse

from warehouse.build import build_marts, build_views, default_as_of

AS_OF = date(2025, 6, 30)


def on_days(payee, *payments, column="merchant"):
    """A table of Ann's payments to one payee: pairs of a day and an amount."""
    lines = [f"customer  day  amount  {column}"]
    lines += [f"ann  {day}  {amount}  {payee}" for day, amount in payments]
    return "\n".join(lines)


def every(days, n, amount="10.00", first=date(2025, 1, 1)):
    """``n`` equal payments, so many days apart."""
    return [(first + timedelta(days=days * number), amount) for number in range(n)]


def recurring(*tables, as_of=AS_OF):
    """Recurring payments by payee, found in these transactions as of a day."""
    with small_warehouse() as con:
        for table in tables:
            add_transactions(con, table)
        build(con, as_of)
        return {row["payee"]: row for row in rows(con, "from marts.recurring_payments")}


# Recurring payments


def test_a_subscription_is_found_with_its_new_price():
    video = on_days(
        "video",
        *[(f"2025-0{month}-05", "12.00") for month in (1, 2, 3, 4)],
        *[(f"2025-0{month}-06", "13.00") for month in (5, 6)],
    )
    assert recurring(video)["video"] == {
        "customer_key": 1,
        "customer_id": "ann",
        "payee": "video",
        "category": None,
        "period": "monthly",
        "typical_amount": Decimal("12.00"),
        "last_amount": Decimal("13.00"),
        "yearly_amount": Decimal("144.00"),
        "n_payments": 6,
        "first_paid_on": date(2025, 1, 5),
        "last_paid_on": date(2025, 6, 6),
        "next_due_on": date(2025, 7, 6),
        "regularity": 1.0,
        "steadiness": 1.0,  # 13 lies within a fifth of 12
        "confidence": pytest.approx(5 / 7),  # 1 * (1 + 1) / 2 * 5 / (5 + 2)
        "status": "active",
    }


def test_amounts_that_vary_widely_lower_the_confidence():
    found = recurring(
        on_days("steady", *every(30, 6)),
        on_days(
            "varied", *zip([day for day, _ in every(30, 6)], (10, 90, 20, 70, 5, 50), strict=True)
        ),
    )
    assert found["steady"]["confidence"] == pytest.approx(5 / 7)
    assert "varied" not in found  # 1 * (1 + 0) / 2 * 5 / 7 = 0.36
    bill = zip([day for day, _ in every(30, 6)], ("50", "45", "52", "90", "88", "30"), strict=True)
    # Of five steps three stay within a fifth: 50-45, 45-52, 90-88.
    assert recurring(on_days("power", *bill))["power"]["confidence"] == pytest.approx(0.8 * 5 / 7)


@pytest.mark.parametrize(
    ("days", "period", "yearly"),
    [(7, "weekly", "520.00"), (14, "fortnightly", "260.00"), (30, "monthly", "120.00"),
     (91, "quarterly", "40.00"), (365, "yearly", "10.00")],
)  # fmt: skip
def test_each_period_is_named_by_the_usual_gap(days, period, yearly):
    payments = every(days, 4, first=date(2022, 5, 1))
    found = recurring(on_days("club", *payments), as_of=payments[-1][0])["club"]
    assert (found["period"], found["yearly_amount"]) == (period, Decimal(yearly))
    assert abs((found["next_due_on"] - found["last_paid_on"]).days - days) <= 1


@pytest.mark.parametrize("days", [1, 4, 10, 20, 50, 200])
def test_a_gap_of_no_period_is_not_recurring(days):
    assert recurring(on_days("shop", *every(days, 6, first=date(2022, 5, 1)))) == {}


def test_shopping_now_and_then_is_not_recurring():
    gaps = [3, 30, 11, 29, 62, 31, 8, 45]
    days = [date(2024, 6, 1) + timedelta(days=sum(gaps[:n])) for n in range(len(gaps) + 1)]
    assert recurring(on_days("shop", *[(day, "10.00") for day in days])) == {}
    # Nor are two payments, or one day's three.
    assert recurring(on_days("shop", *every(30, 2))) == {}
    assert recurring(on_days("shop", *every(0, 3))) == {}


def test_a_month_without_a_payment_is_tolerated():
    days = [f"2025-0{month}-05" for month in (1, 2, 3, 5, 6)]
    found = recurring(on_days("video", *[(day, "12.00") for day in days]))["video"]
    assert found["regularity"] == 0.75  # gaps of 31, 28, 61, 31 days
    assert found["confidence"] == pytest.approx(0.75 * 4 / 6)


@pytest.mark.parametrize(
    ("as_of", "status"),
    [("2025-05-01", "active"), ("2025-06-06", "active"), ("2025-06-07", "overdue"),
     ("2025-07-06", "overdue"), ("2025-07-07", "ended")],
)  # fmt: skip
def test_a_payment_that_stops_is_overdue_and_then_ended(as_of, status):
    # Last paid on 1 May, due on 1 June, five days of slack.
    video = on_days("video", *[(f"2025-0{month}-01", "12.00") for month in (1, 2, 3, 4, 5)])
    assert recurring(video, as_of=date.fromisoformat(as_of))["video"]["status"] == status


def test_nothing_after_as_of_is_read():
    known = on_days("video", *[(f"2025-0{month}-05", "12.00") for month in (1, 2, 3, 4, 5, 6)])
    later = on_days("video", ("2025-07-01", "99.00"), ("2025-07-02", "99.00"))
    assert recurring(known, later) == recurring(known)


def test_the_description_is_the_payee_where_there_is_no_merchant():
    assert list(recurring(on_days("Mortgage", *every(30, 5), column="description"))) == ["Mortgage"]
    table = on_days("Mug", *every(30, 5), column="description").replace("amount", "amount  product")
    table = "\n".join(
        line if line.startswith("customer") else line.replace("10.00", "10.00  mug")
        for line in table.splitlines()
    )
    assert recurring(table) == {}  # the description of a product is nobody who is paid


def test_income_refunds_and_payments_without_a_customer_do_not_recur():
    salary = on_days("work", *every(30, 6)).replace("amount", "amount  kind")
    salary = salary.replace("10.00", "10.00  income")
    returned = on_days("shop", *every(30, 6, "-5.00"))
    nobody = on_days("club", *every(30, 6)).replace("ann", "-")
    assert recurring(salary, returned, nobody) == {}


# The monthly report

LEDGER = """
    customer  day         amount  kind      category  method
    ann       2024-02-01   40.00  purchase  Food      card
    ann       2024-02-29   60.00  purchase  Rent      cash
    bob       2025-01-31   10.00  purchase  Food      card
    ann       2025-01-10   20.00  purchase  Food      card
    ann       2025-02-03   50.00  purchase  Food      cash
    ann       2025-02-04  -10.00  refund    Food      card
    bob       2025-02-04   60.00  purchase  -         -
    bob       2025-02-05  500.00  income    Food      card
    ann       2025-03-15   10.00  purchase  Food      card
""".replace("method", "payment_method")


@pytest.fixture(scope="module")
def ledger():
    with small_warehouse(LEDGER) as con:
        build(con, date(2025, 3, 15))
        yield con


def report(con, month):
    """Rows of one month of the report by category, without their keys."""
    found = rows(con, "from marts.monthly_categories where month = ?", date.fromisoformat(month))
    return {row.pop("category"): {k: v for k, v in row.items() if k != "month"} for row in found}


def test_a_month_is_reported_by_category(ledger):
    assert report(ledger, "2025-02-01") == {
        "Food": {
            "spend": Decimal("50.00"),
            "refunds": Decimal("10.00"),
            "net": Decimal("40.00"),
            "n_transactions": 2,
            "n_customers": 1,
            "share_of_month": pytest.approx(50 / 110),
            "change_to_month_before": pytest.approx(40 / 30 - 1),
            "change_to_year_before": 0.0,
            "is_partial": False,
        },
        "Rent": {
            "spend": Decimal("0.00"),
            "refunds": Decimal("0.00"),
            "net": Decimal("0.00"),
            "n_transactions": 0,
            "n_customers": 0,
            "share_of_month": 0.0,
            "change_to_month_before": None,  # nothing before, so no ratio
            "change_to_year_before": -1.0,
            "is_partial": False,
        },
        None: {
            "spend": Decimal("60.00"),
            "refunds": Decimal("0.00"),
            "net": Decimal("60.00"),
            "n_transactions": 1,
            "n_customers": 1,
            "share_of_month": pytest.approx(60 / 110),
            "change_to_month_before": None,
            "change_to_year_before": None,
            "is_partial": False,
        },
    }
    assert report(ledger, "2025-01-01")["Food"]["n_customers"] == 2


def test_months_without_a_sale_are_zero_and_the_last_one_is_partial(ledger):
    months = rows(ledger, "select distinct month, is_partial from marts.monthly_categories"
                          " order by month")  # fmt: skip
    assert [row["month"] for row in months] == [
        date(2024 + number // 12, number % 12 + 1, 1) for number in range(1, 15)
    ]
    assert [row["month"] for row in months if row["is_partial"]] == [date(2025, 3, 1)]
    assert report(ledger, "2024-07-01")["Food"]["spend"] == 0
    assert report(ledger, "2024-07-01")["Food"]["share_of_month"] is None
    # A month that is not over is not compared.
    assert report(ledger, "2025-03-01")["Food"]["change_to_month_before"] is None


def test_the_months_end_today_however_far_a_slip_of_the_pen_lies_ahead():
    with small_warehouse(LEDGER + "    ann  2199-01-01  1.00  purchase  Food  card") as con:
        build(con, date(2025, 3, 15))
        last = con.execute("select max(month) from marts.monthly_categories").fetchall()
        assert last == [(date(2025, 3, 1),)]


# Payment modes and seasons


def test_payment_modes_share_out_the_spend(ledger):
    assert rows(ledger, "from marts.payment_modes") == [
        {"payment_method": "cash", "spend": Decimal("110.00"), "refunds": Decimal("0.00"),
         "net": Decimal("110.00"), "n_transactions": 2, "n_orders": 2, "n_customers": 1,
         "avg_order": 55.0, "share": pytest.approx(110 / 250)},
        {"payment_method": "card", "spend": Decimal("80.00"), "refunds": Decimal("10.00"),
         "net": Decimal("70.00"), "n_transactions": 5, "n_orders": 4, "n_customers": 2,
         "avg_order": 20.0, "share": pytest.approx(80 / 250)},
        {"payment_method": None, "spend": Decimal("60.00"), "refunds": Decimal("0.00"),
         "net": Decimal("60.00"), "n_transactions": 1, "n_orders": 1, "n_customers": 1,
         "avg_order": 60.0, "share": pytest.approx(60 / 250)},
    ]  # fmt: skip


def test_a_month_stands_against_the_average_month(ledger):
    found = {
        (row["year"], row["month"]): row for row in rows(ledger, "from marts.seasons_month_year")
    }
    assert len(found) == 14
    # Thirteen whole months came to 100 + 30 + 110 = 240.
    assert found[2024, 2]["seasonal_index"] == pytest.approx(100 / (240 / 13))
    assert found[2024, 3]["seasonal_index"] == 0.0
    assert found[2025, 3]["seasonal_index"] is None
    assert (found[2025, 2]["refunds"], found[2025, 2]["net"]) == (Decimal(10), Decimal(100))


CLOCK = """
    customer  order  at                   amount
    ann       o1     2025-06-02 08:15:00  10.00
    ann       o1     2025-06-02 09:15:00  10.00
    ann       o2     2025-06-07 19:30:00  60.00
    ann       o3     2025-06-09 08:59:59  20.00
    ann       o4     2025-06-10 00:00:00  99.00
    bob       o5     2025-06-10 00:00:00   5.00
    bob       o6     2025-06-11 03:00:00  -5.00
"""


def test_only_purchases_with_a_time_of_day_have_an_hour():
    with small_warehouse(CLOCK) as con:
        build(con, AS_OF)
        cells = rows(con, "from marts.seasons_weekday_hour")
        assert [(row["weekday"], row["hour"]) for row in cells] == [
            (weekday, hour) for weekday in range(1, 8) for hour in range(24)
        ]
        busy = {(row["weekday"], row["hour"]): row for row in cells if row["spend"]}
        # 2 and 9 June 2025 are Mondays, the 7th is a Saturday.
        assert {key: (row["spend"], row["n_transactions"]) for key, row in busy.items()} == {
            (1, 8): (30, 2), (1, 9): (10, 1), (6, 19): (60, 1),
        }  # fmt: skip
        assert busy[6, 19]["share"] == pytest.approx(0.6)


def test_a_customer_has_favourite_times():
    con = small_warehouse(CLOCK)
    found = by_customer(con, "features.customer_time_of_day", AS_OF)
    assert found == {
        "ann": {
            "n_timed_orders": 3,
            "night_share": 0.0,
            "morning_share": pytest.approx(2 / 3),
            "afternoon_share": 0.0,
            "favourite_weekday": 1,
            "favourite_hour": 8,
        },
        "bob": dict.fromkeys(found["ann"]) | {"n_timed_orders": 0},
    }
    # Of equals the first: one order on Monday at 8, one on Saturday at 19.
    before = by_customer(con, "features.customer_time_of_day", date(2025, 6, 8))["ann"]
    assert (before["favourite_weekday"], before["favourite_hour"]) == (1, 8)
    add_transactions(con, "customer  at  amount\nann  2025-07-01 23:00:00  5.00")
    assert by_customer(con, "features.customer_time_of_day", AS_OF) == found


# Whole workspaces


def test_an_undated_ledger_has_no_months_and_breaks_nothing():
    with small_warehouse("""
        customer  amount  merchant  payment_method
        ann        10.00  cafe      card
        ann        10.00  cafe      card
        bob        20.00  cafe      cash
    """) as con:  # fmt: skip
        build(con, None)
        for name in ("recurring_payments", "monthly_categories", "seasons_month_year",
                     "seasons_weekday_hour"):  # fmt: skip
            assert rows(con, f"from marts.{name}") == []
        modes = con.execute("select payment_method, n_orders from marts.payment_modes").fetchall()
        assert modes == [("card", 2), ("cash", 1)]


@pytest.fixture(scope="module")
def household(shared_data, tmp_path_factory):
    """Both household ledgers, each in a warehouse of its own."""
    folder, built = tmp_path_factory.mktemp("household"), {}
    for file, currency in (
        ("personal_transactions.csv", "USD"), ("Daily Household Transactions.csv", "INR"),
    ):  # fmt: skip
        desk = Desk(folder)
        path = shared_data / "household_ledger" / file
        order = "month-first" if currency == "USD" else None
        desk.load_files(path, currency=currency, date_order=order)
        build_views(desk.con)
        as_of = default_as_of(desk.con)
        build_marts(desk.con, as_of=as_of, horizon_days=30, currency=currency)
        built[currency] = desk.con
    yield built
    for con in built.values():
        con.close()


def test_a_household_pays_its_subscriptions_and_bills(household):
    found = {row["payee"]: row for row in rows(household["USD"], "from marts.recurring_payments")}
    assert set(found) == {
        "City Water Charges", "Gas Company", "Internet Service Provider", "Mortgage Payment",
        "Netflix", "Phone Company", "Power Company", "Spotify", "State Farm",
    }  # fmt: skip
    assert {row["period"] for row in found.values()} == {"monthly"}
    assert {row["status"] for row in found.values()} == {"active"}
    assert min(row["confidence"] for row in found.values()) > 0.75
    assert found["Mortgage Payment"]["typical_amount"] == Decimal("1209.18")
    assert found["Netflix"]["next_due_on"] == date(2019, 10, 4)


@pytest.mark.parametrize(
    ("currency", "rows_", "spend"), [("INR", 2176, "1957390.53"), ("USD", 688, "96083.78")]
)
def test_reports_come_to_what_the_ledgers_come_to(household, currency, rows_, spend):
    for name in ("monthly_categories", "seasons_month_year", "payment_modes"):
        totals = f"select sum(n_transactions), sum(spend), sum(net) from marts.{name}"
        found = household[currency].execute(totals).fetchall()
        assert found == [(rows_, Decimal(spend), Decimal(spend))]
    timed = "select sum(n_transactions) from marts.seasons_weekday_hour"
    expected = [(None,)] if currency == "USD" else household[currency].execute(
        "select count(*) from core.transactions where kind = 'purchase'"
        " and purchased_at > date_trunc('day', purchased_at)"
    ).fetchall()  # fmt: skip
    assert household[currency].execute(timed).fetchall() == expected
