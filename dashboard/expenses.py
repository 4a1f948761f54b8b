"""``spendboard log-expense``: accept, change, take back and list expenses that wait."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from dashboard.formatting import Formatter, in_short
from warehouse.configuration import Settings
from warehouse.connection import reading
from warehouse.errors import NoGenerationError, SpendboardError, UsageError
from warehouse.expenses import read_expense
from warehouse.generations import Generation, Workspace
from warehouse.inbox import Entry

# Options of the command to our columns.
OPTIONS = {
    "amount": "amount",
    "category": "category",
    "on": "purchased_at",
    "customer": "customer_id",
    "merchant": "merchant",
    "payment_method": "payment_method",
    "city": "city",
    "note": "description",
    "kind": "kind",
}
# A month of silence is ordinary; after more of it, most customers would look gone.
_SILENCE = timedelta(days=31)


def log_expense(
    args: argparse.Namespace, workspace: Workspace, settings: Settings
) -> tuple[dict[str, object], str]:
    """Do what the command asks for; the answer for machines and the one for people.

    Raises
    ------
    UsageError : a value cannot be read, or nothing of that id waits.
    LockedError : an entry shall change while a writer may be loading it.
    WorkspaceError : the folder cannot be written.
    """
    given = {
        ours: str(getattr(args, option))
        for option, ours in OPTIONS.items()
        if getattr(args, option) is not None
    }
    for option in ("edit", "remove"):
        if getattr(args, option) == "":
            raise UsageError(
                f"--{option} names no expense",
                fix="name one that waits; `spendboard log-expense --list` shows them",
            )
    if args.list or args.remove:
        if given:
            raise UsageError(
                "--list and --remove take no field",
                found=", ".join(given),
                fix="leave the fields out; --edit ID changes those of an expense that waits",
            )
        return _listed(workspace) if args.list else _removed(workspace, args.remove)
    if args.edit:
        return _edited(workspace, settings, args.edit, given)
    missing = [f"--{name}" for name in ("amount", "category") if name not in given]
    if missing:
        raise UsageError(
            f"an expense needs {' and '.join(missing)}",
            fix="spendboard log-expense --amount 12.50 --category Food --on 2024-05-01",
        )
    today = datetime.now(settings.zone).date().isoformat()
    said: list[str] = []
    entry = workspace.inbox.add(
        read_expense({"purchased_at": today} | given, settings, said.append)
    )
    return _accepted(workspace, settings, entry, "accepted", said)


def _edited(
    workspace: Workspace, settings: Settings, entry_id: str, given: dict[str, str]
) -> tuple[dict[str, object], str]:
    """Change the fields that are given; an empty text clears one."""
    if not given:
        raise UsageError("--edit changes nothing", fix="name what is new, such as --amount 13.50")
    contained = workspace.contained()
    old = workspace.inbox.find(entry_id, contained).expense
    before = {name: text for name, text in msgspec.structs.asdict(old).items() if text}
    if "amount" in given and "kind" not in given and old.kind in {"purchase", "refund"}:
        del before["kind"]  # the sign of the new amount says it
    said: list[str] = []
    expense = read_expense(before | given, settings, said.append)
    entry = workspace.inbox.edit(entry_id, expense, contained)
    return _accepted(workspace, settings, entry, "changed", said)


def _removed(workspace: Workspace, entry_id: str) -> tuple[dict[str, object], str]:
    entry = workspace.inbox.remove(entry_id, workspace.contained())
    answer = {"schema": 1, "removed": entry.id, "waiting": len(workspace.waiting())}
    return answer, f"removed: {_line(entry)}"


def _accepted(
    workspace: Workspace, settings: Settings, entry: Entry, word: str, said: Sequence[str]
) -> tuple[dict[str, object], str]:
    answer = {"schema": 1, "accepted": True, **_as_json(entry)}
    answer["waiting"] = len(workspace.waiting())
    notes = [f"note: {one}" for one in said]
    # What is accepted stays so, even where the data beside it cannot be read.
    with suppress(SpendboardError):
        if note := _doubt(workspace.current(), settings, entry):
            notes.append(note)
    if notes:
        answer["notes"] = notes
    return answer, "\n".join([f"{word}: {_line(entry)}", _when(workspace), *notes])


def _doubt(generation: Generation, settings: Settings, entry: Entry) -> str | None:
    """What the next refresh would make of an entry that hardly belongs here, and the way back."""
    expense, as_of = entry.expense, generation.manifest.as_of
    words = Formatter(expense.currency)
    said = []
    others = generation.manifest.rows.get("core.customers", 0)
    if others and not _is_known(generation, settings, expense.customer_id):
        said.append(
            f"no customer here is called {expense.customer_id}, so that one would be added to"
            f" the {words.count(others)} that there are"
        )
    day = datetime.fromisoformat(expense.purchased_at).date()
    if as_of is not None and day - as_of > _SILENCE:
        said.append(
            f"the data end on {words.date(as_of)}, so that all recencies and scores would be"
            f" reckoned from {words.date(day)} and who bought nothing since would look gone"
        )
    if not said:
        return None
    undo = f"spendboard log-expense --remove {entry.id}"
    return f"note: {', and '.join(said)}; if that is not meant, `{undo}` before the next refresh"


def _is_known(generation: Generation, settings: Settings, customer_id: str) -> bool:
    with reading(generation.database, settings) as con:
        found = con.execute("select 1 from marts.customers where customer_id = ?", [customer_id])
        return found.fetchone() is not None


def _when(workspace: Workspace) -> str:
    """What becomes of an accepted entry."""
    with suppress(NoGenerationError):
        manifest = workspace.current().manifest
        if manifest.as_of is None and manifest.rows.get("core.transactions"):
            return "it waits: the transactions here have no dates, and an expense has one"
    return "it is loaded by the next spendboard refresh"


def _listed(workspace: Workspace) -> tuple[dict[str, object], str]:
    waiting = workspace.waiting()
    unreadable = workspace.inbox.unreadable()
    answer = {
        "schema": 1,
        "waiting": [_as_json(entry) for entry in waiting],
        "unreadable": unreadable,
    }
    lines = [_line(entry) for entry in waiting] or ["no expense waits to be loaded"]
    if unreadable:
        lines.append(f"{unreadable} half-written files were never accepted and are left out")
    return answer, "\n".join(lines)


def _as_json(entry: Entry) -> dict[str, object]:
    """An entry for machines; the columns are those of core.transactions."""
    return {
        "id": entry.id,
        "revision": entry.revision,
        "accepted_at": entry.accepted_at.isoformat(timespec="seconds"),
        **msgspec.structs.asdict(entry.expense),
    }


def _line(entry: Entry) -> str:
    """``20240501-101500-9f3c1a  1 May 2024  £12.50 purchase by owner: Food, at Cafe``."""
    expense = entry.expense
    words = Formatter(expense.currency)
    about = [
        expense.category,
        f"at {expense.merchant}" if expense.merchant else None,
        f"in {expense.city}" if expense.city else None,
        f"paid by {expense.payment_method}" if expense.payment_method else None,
        expense.description,
    ]
    told = ", ".join(in_short(part) for part in about if part)
    return (
        f"{entry.id}  {words.date(datetime.fromisoformat(expense.purchased_at).date())}"
        f"  {words.money(Decimal(expense.amount), 2)} {expense.kind}"
        f" by {in_short(expense.customer_id)}" + (f": {told}" if told else "")
    )
