"""Which build made a table: a digest of the code that it follows from, kept as the table's comment.

Who continues a table from one load to the next asks here whether what is there is what this build
would have made.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from warehouse.headers import SqlFile


def digest(files: Iterable[SqlFile], *modules: Path) -> str:
    """One text for the statements of some files and the Python that runs them.

    It is another one where any of them differs; comments and the layout of the Python do not count.
    """
    texts = [file.select for file in sorted(files, key=lambda file: file.header.name)]
    texts += [ast.dump(ast.parse(module.read_text(encoding="utf-8"))) for module in modules]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def sign(con: duckdb.DuckDBPyConnection, tables: Iterable[str], signature: str) -> None:
    """Note in some tables (``schema.name``) which build made them."""
    for name in tables:
        con.execute(f"comment on table {name} is '{signature}'")


def are_signed(con: duckdb.DuckDBPyConnection, tables: Collection[str], signature: str) -> bool:
    """Whether all these tables are there and of that build."""
    found = con.execute(
        """
        select count(*) from duckdb_tables()
        where
            database_name = current_database()
            and schema_name || '.' || table_name in (select unnest($tables))
            and comment = $signature
        """,
        {"tables": list(tables), "signature": signature},
    ).fetchall()
    return bool(found[0][0] == len(tables))
