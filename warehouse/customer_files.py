"""Customers files into core.customers: the latest load wins, each attribute for itself.

What each load said is kept in core.customer_records; core.customers is made from them. A blank
leaves what is known, and a suppression stays.
"""

from collections.abc import Mapping, Sequence

import duckdb

from warehouse import attributes, remarks
from warehouse.attributes import Attribute
from warehouse.canonical import Reading, reading
from warehouse.customers import add_customers
from warehouse.identity import JUDGED, OnConflict
from warehouse.incoming import TABLE, by_style
from warehouse.row_steps import Part, Rules, faulted, run
from warehouse.styles import Style, file_styles
from warehouse.synonyms import Role

# Columns that every workspace has, beside the key.
FIXED = {
    "name": "varchar",
    "email": "varchar",
    "phone": "varchar",
    "age": "integer",
    "gender": "varchar",
    "city": "varchar",
    "country": "varchar",
    "location": "varchar",
    "consent": "boolean",
    "suppressed": "boolean",
    "opening_balance": "decimal(18, 2)",
    "credit_limit": "decimal(18, 2)",
    "support_tickets": "integer",
}
# So many customers a sentence names.
_FEW = 5


def read(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Part], rules: Rules
) -> dict[str, Attribute]:  # fmt: skip
    """Make ``incoming`` from staged customers files; returns the attributes that they bring.

    Columns stand there as ``v_<name>``: an attribute may be called like one of its own.
    """
    found = attributes.find(con, parts)
    columns = {"customer_id": "varchar"} | FIXED
    columns |= {name: one.data_type for name, one in found.items()}
    con.execute(
        f"create or replace temp table {TABLE} (file_no integer,"
        f" {', '.join(f'v_{name} {kind}' for name, kind in columns.items())},"
        " content_hash uhugeint, is_foreign boolean, currency varchar, rule varchar,"
        " reason varchar, fault_column varchar, fault_value varchar, row_text varchar)"
    )
    text = ", ".join(f"coalesce(cast(v_{name} as varchar), '')" for name in columns)
    for part in parts:
        styles = file_styles(con, part.staged, part.mapping, part.labels, rules.date_order)
        remarks.add(con, styles, part.staged.batch.layout.columns, part.labels)
        for style, files in by_style(styles).items():
            known = _reading(part, style, found)
            typed = ", ".join(
                f"v_{name}" if name in known.values else f"cast(null as {kind}) as v_{name}"
                for name, kind in columns.items()
            )
            statement = f"""
                insert into {TABLE} by name
                with {faulted(known, part, part.staged.table, files)}, typed as (
                    select file_no, {typed}, reason, fault_column, fault_value, row_text
                    from faulted
                )
                select *, md5_number(concat_ws(chr(31), {text})) as content_hash from typed
            """
            run(con, statement, part, rules, known)
    return found


def _reading(part: Part, style: Style, found: Mapping[str, Attribute]) -> Reading:
    """The customer's id, the fixed columns and the attributes of one part."""
    known = reading(part.mapping, style)
    given = attributes.names([one.name for one in part.mapping.unused])
    for one in part.mapping.unused:
        attribute = found[given[one.name]]
        role: Role = "text" if attribute.data_type == "VARCHAR" else "quantity"
        text = known.text(one.position, role)
        value, reason = attributes.value(attribute.data_type, text)
        known.add(attribute.name, value, text, one.position, reason, needed=False)
    return known


def _quoted(name: str) -> str:
    """An identifier; attributes may be called like a word of SQL."""
    return f'"{name}"'


_JUDGE = f"""
    create or replace temp table {JUDGED} as
    with ranked as (
        select
            rowid as row,
            row_number() over by_id = 1 as is_kept,
            first_value(content_hash) over by_id as kept_hash
        from {TABLE}
        where reason is null
        window by_id as (
            partition by v_customer_id order by file_no {{direction}}, rowid {{direction}}
        )
    ), recorded as (
        select distinct customer_id, true as is_recorded from core.customer_records
    )
    select
        incoming.rowid as row,
        incoming.file_no,
        incoming.v_customer_id as id,
        case
            when incoming.reason is not null then 'rejected'
            when not ranked.is_kept and incoming.content_hash = ranked.kept_hash
                then 'already_loaded'
            when not ranked.is_kept then '{{repeated}}'
            when recorded.is_recorded is null or {{changes}} then 'new'
            else 'already_loaded'
        end as status
    from {TABLE} as incoming
    left join ranked on ranked.row = incoming.rowid
    left join recorded on recorded.customer_id = incoming.v_customer_id
    left join core.customers as customers on customers.customer_id = incoming.v_customer_id
"""


