"""Numbers, amounts, shares, days and ages as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.formatting import Formatter

EURO = Formatter("EUR")


@pytest.mark.parametrize(
    ("value", "full", "cents", "short"),
    [
        (1284310, "€1,284,310", "€1,284,310.00", "€1.28 m"),
        (Decimal("8300065.81"), "€8,300,066", "€8,300,065.81", "€8.30 m"),
        (431900, "€431,900", "€431,900.00", "€432 k"),
        (99950, "€99,950", "€99,950.00", "€100 k"),
        (999499, "€999,499", "€999,499.00", "€999 k"),
        (999600, "€999,600", "€999,600.00", "€1.00 m"),
        (86.4, "€86", "€86.40", "€86.40"),
        (0, "€0", "€0.00", "€0"),
        (-21300.4, "−€21,300", "−€21,300.40", "−€21.3 k"),
        (-0.001, "€0", "€0.00", "€0.00"),
        (12_345_678_901, "€12,345,678,901", "€12,345,678,901.00", "€12.3 bn"),
        (None, "–", "–", "–"),
        (float("nan"), "–", "–", "–"),
        (Decimal("Infinity"), "–", "–", "–"),
    ],
)
def test_money(value, full, cents, short):
    assert EURO.money(value) == full
    assert EURO.money(value, 2) == cents
    assert EURO.money(value, compact=True) == short


@pytest.mark.parametrize(
    ("currency", "text"), [("GBP", "£5"), ("CHF", "CHF 5"), ("XXQ", "XXQ 5"), ("JPY", "JP¥5")]
)
def test_a_currency_without_a_symbol_is_named(currency, text):
    assert Formatter(currency).money(5) == text


def test_another_locale_has_its_own_separators():
    assert Formatter("EUR", "de_DE").money(1234567.5, 2) == "€1.234.567,50"


@pytest.mark.parametrize(
    ("ratio", "digits", "said"),
    [
        (0.001, 0, "under 1 %"), (0.0001, 1, "under 0.1 %"), (0, 0, "0 %"), (0.0, 1, "0.0 %"),
        (0.999, 0, "over 99 %"), (0.9999, 1, "over 99.9 %"), (1, 0, "100 %"), (1.004, 0, "100 %"),
        (0.006, 0, "1 %"), (0.994, 0, "99 %"), (Decimal("0.0002"), 1, "under 0.1 %"),
        (-0.001, 0, "0 %"),
    ],
)  # fmt: skip
def test_nearly_none_is_not_none_and_nearly_all_not_all(ratio, digits, said):
    assert EURO.percent(ratio, digits) == said


def test_shares_points_signs_and_days():
    assert EURO.percent(0.613) == "61.3 %"
    assert EURO.percent(0.613, 0) == "61 %"
    assert EURO.percent(-0.014) == "−1.4 %"
    assert EURO.percent(None) == "–"
    assert [EURO.change(n) for n in (0.0001, -0.014, None)] == ["0.0 %", "−1.4 %", "–"]
    assert EURO.points(0.018) == "1.8 points"
    assert EURO.points(-0.01, 0) == "−1 point"
    assert [EURO.signed(n) for n in (105, -9, 0, 0.2, None)] == ["+105", "−9", "0", "0", "–"]
    assert [EURO.days(n) for n in (1, 30, 1200, None)] == ["1 day", "30 days", "1,200 days", "–"]
    assert [EURO.exact(n) for n in (100, 0.5, Decimal("1.250"), -3)] == ["100", "0.5", "1.25", "−3"]
    assert EURO.count(18402) == "18,402"


def test_days_are_written_out():
    assert EURO.date(date(2011, 12, 9)) == "9 Dec 2011"
    assert EURO.date(date(2026, 9, 30)) == "30 Sep 2026"
    assert EURO.date(None) == "–"
    assert EURO.span(date(2011, 6, 1), date(2011, 8, 31)) == "1 Jun to 31 Aug 2011"
    assert EURO.span(date(2010, 12, 1), date(2011, 1, 1)) == "1 Dec 2010 to 1 Jan 2011"
    assert EURO.span(date(2011, 6, 1), date(2011, 6, 1)) == "1 Jun 2011"


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=0.4), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=8), "8 s ago"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=26), "26 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=4000), "4,000 days ago"),
    ],
)
def test_ages_are_words(ago, text):
    now = datetime(2026, 9, 30, 12, tzinfo=UTC)
    assert EURO.age(now - ago, now) == text
    assert EURO.age((now - ago).replace(tzinfo=None), now) == text


def test_an_unknown_age_is_missing():
    assert EURO.age(None) == "–"
