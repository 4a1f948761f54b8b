"""JSON: every value in its own wording, every broken line with its number."""

import gzip
import json

import duckdb
import pytest
from loading_desk import Desk, counts

from warehouse.errors import SourceError
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import MALFORMED, stage_all


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def staged(con, folder, content):
    """Columns and rows of a file of JSON."""
    (folder / "a.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    sources = open_sources(con, [str(folder / "a.json")])
    (one,) = stage_all(con, sources)
    rows = [row[1:] for row in con.execute(f"from {one.table}").fetchall()]
    return sources.batches[0].layout.columns, rows


def test_values_keep_their_wording(con, tmp_path):
    text = (
        '{"id": "007", "amount": 12345678901234567.10, "rate": 1.50, "paid": true,'
        ' "who": "Zo\\u00eb"}\n'
        '{"id": "a \\"b\\", c", "amount": -0, "rate": 1E3, "paid": null, "who": "x\\ny"}\n'
    )
    assert staged(con, tmp_path, text) == (
        ("id", "amount", "rate", "paid", "who"),
        [("007", "12345678901234567.10", "1.50", "true", "Zoë"),
         ('a "b", c', "-0", "1E3", None, "x\ny")],
    )  # fmt: skip


def test_keys_may_be_missing_late_and_in_any_order(con, tmp_path):
    lines = [json.dumps({"id": n, "amount": n}) for n in range(1500)]
    lines.append('{"city": "Rome", "amount": 9, "note": {"a": [1.0, "b"]}}')
    names, rows = staged(con, tmp_path, "\n".join(lines))
    assert names == ("id", "amount", "city", "note")
    assert rows[0] == ("0", "0", None, None)
    assert rows[-1] == (None, "9", "Rome", '{"a": [1.0, "b"]}')


FORMS = {
    "array": '[{"id": 1, "n": 1.10}, {"id": 2, "n": 2.0}]',
    "array on many lines": '\ufeff[\n  {"id": 1,\n   "n": 1.10\n  },\n  {"id": 2, "n": 2.0}\n]\n',
    "objects on many lines": '{\n  "id": 1,\n  "n": 1.10\n}\n{\n  "id": 2,\n  "n": 2.0\n}\n',
    "objects on one line": '{"id": 1, "n": 1.10}{"id": 2, "n": 2.0}',
    "lines": '{"id": 1, "n": 1.10}\r\n\r\n{"id": 2, "n": 2.0}',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_form_gives_the_same_rows(con, tmp_path, form, pack):
    content = pack(FORMS[form].encode())
    assert staged(con, tmp_path, content) == (("id", "n"), [("1", "1.10"), ("2", "2.0")])


@pytest.mark.parametrize("form", ["lines", "array on many lines"])
@pytest.mark.parametrize(
    ("encoding", "title"),
    [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-be", "UTF-16")],
)
def test_an_encoding_is_found_as_in_other_text(con, tmp_path, form, encoding, title):
    text = FORMS[form].replace("1.10", '"Müller"').removeprefix("\ufeff")
    (tmp_path / "a.json").write_bytes(gzip.compress(text.encode(encoding)))
    sources = open_sources(con, [str(tmp_path / "a.json")])
    (one,) = stage_all(con, sources)
    assert con.execute(f"select c1, c2 from {one.table}").fetchall() == [
        ("1", "Müller"), ("2", "2.0"),
    ]  # fmt: skip
    assert sources.notes == (f"a.json: read as {title}",)


def test_an_encoding_that_is_named_holds_for_json_too(con, tmp_path):
    (tmp_path / "a.json").write_bytes('{"who": "Zoë"}\n'.encode("cp850"))
    sources = open_sources(con, [str(tmp_path / "a.json")], encoding="cp850")
    (one,) = stage_all(con, sources)
    assert con.execute(f"select c1 from {one.table}").fetchall() == [("Zoë",)]


def test_a_file_without_a_readable_record_is_refused_and_not_left_out(con, tmp_path):
    (tmp_path / "1.json").write_text('{"id": 1}\n')
    (tmp_path / "2.json").write_text('{"id": x}\n{"id": y}\n')
    with pytest.raises(SourceError, match=r"2\.json: none of its records[\s\S]*record 1: not JSON"):
        open_sources(con, [str(tmp_path / "*.json")])


def test_an_array_larger_than_a_block_is_read_in_pieces(con, tmp_path):
    rows = [{"id": n, "text": "é" * (n % 90)} for n in range(40_000)]
    _, found = staged(con, tmp_path, json.dumps(rows, ensure_ascii=False))
    assert found == [(str(row["id"]), row["text"]) for row in rows]


def test_a_broken_line_is_a_reject_with_its_number(con, tmp_path):
    text = '{"id": "é"}\n\n{"id": \n[1, 2]\n{"id": 2}\n{"id": "%"}\n{"id": NaN}\n{"id": 3}'
    content = text.encode().replace(b"%", b"\xff")
    assert staged(con, tmp_path, content)[1] == [("é",), ("2",), ("3",)]
    assert con.execute(
        f"select record, accepted_before, value, reason from {MALFORMED} order by record"
    ).fetchall() == [
        (2, 1, '{"id":', "not JSON"), (3, 1, "[1, 2]", "not a JSON object"),
        (5, 2, '{"id": "\ufffd"}', "not JSON"), (6, 2, '{"id": NaN}', "not JSON"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"id": 1}, {"id": 2}', "not complete"),
        ('[{"id": 1}, {"id": }]', "object 2 is not complete"),
        ('[{"id": 1}, 2]', "object 2"),
        ('[{"id": 1}] [2]', "cannot be read as JSON"),
        ('{"id": "' + "x" * 9_000_000, "JSON to its end"),
        ("[]", "holds no row"),
        ("{}\n", "holds no row"),
    ],
)
def test_what_is_no_table_is_refused(con, tmp_path, content, words):
    with pytest.raises(SourceError, match=words):
        staged(con, tmp_path, content)


def test_a_file_of_json_is_loaded_like_any_other(tmp_path):
    desk = Desk(tmp_path)
    (tmp_path / "a.jsonl").write_text(
        '{"transaction_id": 1, "customer_id": "ann", "date": "2024-01-31", "amount": 2.675}\n'
        '{"transaction_id": 2, "customer_id": "bob", "date": "2024-01-31", "amount": x}\n'
    )
    assert counts(desk.load_files(tmp_path / "a.jsonl")) == (2, 1, 1, 0, 0)
    assert desk.rows("file, record, reason", "core.rejects") == [("a.jsonl", 2, "not JSON")]
    desk.load("transaction_id,customer_id,date,amount\n1,ann,2024-01-31,2.68\n")
    assert desk.value("count(*)") == 1
    desk.con.close()
