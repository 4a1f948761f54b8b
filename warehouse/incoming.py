"""Typed rows of a load, before anybody asks whether they are new: the temporary ``incoming``.

One row per row of the files, in their order, straight from the reader: no text is kept but that of
faulty rows. ``reason`` is NULL for a good row; ``is_foreign`` marks a row in another currency than
the workspace's, ``is_against`` spending by its type that is written with a minus sign.

Cleaning rules stand between here and :mod:`warehouse.identity`. They see typed rows, may name
themselves in ``rule`` to set a row aside, and may change values. ``content_hash`` is made before
them; where a source has ids it is left out unless values are going to be changed, since the stored
row says the same.
"""

from collections.abc import Collection, Mapping, Sequence

import duckdb

from warehouse import float_ids, odd_rows, remarks
from warehouse.canonical import REASONS, Reading, reading
from warehouse.cells import words
from warehouse.content import CONTENT, content_hash
from warehouse.dates import DateOrder
from warehouse.errors import MappingError
from warehouse.instants import PLAIN
from warehouse.mapping import FileMapping
from warehouse.numbers import as_it_stands, is_number
from warehouse.origins import Picked
from warehouse.row_steps import ALWAYS, Part, Rules, faulted, run, typed, valued
from warehouse.sources.staging import forget_faults, stage_sample
from warehouse.sources.streaming import part_of, reading_once
from warehouse.styles import Style, file_styles
from warehouse.synonyms import FIELDS

TABLE = "incoming"
# Columns that only special rows, or only some files, say anything in. They are there from the
# start: of columns that are added behind the rows, DuckDB keeps 25 bytes a row in memory.
_RARE = {
    "transaction_id": "varchar",
    "content_hash": "uhugeint",
    "is_foreign": "boolean default false",
    "rule": "varchar",
    "reason": "varchar",
    "fault_column": "varchar",
    "fault_value": "varchar",
    "row_text": "varchar",
    "is_rounded": "boolean default false",
    "is_against": "boolean",
    "cells": "varchar[]",
}
# Enough to see how a file writes dates and numbers; what they miss is found when it is read.
_SAMPLE, _SAMPLE_ROWS = "first_rows", 1_000


def create(
    con: duckdb.DuckDBPyConnection, rules: Rules, held: Collection[str] = tuple(CONTENT)
) -> None:
    """Make an empty ``incoming`` for transactions.

    Parameters
    ----------
    held : our columns whose values are kept. Any other is NULL, and the kind of a row follows from
        the sign of its amount; they take no place.
    """
    follows = {name: f"cast(null as {kind})" for name, kind in CONTENT.items()}
    follows["kind"] = "if(amount < 0, 'refund', 'purchase')"
    columns = {"file_no": "integer"}
    for name, kind in CONTENT.items():
        is_held = name in held
        columns[name] = kind if is_held else f"{kind} generated always as ({follows[name]}) virtual"
    columns["currency"] = f"varchar default {words([rules.currency])}"
    defined = ", ".join(f"{name} {kind}" for name, kind in (columns | _RARE).items())
    con.execute(f"create or replace temp table {TABLE} ({defined})")


def read(con: duckdb.DuckDBPyConnection, part: Part, rules: Rules) -> DateOrder | None:
    """Append the rows of one staged batch to ``incoming``; returns the order of its dates.

    Files whose first rows have plain dates and numbers are read as if all were plain; one that is
    not then makes them be looked through as a whole, and read again.

    Raises
    ------
    SourceError : a file is damaged.
    MappingError : the order of day and month in a file is not clear.
    """
    bare = _plain_columns(con, part) if part.staged.is_view else None
    if bare is not None and _is_read_plainly(con, part, rules, bare):
        return None
    styles = file_styles(con, part.staged, part.mapping, part.labels, rules.date_order)
    remarks.add(con, styles, part.staged.batch.layout.columns, part.labels)
    for style, files in by_style(styles).items():
        _append(con, part, rules, reading(part.mapping, style), files)
    orders = {style.dates.order for style in styles.values() if style.dates.is_told}
    return orders.pop() if len(orders) == 1 else None


def _plain_columns(con: duckdb.DuckDBPyConnection, part: Part) -> frozenset[int] | None:
    """The columns to read as they stand; None where a first row has no plain date or number."""
    batch = part.staged.batch
    sample = stage_sample(con, part_of(batch, batch.numbers[:1]), _SAMPLE, _SAMPLE_ROWS)
    try:
        styles = file_styles(con, sample, part.mapping, part.labels, None)
        if not all(style.is_plain for style in styles.values()):
            return None
        return odd_rows.bare_columns(con, sample, part.mapping)
    except MappingError:
        return None
    finally:
        con.execute(f"drop table {_SAMPLE}")


