"""Cells that are not values as they stand: few, in most files, and read again with all care.

Looking for spaces, for words that mean nothing and for faults in every cell takes longer than
parsing the file. So a file is read as if nothing had to be looked for. Numbers and dates that
cannot be read so have the cells of their row kept, and the row is made anew from them; texts are
looked at where they are stored, which is quick, and put right there.
"""

import duckdb

from warehouse.canonical import Reading, reading
from warehouse.cells import needs_care, valued
from warehouse.content import CONTENT
from warehouse.mapping import FileMapping
from warehouse.origins import Picked, Product
from warehouse.row_steps import ALWAYS, Part, Rules, faulted, run, typed
from warehouse.sources.staging import Staged
from warehouse.styles import NUMBERS, Style
from warehouse.synonyms import FIELDS, Role

# Columns with more odd cells in the first rows than this are not read so.
_MOST_IN_COLUMN = 0.005
# More rows than this are not worth being made anew one by one.
_MOST_ROWS, _FEW_ROWS = 0.03, 1_000
_BARE: frozenset[Role] = NUMBERS | {"instant", "id", "text"}
# The rows that were made anew.
MADE = "odd_made"
_COLUMNS = (
    "transaction_id", "content_hash", "is_foreign", "reason", "fault_column", "fault_value",
    "row_text", "is_rounded",
)  # fmt: skip


def bare_columns(
    con: duckdb.DuckDBPyConnection, sample: Staged, mapping: FileMapping
) -> frozenset[int]:  # fmt: skip
    """Positions of the columns whose cells mostly are values as they stand.

    Parameters
    ----------
    sample : the first rows of a file whose dates and numbers are plain.
    """
    roles = _roles(mapping)
    texts = {n: role for n, role in roles.items() if role in {"id", "text"}}
    bare = {n for n, role in roles.items() if role in _BARE - {"id", "text"}}
    if texts:
        odd = ", ".join(
            f"count(*) filter ({needs_care(f'c{n}', role)}) > {_MOST_IN_COLUMN} * count(*)"
            for n, role in texts.items()
        )
        told = con.execute(f"select {odd} from {sample.table}").fetchall()[0]
        bare |= {n for n, is_odd in zip(texts, told, strict=True) if not is_odd}
    return frozenset(bare)


def _roles(mapping: FileMapping) -> dict[int, Role]:
    """What the columns that the mapping uses hold, by position; without those of two roles."""
    fields = FIELDS[mapping.kind]
    roles: dict[int, list[Role]] = {}
    for ours, choice in mapping.choices.items():
        if isinstance(choice.origin, Picked):
            roles.setdefault(choice.origin.position, []).append(fields[ours].role)
        elif isinstance(choice.origin, Product):
            for factor in (choice.origin.left, choice.origin.right):
                roles.setdefault(factor.position, []).append("money")
    return {n: found[0] for n, found in roles.items() if len(set(found)) == 1}


def cells_if_odd(found: Reading, part: Part) -> str:
    """SQL of the cells of a row with a number or date that is none, NULL for any other."""
    odd = " or ".join(found.odd) or "false"
    return f"case when {odd} then [{', '.join(part.staged.batch.layout.names)}] end"


def put_right(
    con: duckdb.DuckDBPyConnection,
    table: str,
    first_row: int,
    part: Part,
    rules: Rules,
    *,
    bare: frozenset[int],
    content: str,
) -> tuple[int, bool]:
    """Put right what is odd in the rows of ``table`` from a row on.

    Parameters
    ----------
    bare : columns that were read as they stand.
    content : SQL of ``content_hash``.

    Returns
    -------
    How many rows had a number or a date that is none; and whether everything is right now, which
    it is not where that would take longer than reading the files again.
    """
    texts = _texts(part.mapping, bare)
    _find(con, table, first_row, texts)
    rows, odd, anew = con.execute(
        f"select (select count(*) from {table} where rowid >= {first_row}), count(*),"
        " count(*) filter (is_new) from odd_rows"
    ).fetchall()[0]
    if odd > max(_MOST_ROWS * rows, _FEW_ROWS):
        return anew, False
    if odd > anew:
        _trim(con, table, texts, content)
    if anew:
        _make_anew(con, table, part, rules, content)
    con.execute("drop table odd_rows")
    return anew, True


def _find(
    con: duckdb.DuckDBPyConnection, table: str, first_row: int, texts: dict[str, Role]
) -> None:  # fmt: skip
    """Make the temporary ``odd_rows``: row, and whether it is to be made anew from its cells."""
    # Asked of one column at a time, DuckDB skips the parts that cannot hold for it.
    conditions = ["cells is not null", *(needs_care(ours, texts[ours]) for ours in texts)]
    odd = " union all ".join(
        f"select rowid as row, {str(n == 0).lower()} as is_new"
        f" from {table} where rowid >= {first_row} and {condition}"
        for n, condition in enumerate(conditions)
    )
    con.execute(
        "create or replace temp table odd_rows as"
        f" select row, bool_or(is_new) as is_new from ({odd}) group by row"
    )


def _texts(mapping: FileMapping, bare: frozenset[int]) -> dict[str, Role]:
    """Our columns of texts and ids that were read as they stand, with their roles."""
    fields = FIELDS[mapping.kind]
    return {
        ours: fields[ours].role
        for ours, choice in mapping.choices.items()
        if fields[ours].role in {"id", "text"}
        and isinstance(choice.origin, Picked)
        and choice.origin.position in bare
    }


def _trim(
    con: duckdb.DuckDBPyConnection, table: str, texts: dict[str, Role], content: str
) -> None:  # fmt: skip
    """Make values of the texts of odd rows, and hash these rows again."""
    where = f"from odd_rows where not is_new and {table}.rowid = odd_rows.row"
    values = ", ".join(f"{ours} = {valued(f'trim({ours})', role)}" for ours, role in texts.items())
    con.execute(f"update {table} set {values} {where}")
    con.execute(f"update {table} set content_hash = {content} {where}")


def _make_anew(
    con: duckdb.DuckDBPyConnection, table: str, part: Part, rules: Rules, content: str
) -> None:
    """Read odd rows again, from the cells that were kept of them; they stand in ``MADE`` too."""
    found = reading(part.mapping, Style())
    names = part.staged.batch.layout.names
    cells = ", ".join(f"cells[{n}] as {name}" for n, name in enumerate(names, start=1))
    con.execute(
        f"create or replace temp table odd_cells as select lines.rowid as row, file_no, {cells}"
        f" from {table} as lines join odd_rows on odd_rows.row = lines.rowid and odd_rows.is_new"
    )
    made = found.values.keys() | ALWAYS
    columns = [*_COLUMNS, *(name for name in CONTENT if name in made & (part.held | {"currency"}))]
    columns += ["is_against"] if "kind" in found.values else []
    statement = f"""
        create or replace temp table {MADE} as
        with {faulted(found, part, "odd_cells")}, typed as (
            select
                row, {typed(found)}, reason, fault_column, fault_value, row_text,
                {found.rounded} as is_rounded
            from faulted
        )
        select *, {content} as content_hash, currency <> $currency as is_foreign
        from typed
    """
    run(con, statement, part, rules, found)
    con.execute(
        f"update {table} set {', '.join(f'{name} = anew.{name}' for name in columns)}"
        f" from {MADE} as anew where {table}.rowid = anew.row"
    )
    con.execute("drop table odd_cells")
