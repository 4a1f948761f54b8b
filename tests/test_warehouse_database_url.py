"""Addresses of databases: read as they are meant, and never repeated where they hold a password."""

import pytest

from warehouse.errors import UsageError
from warehouse.sources.database_url import DatabaseUrl, is_address, parse
from warehouse.sources.tables import shown


def test_an_address_is_taken_apart():
    assert parse("mysql://ann@db.example:3307/shop?table=orders&watermark=id") == DatabaseUrl(
        "mysql", "ann", "db.example", 3307, "shop", table="orders", watermark="id"
    )


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ("mariadb://ann@h/db?table=t", "mysql://h:3306/db?table=t"),
        ("postgres://bob@h/db?table=s.t", "postgresql://h:5432/db?table=s.t"),
        ("POSTGRESQL:///db?table=t", "postgresql://localhost:5432/db?table=t"),
        ("mysql://ann@[::1]/db?table=my%20t", "mysql://[::1]:3306/db?table=my t"),
    ],
)
def test_what_is_read_has_one_name_whoever_reads_it(address, identity):
    assert parse(address).identity == identity


@pytest.mark.parametrize(
    "text",
    [
        "select a & b from t where c like '%25%' and d = '1+1'",
        "select+a+%26+b+from+t+where+c+like+'%2525%25'+and+d+%3D+'1%2B1'",
        "select%20a%20%26%20b%20from%20t%20where%20c%20like%20'%2525%25'%20and%20d%20=%20'1%2B1'",
    ],
)
def test_a_query_stands_plain_or_percent_encoded(text):
    found = parse(f"mysql://h/db?watermark=a&query={text}")
    assert found.query == "select a & b from t where c like '%25%' and d = '1+1'"
    assert found.watermark == "a"


def test_a_certificate_can_be_asked_for():
    assert parse("mysql://h/db?table=t&tls=verify").is_verified
    assert not parse("mysql://h/db?table=t").is_verified


def test_a_semicolon_at_the_end_is_dropped():
    assert parse("mysql://h/db?query=select 1 as a ; ").query == "select 1 as a"


SECRET = "t0psecret"


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://ann:{SECRET}@h/db?table=t", f"postgresql://ann:{SECRET}@h:5432/db?table=t",
        f"mysql://:{SECRET}@h/db?table=t", f"mysql://ann:{SECRET}/1@h/db?table=t",
        f"mysql://ann:1/{SECRET}@h/db?table=t", f"mysql://ann:{SECRET}?1@h/db?table=t",
        f"mysql://ann:{SECRET}#1@h/db?table=t", f"mysql://ann:1@{SECRET}@h/db?table=t",
        f"mysql://ann@h/db?table=t&password={SECRET}", f"mysql://ann@h/db?password={SECRET}",
        f"ftp://ann:{SECRET}@h/db", f"mysqls://ann:{SECRET}@h/db?table=t",
    ],
)  # fmt: skip
def test_a_password_in_an_address_is_refused_and_not_repeated(address):
    assert is_address(address)
    with pytest.raises(UsageError) as caught:
        parse(address)
    assert SECRET not in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        "mysql://h/?table=t", "mysql://h/db", "mysql://h/db?table=", "mysql://h/db?table=t&table=u",
        "mysql://h/db?table=t&query=select 1", "mysql://h:port/db?table=t",
        "mysql://h/db?query=delete from t", "mysql://h/db?limit=5", "mysql://h/db?table=t&tls=no",
    ],
)  # fmt: skip
def test_an_address_that_is_not_clear_is_refused(address):
    with pytest.raises(UsageError):
        parse(address)


def test_reports_call_a_table_without_user_and_a_long_query_by_its_beginning():
    assert parse("mysql://ann@h/db?table=t").label == "mysql://h/db t"
    assert parse("postgresql://ann@h:6000/db?table=t").label == "postgresql://h:6000/db t"
    query = "select " + ", ".join(f"column_{n}" for n in range(30)) + " from t"
    label = parse(f"mysql://ann@h/db?query={query}").label
    assert label == "mysql://h/db select column_0, column_1, column_2, ..."


def test_a_file_is_no_address():
    assert not is_address("daily/orders.csv")
    assert not is_address("C:\\orders.csv")
    assert shown("daily/orders.csv") == "daily/orders.csv"
    assert shown("mysql://ann@h/db?table=t") == "mysql://h/db t"
