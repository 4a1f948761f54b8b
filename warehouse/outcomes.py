"""Counting and keeping what became of the rows of a load, the same for every kind of file.

Reads the temporary tables ``incoming`` (every row with its first fault), ``judged`` (its status)
and ``malformed`` (records that could not be read at all).
"""

from collections.abc import Sequence

import duckdb

from warehouse.identity import CONFLICT, JUDGED
from warehouse.incoming import TABLE
from warehouse.report import FileCount, RejectReason
from warehouse.sources.staging import MALFORMED, VALUE_LENGTH

FOUND_REJECTS = "found_rejects"
_FIND_REJECTS = f"""
    create or replace temp table {FOUND_REJECTS} as
    with starts as (
        select file_no, min(place) as first_place from {TABLE} group by file_no
    ), shifts as (
        -- Records that could not be read stand between the rows, and count.
        select file_no, accepted_before, max(nth) as shift
        from (
            select file_no, accepted_before,
                row_number() over (partition by file_no order by record) as nth
            from {MALFORMED}
        )
        group by file_no, accepted_before
    ), rows as (
        select
            incoming.file_no,
            incoming.place - starts.first_place as nth,
            -- What has no fault of its own is a conflict of ids.
            incoming.reason is null as is_conflict,
            if(is_conflict, $id_columns[incoming.file_no + 1], incoming.fault_column)
                as column_name,
            if(is_conflict, left(judged.id, {VALUE_LENGTH}), incoming.fault_value) as value,
            coalesce(incoming.reason, '{CONFLICT}') as reason
        from {JUDGED} as judged
        join {TABLE} as incoming on incoming.rowid = judged.row
        join starts on starts.file_no = incoming.file_no
        where judged.status = 'rejected'
    )
    select $labels[file_no + 1] as file, record, column_name, value, reason
    from (
        select
            rows.file_no, rows.nth + 1 + coalesce(shifts.shift, 0) as record,
            rows.column_name, rows.value, rows.reason
        from rows
        asof left join shifts
            on rows.file_no = shifts.file_no and rows.nth >= shifts.accepted_before
        union all
        select file_no, record, null, value, reason from {MALFORMED}
    )
    order by file_no, record
"""


def count(con: duckdb.DuckDBPyConnection, labels: Sequence[str]) -> tuple[FileCount, ...]:
    """Rows of each file by outcome; ``labels`` are the files in the order of their numbers."""
    counted = con.execute(
        f"""
        select
            file_no,
            count(*) filter (status in ('new', 'replaces')),
            count(*) filter (status = 'rejected'),
            count(*) filter (status = 'already_loaded'),
            count(*) filter (status = 'set_aside')
        from (
            select file_no, status from {JUDGED}
            union all
            select file_no, 'rejected' from {MALFORMED}
        )
        group by file_no
        """
    ).fetchall()
    by_file = {file_no: outcome for file_no, *outcome in counted}
    return tuple(
        FileCount(label, *by_file.get(file_no, (0, 0, 0, 0)))
        for file_no, label in enumerate(labels)
    )


def find_rejects(
    con: duckdb.DuckDBPyConnection, labels: Sequence[str], id_columns: Sequence[str | None]
) -> None:
    """Make the temporary ``found_rejects``, as core.rejects without the load.

    Parameters
    ----------
    labels : the files in the order of their numbers.
    id_columns : for each file the column of its ids, which a conflict blames.
    """
    con.execute(
        _FIND_REJECTS,
        {"labels": list(labels), "id_columns": list(id_columns)},
    )


def reasons(con: duckdb.DuckDBPyConnection) -> tuple[RejectReason, ...]:
    """Why rows were rejected, the most frequent reason first."""
    rows = con.execute(
        f"""
        select reason, column_name, count(*) as n_rows, arg_min(file, rowid),
            arg_min(record, rowid), arg_min(value, rowid)
        from {FOUND_REJECTS}
        group by reason, column_name
        order by n_rows desc, reason, column_name
        """
    ).fetchall()
    return tuple(RejectReason(*row) for row in rows)


def keep_rejects(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Append the rejects of this load to core.rejects."""
    con.execute(
        "insert into core.rejects by name"
        f" select $load_id as load_id, * from {FOUND_REJECTS} order by rowid",
        {"load_id": load_id},
    )
