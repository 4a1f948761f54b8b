"""Which rows of ``incoming`` are new: by their id, or by their content and how often it occurs.

A row without an id is known by the hash of its content and the number of its occurrence within its
file, so that a real repeat purchase survives and an overlapping file adds nothing.

Most rows of most loads are plainly new: neither their id nor their content occurs twice in the load
or is stored already. Finding that out takes one look at a narrow column, and nothing is written for
them. Only the other ones are compared.
"""

from typing import Literal

import duckdb

from warehouse.content import content_hash
from warehouse.incoming import TABLE

OnConflict = Literal["reject", "replace"]

# One row per row of incoming that is not plainly new: row (its rowid there), file_no, id, status.
JUDGED = "judged"
CONFLICT = "conflict"
_GOOD = "reason is null and not is_foreign and rule is null"
# Digits of the content hash that make an id: 80 bits are unique among billions of rows.
_ID_DIGITS = 20

# Who comes first in a load is right unless later rows shall replace; all compare with what is
# stored already.
_STATUS: dict[OnConflict, tuple[str, str]] = {
    "reject": (
        "asc",
        """
        case
            when stored.content_hash is null and ranked.is_kept then 'new'
            when doubtful.content_hash = coalesce(stored.content_hash, ranked.kept_hash)
                then 'already_loaded'
            else 'rejected'
        end
        """,
    ),
    "replace": (
        "desc",
        """
        case
            when not ranked.is_kept
                then if(doubtful.content_hash = ranked.kept_hash, 'already_loaded', 'set_aside')
            when stored.content_hash is null then 'new'
            when doubtful.content_hash = stored.content_hash then 'already_loaded'
            else 'replaces'
        end
        """,
    ),
}

_JUDGE = f"""
    insert into {JUDGED}
    with ranked as (
        select
            row,
            row_number() over by_id = 1 as is_kept,
            first_value(content_hash) over by_id as kept_hash
        from doubtful
        window by_id as (partition by id order by file_no {{direction}}, row {{direction}})
    )
    select doubtful.row, doubtful.file_no, {{status}} as status, doubtful.id
    from doubtful
    join ranked on ranked.row = doubtful.row
    left join stored on stored.transaction_id = doubtful.id
"""


def id_of(table: str) -> str:
    """SQL of the id of a row that is plainly new: the source's, or else its content's."""
    return f"coalesce({table}.transaction_id, {_id_of_content(f'{table}.content_hash')})"


def _id_of_content(hash_sql: str) -> str:
    return f"left(lpad(lower(to_hex({hash_sql})), 32, '0'), {_ID_DIGITS})"


def judge(con: duckdb.DuckDBPyConnection, source: str, on_conflict: OnConflict) -> None:
    """Give each row of ``incoming`` that is not plainly new a status, in the temporary ``judged``.

    The status is ``new``, ``replaces`` (new content for a known id), ``already_loaded``,
    ``rejected`` (a fault, or else a conflict) or ``set_aside`` (in another currency, by a rule, or
    replaced by a later row of the same load). A row without an entry is new, under :func:`id_of`.

    Parameters
    ----------
    source : name of the source that ids belong to.
    on_conflict : what becomes of a known id with other content.
    """
    con.execute(
        f"""
        create or replace temp table {JUDGED} as
        select
            rowid as row,
            file_no,
            if(is_foreign or reason is null, 'set_aside', 'rejected') as status,
            transaction_id as id
        from {TABLE}
        where is_foreign or reason is not null or rule is not null
        """
    )
    _find_doubtful(con, source)
    direction, status = _STATUS[on_conflict]
    con.execute(_JUDGE.format(direction=direction, status=status))
    for table in ("doubtful", "stored"):
        con.execute(f"drop table {table}")


def _find_doubtful(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Make the temporary ``doubtful``, good rows that may not be new; and ``stored``, those known.

    Ids and contents are looked at apart: no id looks like a content.
    """
    con.execute(
        "create or replace temp table stored (transaction_id varchar, content_hash uhugeint)"
    )
    con.execute(
        "create or replace temp table doubtful"
        " (row bigint, file_no integer, id varchar, content_hash uhugeint)"
    )
    with_ids, without = con.execute(
        f"select count(transaction_id), count(*) - count(transaction_id) from {TABLE} where {_GOOD}"
    ).fetchall()[0]
    has_stored = con.execute(
        "select 1 from core.transactions where source = $source limit 1", {"source": source}
    ).fetchall()
    if with_ids:
        _look_at_ids(con, source, is_first=not has_stored)
    if without:
        _look_at_contents(con, source, is_first=not has_stored)


def _ids_grow(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether each id comes after the one before it, so that none can occur twice.

    Many sources number their rows; this takes no memory, and a fifth of the time of looking for
    equal ones.
    """
    found = con.execute(
        f"""
        select 1
        from (
            select
                transaction_id as id,
                lag(transaction_id) over () as before
            from {TABLE} where {_GOOD} and transaction_id is not null
        )
        where not (strlen(id) > strlen(before) or strlen(id) = strlen(before) and id > before)
        limit 1
        """
    ).fetchall()
    return not found


def _look_at_ids(con: duckdb.DuckDBPyConnection, source: str, *, is_first: bool) -> None:
    """Rows whose id occurs twice, or is stored."""
    if is_first and _ids_grow(con):
        return
    if not is_first:
        con.execute(
            f"""
            insert into stored
            select
                lines.transaction_id,
                coalesce(lines.content_hash, {content_hash("lines")}) as content_hash
            from core.transactions as lines
            semi join (
                select transaction_id from {TABLE} where {_GOOD} and transaction_id is not null
            ) as wanted using (transaction_id)
            where lines.source = $source
            """,
            {"source": source},
        )
    con.execute(
        f"""
        insert into doubtful
        with known as (
            select transaction_id from stored
            union all
            select transaction_id from {TABLE}
            where {_GOOD} and transaction_id is not null
            group by transaction_id having count(*) > 1
        )
        select
            incoming.rowid,
            incoming.file_no,
            incoming.transaction_id,
            coalesce(incoming.content_hash, {content_hash("incoming")})
        from {TABLE} as incoming semi join known using (transaction_id)
        where {_GOOD}
        """
    )


def _look_at_contents(con: duckdb.DuckDBPyConnection, source: str, *, is_first: bool) -> None:
    """Rows without an id whose content occurs twice, or is stored."""
    without = f"{_GOOD} and transaction_id is null"
    if not is_first:
        con.execute(
            f"""
            insert into stored
            select lines.transaction_id, lines.content_hash
            from core.transactions as lines
            semi join (select content_hash from {TABLE} where {without}) as wanted
                using (content_hash)
            where lines.source = $source
                and starts_with(lines.transaction_id, {_id_of_content("lines.content_hash")})
            """,
            {"source": source},
        )
    con.execute(
        f"""
        insert into doubtful
        with known as (
            select content_hash from stored
            union all
            select content_hash from {TABLE} where {without}
            group by content_hash having count(*) > 1
        ), counted as (
            select
                incoming.rowid as row,
                incoming.file_no,
                incoming.content_hash,
                row_number() over (
                    partition by incoming.file_no, incoming.content_hash order by incoming.rowid
                ) as occurrence
            from {TABLE} as incoming semi join known using (content_hash)
            where {without}
        )
        select
            row,
            file_no,
            {_id_of_content("content_hash")} || if(occurrence > 1, '-' || occurrence, '') as id,
            content_hash
        from counted
        """
    )
