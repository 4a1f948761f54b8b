"""Tables of real databases as sources: every value exact, nothing changed, nothing lost."""

import duckdb
import pytest
from database_servers import PASSWORD

from warehouse.errors import SourceError
from warehouse.progress import Silent
from warehouse.sources.database import Passwords
from warehouse.sources.database_url import parse
from warehouse.sources.mysql import DRIVER
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import stage_all
from warehouse.sources.tables import Databases

KNOWN = Passwords({"mysql": PASSWORD, "postgresql": PASSWORD})


def staged(*addresses, passwords=KNOWN, since=None):
    """Columns and rows of addresses, read to their end."""
    databases = Databases(passwords, lambda url: since)
    with duckdb.connect() as con, databases:
        sources = open_sources(con, addresses, databases)
        databases.finish(Silent())
        rows = [
            row[1:]
            for one in stage_all(con, sources)
            for row in con.execute(f"from {one.table}").fetchall()
        ]
        sources.spool.close()
    return sources.batches[0].layout.columns, rows


# Values


def test_values_of_mariadb_keep_their_exact_text(mariadb):
    mariadb.run(
        "set sql_mode = ''",
        """
        create table exact (
            id bigint unsigned, price decimal(20, 2), share double, at datetime(3),
            instant timestamp null, day date, flag boolean, bits bit(10), code binary(2),
            picture blob, note text
        )
        """,
        r"""
        insert into exact values
        (18446744073709551615, 999999999999999999.99, 0.1, '2024-01-31 08:00:00.5',
            '2024-01-31 08:00:00', '0000-00-00', true, b'101', x'00ff', x'89504e47', ''),
        (2, null, null, null, null, null, null, null, null, null, 'a "b"\r\n,c; é😀\\')
        """,
    )
    columns, rows = staged(mariadb.url("?table=exact"))
    assert columns == (
        "id", "price", "share", "at", "instant", "day", "flag", "bits", "code", "note",
    )  # fmt: skip
    assert rows == [
        ("18446744073709551615", "999999999999999999.99", "0.1", "2024-01-31 08:00:00.500",
         "2024-01-31 08:00:00+00:00", "0000-00-00", "1", "5", "00ff", ""),
        ("2", *[None] * 8, 'a "b"\r\n,c; é😀\\'),
    ]  # fmt: skip


def test_odd_types_of_mysql_keep_their_exact_text(mariadb):
    mariadb.run(
        "set sql_mode = ''",
        """
        create table odd_types (
            kind enum('a,b', 'ü"x'), kinds set('x', 'y'), nested json, lasting time(2), born year,
            bits bit(64), price decimal(65, 30), share float, letter char(5) character set latin1,
            at datetime, instant timestamp null, day date, place point
        )
        """,
        r"""
        insert into odd_types values (
            'ü"x', 'x,y', '{"a": "é😀\\n"}', '-838:59:59', 2024, ~0,
            12345678901234567890123456789012345.123456789012345678901234567890, 1.1, 'é',
            '0000-00-00', '0000-00-00', '2024-00-00', point(1, 2)
        )
        """,
    )
    assert staged(mariadb.url("?table=odd_types"))[1] == [(
        'ü"x', "x,y", '{"a": "é😀\\n"}', "-838:59:59.00", "2024", "18446744073709551615",
        "12345678901234567890123456789012345.123456789012345678901234567890", "1.1", "é",
        "0000-00-00 00:00:00", "0000-00-00 00:00:00+00:00", "2024-00-00",
    )]  # fmt: skip


def test_values_of_postgresql_keep_their_exact_text(postgresql):
    postgresql.run(
        "set timezone = 'Europe/Berlin'",
        """
        create table exact (
            id bigint, price numeric(20, 2), share double precision, at timestamp,
            instant timestamptz, day date, flag boolean, bits bit(3), paid money,
            picture bytea, note text
        )
        """,
        r"""
        insert into exact values
        (9223372036854775807, 999999999999999999.99, 0.1, '2024-01-31 08:00:00.5',
            '2024-01-31 08:00:00', 'infinity', true, b'101', 12.5, '\x89504e47', ''),
        (2, null, null, null, null, null, null, null, null, null, E'a "b"\r\n,c; é😀\\')
        """,
    )
    columns, rows = staged(postgresql.url("?table=public.exact"))
    assert columns == (
        "id", "price", "share", "at", "instant", "day", "flag", "bits", "paid", "note",
    )  # fmt: skip
    assert rows == [
        ("9223372036854775807", "999999999999999999.99", "0.1", "2024-01-31 08:00:00.5",
         "2024-01-31 07:00:00+00", "infinity", "true", "101", "12.50", ""),
        ("2", *[None] * 8, 'a "b"\r\n,c; é😀\\'),
    ]  # fmt: skip


