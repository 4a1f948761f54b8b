"""The two halves of a load on an open connection: examine every row, then store the new ones.

Nothing of core changes while rows are examined, so that a load can be given up with its report.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import msgspec

from warehouse import attributes, cleaning, customer_files, incoming, outcomes, remarks, signs
from warehouse.errors import LoadError
from warehouse.identity import JUDGED, OnConflict, judge
from warehouse.notes import about_transactions
from warehouse.planning import Plan
from warehouse.polling import watched
from warehouse.progress import Progress
from warehouse.report import LoadReport
from warehouse.row_steps import Part, Rules
from warehouse.sources.staging import Staged, prepare, stage, stage_all
from warehouse.sources.streaming import STREAMED, attach
from warehouse.storing import store_transactions


@dataclass(frozen=True)
class Options:
    """How rows are taken: what they must be, whose ids they have, what a conflict does."""

    rules: Rules
    source: str = "default"
    on_conflict: OnConflict = "reject"


def examine(
    con: duckdb.DuckDBPyConnection, plan: Plan, options: Options, progress: Progress
) -> LoadReport:
    """Read all files into temporary tables and judge each row.

    Returns
    -------
    The report of the load as it would be, without a ``load_id``.

    Raises
    ------
    SourceError : a file is damaged beyond its first rows.
    MappingError : the order of day and month is not clear.
    LoadError : what is there already speaks against it, such as another currency.
    """
    _refuse_misfits(con, plan, options)
    remarks.create(con)
    labels = plan.sources.labels()
    with watched(con, progress, f"Reading {len(labels)} file{'s' if len(labels) > 1 else ''}"):
        staged = _staged(con, plan)
        held = frozenset(ours for mapping in plan.mappings for ours in mapping.choices)
        if any(map(signs.is_ledger, plan.mappings)):
            held |= {"kind"}  # their sign may yet be turned
        parts = [
            Part(one, mapping, {number: labels[number] for number in one.batch.numbers}, held)
            for one, mapping in zip(staged, plan.mappings, strict=True)
        ]
        report = _judged(con, plan, options, parts)
    outcomes.find_rejects(con, plan, staged)
    files = outcomes.count(con, labels)
    report = replace(report, files=files, reasons=outcomes.reasons(con))
    notes = [*plan.notes, *plan.sources.notes, *remarks.sentences(con)]
    notes += [f"{path.name} holds no row" for path in plan.sources.without_rows]
    if plan.kind == "transactions":
        if replaced := outcomes.count_replaced(con):
            notes.append(f"{replaced:,} replaced: they took the place of stored rows")
        notes += about_transactions(con, plan, options.source, options.rules.currency)
    if report.already_loaded and not report.loaded:
        which = f"{report.already_loaded:,} rows were" if report.rejected else "every row was"
        notes.append(f"{which} loaded before; no generation was published")
    return replace(report, notes=(*report.notes, *notes))


def _staged(con: duckdb.DuckDBPyConnection, plan: Plan) -> list[Staged]:
    """The rows of every batch: those of customers files as tables, they are looked at often."""
    if plan.kind == "customers":
        return stage_all(con, plan.sources)
    prepare(con)
    return [
        attach(con, batch, f"streamed_{number}")
        if batch.layout.reader in STREAMED
        else stage(con, batch, f"staged_{number}")
        for number, batch in enumerate(plan.sources.batches)
    ]


def _judged(
    con: duckdb.DuckDBPyConnection, plan: Plan, options: Options, parts: list[Part]
) -> LoadReport:
    """Make ``incoming`` and ``judged``; returns what of the report follows from them."""
    report = LoadReport(plan.kind, None, (), plan.mapping_as_json(), plan.unused())
    if plan.kind == "transactions":
        incoming.create(con, options.rules, parts[0].held)
        orders = tuple(incoming.read(con, part, options.rules) for part in parts)
        turned = signs.turn(con, parts)
        counts = cleaning.apply(con, report.mapping.keys(), options.rules.cleaning)
        judge(con, options.source, options.on_conflict)
        more, proposals = cleaning.found_after(con, report.mapping.keys(), options.rules.cleaning)
        return replace(
            report,
            rules=(*counts, *more),
            date_orders=orders,
            signs=turned.signs,
            notes=(*turned.notes, *proposals),
        )
    found = customer_files.read(con, parts, options.rules)
    attributes.add_columns(con, found.values())
    customer_files.judge(con, found, options.on_conflict)
    return replace(
        report,
        ids_in_transactions=customer_files.known_in_transactions(con),
        has_transactions=con.execute("from core.transactions limit 1").fetchone() is not None,
        attributes={one.name: one.original for one in found.values()},
        notes=(
            *(
                f"{one.original} is kept as {one.name}, the name has another meaning here"
                for one in found.values()
                if one.name.endswith(attributes.SUFFIX)
            ),
            *customer_files.lost_suppressions(con),
        ),
    )


def _refuse_misfits(con: duckdb.DuckDBPyConnection, plan: Plan, options: Options) -> None:
    """Raise where the workspace holds what the new rows cannot stand beside."""
    rows = con.execute(
        "select any_value(currency), bool_or(purchased_on is not null), count(*)"
        " from core.transactions"
    ).fetchall()
    currency, is_dated, count = rows[0]
    if plan.kind == "customers":
        return
    dated = {"purchased_at" in mapping.choices for mapping in plan.mappings}
    if len(dated) > 1:
        raise LoadError(
            "files with and without dates do not go together",
            fix="name the column of dates with --map purchased_at=..., or load them apart",
        )
    if not count:
        return
    if currency != options.rules.currency:
        raise LoadError(
            f"the workspace keeps {currency}, and the settings say {options.rules.currency}",
            fix=f'set currency = "{currency}" in spendboard.toml, or use another workspace',
        )
    if dated != {is_dated}:
        raise LoadError(
            "transactions with and without dates do not go together",
            found="the workspace's have dates" if is_dated else "the workspace's have no dates",
            fix="name their column with --map purchased_at=..., or use another workspace",
        )


def store(
    con: duckdb.DuckDBPyConnection, plan: Plan, options: Options, report: LoadReport
) -> LoadReport:
    """Store the rows that :func:`examine` found new, and write the load into the ledger."""
    load_id = _next_load_id(con)
    if plan.kind == "transactions":
        store_transactions(con, options.source, options.rules.currency, load_id)
    else:
        customer_files.store(con, list(report.attributes), load_id)
    outcomes.keep_rejects(con, load_id)
    # What follows needs the memory, or the room on the disk.
    for table in (incoming.TABLE, JUDGED, outcomes.FOUND_REJECTS):
        con.execute(f"drop table {table}")
    report = replace(report, load_id=load_id)
    answer = report.as_json()
    con.execute(
        "insert into core.loads by name select $load_id as load_id, $source as source,"
        " $as_kind as as_kind, $loaded_at as loaded_at, $read as read, $loaded as loaded,"
        " $rejected as rejected, $already_loaded as already_loaded, $set_aside as set_aside,"
        " $files as files, $mapping as mapping, $unused as unused, $rules as rules",
        {
            "load_id": load_id,
            "source": options.source,
            "as_kind": plan.kind,
            "loaded_at": datetime.now(UTC).replace(tzinfo=None),
            "read": report.read,
            "loaded": report.loaded,
            "rejected": report.rejected,
            "already_loaded": report.already_loaded,
            "set_aside": report.set_aside,
            **{
                name: msgspec.json.encode(answer[name]).decode()
                for name in ("files", "mapping", "unused", "rules")
            },
        },
    )
    return report


def _next_load_id(con: duckdb.DuckDBPyConnection) -> int:
    """The next number of a load; one that was unloaded is not given again."""
    con.execute("create sequence if not exists core.load_ids")
    return int(con.execute("select nextval('core.load_ids')").fetchall()[0][0])
