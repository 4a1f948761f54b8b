"""The currency of a workspace that holds nothing yet and has named none: that of its first load.

Amounts are kept in one currency. Where the settings leave it to the default and a first load names
another one only, that one is meant; it is written into ``spendboard.toml``, so that every later
load is held against it.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import tomlkit

from warehouse.configuration import FILE_NAME, Settings
from warehouse.currencies import is_code
from warehouse.drafts import Draft
from warehouse.errors import LoadError
from warehouse.incoming import TABLE
from warehouse.settings_file import change, restore


class AnotherCurrency(Exception):
    """Every row of a first load that names a currency names this one, ``code``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_open(con: duckdb.DuckDBPyConnection, workspace: Path, settings: Settings) -> bool:
    """Whether nothing is stored, nobody logged an expense and the settings name no currency."""
    if settings.currency != Settings().currency:
        return False
    if con.execute("select 1 from core.transactions limit 1").fetchall():
        return False
    inbox, file = workspace / "inbox", workspace / FILE_NAME
    if inbox.is_dir() and any(inbox.iterdir()):
        return False
    if not file.is_file():
        return True
    try:
        return "currency" not in tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError:  # altered since the settings were read: nobody can tell what it names
        return False


def only_other(con: duckdb.DuckDBPyConnection) -> str | None:
    """The one currency that the rows being examined name, where that is another one; or None.

    What stands in a column named by hand need not be a currency; settings must never say it then.
    """
    found = con.execute(
        f"select currency, bool_or(is_foreign) from {TABLE}"
        " where reason is null group by currency limit 2"
    ).fetchall()
    code = str(found[0][0]) if len(found) == 1 and found[0][1] else None
    return code if code and is_code(code) else None


@contextmanager
def kept(workspace: Path, draft: Draft, code: str) -> Iterator[None]:
    """Publish ``draft`` inside: then the settings name its currency.

    It is written before, because whoever reads that generation must know its currency, and taken
    back where the draft is not published, unless this process is killed before.

    Raises
    ------
    LoadError : the settings cannot be written.
    """
    file = workspace / FILE_NAME
    before = file.read_bytes() if file.exists() else None
    _keep(workspace, code)
    written = file.read_bytes()
    try:
        yield
    except BaseException:
        if draft.folder.exists():  # not published, not even in part
            with suppress(OSError):  # what went wrong is told, rather than this
                if file.read_bytes() != written:  # somebody has gone on writing
                    _forget(workspace, code)
                else:
                    restore(workspace, before)
        raise


def _keep(workspace: Path, code: str) -> None:
    """Write ``currency = "code"`` into ``spendboard.toml``; everything else stays as it is."""

    def name_it(document: tomlkit.TOMLDocument) -> None:
        document["currency"] = code

    try:
        change(workspace, name_it)
    except OSError as error:
        raise LoadError(
            f"the currency of the file, {code}, could not be saved in {FILE_NAME}: {error}",
            fix=f'write currency = "{code}" into that file, or make it writable',
        ) from None


def _forget(workspace: Path, code: str) -> None:
    """Remove what ``_keep`` has written from among what stands there now."""

    def forget_it(document: tomlkit.TOMLDocument) -> None:
        if document.get("currency") == code:
            document.remove("currency")

    change(workspace, forget_it)


def sentence(code: str, default: str) -> str:
    """What a reader of the report is told."""
    return (
        f'every amount is in {code}: this first load sets currency = "{code}" in {FILE_NAME},'
        f" where {default} would stand without"
    )
