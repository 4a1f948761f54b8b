"""Which rows of ``incoming`` are new: by their id, or by their content and how often it occurs.

A row without an id is known by the hash of its content and the number of its occurrence within its
file, so that a real repeat purchase survives and an overlapping file adds nothing.
"""

from typing import Literal

import duckdb

from warehouse.incoming import TABLE

OnConflict = Literal["reject", "replace"]

# One row per row of incoming: row (its rowid there), file_no, id and status.
JUDGED = "judged"
CONFLICT = "conflict"
# Digits of the content hash that make an id: 80 bits are unique among billions of rows.
_ID_DIGITS = 20

# Who comes first in a load is right unless later rows shall replace; all compare with what is
# stored already.
_STATUS: dict[OnConflict, tuple[str, str]] = {
    "reject": (
        "asc",
        """
        case
            when stored.content_hash is null and ranked.is_kept is not false then 'new'
            when identified.content_hash = coalesce(stored.content_hash, ranked.kept_hash)
                then 'already_loaded'
            else 'rejected'
        end
        """,
    ),
    "replace": (
        "desc",
        """
        case
            when ranked.is_kept is false
                then if(identified.content_hash = ranked.kept_hash, 'already_loaded', 'set_aside')
            when stored.content_hash is null then 'new'
            when identified.content_hash = stored.content_hash then 'already_loaded'
            else 'replaces'
        end
        """,
    ),
}

_JUDGE = f"""
    create or replace temp table {JUDGED} as
    with repeated as (
        select transaction_id from identified group by transaction_id having count(*) > 1
    ), ranked as (
        select
            row,
            row_number() over by_id = 1 as is_kept,
            first_value(content_hash) over by_id as kept_hash
        from identified semi join repeated using (transaction_id)
        window by_id as (
            partition by transaction_id order by file_no {{direction}}, place {{direction}}
        )
    ), stored as (
        select transaction_id, content_hash from core.transactions where source = $source
    )
    select
        identified.row,
        identified.file_no,
        identified.transaction_id as id,
        {{status}} as status
    from identified
    left join ranked using (row)
    left join stored using (transaction_id)
    union all
    select
        rowid,
        file_no,
        transaction_id,
        if(is_foreign or (reason is null and rule is not null), 'set_aside', 'rejected')
    from {TABLE}
    where is_foreign or reason is not null or rule is not null
"""


def judge(con: duckdb.DuckDBPyConnection, source: str, on_conflict: OnConflict) -> None:
    """Give each row of ``incoming`` its id and its status, in the temporary ``judged``.

    The status is ``new``, ``replaces`` (new content for a known id), ``already_loaded``,
    ``rejected`` (a fault, or else a conflict) or ``set_aside`` (in another currency, by a rule, or
    replaced by a later row of the same load).

    Parameters
    ----------
    source : name of the source that ids belong to.
    on_conflict : what becomes of a known id with other content.
    """
    _identify(con)
    direction, status = _STATUS[on_conflict]
    con.execute(
        _JUDGE.format(direction=direction, status=status),
        {"source": source},
    )
    con.execute("drop table identified")


def _identify(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary ``identified``: the good rows of ``incoming``, each with an id."""
    con.execute(
        f"""
        create or replace temp table identified as
        with good as (
            select rowid as row, file_no, place, transaction_id, content_hash
            from {TABLE}
            where reason is null and not is_foreign and rule is null
        ), repeated as (
            select file_no, content_hash
            from good
            where transaction_id is null
            group by file_no, content_hash
            having count(*) > 1
        ), counted as (
            select row, row_number() over (partition by file_no, content_hash order by place)
                as occurrence
            from good semi join repeated using (file_no, content_hash)
            where transaction_id is null
        )
        select
            good.row,
            good.file_no,
            good.place,
            good.content_hash,
            coalesce(
                good.transaction_id,
                left(lpad(lower(to_hex(good.content_hash)), 32, '0'), {_ID_DIGITS})
                || if(counted.occurrence > 1, '-' || counted.occurrence, '')
            ) as transaction_id
        from good left join counted using (row)
        """
    )
