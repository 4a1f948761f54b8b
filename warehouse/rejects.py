"""Rejected records as a CSV file that can be put right and loaded again."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TextIO

import duckdb

from warehouse.errors import NoDataError, UsageError
from warehouse.outcomes import FOUND_REJECTS

Outcome = Literal["rejected", "set_aside"]

# What is said of a record behind its own columns; a load leaves these columns alone.
_BECAUSE, _TEXT = "rejected_because", "rejected_text"
SAID = (_BECAUSE, "rejected_file", "rejected_record", _TEXT)
_AT_ONCE = 10_000
# A job that is refused every night must not fill the disk.
_MOST_REFUSED = 3
_PART = ".part"


@dataclass(frozen=True)
class Rejects:
    """Records that were not loaded: which, and the columns of their files.

    ``layouts`` is how many different headers these files have; ``columns`` are those of all.
    """

    load_id: int | None
    outcomes: tuple[Outcome, ...]
    columns: tuple[str, ...]
    layouts: int
    table: str = "core.rejects"


def find(
    con: duckdb.DuckDBPyConnection,
    *,
    load_id: int | None = None,
    outcomes: Sequence[Outcome] = ("rejected",),
) -> Rejects:
    """Look which columns the records have.

    Parameters
    ----------
    load_id : the load that they come from; None: all loads.
    outcomes : whether those are meant that cannot be stored, that a rule set aside, or both.

    Raises
    ------
    UsageError : there is no such load.
    NoDataError : there is no such record, or an older build did not keep them.
    """
    names = {row[0] for row in con.execute("describe core.rejects").fetchall()}
    if "row_text" not in names:
        raise NoDataError(
            "the records themselves were not kept by the build that made this generation",
            fix="unload the load and load its files again",
        )
    loads = [row[0] for row in con.execute("select load_id from core.loads order by 1").fetchall()]
    if load_id is not None and load_id not in loads:
        raise UsageError(
            f"there is no load {load_id}",
            found=", ".join(map(str, loads)) or "no load",
            fix="`spendboard status` lists the loads",
        )
    found = _look(con, Rejects(load_id, tuple(outcomes), (), 0))
    if not found.layouts:
        raise NoDataError(
            "no record was kept" if load_id is None else f"load {load_id} kept no record",
            fix="nothing is to be put right; rows that a rule set aside come with --set-aside"
            if "set_aside" not in outcomes
            else "no rule set rows aside; rejected records come without --set-aside",
        )
    return found


def keep_refused(con: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """Write the rejected records of a load that is not going to happen into a file of its own.

    It is there as a whole or not at all, and only the newest of such files are kept. The caller
    holds the lock of the workspace.

    Parameters
    ----------
    con : holds the load as it was examined.
    folder : where the file is made.

    Raises
    ------
    OSError : it cannot be written.
    """
    con.execute(
        f"create or replace temp view refused as select null::integer as load_id, *"
        f" from {FOUND_REJECTS}"
    )
    found = _look(con, Rejects(None, ("rejected",), (), 0, "refused"))
    path = folder / f"refused-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.csv"
    part = path.with_name(path.name + _PART)
    try:
        with part.open("x", encoding="utf-8", newline="") as target:
            write(con, found, target)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    _forget_old(path)
    return path


def _forget_old(newest: Path) -> None:
    """Remove files of earlier loads that were refused, and what a killed process left of one.

    A file that somebody worked on is as new as that work.
    """
    with suppress(OSError):  # the file that matters is there
        for left in newest.parent.glob(f"refused-*.csv{_PART}"):
            left.unlink()
        others = [file for file in newest.parent.glob("refused-*.csv") if file != newest]
        others.sort(key=lambda file: (file.stat().st_mtime, file.name), reverse=True)
        for old in others[_MOST_REFUSED - 1 :]:
            old.unlink()


def _look(con: duckdb.DuckDBPyConnection, rejects: Rejects) -> Rejects:
    """The same records, with their columns."""
    rows = con.execute(
        f"""
        select json_keys(row_text) as names
        from ({_ROWS.format(rejects.table)})
        group by names order by min(load_id), min(file), min(record)
        """,
        {"load_id": rejects.load_id, "outcomes": list(rejects.outcomes)},
    ).fetchall()
    headers = dict.fromkeys(tuple(name for name in names or () if name) for (names,) in rows)
    columns = dict.fromkeys(name for header in headers for name in header if name not in SAID)
    return replace(rejects, columns=tuple(columns), layouts=len(headers))


_ROWS = """
    select load_id, file, record, column_name, reason, value, row_text
    from {}
    where list_contains($outcomes, coalesce(outcome, 'rejected'))
        and ($load_id is null or load_id = $load_id)
"""


def write(con: duckdb.DuckDBPyConnection, rejects: Rejects, target: TextIO) -> int:
    """Write the records with their own columns, then why each was left out and where it stood.

    A record that could not be split into columns has its text in ``rejected_text``, also after it
    was loaded again as it was.

    Returns
    -------
    How many records were written.
    """
    out = csv.writer(target)
    out.writerow([*rejects.columns, *SAID])
    count = 0
    for file, record, column, reason, value, text in _rows(con, rejects):
        cells = json.loads(text) if text is not None else {"": value}
        why = f"{column}: {reason}" if column else reason
        line = [cells.get(name) for name in rejects.columns]
        unsplit = cells.get("") or cells.get(_TEXT)
        if not any(line):
            # Nobody has put it right yet: what is missing in it is no news.
            why = cells.get(_BECAUSE) or why
        out.writerow([*line, why, file, record, unsplit])
        count += 1
    return count


def _rows(
    con: duckdb.DuckDBPyConnection, rejects: Rejects
) -> Iterator[tuple[str, int, str | None, str, str | None, str | None]]:
    """File, record, column, reason, value and the record's text, in the order of the files."""
    asked = con.execute(
        "select file, record, column_name, reason, value, row_text"
        f" from ({_ROWS.format(rejects.table)}) order by load_id, file, record",
        {"load_id": rejects.load_id, "outcomes": list(rejects.outcomes)},
    )
    while batch := asked.fetchmany(_AT_ONCE):
        yield from batch
