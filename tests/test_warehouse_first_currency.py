"""A first load in another currency than the default: the workspace takes it."""

import pytest

from dashboard.narration import load_report
from warehouse.configuration import Settings, read_settings
from warehouse.errors import LoadError, NoGenerationError
from warehouse.expenses import read_expense
from warehouse.generations import Workspace
from warehouse.loading import load, unload

EUROS = "customer_id,date,amount,currency\nann,2024-01-31,1,EUR\nbob,2024-02-01,2,EUR\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def load_text(folder):
    """Load a text as the command line does, with the settings that the workspace has by then."""

    def loaded(text, **options):
        file = folder.parent / "orders.csv"
        file.write_text(text, encoding="utf-8")
        return load(Workspace(folder), read_settings(folder), [str(file)], **options)

    return loaded


def test_a_first_load_names_the_currency(folder, load_text):
    (folder / "spendboard.toml").write_text("# ours\nthreads = 1\n\n[wall]\nevery = 20\n")
    report = load_text(EUROS, presets="save")
    assert (report.loaded, report.set_aside) == (2, 0)
    assert any('sets currency = "EUR" in spendboard.toml' in note for note in report.notes)
    settings = read_settings(folder)
    assert (settings.currency, settings.threads, settings.wall.every) == ("EUR", 1, 20)
    assert len(settings.presets) == 1
    assert (folder / "spendboard.toml").read_text().startswith("# ours\n")
    current = Workspace(folder).current()
    assert (current.number, current.manifest.currency) == (1, "EUR")
    later = load_text("customer_id,date,amount,currency\nann,2024-03-01,3,GBP\nann,2024-03-02,4,\n")
    assert (later.loaded, later.set_aside) == (1, 1)


def test_a_currency_that_nobody_named_is_said_with_the_way_to_change_it(folder, load_text):
    plain = "customer_id,date,amount\nann,2024-01-31,1\n"
    assert "if that is wrong, write currency" in load_report(load_text(plain, dry_run=True))
    report = load_text(plain)
    assert report.as_json()["currency_assumed"]
    said = load_report(report)
    assert "amounts are taken as GBP, as nothing names a currency" in said
    assert 'spendboard unload 1, write currency = "EUR"' in said
    unload(Workspace(folder), read_settings(folder), 1)
    (folder / "spendboard.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    again = load_text(plain)
    assert again.loaded == 1
    assert "amounts are in EUR" in load_report(again).splitlines()


def test_a_sign_beside_the_amount_is_a_currency_too(folder, load_text):
    report = load_text("customer_id,date,amount\nann,2024-01-31,€1.50\nbob,2024-02-01,€2\n")
    assert report.loaded == 2
    assert read_settings(folder).currency == "EUR"


@pytest.mark.parametrize("word", ["EURO", "points", "XXQ"])
def test_what_is_no_currency_never_gets_into_the_settings(folder, load_text, word):
    text = EUROS.replace("EUR", word)
    with pytest.raises(LoadError, match=f"rows in {word.upper()} are set aside"):
        load_text(text, mapping={"currency": "currency"})
    assert not (folder / "spendboard.toml").exists()
    assert read_settings(folder).currency == "GBP"


def test_a_dry_run_says_it_and_writes_nothing(folder, load_text):
    report = load_text(EUROS, dry_run=True)
    assert report.loaded == 2
    assert any("EUR" in note for note in report.notes)
    assert not (folder / "spendboard.toml").exists()


def test_of_two_other_currencies_none_is_taken(folder, load_text):
    with pytest.raises(LoadError, match="nothing was loaded"):
        load_text(EUROS + "eve,2024-02-02,3,USD\n")
    assert not (folder / "spendboard.toml").exists()


def test_a_row_that_is_rejected_names_no_currency(folder, load_text):
    """Such as a line of totals below the table."""
    many = EUROS + "".join(f"ann,2024-03-{n:02},{n},EUR\n" for n in range(1, 29))
    report = load_text(many + "Total,,409.00,\n")
    assert (report.loaded, report.rejected) == (30, 1)
    assert read_settings(folder).currency == "EUR"


def test_a_row_without_a_currency_is_one_of_the_default(folder, load_text):
    report = load_text(EUROS + "eve,2024-02-02,3,\n")
    assert (report.loaded, report.set_aside) == (1, 2)
    assert read_settings(folder).currency == "GBP"


def test_a_named_currency_stays(folder, load_text):
    (folder / "spendboard.toml").write_text('currency = "GBP"\n')
    with pytest.raises(LoadError, match="EUR are set aside"):
        load_text(EUROS)


def test_an_expense_that_waits_has_settled_the_currency(folder, load_text):
    given = {"amount": "5", "category": "Food", "purchased_at": "2024-01-01"}
    Workspace(folder).inbox.add(read_expense(given, Settings()))
    with pytest.raises(LoadError, match="EUR are set aside"):
        load_text(EUROS)


def test_settings_that_cannot_be_written_stop_the_load(folder, load_text):
    file = folder / "spendboard.toml"
    file.write_text("threads = 1\n")
    file.chmod(0o444)
    with pytest.raises(LoadError, match="could not be saved"):
        load_text(EUROS)
    with pytest.raises(NoGenerationError):
        Workspace(folder).current()


TOO_LARGE = "customer_id,date,amount,currency\n" + 2 * "ann,2024-01-31,9000000000000000,EUR\n"


@pytest.mark.parametrize(
    "settings",
    [None, "# ours\nthreads = 1\n", "threads = 1", "threads = 1\r\n\r\n# wall\r\n[wall]\r\n"],
)
def test_a_load_that_is_not_published_names_no_currency(folder, load_text, settings):
    file = folder / "spendboard.toml"
    if settings is not None:
        file.write_bytes(settings.encode())
    with pytest.raises(LoadError, match="too large"):
        load_text(TOO_LARGE)
    assert (file.read_bytes().decode() if file.exists() else None) == settings
    assert load_text("customer_id,date,amount\nann,2024-01-31,1\n").currency == "GBP"