def judge(
    con: duckdb.DuckDBPyConnection, found: Mapping[str, Attribute], on_conflict: OnConflict
) -> None:
    """Give each row of ``incoming`` its status, in the temporary ``judged``.

    ``new`` are customers without a record and rows that would change something. Two different rows
    about one customer within a load are a conflict; with ``replace`` the last one counts.
    """
    direction, repeated = ("asc", "rejected") if on_conflict == "reject" else ("desc", "set_aside")
    con.execute(_JUDGE.format(direction=direction, repeated=repeated, changes=_changes(found)))


def _changes(found: Mapping[str, Attribute]) -> str:
    """SQL: the row of ``incoming`` says something that ``customers`` does not know yet."""
    changes = [
        f"(incoming.v_{name} is not null"
        f" and incoming.v_{name} is distinct from customers.{_quoted(name)})"
        for name in (*FIXED, *found)
        if name != "suppressed"
    ]
    # A suppression stays, whatever later files say.
    changes.append(
        "(incoming.v_suppressed is not null and customers.suppressed is not true"
        " and incoming.v_suppressed is distinct from customers.suppressed)"
    )
    return " or ".join(changes)


def store(con: duckdb.DuckDBPyConnection, further: Sequence[str], load_id: int) -> None:
    """Keep the new rows as records of this load, and bring core.customers up to date."""
    columns = ", ".join(f"incoming.v_{name} as {_quoted(name)}" for name in (*FIXED, *further))
    con.execute(
        f"""
        insert into core.customer_records by name
        select $load_id as load_id, judged.id as customer_id, {columns}
        from {TABLE} as incoming join {JUDGED} as judged on judged.row = incoming.rowid
        where judged.status = 'new'
        order by judged.id
        """,
        {"load_id": load_id},
    )
    changed = f"select customer_id from core.customer_records where load_id = {int(load_id)}"
    add_customers(con, changed, load_id)
    rebuild(con, changed)


def rebuild(con: duckdb.DuckDBPyConnection, customers: str) -> None:
    """Make rows of core.customers from their records: per column what was said last.

    Parameters
    ----------
    customers : SELECT of the ids whose rows are made anew.
    """
    further = [row[0] for row in con.execute("select attribute from core.attributes").fetchall()]
    names = [_quoted(name) for name in (*FIXED, *further)]
    latest = ", ".join(
        f"bool_or({name}) as {name}"
        if name == _quoted("suppressed")
        else f"arg_max(records.{name}, records.load_id) as {name}"
        for name in names
    )
    con.execute(
        f"""
        update core.customers as customers
        set {", ".join(f"{name} = latest.{name}" for name in names)},
            load_id = coalesce(latest.load_id, customers.load_id)
        from (
            select wanted.customer_id, max(records.load_id) as load_id, {latest}
            from ({customers}) as wanted
            left join core.customer_records as records using (customer_id)
            group by wanted.customer_id
        ) as latest
        where customers.customer_id = latest.customer_id
        """
    )


def lost_suppressions(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence about customers whom only a rejected row suppresses; none where there is none.

    Such a row is not taken in part: with its columns shifted, it would suppress somebody else.
    """
    rows = con.execute(
        f"""
        select incoming.v_customer_id
        from {TABLE} as incoming join {JUDGED} as judged on judged.row = incoming.rowid
        group by incoming.v_customer_id
        having bool_or(judged.status = 'rejected' and incoming.v_suppressed)
            and not coalesce(bool_or(judged.status <> 'rejected' and incoming.v_suppressed), false)
            and incoming.v_customer_id is not null
            and incoming.v_customer_id not in (
                select customer_id from core.customers where suppressed
            )
        order by min(incoming.rowid)
        """
    ).fetchall()
    if not rows:
        return []
    named = ", ".join(customer_id for (customer_id,) in rows[:_FEW])
    more = f" and {len(rows) - _FEW:,} more" if len(rows) > _FEW else ""
    return [
        f"not suppressed, because the row that says so is rejected: {named}{more}; until it is put"
        " right and loaded, lists for contact may hold them"
    ]


def known_in_transactions(con: duckdb.DuckDBPyConnection) -> int:
    """How many of the ids in ``incoming`` occur in transactions."""
    return int(
        con.execute(
            f"""
            select count(distinct v_customer_id)
            from {TABLE}
            where reason is null
                and v_customer_id in (select customer_id from core.transactions)
            """
        ).fetchall()[0][0]
    )
