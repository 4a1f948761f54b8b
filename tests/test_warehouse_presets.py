"""Presets: what a load confirmed is how the next file with that header is read."""

import tomllib
from datetime import date

import duckdb
import pytest

from warehouse.configuration import Settings, read_settings
from warehouse.errors import MappingError
from warehouse.generations import Workspace
from warehouse.loading import load

SHOP = "customer_id,sent,came,amount\nann,2024-01-31,2024-02-03,2.50\n"
SENT = {"purchased_at": "sent"}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(folder, tmp_path):
    """Load a text as a file would be, with the settings that stand in the workspace now."""

    def load_text(text, name="orders.csv", presets="save", **wishes):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load(
            Workspace(folder), read_settings(folder), [str(tmp_path / name)],
            presets=presets, **wishes,
        )  # fmt: skip

    return load_text


def toml(folder):
    return (folder / "spendboard.toml").read_text(encoding="utf-8")


def test_the_next_file_with_that_header_needs_no_hint_and_says_so(shop, folder):
    first = shop(SHOP, mapping=SENT)
    (preset,) = tomllib.loads(toml(folder))["presets"].items()
    assert preset[1] == {
        "kind": "transactions",
        "source": "default",
        "map": {"customer_id": "customer_id", "purchased_at": "sent", "amount": "amount"},
    }
    assert f"is saved as preset {preset[0]} in spendboard.toml" in first.notes[-1]
    assert "# orders.csv: customer_id, sent, came, amount" in toml(folder)
    # Columns in another order and another case are the same columns.
    report = shop("amount,Sent,customer_id,CAME\n3.50,2024-02-01,bob,2024-02-02\n", "more.csv")
    assert report.loaded == 1
    assert report.mapping["purchased_at"] == "Sent"
    assert f"mapping: preset {preset[0]} of spendboard.toml" in report.notes[0]


def test_comments_and_order_of_the_file_survive(shop, folder):
    (folder / "spendboard.toml").write_text(
        "# ours since 2019\nseed = 7  # lucky\n\n[churn]\nhigh = 0.6\n", encoding="utf-8"
    )
    before = toml(folder)
    shop(SHOP, mapping=SENT)
    assert toml(folder).startswith(before)
    assert read_settings(folder).seed == 7


def test_ends_of_lines_survive_and_odd_names_do_no_harm(shop, folder):
    (folder / "spendboard.toml").write_bytes(b"seed = 7  # lucky\r\n")
    text = 'customer_id,"the ""date"" = [1]",amount\nann,2024-01-31,2.50\n'
    shop(text, "a\tb\x07c.csv", mapping={"purchased_at": "2"})
    assert (folder / "spendboard.toml").read_bytes().startswith(b"seed = 7  # lucky\r\n")
    (preset,) = read_settings(folder).presets.values()
    assert preset.map["purchased_at"] == 'the "date" = [1]'


def test_a_second_preset_stands_beside_the_first(shop, folder):
    shop(SHOP, mapping=SENT)
    shop("customer_id,date,amount\nbob,2024-01-31,2.50\n")
    shop("customer_id,age\nann,30\nbob,31\n", "people.csv")
    kinds = [preset.kind for preset in read_settings(folder).presets.values()]
    assert kinds == ["transactions", "transactions", "customers"]


def test_nothing_is_saved_by_a_dry_run_a_switch_or_a_setting(shop, folder):
    shop(SHOP, mapping=SENT, dry_run=True)
    shop(SHOP, mapping=SENT, presets="ignore")
    assert not (folder / "spendboard.toml").exists()
    (folder / "spendboard.toml").write_text("save_presets = false\n", encoding="utf-8")
    shop(SHOP + "bob,2024-01-31,2024-02-03,1\n", mapping=SENT)
    assert toml(folder) == "save_presets = false\n"


def test_a_load_that_publishes_nothing_confirms_nothing(shop, folder):
    shop(SHOP, mapping=SENT, presets="use")
    shop(SHOP, mapping=SENT)
    assert not (folder / "spendboard.toml").exists()


def test_the_call_wins_and_its_answer_is_kept(shop, folder):
    shop(SHOP, mapping=SENT)
    report = shop(
        "customer_id,sent,came,amount\nbob,2024-01-31,2024-02-03,1\n",
        mapping={"purchased_at": "came"},
    )
    assert report.mapping["purchased_at"] == "came"
    (preset,) = read_settings(folder).presets.values()
    assert preset.map["purchased_at"] == "came"
    assert toml(folder).count("# orders.csv") == 1


def test_a_column_that_shall_stay_empty_stays_so(shop, folder):
    text = "customer_id,date,amount,city\nann,2024-01-31,2.50,Rome\n"
    shop(text, mapping={"city": "none"})
    report = shop(text + "bob,2024-01-31,1,Rome\n")
    # With the city they would be other rows.
    assert (report.loaded, report.already_loaded) == (1, 1)
    assert "city" in report.unused


