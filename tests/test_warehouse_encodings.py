"""Text in any encoding is read as what its writer meant; what is taken is said."""

import codecs
import errno
import os

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.sources import encodings
from warehouse.sources.line_ends import with_one_end
from warehouse.sources.named_encodings import known
from warehouse.sources.registry import open_sources
from warehouse.sources.spool import Spool
from warehouse.sources.staging import MALFORMED, stage_all

# Encoding, what people there write, and how the report calls it.
WRITERS = {
    "cp1252": (["Müller & Söhne", "Café de l’été", "Größe 5 €", "España"], "Windows-1252"),
    "latin-1": (["Málaga", "corazón", "niño", "José"], "Windows-1252"),
    "cp1250": (["Łódź", "Kraków żółć", "świętokrzyskie", "Wrocław"], "Windows-1250"),
    "cp1251": (["Москва", "Санкт-Петербург", "продукты", "магазин"], "Windows-1251"),
    "koi8-r": (["Москва", "Санкт-Петербург", "продукты", "магазин"], "KOI8-R"),
    "cp1253": (["Αθήνα", "Θεσσαλονίκη", "κατάστημα", "Γιώργος"], "Windows-1253"),
    "cp1255": (["ירושלים", "חנות מזון", "תל אביב", "ספר"], "Windows-1255"),
    "shift_jis": (["東京", "大阪市", "食料品", "山田太郎"], "Shift JIS"),
    "gb18030": (["北京", "上海市", "食品", "信用卡"], "GB18030"),
    "euc-kr": (["서울", "부산", "식료품", "김철수"], "EUC-KR"),
    "utf-16-le": (["Müller", "東京", "Москва", "ann"], "UTF-16"),
}


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def read(con, path):
    """Rows, and what was said about how they were read."""
    sources = open_sources(con, [str(path)])
    (one,) = stage_all(con, sources)
    rows = [row[1:] for row in con.execute(f"from {one.table}").fetchall()]
    return rows, sources.notes


