"""What Python's csv module writes is read back cell by cell, in any encoding."""

import csv
import io

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.sources.registry import open_sources
from warehouse.sources.staging import MALFORMED, stage_all

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
HEADER = ("id", "who", "note")
# What a writer of CSV has to quote, and what looks like it.
NASTY = st.sampled_from(['"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", "'", "\\", " ", "#"])
# Only words tell which encoding of one byte a letter this is in.
WESTERN = st.sampled_from(["Müller", "Café", "naïve", "señor", "Größe", "5 €", "abc", "1.50"])


def cells(encoding):
    """Texts that a file in that encoding can hold; control characters would make it binary."""
    letters = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff")
    words = WESTERN if encoding == "cp1252" else st.text(letters, max_size=6)
    return st.lists(NASTY | words, max_size=5).map("".join)


@st.composite
def files(draw):
    """An encoding, a dialect, and rows of three cells, numbered."""
    encoding = draw(st.sampled_from(ENCODINGS))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    cell = cells(encoding)
    if end == "\n":
        # Python quotes a carriage return in a cell only where it is a part of the line end.
        cell = cell.map(lambda text: text.replace("\r", ""))
    rows = draw(st.lists(st.tuples(cell, cell), min_size=2, max_size=8))
    return encoding, delimiter, end, [(f"r{n}", *row) for n, row in enumerate(rows)]


@given(file=files())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_cell_comes_back(tmp_path, file):
    encoding, delimiter, end, rows = file
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([HEADER, *rows])
    (tmp_path / "a.csv").write_bytes(text.getvalue().encode(encoding))
    with duckdb.connect() as con:
        sources = open_sources(con, [str(tmp_path / "a.csv")])
        (one,) = stage_all(con, sources)
        found = con.execute(f"select * exclude (file_no) from {one.table}").fetchall()
        assert con.execute(f"from {MALFORMED}").fetchall() == []
    assert sources.batches[0].layout.columns == HEADER
    # Nothing between two separators is NULL.
    assert [tuple(cell or "" for cell in row) for row in found] == rows
