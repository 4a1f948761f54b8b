"""Counting and keeping what became of the rows of a load, the same for every kind of file.

Reads the temporary tables ``incoming`` (every row with its first fault), ``judged`` (the status of
those that are not plainly new) and ``malformed`` (records that could not be read at all).
"""

from collections.abc import Sequence

import duckdb
import msgspec

from warehouse.identity import CONFLICT, JUDGED
from warehouse.incoming import TABLE
from warehouse.planning import Plan
from warehouse.report import FileCount, LoadReport, RejectReason
from warehouse.row_steps import record_text
from warehouse.sources.staging import MALFORMED, VALUE_LENGTH, Staged

FOUND_REJECTS = "found_rejects"
_RECORDS = "found_records"
# Why a row is set aside, where the rule has no name of its own.
FOREIGN = "in another currency"
REPLACED = "replaced by a later row"

# Records that could not be read stand between the rows, and count.
_SHIFTS = f"""
    select file_no, accepted_before, max(nth) as shift
    from (
        select file_no, accepted_before,
            row_number() over (partition by file_no order by record) as nth
        from {MALFORMED}
    )
    group by file_no, accepted_before
"""
# Position of each file's first row in its batch, counted from 0.
_STARTS = f"""
    select
        file_no,
        min(rowid) as first_row,
        cast(sum(count(*)) over (order by file_no) as bigint)
            - count(*) as first_position
    from {TABLE} where list_contains($numbers, file_no) group by file_no
"""
# The whole record of rows that were good until something else was known of them.
_KEEP_RECORDS = f"""
    insert into {_RECORDS}
    with starts as ({_STARTS}), wanted as (
        select
            incoming.rowid as row,
            starts.first_position + incoming.rowid - starts.first_row + 1 as position
        from {JUDGED} as judged
        join {TABLE} as incoming on incoming.rowid = judged.row
        join starts on starts.file_no = incoming.file_no
        where judged.status in ('rejected', 'set_aside')
            and incoming.row_text is null
    )
    select wanted.row, {{record}}
    from (select *, row_number() over () as position from {{relation}}) as staged
    join wanted using (position)
"""
_FIND_REJECTS = f"""
    create or replace temp table {FOUND_REJECTS} as
    with starts as (
        select file_no, min(rowid) as first_row from {TABLE} group by file_no
    ), shifts as ({_SHIFTS}), unwanted as (
        select
            incoming.file_no,
            incoming.rowid - starts.first_row as nth,
            coalesce(incoming.row_text, records.row_text) as row_text,
            judged.status as outcome,
            case
                when outcome = 'rejected' then coalesce(incoming.reason, '{CONFLICT}')
                when incoming.is_foreign then '{FOREIGN}'
                else coalesce(incoming.rule, '{REPLACED}')
            end as why,
            -- What has no fault of its own is a conflict of ids.
            case
                when why in ('{CONFLICT}', '{REPLACED}') then $id_columns[incoming.file_no + 1]
                when why = '{FOREIGN}' then $currency_columns[incoming.file_no + 1]
                else incoming.fault_column
            end as column_name,
            case
                when why in ('{CONFLICT}', '{REPLACED}') then left(judged.id, {VALUE_LENGTH})
                when why = '{FOREIGN}' then incoming.currency
                else incoming.fault_value
            end as value
        from {JUDGED} as judged
        join {TABLE} as incoming on incoming.rowid = judged.row
        join starts on starts.file_no = incoming.file_no
        left join {_RECORDS} as records on records.row = judged.row
        where judged.status in ('rejected', 'set_aside')
    ), numbered as (
        select
            unwanted.file_no,
            unwanted.nth + 1 + coalesce(shifts.shift, 0) as record,
            unwanted.outcome, unwanted.column_name, unwanted.value, unwanted.why as reason,
            unwanted.row_text
        from unwanted
        asof left join shifts
            on unwanted.file_no = shifts.file_no and unwanted.nth >= shifts.accepted_before
    )
    select $labels[file_no + 1] as file, record, outcome, column_name, value, reason, row_text
    from (
        select * from numbered
        union all
        select file_no, record, 'rejected', null, value, reason,
            -- Under the empty name beside those of its file, which it may be repaired into.
            cast(to_json(map(
                list_append($columns[file_no + 1], ''),
                list_append(list_transform($columns[file_no + 1], lambda name: null), text)
            )) as varchar)
        from {MALFORMED}
    )
    order by file_no, record
"""


