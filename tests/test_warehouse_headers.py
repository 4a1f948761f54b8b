"""Headers of SQL files: what is read from them, and that every file of ours tells the truth."""

import re
from datetime import date

import duckdb
import pytest

from warehouse.build import build_core, build_marts, build_views
from warehouse.errors import SqlFileError
from warehouse.headers import SQL_FOLDER, parse_header, read_sql_file, sql_files

EXAMPLE = """\
-- features.rhythm(as_of, horizon_days): how often somebody buys,
--   and when.
-- grain:  one row per customer
--         with a purchase
-- reads:  core.transactions, features.customer_rfm,
--         labels.future_spend
-- params: as_of DATE, the last day that counts
-- more:   further columns follow
-- columns:
--   customer_key  INTEGER         key
--   spend         DECIMAL(18,2)   [currency] net spend;
--                                 NULL if unknown
--   is_new        BOOLEAN
-- A sentence for the reader.
-- Grain: not a keyword, it begins with a capital letter.
select 1 as customer_key -- a comment
"""


def test_a_header_is_read_as_data():
    header = parse_header(EXAMPLE)
    assert header.name == "features.rhythm"
    assert header.summary == "how often somebody buys, and when."
    assert header.grain == "one row per customer with a purchase"
    assert header.reads == ("core.transactions", "features.customer_rfm", "labels.future_spend")
    assert header.params == ("as_of", "horizon_days")
    assert header.more == "further columns follow"
    assert list(header.columns) == ["customer_key", "spend", "is_new"]
    assert header.columns["spend"].type == "DECIMAL(18,2)"
    assert header.columns["spend"].description == "[currency] net spend; NULL if unknown"
    assert header.columns["spend"].unit == "currency"
    assert header.columns["is_new"] == ("BOOLEAN", "")
    assert header.columns["is_new"].unit is None
    assert (header.severity, header.kind) == (None, "table")
    assert header.notes.startswith("A sentence for the reader. Grain: not a keyword")


def test_the_statement_below_the_header_is_kept_without_its_semicolon(tmp_path):
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "rhythm.sql").write_text(EXAMPLE.rstrip() + "\n;\n", encoding="utf-8")
    assert read_sql_file(folder / "rhythm.sql").select == "select 1 as customer_key -- a comment"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("select 1", "does not begin with its header"),
        ("", "no comment"),
        ("-- how often somebody buys\nselect 1", "found:  how often somebody buys"),
        ("-- checks.x: rows\nselect 1", "checks.x: a check needs a severity"),
        ("-- checks.x: rows\n-- severity: fatal\nselect 1", "found:  fatal"),
        ("-- marts.x: rows\n-- kind: macro\nselect 1", "marts.x: unknown kind"),
    ],
)
def test_a_bad_header_is_named_with_the_way_out(text, says):
    with pytest.raises(SqlFileError) as error:
        parse_header(text)
    assert says in str(error.value)
    assert "to fix:" in str(error.value)


def test_a_file_must_be_named_after_its_relation_and_hold_a_select(tmp_path):
    folder = tmp_path / "marts"
    folder.mkdir()
    (folder / "about.sql").write_text("-- marts.other: x\nselect 1", encoding="utf-8")
    with pytest.raises(SqlFileError, match=r"write marts\.about, or move the file"):
        sql_files("marts", tmp_path)
    (folder / "about.sql").write_text("-- marts.about: x\n", encoding="utf-8")
    with pytest.raises(SqlFileError, match="no SELECT"):
        sql_files("marts", tmp_path)


FILES = [file for schema in sorted(p.name for p in SQL_FOLDER.iterdir() if p.is_dir())
         for file in sql_files(schema)]  # fmt: skip
CALLS = {"features": "(date '2025-01-31')", "labels": "(date '2025-01-31', 30)"}


def name_of(file):
    return file.header.name


@pytest.fixture(scope="module")
def built():
    """Every relation of the package, on an empty warehouse."""
    with duckdb.connect(config={"threads": 1}) as con:
        build_core(con)
        build_views(con)
        build_marts(con, as_of=date(2025, 1, 31), horizon_days=30, currency="GBP")
        yield con


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_reads_what_its_header_says(file):
    code = re.sub(r"--.*", "", file.select)
    relations = r"\b(?:from|join)\s+((?:core|features|labels|scores|marts|marks|steps)\.[a-z_]\w*)"
    named = set(re.findall(relations, code))
    assert named == set(file.header.reads)
    assert file.header.grain


# Checks return what offends; marks and steps are on the way to relations, and no one's to read.
ON_THE_WAY = ("checks.", "marks.", "steps.")


@pytest.mark.parametrize(
    "file", [f for f in FILES if not f.header.name.startswith(ON_THE_WAY)], ids=name_of
)
def test_a_header_lists_the_columns_that_the_relation_has(built, file):
    schema = file.path.parent.name
    relation = f"from {file.header.name}{CALLS.get(schema, '')}"
    # An empty table is made of its header, and its SELECT must say the same.
    described = built.execute(
        f"describe {file.select if schema in ('core', 'scores') else relation}"
    ).fetchall()
    actual = {column: kind for column, kind, *_ in described}
    assert actual == {name: column.type for name, column in file.header.columns.items()}
    assert list(actual) == list(file.header.columns)
