"""Whether a published generation is whole: its files, every block, its models; and strangers.

Each finding has the form of a data check: a name, a severity, and what offends.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.build import SAMPLE_ROWS, CheckResult
from warehouse.manifest import DATABASE_NAME, MODELS_NAME, Generation, ModelFile
from warehouse.manifest import FILE_NAME as MANIFEST_NAME
from warehouse.progress import Progress

# Says what is wrong with a model's file, given its digest; None if it was written here.
Signed = Callable[[ModelFile, str], str | None]

_WORKSPACE = re.compile(
    r"CURRENT|last_load|writer\.lock|spendboard\.toml|errors\.log|state\.sqlite(-wal|-shm|-journal)?"
    r"|(CURRENT|last_load|spendboard\.toml)\.new|inbox|features|generations|inbox\.lock|demo\.json"
)
_GENERATIONS = re.compile(r"\d{6,}(\.partial|\.removed)?|last_number(\.new)?")
_FEATURES = re.compile(r"[a-z][a-z0-9_]*\.sql|README\.md")
_CHUNK = 1 << 20


def whole(
    generation: Generation,
    con: duckdb.DuckDBPyConnection,
    *,
    signed: Signed,
    progress: Progress,
    sample: int = SAMPLE_ROWS,
) -> list[CheckResult]:
    """Read everything in a generation.

    Parameters
    ----------
    con : its database, open for reading.
    signed : judges the signature of a model.
    sample : how many offenders are shown.
    """
    tables = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where database_name = current_database() order by 1"
    ).fetchall()
    unreadable, counts = [], {}
    with progress.step("Reading every block", len(tables)) as advance:
        for (name,) in tables:
            found = _read_table(con, name)
            if isinstance(found, str):
                unreadable.append({"table": name, "error": found})
            else:
                counts[name] = found
            advance(1)
    return [
        _result("blocks", "a table cannot be read from the disk", unreadable, sample),
        _result("rows", "a table has another number of rows than the manifest says",
                list(_other_counts(generation, counts)), sample),
        _result("models", "a model's file was altered, or was not written by this installation",
                list(bad_models(generation, signed)), sample),
    ]  # fmt: skip


def strangers(workspace: Path, sample: int = SAMPLE_ROWS) -> CheckResult:
    """Files in a workspace that Spendboard did not put there; a warning."""
    found = [{"file": str(path.relative_to(workspace))} for path in _strange(workspace)]
    return _result("foreign_files", "a file that is not Spendboard's", found, sample, "warn")


def damaged(what: str) -> CheckResult:
    """The finding that a generation cannot even be opened."""
    return _result("opens", "the generation cannot be opened", [{"error": what}], 1)


def _result(
    name: str,
    summary: str,
    offenders: Sequence[Mapping[str, str | None]],
    sample: int,
    severity: str = "stop",
) -> CheckResult:
    shown = tuple(offenders[:sample])
    return CheckResult(f"integrity.{name}", severity, summary, len(offenders), shown)


def _read_table(con: duckdb.DuckDBPyConnection, name: str) -> int | str:
    """Rows of a table, each value of which was read; or why that is not possible."""
    schema, table = name.split(".", 1)
    try:
        found = con.execute(
            f'select count(*), bit_xor(hash(line)) from "{schema}"."{table}" as line'
        ).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return int(found[0][0])


def _other_counts(
    generation: Generation, counts: dict[str, int]
) -> Iterator[dict[str, str | None]]:
    for name, expected in generation.manifest.rows.items():
        found = counts.get(name)
        if found != expected and name in counts:
            yield {"table": name, "rows": str(found), "manifest": str(expected)}


def bad_models(generation: Generation, signed: Signed) -> Iterator[dict[str, str | None]]:
    """The models of a generation that would not be loaded here, and why."""
    for model in generation.manifest.models:
        file = generation.models / Path(model.file).name
        try:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            yield {"model": model.name, "fault": str(error.strerror)}
            continue
        fault = "altered since it was written" if digest != model.sha256 else signed(model, digest)
        if fault:
            yield {"model": model.name, "fault": fault}


def _strange(workspace: Path) -> Iterator[Path]:
    """Every file or folder that belongs to nobody we know."""
    is_demo = (workspace / "demo.json").exists()
    for entry in sorted(workspace.iterdir()):
        if not _WORKSPACE.fullmatch(entry.name) and not (is_demo and entry.name == "source"):
            yield entry
    for entry in _inside(workspace / "generations"):
        if not _GENERATIONS.fullmatch(entry.name):
            yield entry
        elif entry.is_dir() and entry.name.isdigit():
            known = {DATABASE_NAME, MODELS_NAME, MANIFEST_NAME}
            yield from (inner for inner in _inside(entry) if inner.name not in known)
    for entry in _inside(workspace / "features"):
        if not _FEATURES.fullmatch(entry.name):
            yield entry


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