def count(con: duckdb.DuckDBPyConnection, labels: Sequence[str]) -> tuple[FileCount, ...]:
    """Rows of each file by outcome; ``labels`` are the files in the order of their numbers."""
    counted = con.execute(
        f"""
        select
            file_no,
            cast(coalesce(sum(n) filter (status in ('new', 'replaces')), 0) as bigint),
            cast(coalesce(sum(n) filter (status = 'rejected'), 0) as bigint),
            cast(coalesce(sum(n) filter (status = 'already_loaded'), 0) as bigint),
            cast(coalesce(sum(n) filter (status = 'set_aside'), 0) as bigint)
        from (
            -- A row that nothing is said of is new.
            select file_no, 'new' as status, count(*) as n from {TABLE} group by file_no
            union all
            select file_no, 'new', -count(*) from {JUDGED} group by file_no
            union all
            select file_no, status, count(*) from {JUDGED} group by file_no, status
            union all
            select file_no, 'rejected', count(*) from {MALFORMED} group by file_no
        )
        group by file_no
        """
    ).fetchall()
    by_file = {file_no: outcome for file_no, *outcome in counted}
    return tuple(
        FileCount(label, *by_file.get(file_no, (0, 0, 0, 0)))
        for file_no, label in enumerate(labels)
    )


def count_replaced(con: duckdb.DuckDBPyConnection) -> int:
    """How many of the rows to load take the place of a stored one with the same id."""
    counted = con.execute(f"select count(*) from {JUDGED} where status = 'replaces'")
    return int(counted.fetchall()[0][0])


def find_rejects(con: duckdb.DuckDBPyConnection, plan: Plan, staged: Sequence[Staged]) -> None:
    """Make the temporary ``found_rejects``, as core.rejects without the load.

    It holds what is rejected and what is set aside, each with the text of its whole record.

    Parameters
    ----------
    plan : where the columns come from that a conflict or another currency blames.
    staged : the relations of text that ``incoming`` was made from.
    """
    columns = {
        number: list(one.batch.layout.columns) for one in staged for number in one.batch.numbers
    }
    _keep_records(con, staged)
    con.execute(
        _FIND_REJECTS,
        {
            "labels": plan.sources.labels(),
            "id_columns": plan.columns_of(plan.id_name),
            "currency_columns": plan.columns_of("currency"),
            "columns": [columns.get(number, [""]) for number in range(len(plan.sources.files))],
        },
    )


def _keep_records(con: duckdb.DuckDBPyConnection, staged: Sequence[Staged]) -> None:
    """Read the files of rows again that were good until something else was known of them."""
    con.execute(f"create or replace temp table {_RECORDS} (row bigint, row_text varchar)")
    lacking = con.execute(
        f"""
        select distinct judged.file_no
        from {JUDGED} as judged join {TABLE} as incoming on incoming.rowid = judged.row
        where judged.status in ('rejected', 'set_aside') and incoming.row_text is null
        """
    ).fetchall()
    for one in staged:
        numbers = list(one.batch.numbers)
        if {number for (number,) in lacking}.isdisjoint(numbers):
            continue
        con.execute(
            _KEEP_RECORDS.format(record=record_text("$names", one.batch), relation=one.table),
            {"numbers": numbers, "names": list(one.batch.layout.columns)},
        )


def reasons(con: duckdb.DuckDBPyConnection) -> tuple[RejectReason, ...]:
    """Why rows were rejected, the most frequent reason first."""
    rows = con.execute(
        f"""
        select reason, column_name, count(*) as n_rows, arg_min(file, rowid),
            arg_min(record, rowid), arg_min(value, rowid)
        from {FOUND_REJECTS}
        where outcome = 'rejected'
        group by reason, column_name
        order by n_rows desc, reason, column_name
        """
    ).fetchall()
    return tuple(RejectReason(*row) for row in rows)


def keep_rules(con: duckdb.DuckDBPyConnection, report: LoadReport) -> None:
    """Bring the rules of a load in core.loads up to date, after those that compare rows."""
    con.execute(
        "update core.loads set rules = $rules where load_id = $load_id",
        {
            "rules": msgspec.json.encode([rule.as_json() for rule in report.rules]).decode(),
            "load_id": report.load_id,
        },
    )


def keep_rejects(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Append what this load rejected and set aside to core.rejects."""
    con.execute(
        "insert into core.rejects by name"
        f" select $load_id as load_id, * from {FOUND_REJECTS} order by rowid",
        {"load_id": load_id},
    )
