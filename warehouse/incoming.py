"""Typed rows of a load, before anybody asks whether they are new: the temporary ``incoming``.

One row per row of the files. ``reason`` is NULL for a good row; ``is_foreign`` marks a row in
another currency than the workspace's, ``rule`` names the rule that sets a row aside.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from warehouse.canonical import Reading, Style, file_styles, reading
from warehouse.configuration import Cleaning
from warehouse.dates import DateOrder
from warehouse.mapping import FileMapping
from warehouse.sources.staging import VALUE_LENGTH, Staged
from warehouse.synonyms import Kind

TABLE = "incoming"
# What a transaction holds beside its id, in the order in which it is hashed.
CONTENT = {
    "order_id": "varchar",
    "customer_id": "varchar",
    "purchased_at": "timestamp",
    "amount": "decimal(18, 2)",
    "kind": "varchar",
    "currency": "varchar",
    "quantity": "decimal(18, 3)",
    "unit_price": "decimal(18, 6)",
    "n_products": "integer",
    "is_promotion": "boolean",
    "product_id": "varchar",
    "product": "varchar",
    "merchant": "varchar",
    "category": "varchar",
    "subcategory": "varchar",
    "payment_method": "varchar",
    "city": "varchar",
    "country": "varchar",
    "channel": "varchar",
    "account_id": "varchar",
    "description": "varchar",
}


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
        f"create or replace temp table {TABLE} (file_no integer, place bigint,"
        f" transaction_id varchar, {content}, content_hash uhugeint, is_foreign boolean,"
        " rule varchar, reason varchar, fault_column varchar, fault_value varchar)"
    )


def read(con: duckdb.DuckDBPyConnection, part: Part, rules: Rules) -> DateOrder | None:
    """Append the rows of one staged batch to ``incoming``; returns the order of its dates.

    Raises
    ------
    MappingError : the order of day and month in a file is not clear.
    """
    styles = file_styles(con, part.staged, part.mapping, part.labels, rules.date_order)
    for style, files in by_style(styles).items():
        found = reading(part.mapping, style)
        statement = f"""
            insert into {TABLE} by name
            with {faulted(found, part, files)},
            typed as (
                select file_no, place, {_typed(found)}, reason, fault_column, fault_value
                from faulted
            )
            select
                *,
                md5_number({_content_text(found)}) as content_hash,
                currency <> $currency as is_foreign
            from typed
        """
        run(con, statement, part, rules, found)
    orders = {style.dates.order for style in styles.values() if style.dates.is_told}
    return orders.pop() if len(orders) == 1 else None


def by_style(styles: Mapping[int, Style]) -> dict[Style, list[int]]:
    """Files grouped by style, so that alike files are read in one statement."""
    grouped: dict[Style, list[int]] = {}
    for file_no, style in styles.items():
        grouped.setdefault(style, []).append(file_no)
    return grouped


def faulted(found: Reading, part: Part, files: Sequence[int]) -> str:
    """SQL of the step ``faulted``: rows of some files with ``v_<ours>`` and their first fault."""
    texts = "".join(f", {sql} as {alias}" for alias, sql in found.texts.items())
    valued = "".join(f", {sql} as v_{ours}" for ours, sql in found.values.items())
    faults = list(enumerate(found.faults, start=1))
    numbered = " ".join(f"when {condition} then {n}" for n, (condition, *_) in faults)
    worded = " ".join(f"when {n} then '{reason}'" for n, (_, reason, _) in faults)
    named = " ".join(f"when {n} then $names[{position}]" for n, (*_, position) in faults)
    shown = " ".join(f"when {n} then c{position}" for n, (*_, position) in faults)
    return f"""
        texts as (
            select *, rowid as place{texts}
            from {part.staged.table}
            where file_no in ({", ".join(map(str, files))})
        ), valued as (
            select *{valued} from texts
        ), numbered as (
            select *, case {numbered} else 0 end as fault from valued
        ), faulted as (
            select
                *,
                case fault {worded} end as reason,
                case fault {named} end as fault_column,
                left(case fault {shown} end, {VALUE_LENGTH}) as fault_value
            from numbered
        )"""


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
    number = "v_transaction_id" if "transaction_id" in found.values else "null"
    return ", ".join([f"cast({number} as varchar) as transaction_id", *columns])


def _content_text(found: Reading) -> str:
    """SQL of a row's canonical text: what two rows have in common if they are one.

    A column that the file does not have reads like one that is empty.
    """
    filled = found.values.keys() | {"kind", "currency"}
    cells = ", ".join(
        f"coalesce(cast({name} as varchar), '')" if name in filled else "''" for name in CONTENT
    )
    return f"concat_ws(chr(31), {cells})"
