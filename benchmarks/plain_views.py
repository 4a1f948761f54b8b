"""The features and labels as plain SQL over all lines: slow, and plainly what is meant."""

import re
from pathlib import Path

from warehouse.headers import sql_files

FOLDER = Path(__file__).resolve().parent / "plain"
_TYPES = {"as_of": "date", "cutoff": "date", "horizon_days": "integer"}


def views(schema):
    """Names of the plain views of a schema, without it."""
    return [file.path.stem for file in sql_files(schema, FOLDER)]


def define(con):
    """Make ``plain.NAME(as_of)`` and ``plain.NAME(cutoff, horizon_days)``."""
    con.execute("create schema if not exists plain")
    for schema in ("features", "labels"):
        for file in sql_files(schema, FOLDER):
            given = ", ".join(f"given_{name}" for name in file.header.params)
            select = re.sub(
                r"\$(\w+)", lambda name: f"cast(given_{name[1]} as {_TYPES[name[1]]})", file.select
            )
            con.execute(
                f"create or replace macro plain.{file.path.stem}({given}) as table {select}"
            )
