"""``spendboard check``: the data checks and the integrity of what is served, with what offends."""

from collections.abc import Mapping, Sequence

import duckdb

from warehouse.build import CheckResult, run_checks
from warehouse.configuration import Settings
from warehouse.connection import reading
from warehouse.errors import CorruptGenerationError, SqlFileError
from warehouse.generations import Workspace
from warehouse.integrity import Signed, damaged, strangers, whole
from warehouse.progress import Progress


def check(
    workspace: Workspace, settings: Settings, *, signed: Signed, progress: Progress, rows: int
) -> dict[str, object]:
    """The answer of ``spendboard check --json``.

    Parameters
    ----------
    signed : judges the signature of a saved model.
    rows : how many offending rows of each check are shown.

    Raises
    ------
    NoGenerationError : nothing is published yet.
    """
    number: int | None = None
    try:
        generation = workspace.current()
        number = generation.number
        with reading(generation.database, settings) as con:
            results = whole(generation, con, signed=signed, progress=progress, sample=rows)
            results += _data_checks(con, progress, rows)
    except (CorruptGenerationError, SqlFileError) as error:
        results = [damaged(error.found or error.what)]
    results.append(strangers(workspace.folder, rows))
    return {
        "schema": 1,
        "generation": number,
        "ok": not _failed(results),
        "checks": [
            {
                "name": result.name,
                "severity": result.severity,
                "summary": result.summary,
                "rows": result.rows,
                "sample": list(result.sample),
            }
            for result in sorted(results, key=_order)
        ],
    }


def _data_checks(
    con: duckdb.DuckDBPyConnection, progress: Progress, rows: int
) -> list[CheckResult]:
    try:
        with progress.step("Checking the data"):
            return run_checks(con, sample_rows=rows)
    except duckdb.Error as error:  # a block that cannot be read
        return [damaged(str(error).splitlines()[0])]


def _failed(results: Sequence[CheckResult]) -> list[CheckResult]:
    return [result for result in results if result.rows and result.severity == "stop"]


def _order(result: CheckResult) -> tuple[bool, bool, str]:
    """What fails first, then the warnings, then what is well."""
    return (not result.rows, result.severity != "stop", result.name)


def warned(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What was published in spite of a check: offending rows by its name, as found back then.

    Nothing in a generation of an older build, which kept no results.
    """
    try:
        found = con.execute(
            "select name, n_rows from marts.checks"
            " where severity = 'warn' and n_rows > 0 order by name"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(name): int(n_rows) for name, n_rows in found}


def warned_text(found: Mapping[str, int]) -> str:
    """The same in one sentence: ``1 check warns: amounts_of_zero (2,519 rows); ...``."""
    one = len(found) == 1
    named = (f"{name} ({n:,} row{'' if n == 1 else 's'})" for name, n in found.items())
    said = f"{len(found)} check{' warns' if one else 's warn'}: {', '.join(named)}"
    return f"{said}; `spendboard check` shows {'it' if one else 'them'}"


def check_text(answer: dict[str, object]) -> str:
    """The same for people."""
    checks = answer["checks"]
    assert isinstance(checks, list)
    lines = []
    for entry in checks:
        mark = "ok" if not entry["rows"] else "FAIL" if entry["severity"] == "stop" else "warn"
        count = (
            f": {entry['rows']:,} row{'' if entry['rows'] == 1 else 's'}" if entry["rows"] else ""
        )
        summary = f"{count}; {entry['summary']}" if entry["rows"] else ""
        lines.append(f"{mark:<5}{entry['name']}{summary}")
        for row in entry["sample"]:
            cells = "; ".join(f"{k} = {'' if v is None else v}" for k, v in row.items())
            lines.append(f"       {cells}")
        more = entry["rows"] - len(entry["sample"])
        if more > 0 and entry["sample"]:
            lines.append(f"       and {more:,} more")
    failed = sum(1 for entry in checks if entry["rows"] and entry["severity"] == "stop")
    warned = sum(1 for entry in checks if entry["rows"] and entry["severity"] == "warn")
    lines.append(f"{len(checks)} checks: {failed} failed, {warned} warned")
    return "\n".join(lines)
