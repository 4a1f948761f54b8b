"""Numbers in any wording, to the cent; the convention follows from the whole column."""

from decimal import Decimal

import duckdb
import pytest
from loading_desk import counts

from warehouse.currencies import meanings
from warehouse.numbers import NumberStyle, number, number_styles

HEADER = "transaction_id;customer_id;date;amount\n"


def load(desk, *amounts, **wishes):
    """Load rows with these amounts; the ids count from 1."""
    rows = "".join(f'{n};ann;2024-01-31;"{text}"\n' for n, text in enumerate(amounts, start=1))
    return desk.load(HEADER + rows, mapping={"amount": "4"}, **wishes)


def amounts(desk):
    return dict(desk.rows("cast(transaction_id as integer), amount"))


def read(*texts):
    """Each text as money, from a column that holds just these."""
    with duckdb.connect() as con:
        con.execute("create temp table texts (file_no integer, c1 varchar)")
        con.executemany("insert into texts values (0, ?)", [[text] for text in texts])
        style = number_styles(con, "texts", {1: "c1"}).get(0, {}).get(1, NumberStyle())
        sql = f"select {number('c1', 'decimal(18, 2)', style)} from texts order by rowid"
        return [row[0] for row in con.execute(sql).fetchall()]


POINT = {
    "1,234.50": "1234.50", "1,234": "1234", "1'234.50": "1234.50", "1’234.50": "1234.50",
    "12,34,567.00": "1234567", "1 234": "1234", "1e3": "1000", "(12.50)": "-12.50",
    "12.50-": "-12.50", "\u221212.50": "-12.50", "+7": "7", "- 12": "-12", "$(5)": "-5",
    "($5.00)": "-5", ".5": "0.50", "$1,234.00": "1234", "INR 500": "500", "CHF 1'234.50": "1234.50",
    "1,234.50 €": "1234.50", "-€5": "-5", "€-5": "-5", "5 €-": "-5", "Rs.500": "500",
}  # fmt: skip
COMMA = {
    "1.234,50": "1234.50", "1.234": "1234", "-12,5": "-12.50", "1 234 567,50": "1234567.50",
    "1\u202f234,50\u00a0€": "1234.50", "7": "7", "1'234,50": "1234.50", ",5": "0.50",
    "90.071.992.547.409,93": "90071992547409.93", "€ 12,50": "12.50", "(1.234,50)": "-1234.50",
    "1.234,50 zł": "1234.50",
}  # fmt: skip
# What no convention makes a number, and what does not fit that of its column.
NEVER = [
    "12%",
    "1.2.3",
    "(-5)",
    "5 kg",
    "$5$",
    "(5",
    "5)",
    "5 5",
    "--5",
    "-5-",
    "1_000",
    "USD",
    "5 CR",
    "x",
]
NOT_POINT = ["12,50", "1,23", "12,3456", "0,123", "1.234,50", "1 23"]
NOT_COMMA = ["1.50", "1,234.50", "1.23", "12.3456", "0.123"]


@pytest.mark.parametrize("wordings", [POINT, COMMA])
def test_numbers_are_read_by_the_convention_of_their_column(wordings):
    assert read(*wordings) == [Decimal(value) for value in wordings.values()]


@pytest.mark.parametrize(("telling", "no_numbers"), [("1.5", NOT_POINT), ("1,5", NOT_COMMA)])
def test_what_does_not_fit_the_convention_is_none(telling, no_numbers):
    found = read(*[telling] * 20, *NEVER, *no_numbers)
    assert found[:20] == [Decimal("1.50")] * 20
    assert set(found[20:]) == {None}


def test_the_convention_that_most_numbers_tell_is_taken(desk):
    report = load(desk, "1,50", "2,50", "3.50", "1.234")
    assert counts(report) == (4, 3, 1, 0, 0)
    assert amounts(desk) == {1: Decimal("1.50"), 2: Decimal("2.50"), 4: Decimal(1234)}
    assert report.notes == ("1.csv: amount has a decimal comma: 1.234,50 is read as 1234.50",)


def test_only_three_digits_behind_a_comma_are_a_thousand_and_said(desk):
    report = load(desk, "1,234", "12,500")
    assert amounts(desk) == {1: Decimal(1234), 2: Decimal(12500)}
    assert report.notes == (
        "1.csv: amount has no number that tells what 1,234 is: it is read as 1234",
    )


def test_a_column_that_does_not_tell_takes_the_convention_of_its_file(desk):
    report = desk.load(
        "customer_id;date;amount;quantity\nann;2024-01-31;1,50;1,250\nbob;2024-01-31;2,50;2.000\n"
    )
    assert desk.rows("customer_id, amount, quantity") == [
        ("ann", Decimal("1.50"), Decimal("1.25")), ("bob", Decimal("2.50"), Decimal(2000)),
    ]  # fmt: skip
    assert "quantity has no number that tells what 1,234 is: it is read as 1.234" in report.notes[1]


