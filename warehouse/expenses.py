"""Logged expenses: read at the door as loading would read them, and taken into the next generation.

Both go the ordinary way of a load: the same readings, the same identity, the same accounting.
"""

import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import msgspec

from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.deduction import OWNER
from warehouse.drafts import Draft
from warehouse.errors import LoadError, MappingError, SourceError, UsageError
from warehouse.examining import Options, examine, store
from warehouse.inbox import SOURCE, Entry, Expense, Inbox
from warehouse.incoming import TABLE
from warehouse.mapping import Wishes
from warehouse.planning import make_plan
from warehouse.progress import Progress, Silent
from warehouse.report import LoadReport
from warehouse.row_steps import Rules
from warehouse.synonyms import KINDS, snake

FIELDS = Expense.__struct_fields__
# Rent that is due next week may be logged today; the wrong year may not.
MOST_DAYS_AHEAD = 31
# A name or a note, not a document: it stands in tables and lists.
MOST_LETTERS = 200
# Control characters, line and paragraph separators, and bytes that are no text.
_NO_LETTERS = frozenset({"Cc", "Zl", "Zp", "Cs"})
_LABEL = "logged expenses"
_NAMES = {"purchased_at": "date", "customer_id": "customer", "description": "note"}


def read_expense(
    fields: Mapping[str, str], settings: Settings, told: Callable[[str], None] = lambda said: None
) -> Expense:
    """Check what somebody typed, with the readings of a load, and word it canonically.

    Parameters
    ----------
    fields : our columns to text, at least ``amount`` and ``purchased_at``; an empty text is
        nothing. Without a ``customer_id`` it is the owner's, without a ``kind`` a purchase, or a
        refund where the amount is negative.
    told : given a sentence where the amount is rounded to cents, as loading rounds.

    Raises
    ------
    UsageError : a field cannot be read or is no line of at most ``MOST_LETTERS``, the amount is
        nothing, or negative where the kind is said to be a purchase, the day lies far ahead, or the
        currency is not the workspace's.
    """
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise UsageError(f"an expense has no {min(unknown)}", fix=f"it has {', '.join(FIELDS)}")
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    _refuse_missing(given)
    for name, text in given.items():
        _refuse_no_line(name, text)
    expense, is_rounded = _typed(
        {"customer_id": OWNER, "currency": settings.currency} | given, settings
    )
    lost = [name for name in given if getattr(expense, name) is None]
    if lost:
        raise _bad(lost[0], given[lost[0]], "it is read as nothing")
    if not Decimal(expense.amount):
        raise _bad("amount", given["amount"], "it is zero")
    if expense.kind == "refund" and KINDS.get(snake(given.get("kind", ""))) == "purchase":
        raise UsageError(
            "the amount cannot be taken: it is negative, and the kind says purchase",
            found=given["amount"],
            fix="write a purchase as 12.50; money that came back is a refund",
        )
    day = datetime.fromisoformat(expense.purchased_at).date()
    _refuse_far_ahead(day, datetime.now(settings.zone).date())
    if is_rounded:
        told(f"the amount {given['amount']} is rounded to {expense.amount}, half away from zero")
    return expense


def _refuse_missing(given: Mapping[str, str]) -> None:
    for name, example in (("amount", "12.50"), ("purchased_at", "2024-05-01")):
        if name not in given:
            named = _NAMES.get(name, name)
            raise UsageError(f"an expense needs its {named}", fix=f"write it as {example}")


def _refuse_no_line(name: str, text: str) -> None:
    """Raise for what would break every table that it stands in."""
    ours = _NAMES.get(name, name)
    strange = [at for at, one in enumerate(text) if unicodedata.category(one) in _NO_LETTERS]
    if strange:
        raise UsageError(
            f"the {ours} cannot be taken: no letter stands at place {strange[0] + 1}",
            found=f"{text[max(0, strange[0] - 20) : strange[0] + 20]!r}",
            fix="write it in one line, without control characters",
        )
    if len(text) > MOST_LETTERS:
        raise UsageError(
            f"the {ours} cannot be taken: it is too long",
            found=f"{len(text):,} letters, '{text[:20]}...'",
            fix=f"write it in at most {MOST_LETTERS}",
        )


def _refuse_far_ahead(day: date, today: date) -> None:
    last = today + timedelta(days=MOST_DAYS_AHEAD)
    if day > last:
        raise UsageError(
            f"the date {day} lies in the far future",
            found=f"today is {today}",
            fix=f"name a day up to {last}",
        )


def _bad(name: str, text: str | None, why: str) -> UsageError:
    fix = {
        "amount": "write it as 12.50",
        "purchased_at": "write it as 2024-05-01 or 2024-05-01 18:30",
        "kind": "purchase, refund, income or transfer",
    }
    return UsageError(
        f"the {_NAMES.get(name, name)} cannot be taken: {why}",
        found=text,
        fix=fix.get(name, "leave it out, or write something else"),
    )


def _in_another_currency(
    con: duckdb.DuckDBPyConnection, given: Mapping[str, str], kept: str
) -> UsageError:
    """Blame what names the currency: its own field, or the sign beside the amount."""
    (code,) = con.execute(f"select currency from {TABLE}").fetchall()[0]
    if given["currency"].upper() == code:
        return _bad("currency", given["currency"], f"the workspace keeps {kept}")
    return _bad("amount", given["amount"], f"it is in {code}, and the workspace keeps {kept}")