@pytest.mark.parametrize("encoding", WRITERS)
def test_an_encoding_is_found_from_the_whole_file_and_said(con, tmp_path, encoding):
    words, title = WRITERS[encoding]
    # Nothing in the first 100 kB tells.
    rows = [(str(n), "ann") for n in range(12_000)]
    rows += [(str(n), words[n % len(words)]) for n in range(40)]
    text = "id,who\r\n" + "".join(f"{','.join(row)}\r\n" for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    assert read(con, tmp_path / "a.csv") == (rows, (f"a.csv: read as {title}",))


def test_many_files_are_one_note(con, tmp_path):
    for day in range(5):
        (tmp_path / f"{day}.csv").write_bytes(f"id,who\n{day},Zoë\n".encode("cp1252"))
    sources = open_sources(con, [str(tmp_path / "*.csv")])
    assert len(sources.batches) == 1
    assert sources.notes == ("0.csv, 1.csv, 2.csv and 2 more: read as Windows-1252",)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_few_broken_bytes_do_not_make_another_encoding(con, tmp_path, mark):
    rows = "".join(f"{n},Zoë\n" for n in range(20)).encode()
    (tmp_path / "a.csv").write_bytes(mark + b"id,who\n" + rows + b"20,M\xfcller\n")
    found, notes = read(con, tmp_path / "a.csv")
    assert (len(found), notes) == (20, ())
    assert con.execute(f"select record, reason from {MALFORMED}").fetchall() == [(21, "not UTF-8")]


def test_a_byte_that_its_encoding_does_not_know_rejects_its_record(con, tmp_path):
    rows = "".join(f"{n},Müller\n" for n in range(20)).encode("cp1252")
    (tmp_path / "a.csv").write_bytes(b"id,who\n" + rows + b"20,M\x81ller\n")
    found, notes = read(con, tmp_path / "a.csv")
    assert (len(found), notes) == (20, ("a.csv: read as Windows-1252",))
    assert con.execute(f"select record from {MALFORMED}").fetchall() == [(21,)]


def test_copies_vanish_with_their_load(con, tmp_path):
    (tmp_path / "a.csv").write_text("id,who\n1,ann\n", encoding="utf-16")
    sources = open_sources(con, [str(tmp_path / "a.csv")])
    copy = sources.batches[0].files[0]
    assert copy.read_text(encoding="utf-8") == "id,who\n1,ann\n"
    del sources
    assert not copy.parent.exists()


def test_a_plain_file_is_not_copied(con, tmp_path):
    (tmp_path / "a.csv").write_text("id,who\r\n1,Zoë\r\n2,bob\r\n", encoding="utf-8", newline="")
    assert open_sources(con, [str(tmp_path / "a.csv")]).batches[0].files == (tmp_path / "a.csv",)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_line_ends_within_quotes_stay_wherever_a_piece_ends(size):
    text = 'a,"b\r\nc ""d""\r",e\r\n5" pipe,x\r"f\n",g\r\r\n"open\r\n'
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    one = "".join(with_one_end(pieces))
    assert one == 'a,"b\r\nc ""d""\r",e\n5" pipe,x\n"f\n",g\n"open\n'


def test_a_full_disk_is_told_and_leaves_nothing(con, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    def fill(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(encodings, "_decoded", fill)
    (tmp_path / "a.csv").write_text("id,who\n1,ann\n", encoding="utf-16")
    with pytest.raises(
        SourceError, match=r"a\.csv: cannot be copied.*\n.*No space left[\s\S]*TMPDIR"
    ):
        open_sources(con, [str(tmp_path / "a.csv")])
    assert list(folder.iterdir()) == []


def test_a_temporary_folder_that_is_not_there_is_told(con, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    (tmp_path / "a.csv").write_text("id,who\n1,ann\n", encoding="utf-16")
    with pytest.raises(SourceError, match=r"no temporary folder[\s\S]*TMPDIR"):
        open_sources(con, [str(tmp_path / "a.csv")])


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "spendboard-spool-left"
    left.mkdir()
    (left / "owner").touch()
    os.utime(left, (0, 0))
    held = Spool()
    copy = held.new_file()
    assert not left.exists()
    os.utime(copy.parent, (0, 0))
    Spool().new_file()
    assert copy.parent.exists()
    held.close()
    assert not copy.parent.exists()


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "UTF_16"])
def test_a_file_that_is_not_in_the_encoding_named_is_refused(con, tmp_path, name):
    (tmp_path / "a.csv").write_text("id,who\n1,Zoë\n22,bob\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"/a\.csv: is not in UTF-(16|32)\n"):
        open_sources(con, [str(tmp_path / "a.csv")], encoding=known(name))


@pytest.mark.parametrize("name", ["ascii", "utf-7"])
def test_letters_beyond_ascii_are_in_no_encoding_of_seven_bits(con, tmp_path, name):
    (tmp_path / "a.csv").write_text("id,who\n1,Zoë\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"/a\.csv: is not in"):
        open_sources(con, [str(tmp_path / "a.csv")], encoding=known(name))


@pytest.mark.parametrize("written", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_plain_name_whatever_the_order_of_its_bytes(con, tmp_path, written):
    (tmp_path / "a.csv").write_bytes("id,who\n1,Zoë\n".encode(written))
    sources = open_sources(con, [str(tmp_path / "a.csv")], encoding="utf-16")
    (one,) = stage_all(con, sources)
    assert [row[1:] for row in con.execute(f"from {one.table}").fetchall()] == [("1", "Zoë")]
    assert sources.notes == ("a.csv: read as UTF-16",)


@pytest.mark.parametrize(
    ("written", "name", "note"),
    [
        ("utf-8-sig", "cp1252", "read as UTF-8 by its byte order mark, not as Windows-1252"),
        ("utf-16", "cp850", "read as UTF-16 by its byte order mark, not as cp850"),
        ("utf-16", "utf-16-be", "read as UTF-16"),
        ("utf-32", "utf-16", "read as UTF-32 by its byte order mark, not as UTF-16"),
    ],
)
def test_a_byte_order_mark_wins_over_the_name_and_is_told(con, tmp_path, written, name, note):
    (tmp_path / "a.csv").write_bytes("id,who\n1,Zoë\n".encode(written))
    sources = open_sources(con, [str(tmp_path / "a.csv")], encoding=name)
    assert sources.notes == (f"a.csv: {note}",)
    (one,) = stage_all(con, sources)
    assert [row[1:] for row in con.execute(f"from {one.table}").fetchall()] == [("1", "Zoë")]


def test_text_in_two_bytes_a_character_is_not_read_as_if_it_had_one(con, tmp_path):
    (tmp_path / "a.csv").write_bytes("id,who\n1,ann\n".encode("utf-16-le"))
    with pytest.raises(SourceError, match=r"is not in Windows-1252\n.*bytes as in UTF-16"):
        open_sources(con, [str(tmp_path / "a.csv")], encoding="cp1252")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("cp1252", "id,who\n1,ann\n2,Zoë Weiß\n", "'ZoÃ«' where UTF-8, which the whole file could"),
        ("utf-7", "id,who\n1,ann\n2,x+AGE-y\n", "'xay' where UTF-8"),
    ],
)
def test_an_encoding_that_is_named_for_text_in_utf_8_is_doubted(con, tmp_path, name, text, says):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    notes = open_sources(con, [str(tmp_path / "a.csv")], encoding=known(name)).notes
    assert says in " ".join(notes)


def test_an_encoding_that_is_named_rightly_is_not_doubted(con, tmp_path):
    (tmp_path / "a.csv").write_text("id,who\n1,Zoë Weiß\n", encoding="cp1252")
    (tmp_path / "b.csv").write_text("id,who\n1,ann\n", encoding="ascii")
    for name in ("a.csv", "b.csv"):
        notes = open_sources(con, [str(tmp_path / name)], encoding="cp1252").notes
        assert "where UTF-8" not in " ".join(notes)
