"""Typed rows of a load, before anybody asks whether they are new: the temporary ``incoming``.

One row per row of the files, in their order, straight from the reader: no text is kept but that of
faulty rows. ``reason`` is NULL for a good row; ``is_foreign`` marks a row in another currency than
the workspace's, ``is_against`` spending by its type that is written with a minus sign.

Cleaning rules stand between here and :mod:`warehouse.identity`. They see typed rows, may name
themselves in ``rule`` to set a row aside, and may change values. ``content_hash`` is made before
them; where a source has ids it is left out unless values are going to be changed, since the stored
row says the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from warehouse import float_ids, remarks
from warehouse.canonical import REASONS, Reading, reading
from warehouse.cells import trimmed
from warehouse.configuration import Cleaning
from warehouse.content import CONTENT, content_hash
from warehouse.dates import DateOrder, DateStyle
from warehouse.errors import MappingError
from warehouse.instants import PLAIN
from warehouse.mapping import FileMapping
from warehouse.numbers import is_number
from warehouse.origins import Picked
from warehouse.sources.layout import Batch
from warehouse.sources.staging import VALUE_LENGTH, Staged, forget_faults, stage_sample
from warehouse.sources.streaming import part_of, reading_once
from warehouse.styles import Style, file_styles
from warehouse.synonyms import FIELDS, Kind

TABLE = "incoming"
# Enough to see how a file writes dates and numbers; what they miss is found when it is read.
_SAMPLE, _SAMPLE_ROWS = "first_rows", 1_000
_PLAIN = Style(frozenset(), DateStyle())


@dataclass(frozen=True)
class Rules:
    """What holds for every row of a load."""

    kind: Kind
    currency: str
    timezone: str
    date_order: DateOrder | None = None
    cleaning: Cleaning = field(default_factory=Cleaning)


@dataclass(frozen=True)
class Part:
    """A staged batch with its mapping; ``labels`` are file numbers and names for messages."""

    staged: Staged
    mapping: FileMapping
    labels: Mapping[int, str]


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make an empty ``incoming`` for transactions."""
    content = ", ".join(f"{name} {kind}" for name, kind in CONTENT.items())
    con.execute(
        f"create or replace temp table {TABLE} (file_no integer,"
        f" transaction_id varchar, {content}, content_hash uhugeint, is_foreign boolean,"
        " rule varchar, reason varchar, fault_column varchar, fault_value varchar,"
        " row_text varchar, is_rounded boolean, is_against boolean)"
    )


def read(con: duckdb.DuckDBPyConnection, part: Part, rules: Rules) -> DateOrder | None:
    """Append the rows of one staged batch to ``incoming``; returns the order of its dates.

    Files whose first rows have plain dates and numbers are read as if all were plain; one that is
    not then makes them be looked through as a whole, and read again.

    Raises
    ------
    SourceError : a file is damaged.
    MappingError : the order of day and month in a file is not clear.
    """
    styles = _plain_styles(con, part) if part.staged.is_view else None
    if styles is not None:
        before = con.execute(f"select count(*) from {TABLE}").fetchall()[0][0]
        _append(con, part, rules, styles)
        if _is_all_read(con, before):
            float_ids.straighten(con, TABLE, _id_columns(part.mapping), before)
            return None
        con.execute(f"delete from {TABLE} where rowid >= {before}")
        forget_faults(con, part.staged.batch.numbers)
    styles = file_styles(con, part.staged, part.mapping, part.labels, rules.date_order)
    remarks.add(con, styles, part.staged.batch.layout.columns, part.labels)
    _append(con, part, rules, styles)
    orders = {style.dates.order for style in styles.values() if style.dates.is_told}
    return orders.pop() if len(orders) == 1 else None


def _plain_styles(con: duckdb.DuckDBPyConnection, part: Part) -> dict[int, Style] | None:
    """What to take for granted of every file; None where the first rows speak against it."""
    batch = part.staged.batch
    if "purchased_at" in part.mapping.choices:
        first = part_of(batch, batch.numbers[:1])
        sample = stage_sample(con, first, _SAMPLE, _SAMPLE_ROWS)
        try:
            styles = file_styles(con, sample, part.mapping, part.labels, None)
        except MappingError:
            return None
        finally:
            con.execute(f"drop table {_SAMPLE}")
        if not all(style.is_plain for style in styles.values()):
            return None
    return dict.fromkeys(batch.numbers, Style(frozenset(), DateStyle()))


def _id_columns(mapping: FileMapping) -> list[str]:
    """Our columns of ids that a column of the file fills."""
    fields = FIELDS[mapping.kind]
    return [
        ours
        for ours, choice in mapping.choices.items()
        if fields[ours].role == "id" and isinstance(choice.origin, Picked)
    ]


def _is_all_read(con: duckdb.DuckDBPyConnection, first_row: int) -> bool:
    """Whether every date and number from that row on was written plainly.

    What is no number or day in any wording does not count.
    """
    found = con.execute(
        f"""
        select 1 from {TABLE}
        where rowid >= {first_row}
            and (
                reason = $instant and regexp_matches(fault_value, '[0-9]')
                    and not regexp_full_match(trim(fault_value), $plain)
                or reason in ($money, $count) and {is_number("trim(fault_value)")}
                    and try_cast(fault_value as decimal(38, 9)) is null
            )
        limit 1
        """,
        {role: REASONS[role] for role in ("instant", "money", "count")} | {"plain": PLAIN},
    )
    return not found.fetchall()


