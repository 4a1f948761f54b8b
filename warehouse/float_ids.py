"""Ids that a spreadsheet or pandas has turned into numbers: ``17850.0`` is customer ``17850``.

Decided for each file and column from all of its ids, so that a file reads the same whatever it is
loaded with; and from the numbers among them only, so that one ``A12`` changes nothing.
"""

from collections.abc import Sequence

import duckdb

from warehouse.content import content_hash
from warehouse.styles import is_float_column, whole_id


def straighten(
    con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], first_row: int
) -> None:
    """Write such ids whole in the rows of ``table`` from a row on, and hash these rows again.

    Parameters
    ----------
    table : has ``file_no``, ``content_hash`` and the columns of a transaction.
    columns : the columns of ids.
    first_row : rowid of the first row to look at.
    """
    if not columns:
        return
    # What begins with a letter is no number, which is mostly known of a column as a whole.
    seen = " union all ".join(
        f"(select '{name}' from {table} where rowid >= {first_row}"
        f" and {name} < ':' and ends_with({name}, '.0') limit 1)"
        for name in columns
    )
    doubtful = [row[0] for row in con.execute(seen).fetchall()]
    if not doubtful:
        return
    whole = ", ".join(is_float_column(name) for name in doubtful)
    files = con.execute(
        f"select file_no, {whole} from {table} where rowid >= {first_row} group by file_no"
    ).fetchall()
    for name, *is_float in zip(doubtful, *(row[1:] for row in files), strict=True):
        numbers = [row[0] for row, found in zip(files, is_float, strict=True) if found]
        if numbers:
            where = f"rowid >= {first_row} and file_no in ({', '.join(map(str, numbers))})"
            con.execute(f"update {table} set {name} = {whole_id(name)} where {where}")
            con.execute(
                f"update {table} set content_hash = {content_hash()}"
                f" where {where} and content_hash is not null"
            )