def test_a_preset_that_does_not_fit_is_ignored_with_a_note(shop, folder):
    shop("customer_id,date,amount\nann,2024-01-31,2.50\n")
    (folder / "spendboard.toml").write_text(toml(folder).replace('"amount"', '"total"'))
    report = shop("customer_id,date,amount\nbob,2024-01-31,2.50\n")
    assert report.loaded == 1
    assert "is ignored: orders.csv: no column 'total'" in report.notes[0]
    (preset,) = read_settings(folder).presets.values()
    assert preset.map["amount"] == "amount"


def test_a_spelling_that_is_agreed_on_later_applies_to_what_is_there(shop, folder):
    head = "customer_id,date,amount,category\n"
    shop(head + "ann,2024-01-31,2.50,Resturant\nbob,2024-01-31,2,Restaurant\n")
    with (folder / "spendboard.toml").open("a", encoding="utf-8") as file:
        file.write('[cleaning.categories]\n"Resturant" = "Restaurant"\n')
    report = shop(head + "cyd,2024-02-01,1,Rent\n")
    assert [str(rule) for rule in report.rules] == ["1 x categories: spelled as the rules say"]
    assert stored(folder, "select distinct category from core.transactions order by 1") == [
        ("Rent",), ("Restaurant",),
    ]  # fmt: skip


LINES = "00004 0001 19970101 2 29.33\n00004 0001 19970118 2 29.73\n"
POSITIONS = {"customer_id": "1", "purchased_at": "3", "amount": "5"}


def test_a_file_without_header_is_known_by_what_stands_in_it(shop):
    shop(LINES, "a.txt", mapping=POSITIONS)
    report = shop("00007 0002 19970202 1 11.10\n00008 0003 19970203 3 12.20\n", "b.txt")
    assert report.loaded == 2
    with pytest.raises(MappingError, match="has no header"):
        shop("00007 0002 19970202 1 soon\n00008 0003 19970203 3 later\n", "c.txt")


def test_numbers_of_orders_that_begin_with_the_day_are_no_dates(shop):
    """However many of them end like an hour, the file is known again, and its day is its day."""
    rows = [f"20240131{n:02d},c{n},2024-01-31,1.50" for n in range(1, 24)]
    with pytest.raises(MappingError, match="purchased_at=3"):
        shop("\n".join(rows) + "\n")
    positions = {"order_id": "1", "customer_id": "2", "purchased_at": "3", "amount": "4"}
    shop("\n".join(rows) + "\n", mapping=positions)
    later = [f"20240201{n:02d},c{n},2024-02-01,1.50" for n in range(1, 99)]
    assert shop("\n".join(later) + "\n", "next.csv").loaded == 98


def test_the_order_of_day_and_month_is_learned_but_a_column_that_tells_wins(shop, folder):
    head = "customer_id,date,amount\n"
    shop(head + "ann,13/04/2024,1\n")
    (preset,) = read_settings(folder).presets.values()
    assert preset.date_order == "day-first"
    shop(head + "bob,03/04/2024,1\n")
    shop(head + "cyd,04/13/2024,1\n")
    days = stored(folder, "select customer_id, purchased_on from core.transactions order by 1")
    assert days == [
        ("ann", date(2024, 4, 13)), ("bob", date(2024, 4, 3)), ("cyd", date(2024, 4, 13)),
    ]  # fmt: skip


def test_a_day_that_is_the_same_either_way_teaches_nothing(shop, folder):
    shop("customer_id,date,amount\nann,05/05/2024,1\n")
    (preset,) = read_settings(folder).presets.values()
    assert preset.date_order is None


def test_the_source_of_the_ids_is_learned(shop, folder):
    text = "transaction_id,customer_id,date,amount\n1,ann,2024-01-31,2.50\n"
    shop(text, source_name="till")
    assert shop(text + "2,bob,2024-01-31,1\n").already_loaded == 1
    assert stored(folder, "select distinct source from core.transactions") == [("till",)]
    # Named in the call, another one is meant, this time.
    assert shop(text, source_name="web").loaded == 1
    (preset,) = read_settings(folder).presets.values()
    assert preset.source == "till"


@pytest.mark.parametrize("how", ["read-only", "no TOML", "no room"])
def test_a_load_succeeds_where_its_preset_cannot_be_saved(shop, folder, tmp_path, how):
    file = folder / "spendboard.toml"
    (tmp_path / "orders.csv").write_text(SHOP, encoding="utf-8")
    if how == "read-only":
        file.write_text("seed = 1\n", encoding="utf-8")
        file.chmod(0o444)
    elif how == "no TOML":  # it was broken while the load ran
        file.write_text("seed = = 1\n", encoding="utf-8")
    else:
        (folder / "spendboard.toml.new").mkdir()
    report = load(
        Workspace(folder), Settings(), [str(tmp_path / "orders.csv")], mapping=SENT, presets="save"
    )
    assert report.loaded == 1
    assert report.notes[-1].startswith("the mapping could not be saved in spendboard.toml: ")


def stored(folder, question):
    with duckdb.connect(str(Workspace(folder).current().database), read_only=True) as con:
        return con.execute(question).fetchall()