def _append(
    con: duckdb.DuckDBPyConnection, part: Part, rules: Rules, styles: Mapping[int, Style]
) -> None:
    """Read files in their styles, those of one style in one pass, and append their rows."""
    for style, files in by_style(styles).items():
        found = reading(part.mapping, style)
        filled = found.values.keys() | {"kind", "currency"}
        content = content_hash(filled=filled)
        if "transaction_id" in found.values and not rules.cleaning.changes_values:
            content = f"case when transaction_id is null then {content} end"
        with reading_once(con, part.staged, files) as relation:
            statement = f"""
                insert into {TABLE} by name
                with {faulted(found, part, relation, None if part.staged.is_view else files)},
                typed as (
                    select
                        file_no, {_typed(found)}, reason, fault_column, fault_value, row_text,
                        {found.rounded} as is_rounded
                    from faulted
                )
                select *, {content} as content_hash, currency <> $currency as is_foreign
                from typed
            """
            run(con, statement, part, rules, found)


def by_style(styles: Mapping[int, Style]) -> dict[Style, list[int]]:
    """Files grouped by style, so that alike files are read in one statement."""
    grouped: dict[Style, list[int]] = {}
    for file_no, style in styles.items():
        grouped.setdefault(style, []).append(file_no)
    return grouped


def faulted(found: Reading, part: Part, relation: str, files: Sequence[int] | None = None) -> str:
    """SQL of the step ``faulted``: rows with ``v_<ours>``, their first fault, and its record.

    Parameters
    ----------
    found : how the cells are read.
    part, relation : the batch, and what its rows are read from.
    files : numbers of the files that are wanted; all without.
    """
    where = f"where file_no in ({', '.join(map(str, files))})" if files is not None else ""
    cells = "".join(f", {trimmed(n)} as r{n}" for n in sorted(found.positions))
    cells += "".join(f", {sql} as {alias}" for alias, sql in found.early.items())
    texts = "".join(f", {sql} as {alias}" for alias, sql in found.texts.items())
    valued = "".join(f", {sql} as v_{ours}" for ours, sql in found.values.items())
    faults = list(enumerate(found.faults, start=1))
    numbered = " ".join(f"when {condition} then {n}" for n, (condition, *_) in faults)
    worded = " ".join(f"when {n} then '{reason}'" for n, (_, reason, _) in faults)
    named = " ".join(f"when {n} then $names[{position}]" for n, (*_, position) in faults)
    shown = " ".join(f"when {n} then c{position}" for n, (*_, position) in faults)
    return f"""
        trimmed as (
            select *{cells} from {relation} {where}
        ), texts as (
            select *{texts} from trimmed
        ), valued as (
            select *{valued} from texts
        ), numbered as (
            select *, case {numbered} else 0 end as fault from valued
        ), faulted as (
            select
                *,
                case fault {worded} end as reason,
                case fault {named} end as fault_column,
                left(case fault {shown} end, {VALUE_LENGTH}) as fault_value,
                case when fault > 0 then {record_text("$names", part.staged.batch)} end as row_text
            from numbered
        )"""


def record_text(names: str, batch: Batch) -> str:
    """SQL of a whole record as JSON, column to text; ``names`` is SQL of the list of columns."""
    return f"cast(to_json(map({names}, [{', '.join(batch.layout.names)}])) as varchar)"


def run(
    con: duckdb.DuckDBPyConnection, statement: str, part: Part, rules: Rules, found: Reading
) -> None:
    """Execute a statement over a staged batch, with those of the known values that it names."""
    known = {
        "names": list(part.staged.batch.layout.columns),
        "currency": rules.currency,
        "timezone": rules.timezone,
        **found.constants,
    }
    named = set(re.findall(r"\$([a-z_]\w*)", statement))
    con.execute(statement, {name: value for name, value in known.items() if name in named})


def _typed(found: Reading) -> str:
    """SQL of every column of a transaction, NULL where the mapping has none."""
    sql = {ours: f"v_{ours}" if ours in found.values else "null" for ours in CONTENT}
    sql["currency"] = f"coalesce({sql['currency']}, $currency)"
    kind, amount = sql["kind"], sql["amount"]
    if "kind" in found.values:
        # A refund is negative, whichever sign the ledger gives it.
        sql["amount"] = f"if({kind} = 'refund', -abs({amount}), {amount})"
    sql["kind"] = (
        f"if(coalesce({kind}, 'purchase') = 'purchase' and {amount} < 0, 'refund',"
        f" coalesce({kind}, 'purchase'))"
    )
    columns = [f"cast({sql[ours]} as {kind}) as {ours}" for ours, kind in CONTENT.items()]
    if "kind" in found.values:
        columns.append(f"coalesce({kind}, 'purchase') = 'purchase' and {amount} < 0 as is_against")
    number = "v_transaction_id" if "transaction_id" in found.values else "null"
    return ", ".join([f"cast({number} as varchar) as transaction_id", *columns])
