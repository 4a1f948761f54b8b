"""Dates in every wording that a column can have; what is none is NULL, whatever a cast says."""

import duckdb
import pytest
from loading_desk import counts

from warehouse.dates import date_styles, instant
from warehouse.errors import MappingError


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("create temp table texts (file_no integer, c1 varchar)")
        yield con


def read(con, *texts, wish=None, day_zero=None):
    """Each text as a moment in Berlin, from a column that holds just these."""
    con.executemany("insert into texts values (0, ?)", [[text] for text in texts])
    styles = date_styles(con, "texts", "c1", {0: "a.csv"}, wish, day_zero=day_zero)
    sql = f"select cast({instant('c1', styles[0])} as varchar) from texts order by rowid"
    values = {"timezone": "Europe/Berlin"} if "$timezone" in sql else {}
    return [row[0] for row in con.execute(sql, values).fetchall()]


NAMED = {
    "12 Jan 2024": "2024-01-12", "Jan 12, 2024": "2024-01-12", "12-Jan-24": "2024-01-12",
    "January 3rd, 2024": "2024-01-03", "Sept 5 1999 10:00:01": "1999-09-05 10:00:01",
    "12. Feb. 2024 4:05 PM": "2024-02-12 16:05:00", "2024-Mar-31": "2024-03-31",
    "12Jan2024": "2024-01-12", "Wed, 31 Jan 2024 23:30:00 GMT": "2024-02-01 00:30:00",
    "Friday, 1 March 2024": "2024-03-01", "1-DEC-70 08:26": "1970-12-01 08:26:00",
}  # fmt: skip
COUNTED = {
    "1706659200": "2024-01-31 01:00:00", "1706659200123": "2024-01-31 01:00:00.123",
    "1706659200.5": "2024-01-31 01:00:00.5", "20240131": "2024-01-31",
    "20240131083001": "2024-01-31 08:30:01",
}  # fmt: skip
WITH_TIMES = {
    "2024-01-31T23:30:00Z": "2024-02-01 00:30:00", "2024-01-31": "2024-01-31",
    "2024-01-31T23:30:00.250+0000": "2024-02-01 00:30:00.25",
    "2024-07-01 23:30:00 +02:00": "2024-07-01 23:30:00", "2024-1-5 8:26": "2024-01-05 08:26:00",
    "31/01/2024, 08:26": "2024-01-31 08:26:00", "31.01.2024 4:05PM": "2024-01-31 16:05:00",
    "31-01-2024 12:04:05 am": "2024-01-31 00:04:05",
}  # fmt: skip


@pytest.mark.parametrize("wordings", [NAMED, COUNTED, WITH_TIMES])
def test_wordings_mix_in_one_column(con, wordings):
    wanted = [moment if " " in moment else f"{moment} 00:00:00" for moment in wordings.values()]
    assert read(con, *wordings) == wanted


NO_DATES = [
    "12 Jam 2024", "12 Jan 2024 later", "31 Feb 2024", "Jan 2024", "2024-01-31 08:26 foo",
    "2024-01-31 25:00", "31/01/2024 x", "2024-13-01", "5/6/7", "45322", "12", "99999999999",
    "2024-01-31 08:26:00 EST", "1/31", "20241301", "2300-01-01", "32 Jan 2024", "00/00/0000",
]  # fmt: skip


def test_what_is_no_date_is_none(con):
    assert set(read(con, "31/12/2023", "1 Jan 2024", "1706659200", *NO_DATES)[3:]) == {None}


def test_days_are_counted_in_workbooks_only(con):
    found = read(con, "45322", "45322.35138888889", "2024-01-31", day_zero="1899-12-30")
    assert found == ["2024-01-31 00:00:00", "2024-01-31 08:26:00", "2024-01-31 00:00:00"]


@pytest.mark.parametrize(
    ("texts", "moments"),
    [
        (("202401311020", "202402010905", "202413010000"),
         ["2024-01-31 10:20:00", "2024-02-01 09:05:00", None]),
        (("2024013110", "2024020109", "2024-02-02"),
         ["2024-01-31 10:00:00", "2024-02-01 09:00:00", "2024-02-02 00:00:00"]),
        # The first would be a minute, but the others are milliseconds.
        (("200001010101", "946684800000", "978307200123"),
         ["1976-05-03 20:50:10.101", "2000-01-01 01:00:00", "2001-01-01 01:00:00.123"]),
    ],
)  # fmt: skip
def test_digits_are_hours_and_minutes_where_most_of_a_column_could_be(con, texts, moments):
    assert read(con, *texts) == moments


def test_years_of_two_digits_have_a_pivot(con):
    assert read(con, "31/12/69", "01/02/68", "3.4.2024", "01/02/99 08:26") == [
        "1969-12-31 00:00:00", "2068-02-01 00:00:00", "2024-04-03 00:00:00", "1999-02-01 08:26:00",
    ]  # fmt: skip


def test_a_short_year_comes_first_where_it_can_be_no_day(con):
    assert read(con, "97-12-31", "24-01-31", "00-02-29") == [
        "1997-12-31 00:00:00", "2024-01-31 00:00:00", "2000-02-29 00:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "month"), [("13/02/24", "02"), ("02/13/24", "02")])
def test_short_years_tell_the_order_of_day_and_month_too(con, day, month):
    assert read(con, day)[0] == f"2024-{month}-13 00:00:00"


def test_short_years_leave_the_same_questions_open(con):
    with pytest.raises(MappingError, match="01/02/24, which can be read both ways"):
        read(con, "01/02/24")
    assert read(con, "01/02/24", wish="month-first") == ["2024-01-02 00:00:00"] * 2


@pytest.mark.parametrize(
    ("column", "text", "note"),
    [
        ("date", "202401131020", None),
        ("date", "12 Jan 2024", None),
        ("whenever", "Jan 12, 2024 08:26", None),
        ("order_date", "13/01/24", "1.csv: years of two digits are read as 1969 to 2068"),
        ("created_at", "1706659200",
         "1.csv: numbers in the place of dates are read as seconds since 1970, in UTC"),
    ],
)  # fmt: skip
def test_such_columns_are_found_and_what_was_decided_is_said(desk, column, text, note):
    report = desk.load(f'customer_id,{column},amount\nann,"{text}",1\nbob,2024-01-13,2\n')
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.mapping["purchased_at"] == column
    assert list(report.notes) == ([note] if note else [])


def test_another_wording_far_down_is_found(desk):
    rows = "".join(f"ann,2024-01-{n % 28 + 1:02d},1\n" for n in range(3000))
    report = desk.load(f"customer_id,date,amount\n{rows}bob,31 Jan 2024,2\ncyd,31 Feb 2024,2\n")
    assert counts(report) == (3002, 3001, 1, 0, 0)
    assert desk.rows("purchased_on::varchar", "core.transactions where customer_id = 'bob'") == [
        ("2024-01-31",)
    ]