def _typed(given: Mapping[str, str], settings: Settings) -> tuple[Expense, bool]:
    """The expense as a load into an empty warehouse would store it, and whether it was rounded."""
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as folder:
        build_core(con)
        try:
            report, is_rounded = _load(con, Path(folder), [("door", given)], settings)
        except MappingError as error:
            raise _bad("purchased_at", given["purchased_at"], error.what) from None
        if report.set_aside:
            raise _in_another_currency(con, given, settings.currency)
        if not report.loaded:
            first = report.reasons[0]
            raise _bad(first.column or "amount", first.value, first.reason)
        columns = ", ".join(f"cast({name} as varchar) as {name}" for name in FIELDS)
        cursor = con.execute(f"select {columns} from core.transactions")
        names = [column[0] for column in cursor.description or ()]
        found = dict(zip(names, cursor.fetchall()[0], strict=True))
    expense = msgspec.convert(found | {"purchased_at": _instant(found["purchased_at"])}, Expense)
    return expense, is_rounded


def _instant(text: str) -> str:
    """A day without a time as a day alone."""
    return text.removesuffix(" 00:00:00")


def _load(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    rows: Sequence[tuple[str, Mapping[str, str | None]]],
    settings: Settings,
) -> tuple[LoadReport, bool]:
    """Load pairs of an id and the fields of an expense from a file in ``folder``.

    An edited expense replaces what was loaded of it before. The second answer is whether an
    amount was rounded.
    """
    file = folder / _LABEL
    # A column that nobody fills is one more to look through, and changes nothing.
    ours = [name for name in FIELDS if any(fields.get(name) for _, fields in rows)]
    ours.append("transaction_id")
    _write(file, rows, ours)
    plan = make_plan([str(file)], Wishes("transactions", {name: name for name in ours}), None)
    # Somebody who logs -7 got seven back; nobody here writes spending with a minus sign.
    plan = replace(plan, mappings=tuple(replace(one, signs="positive") for one in plan.mappings))
    rules = Rules("transactions", settings.currency, settings.timezone)
    options = Options(rules, SOURCE, "replace")
    report = examine(con, plan, options, Silent())
    is_rounded = bool(con.execute(f"select 1 from {TABLE} where is_rounded limit 1").fetchall())
    return store(con, plan, options, report) if report.loaded else report, is_rounded


def _write(
    file: Path, rows: Sequence[tuple[str, Mapping[str, str | None]]], ours: Sequence[str]
) -> None:
    """Write rows as Parquet, in which no text can be mistaken for another layout."""
    cells = {
        name: [{**fields, "transaction_id": entry_id}.get(name) for entry_id, fields in rows]
        for name in ours
    }
    with duckdb.connect() as con:
        selected = ", ".join(f"unnest(cast(${name} as varchar[])) as {name}" for name in ours)
        con.execute(f"create table rows as select {selected}", cells)
        con.execute(f"copy rows to '{str(file).replace(chr(39), chr(39) * 2)}' (format parquet)")


def take_in(
    draft: Draft, settings: Settings, inbox: Inbox, progress: Progress | None = None
) -> LoadReport | None:
    """Load what waits in the inbox into a draft; the caller publishes it.

    What cannot stand beside the transactions that are there (a date in an undated ledger, another
    currency) goes on waiting, and a step of the progress says so.

    Returns
    -------
    The report of the load; None where nothing waits.
    """
    progress = progress or Silent()
    recount(draft, inbox)
    everything = inbox.waiting(draft.inbox)
    waiting = [entry for entry in everything if entry.expense.currency == settings.currency]
    if len(waiting) < len(everything):
        with progress.step(f"Logged expenses wait: not in {settings.currency}"):
            pass
    if not waiting:
        return None
    try:
        with (
            progress.step(f"Loading {len(waiting):,} logged expense{'s' * (len(waiting) > 1)}"),
            tempfile.TemporaryDirectory(dir=draft.folder) as folder,
        ):
            rows = [(entry.id, msgspec.structs.asdict(entry.expense)) for entry in waiting]
            report, _ = _load(draft.con, Path(folder), rows, settings)
    except (LoadError, MappingError, SourceError) as error:
        with progress.step(f"Logged expenses wait: {error.what}"):
            return None
    stored = _stored(draft.con, waiting)
    draft.inbox |= {entry.id: entry.revision for entry in waiting if entry.id in stored}
    return report


def expenses_note(report: LoadReport) -> str:
    """A sentence about expenses that a load of files took along."""
    were = "expense was" if report.loaded == 1 else "expenses were"
    return f"{report.loaded:,} logged {were} loaded too, as load {report.load_id}"


def recount(draft: Draft, inbox: Inbox) -> None:
    """Note which entries a draft still contains, after rows were taken out of it."""
    known = [entry for entry in inbox.entries() if entry.id in draft.inbox]
    stored = _stored(draft.con, known)
    draft.inbox = {entry.id: draft.inbox[entry.id] for entry in known if entry.id in stored}


def _stored(con: duckdb.DuckDBPyConnection, entries: Iterable[Entry]) -> set[str]:
    """Ids of those entries that core.transactions holds."""
    ids = [entry.id for entry in entries]
    if not ids:
        return set()
    found = con.execute(
        "select transaction_id from core.transactions"
        " where source = $source and transaction_id in (select unnest(cast($ids as varchar[])))",
        {"source": SOURCE, "ids": ids},
    ).fetchall()
    return {entry_id for (entry_id,) in found}