def test_each_file_has_its_own_convention(desk):
    one = "customer_id;date;amount\nann;2024-01-31;1.234,50\n"
    other = "customer_id;date;amount\nbob;2024-01-31;1,234.50\n"
    desk.load(one, other)
    assert desk.rows("distinct amount") == [(Decimal("1234.50"),)]


def test_a_convention_that_shows_late_is_found(desk):
    rows = "".join(f"ann;2024-01-31;{n % 9 + 1}\n" for n in range(3000))
    report = desk.load(f"customer_id;date;amount\n{rows}bob;2024-01-31;1,5\n")
    assert (report.loaded, report.rejected) == (3001, 0)
    assert desk.value("sum(amount) filter (customer_id = 'bob')") == Decimal("1.50")


def test_a_number_with_a_line_between_its_digits_is_a_reject_wherever_it_stands(desk):
    assert counts(load(desk, "12.50", *["7"] * 2_000, "1_000")) == (2_002, 2_001, 1, 0, 0)


def test_factors_of_a_product_are_read_alike(desk):
    desk.load(
        "customer_id;date;quantity;unit_price\nann;2024-01-31;1.000;€ 0,335\n", currency="EUR"
    )
    assert desk.value("amount") == Decimal("335.00")


# Currencies beside a number


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("€", ("EUR",)), ("eur", ("EUR",)), ("Rs.", ("INR", "PKR", "LKR", "NPR", "MUR")),
        ("¥", ("JPY", "CNY")), ("zł", ("PLN",)), ("US$", ("USD",)), ("kg", ()), ("abc", ()),
    ],
)  # fmt: skip
def test_signs_and_codes_mean_currencies(written, codes):
    assert meanings(written) == codes


@pytest.mark.parametrize(
    ("text", "currency"),
    [("€ 12.50", "EUR"), ("$12.50", "USD"), ("$12.50", "AUD"), ("INR 12.50", "INR"),
     ("12.50 zł", "PLN"), ("kr 12.50", "NOK")],
)  # fmt: skip
def test_a_currency_beside_the_amount_is_that_of_the_workspace(desk, text, currency):
    assert counts(load(desk, text, currency=currency)) == (1, 1, 0, 0, 0)
    assert desk.rows("amount, currency") == [(Decimal("12.50"), currency)]


def test_a_currency_that_contradicts_sets_its_row_aside(desk):
    report = load(desk, "1.00", "£2.00", "$3.00", "EUR 4.00", "(5.00 €)")
    assert counts(report) == (5, 2, 0, 0, 3)
    assert amounts(desk) == {1: Decimal(1), 2: Decimal(2)}
    assert "rows in EUR, USD are set aside, the workspace keeps GBP" in report.notes[-1]


def test_a_sign_wins_over_a_column_that_says_otherwise(desk):
    text = "customer_id,date,amount,currency\nann,2024-01-31,€5.00,GBP\nbob,2024-01-31,£5.00,EUR\n"
    report = desk.load(text + "cyd,2024-01-31,£5.00,GBP\n")
    assert (report.loaded, report.set_aside) == (1, 2)
    assert desk.rows("customer_id") == [("cyd",)]


def test_a_customer_with_money_in_another_currency_is_a_reject(desk):
    text = 'customer_id,age,credit_limit\nann,30,"£1,500.00"\nbob,40,"$1,500.00"\n'
    report = desk.load(text, kind="customers")
    assert counts(report) == (2, 1, 1, 0, 0)
    assert desk.rows("customer_id, credit_limit", "core.customers") == [("ann", Decimal(1500))]
    assert desk.rows("value, reason", "core.rejects") == [
        ("$1,500.00", "money in another currency")
    ]


# Rounding


def test_amounts_with_more_than_two_decimals_are_counted(desk):
    report = load(desk, "2.675", "2.670", "-0.005", "3", "1e1", "x")
    assert amounts(desk)[1] == Decimal("2.68")
    assert report.notes == (
        "2 amounts have more than two decimals and are rounded, half away from zero: amount",
    )


def test_amounts_with_a_decimal_comma_are_counted_too(desk):
    report = load(desk, "1,50", "1.234,505", "2,6700", "(0,005)")
    assert amounts(desk)[2] == Decimal("1234.51")
    assert amounts(desk)[4] == Decimal("-0.01")
    assert "2 amounts have more than two decimals" in report.notes[-1]


def test_products_that_are_rounded_are_counted(desk):
    report = desk.load(
        "customer_id,date,quantity,unit_price\nann,2024-01-31,3,0.335\nann,2024-01-31,2,0.335\n"
    )
    assert report.notes == (
        "1 amounts have more than two decimals and are rounded, half away from zero:"
        " quantity * unit_price",
    )