def test_a_query_is_taken_as_it_stands(server):
    query = "?query=select 1 as a, '50%' as b where 'x' like '%' and 1 & 1 = 1 -- note;"
    assert staged(server.url(query)) == (("a", "b"), [("1", "50%")])


def test_names_are_quoted(server):
    quote = "`" if server.scheme == "mysql" else '"'
    name = "odd name; drop table x"
    server.run(f"create table {quote}{name}{quote} ({quote}select{quote} integer)")
    server.run(f"insert into {quote}{name}{quote} values (7)")
    assert staged(server.url(f"?table={name}")) == (("select",), [("7",)])


def test_long_and_wild_texts_come_whole_or_are_rejected(mariadb):
    mariadb.run(
        "create table wild (id integer, note longtext)",
        r"insert into wild values (1, 'a\0b'), (2, repeat('x', 3000000)),"
        " (3, concat('\"', repeat('z\n', 30000)))",
    )
    assert staged(mariadb.url("?table=wild"))[1] == [("1", "a\0b"), ("3", '"' + "z\n" * 30000)]


def test_a_table_of_pictures_only_is_refused(server):
    kind = {"mysql": "blob", "postgresql": "bytea"}[server.scheme]
    server.run(f"create table pictures (picture {kind})", "insert into pictures values ('x')")
    with pytest.raises(SourceError, match="holds nothing that could be read"):
        staged(server.url("?table=pictures"))


# One SELECT, which changes nothing


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a; drop table precious",
        "select 1) as source; drop table precious; select * from (select 1",
        "select 1) as source; drop table precious --",
        "with gone as (delete from precious returning id) select * from gone",
        "select 1) as source into outfile 'precious' /*",
        "select id from precious for update",
        "select 1 as a, 2 as a",
    ],
)
def test_what_is_more_than_one_select_is_refused(server, query):
    server.run("create table if not exists precious (id integer)")
    with pytest.raises(SourceError, match=r"cannot run the query|the connection|holds no row"):
        staged(server.url(f"?query={query}"))
    assert server.run("select count(*) from precious")[0][0] == 0


def test_a_function_that_writes_is_refused(postgresql):
    postgresql.run(
        "create table written (id integer)",
        "create function scribble() returns integer language sql as"
        " 'insert into written values (1) returning id'",
    )
    with pytest.raises(SourceError, match="read-only transaction"):
        staged(postgresql.url("?query=select scribble() as a"))
    assert postgresql.run("select count(*) from written") == [(0,)]


# Errors


def test_a_wrong_password_is_told_and_never_shown(server):
    passwords = Passwords(dict.fromkeys(KNOWN.known, "wr0ng"))
    with pytest.raises(SourceError) as caught:
        staged(server.url("?table=exact"), passwords=passwords)
    assert "the server refuses ann" in str(caught.value)
    assert "wr0ng" not in str(caught.value)
    assert "wr0ng" not in repr(passwords)


def test_a_password_is_asked_for_only_where_the_server_wants_one(server):
    asked = []

    def ask(question):
        asked.append(question)
        return PASSWORD

    assert staged(server.url("?query=select 7 as a"), passwords=Passwords({}, ask))[1] == [("7",)]
    assert asked == [f"Password of ann at 127.0.0.1:{server.port}: "]


def test_a_server_that_nobody_vouches_for_is_not_given_the_password(server):
    with pytest.raises(SourceError, match=r"no connection|refuses"):
        staged(server.url("?tls=verify&query=select 1 as a"))


def test_a_server_without_encryption_is_told_from_one_that_is_not_there():
    url = parse("mysql://ann@db.example/shop?table=t")
    told = DRIVER.no_entry(url, RuntimeError("'cryptography' package is required"))
    assert "offers no encryption" in str(told)
    assert "switch TLS on" in str(told)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("{scheme}://ann@127.0.0.1:1/shop?table=t", "no connection to 127.0.0.1:1"),
        ("{scheme}://ann@nowhere.invalid/shop?table=t", "no connection to nowhere.invalid"),
        ("{scheme}://ann@127.0.0.1:{port}/nothing?table=t", "nothing"),
        ("{scheme}://ann@127.0.0.1:{port}/shop?table=known_thing", "did you mean: known_things?"),
        ("{scheme}://ann@127.0.0.1:{port}/shop?table=known_things&watermark=changed",
         "did you mean: changed_at?"),
        ("{scheme}://ann@127.0.0.1:{port}/shop?query=select nothing", "cannot run the query"),
        ("{scheme}://ann@127.0.0.1:{port}/shop?table=known_things", "holds no row"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(server, address, words):
    server.run("create table if not exists known_things (id integer, changed_at timestamp null)")
    with pytest.raises(SourceError) as caught:
        staged(address.format(scheme=server.scheme, port=server.port))
    assert words in str(caught.value)
    assert caught.value.exit_code == 3
