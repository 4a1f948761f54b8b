"""What a feature view of a workspace may say: one SELECT that reads core and features, no more.

The statement is parsed by DuckDB itself, never run here. What is looked through is exactly the text
that will run, so nothing can hide in a comment, a string or a quoted name.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import FeatureViewError

# Marks hold the future of an earlier day: our own views know how to read them. The others tell how
# and when rows were loaded, which nobody knew on an earlier day.
_NOT_KNOWN_THEN = frozenset({
    "core.customer_days", "core.order_days", "core.loads", "core.rejects", "core.repeats",
    "core.replaced", "core.watermarks", "core.customer_records",
})  # fmt: skip
# This column of the tables that may be read tells it too.
_LOAD = "load_id"
_NOT_THEN = "nobody knew on an earlier day what it tells"
_OUT_OF_REACH = "files, other schemas and other workspaces' views are out of its reach"
_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
# Constant for DuckDB, and still not a fact about a customer.
_NOT_A_FACT = frozenset({"parse_duckdb_log_message", "current_localtimestamp", "current_localtime"})
# They stand without brackets, like columns.
_CLOCKS = frozenset({
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
})  # fmt: skip
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"LINE (\d+):")
Node = dict[str, Any]


def refuse_unsafe(
    body: str, path: Path, lines_above: int, reads: tuple[str, ...], own_views: frozenset[str]
) -> None:
    """Look through the SELECT behind a macro.

    Parameters
    ----------
    body : its first line is ours, the file's SELECT follows on lines of its own.
    lines_above : lines of the file above its SELECT.
    reads : relations that the file's header names.
    own_views : feature views that it may read, ``features.customer_rfm`` ...

    Raises
    ------
    FeatureViewError : it is not one SELECT, reaches beyond core and features, or uses what is not
        the same at every run.
    """
    with duckdb.connect(config={"enable_external_access": "false", "threads": "1"}) as con:
        _refuse_other_statements(con, body, path, lines_above)
        text = con.execute("select json_serialize_sql($body::varchar)", {"body": body}).fetchall()
        known = _inconstant_functions()
    try:
        tree = json.loads(text[0][0])
    except RecursionError:
        raise _too_deep(path) from None
    if tree.get("error"):
        raise FeatureViewError(f"{path}: not a plain SELECT", found=str(tree["error_message"]))
    nodes = list(_nodes(tree))
    place = _Place(body, path, lines_above)
    read = _read(nodes, place, own_views)
    _refuse_loads(nodes, place)
    _refuse_functions(nodes, place, known)
    if read != set(reads):
        raise FeatureViewError(
            f"{path}: the header does not say what the view reads",
            found=f"reads: {', '.join(reads) or 'nothing'}",
            fix=f"write -- reads:  {', '.join(sorted(read)) or 'nothing'}",
        )


class _Place:
    """Says where in the file something stands."""

    def __init__(self, body: str, path: Path, lines_above: int) -> None:
        self._lines = body.splitlines()[1:]
        self.path = path
        self._above = lines_above

    def of(self, name: str) -> str:
        """``points.sql, line 12``: the first line that has ``name``, or the file alone."""
        for number, line in enumerate(self._lines, self._above + 1):
            if name and name.lower() in line.lower():
                return f"{self.path}, line {number}"
        return str(self.path)


def line_of(error: duckdb.Error, path: Path, lines_above: int) -> str:
    """The file, and the line in it that an error of DuckDB speaks of, where it names one."""
    found = _LINE.search(str(error))
    return f"{path}, line {int(found.group(1)) - 1 + lines_above}" if found else str(path)


def message_of(error: duckdb.Error) -> str:
    """What DuckDB says, without the excerpt of the statement."""
    return _LINE.split(str(error))[0].strip().replace("\n", " ")


def _refuse_other_statements(
    con: duckdb.DuckDBPyConnection, body: str, path: Path, lines_above: int
) -> None:
    try:
        statements = con.extract_statements(body)
    except duckdb.Error as error:
        if "Max expression depth" in str(error):
            raise _too_deep(path) from None
        raise FeatureViewError(
            f"{line_of(error, path, lines_above)}: not valid SQL", found=message_of(error),
            fix="write one SELECT, without a semicolon in it",
        ) from None  # fmt: skip
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise FeatureViewError(
            f"{path}: a feature view is exactly one SELECT",
            found=", ".join(statement.type.name for statement in statements),
            fix="keep one SELECT and remove the rest",
        )
    if statements[0].named_parameters:
        named = ", ".join(sorted(f"${name}" for name in statements[0].named_parameters))
        raise FeatureViewError(
            f"{path}: unknown parameter", found=named, fix="$as_of is the only one there is"
        )


def _too_deep(path: Path) -> FeatureViewError:
    return FeatureViewError(
        f"{path}: nested too deeply: each term of a long sum stands within the next one",
        fix="add them up in several steps, each with a name (with ... as)",
    )


def _nodes(tree: object) -> Iterator[Node]:
    """Every node of a parse tree, in the order in which they are written."""
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left.extend(reversed(one.values()))
        elif isinstance(one, list):
            left.extend(reversed(one))


def _named_in_with(nodes: list[Node]) -> set[str]:
    """Names that the statement itself gives to its steps."""
    return {
        str(entry["key"]).lower()
        for node in nodes
        if isinstance(node.get("cte_map"), dict)
        for entry in node["cte_map"].get("map", [])
    }


def _read(nodes: list[Node], place: _Place, own_views: frozenset[str]) -> set[str]:
    """The relations that are read; one that must not be is refused."""
    steps = _named_in_with(nodes)
    # The join that gives the view its keys is ours, and the last one in the statement.
    customers = sum(_table(node) == "core.customers" for node in nodes)
    read: set[str] = {"core.customers"} if customers > 1 else set()
    for node in nodes:
        if node.get("sample"):
            raise FeatureViewError(
                f"{place.of('sample')}: a sample is another one at every run",
                fix="read all rows, or choose them by a rule",
            )
        name = _table(node)
        if name is None:
            continue
        if node["type"] == "TABLE_FUNCTION":
            allowed = name in own_views or name in _TABLE_FUNCTIONS
        elif node["schema_name"]:
            allowed = node["schema_name"].lower() == "core" and name not in _NOT_KNOWN_THEN
        else:
            allowed = name in steps
        if not allowed or node.get("catalog_name"):
            raise FeatureViewError(
                f"{place.of(name)}: a feature view must not read {name}",
                found=_NOT_THEN if name in _NOT_KNOWN_THEN else _OUT_OF_REACH,
                fix=f"read core.* or one of {', '.join(sorted(own_views))}",
            )
        if "." in name and name != "core.customers":
            read.add(name)
    return read


def _refuse_loads(nodes: list[Node], place: _Place) -> None:
    """Raise for the column that tells which load brought a row."""
    for node in nodes:
        names = node.get("column_names") or [""]
        if node.get("type") == "COLUMN_REF" and str(names[-1]).lower() == _LOAD:
            raise FeatureViewError(
                f"{place.of(_LOAD)}: a feature view must not read {_LOAD}",
                found=_NOT_THEN,
                fix="read purchased_on or purchased_at, which tell when something happened",
            )


def _table(node: Node) -> str | None:
    """``core.transactions``, ``features.customer_rfm``, ``unnest``; None for other nodes."""
    if node.get("type") == "BASE_TABLE":
        parts = (node["schema_name"], node["table_name"])
    elif node.get("type") == "TABLE_FUNCTION":
        called = node["function"]
        parts = (called.get("schema") or "", called.get("function_name") or "")
    else:
        return None
    return ".".join(str(part).lower() for part in parts if part)


def _refuse_functions(nodes: list[Node], place: _Place, inconstant: frozenset[str]) -> None:
    """Raise for a function whose answer is not a matter of the data alone."""
    for node in nodes:
        name = _called(node)
        if name in inconstant:
            raise FeatureViewError(
                f"{place.of(name)}: {name} does not give the same answer at every run",
                fix="use $as_of for the day, and columns for the rest",
            )


def _called(node: Node) -> str:
    """The function that a node calls, or the clock that it names; empty for other nodes."""
    names = node.get("column_names") or []
    if node.get("type") == "COLUMN_REF" and len(names) == 1 and names[0].lower() in _CLOCKS:
        return str(names[0]).lower()
    name = str(node.get("function_name") or "").lower()
    # With one argument it is the time from then until today.
    return "today" if name == "age" and len(node["arguments"]) == 1 else name


@cache
def _inconstant_functions() -> frozenset[str]:
    """Functions that DuckDB itself does not call constant, and what is made of them."""
    with duckdb.connect() as con:
        found = con.execute(
            "select distinct function_name from duckdb_functions()"
            " where stability is not null and stability != 'CONSISTENT'"
        ).fetchall()
        macros = con.execute(
            "select function_name, macro_definition from duckdb_functions()"
            " where function_type = 'macro' and macro_definition is not null"
        ).fetchall()
    known = frozenset(name for (name,) in found) | _NOT_A_FACT | _CLOCKS
    made = {name for name, how in macros if known & set(_WORD.findall(how.lower()))}
    return known | made