def _is_read_plainly(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    rules: Rules,
    bare: frozenset[int],
) -> bool:
    """Append the rows as if all were plain; False, and no row, where they are not."""
    before = con.execute(f"select coalesce(max(rowid) + 1, 0) from {TABLE}").fetchall()[0][0]
    found = reading(part.mapping, Style(), bare)
    _append(con, part, rules, found, part.staged.batch.numbers)
    content = _content(found, rules)
    if not _is_hashed(found, rules):
        con.execute(
            f"update {TABLE} set content_hash = {content}"
            f" where rowid >= {before} and transaction_id is null"
        )
    odd, is_right = odd_rows.put_right(con, TABLE, before, part, rules, bare=bare, content=content)
    # Rows with a fault keep their cells and are made anew, unless no column is bare.
    doubtful = odd_rows.MADE if bare else f"{TABLE} where rowid >= {before}"
    if is_right and ((bare and not odd) or _is_all_read(con, doubtful)):
        float_ids.straighten(con, TABLE, _id_columns(part.mapping), before)
        return True
    con.execute(f"delete from {TABLE} where rowid >= {before}")
    forget_faults(con, part.staged.batch.numbers)
    return False


def _id_columns(mapping: FileMapping) -> list[str]:
    """Our columns of ids that a column of the file fills."""
    fields = FIELDS[mapping.kind]
    return [
        ours
        for ours, choice in mapping.choices.items()
        if fields[ours].role == "id" and isinstance(choice.origin, Picked)
    ]


def _is_all_read(con: duckdb.DuckDBPyConnection, rows: str) -> bool:
    """Whether every date and number of some rows was written plainly; ``rows`` is SQL of them.

    What is no number or day in any wording does not count.
    """
    asked = {role: REASONS[role] for role in ("instant", "money", "count")}
    # Most of what is none has no digit, and to ask more takes longer than reading a small file.
    doubtful = con.execute(
        f"select 1 from (from {rows}) where reason in ($instant, $money, $count)"
        " and regexp_matches(fault_value, '[0-9]') limit 1",
        asked,
    )
    if not doubtful.fetchall():
        return True
    found = con.execute(
        f"""
        select 1 from (from {rows})
        where reason is not null
            and (
                reason = $instant and regexp_matches(fault_value, '[0-9]')
                    and not regexp_full_match(trim(fault_value), $plain)
                or reason in ($money, $count) and {is_number("trim(fault_value)")}
                    and ({as_it_stands("fault_value", "decimal(38, 9)")}) is null
            )
        limit 1
        """,
        asked | {"plain": PLAIN},
    )
    return not found.fetchall()


def _append(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    rules: Rules,
    found: Reading,
    files: Sequence[int],
) -> None:
    """Read files of one style in one pass, and append their rows.

    Where columns are taken as they stand, rows with a fault have their cells instead of it, and
    those without an id no hash where the others need none.
    """
    with reading_once(con, part.staged, files) as relation:
        wanted = None if part.staged.is_view else files
        if found.bare:
            steps, last = valued(found, relation, wanted), "valued"
            more = {"cells": odd_rows.cells_if_odd(found, part)}
        else:
            steps, last = faulted(found, part, relation, wanted), "faulted"
            more = {name: name for name in ("reason", "fault_column", "fault_value", "row_text")}
        if found.rounded != "false":
            more["is_rounded"] = found.rounded
        names = ["file_no", *_own(found, part), *more]
        if not found.bare or _is_hashed(found, rules):
            names.append("content_hash")
        special = ", ".join(f"{sql} as {name}" for name, sql in more.items())
        statement = f"""
            insert into {TABLE} by name
            with {steps}, typed as (
                select file_no, {typed(found)}, {special} from {last}
            ), hashed as (
                select
                    *, {_content(found, rules)} as content_hash, currency <> $currency as is_foreign
                from typed
            )
            select {", ".join(names)} from hashed
        """
        run(con, statement, part, rules, found)


def _own(found: Reading, part: Part) -> list[str]:
    """Columns that rows which are read so have values of their own in."""
    names = [name for name in ("transaction_id", *CONTENT) if name in found.values]
    if "kind" in found.values:
        names.append("is_against")
    elif "kind" in part.held:
        names.append("kind")
    return names + (["is_foreign"] if "currency" in found.values else [])


def _is_hashed(found: Reading, rules: Rules) -> bool:
    """Whether the hash of every row is needed: what has an id can be hashed when it is stored."""
    return "transaction_id" not in found.values or rules.cleaning.changes_values


def _content(found: Reading, rules: Rules) -> str:
    """SQL of the hash of a row's content, as far as it is needed."""
    content = content_hash(filled=found.values.keys() | ALWAYS)
    return (
        content
        if _is_hashed(found, rules)
        else f"case when transaction_id is null then {content} end"
    )


def by_style(styles: Mapping[int, Style]) -> dict[Style, list[int]]:
    """Files grouped by style, so that alike files are read in one statement."""
    grouped: dict[Style, list[int]] = {}
    for file_no, style in styles.items():
        grouped.setdefault(style, []).append(file_no)
    return grouped
