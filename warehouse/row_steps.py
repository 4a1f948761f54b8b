"""The steps of SQL from a row of text to a typed one, which every kind of file goes through."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from warehouse.canonical import Reading
from warehouse.cells import trimmed
from warehouse.configuration import Cleaning
from warehouse.content import CONTENT
from warehouse.dates import DateOrder
from warehouse.mapping import FileMapping
from warehouse.sources.layout import Batch
from warehouse.sources.staging import VALUE_LENGTH, Staged
from warehouse.synonyms import Kind

# What a transaction has even where no file says it.
ALWAYS = frozenset({"kind", "currency"})


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
    """A staged batch with its mapping; ``labels`` are file numbers and names for messages.

    ``held`` are our columns that the rows of the load, not of this batch alone, have values in.
    """

    staged: Staged
    mapping: FileMapping
    labels: Mapping[int, str]
    held: frozenset[str] = frozenset()


def valued(found: Reading, relation: str, files: Sequence[int] | None = None) -> str:
    """SQL of the step ``valued`` and those before it: rows with ``v_<ours>``.

    Parameters
    ----------
    found : how the cells are read.
    relation : what the rows are read from.
    files : numbers of the files that are wanted; all without.
    """
    where = f"where file_no in ({', '.join(map(str, files))})" if files is not None else ""
    cells = "".join(f", {trimmed(n)} as r{n}" for n in sorted(found.positions))
    cells += "".join(f", {sql} as {alias}" for alias, sql in found.early.items())
    texts = "".join(f", {sql} as {alias}" for alias, sql in found.texts.items())
    values = "".join(f", {sql} as v_{ours}" for ours, sql in found.values.items())
    return f"""
        trimmed as (
            select *{cells} from {relation} {where}
        ), texts as (
            select *{texts} from trimmed
        ), valued as (
            select *{values} from texts
        )"""


def faulted(found: Reading, part: Part, relation: str, files: Sequence[int] | None = None) -> str:
    """SQL of the step ``faulted``: rows with ``v_<ours>``, their first fault, and its record.

    Parameters
    ----------
    found : how the cells are read.
    part, relation : the batch, and what its rows are read from.
    files : numbers of the files that are wanted; all without.
    """
    faults = list(enumerate(found.faults, start=1))
    numbered = " ".join(f"when {condition} then {n}" for n, (condition, *_) in faults)
    worded = " ".join(f"when {n} then '{reason}'" for n, (_, reason, _) in faults)
    named = " ".join(f"when {n} then $names[{position}]" for n, (*_, position) in faults)
    shown = " ".join(f"when {n} then c{position}" for n, (*_, position) in faults)
    return f"""
        {valued(found, relation, files)}, numbered as (
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


def typed(found: Reading) -> str:
    """SQL of every column of a transaction that the mapping fills, or that always has a value."""
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
    columns = [
        f"cast({sql[ours]} as {data_type}) as {ours}"
        for ours, data_type in CONTENT.items()
        if ours in found.values or ours in ALWAYS
    ]
    if "kind" in found.values:
        columns.append(f"coalesce({kind}, 'purchase') = 'purchase' and {amount} < 0 as is_against")
    number = "v_transaction_id" if "transaction_id" in found.values else "null"
    return ", ".join([f"cast({number} as varchar) as transaction_id", *columns])
