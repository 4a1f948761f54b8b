"""From the arguments of a load to files: names, globs, sheets of workbooks, and what is missing."""

import difflib
import glob
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SourceError

_GLOB_SIGNS = frozenset("*?[")
_SHEET_SIGN = "#"


@dataclass(frozen=True)
class Found:
    """One file that was asked for. ``by_name`` is false where a glob found it.

    ``sheet`` is the one of a workbook that was named, as in ``shop.xlsx#March``.
    """

    path: Path
    by_name: bool
    sheet: str | None = None

    @property
    def asked(self) -> str:
        """How the user would name it."""
        return str(self.path) if self.sheet is None else f"{self.path}{_SHEET_SIGN}{self.sheet}"


def find_files(arguments: list[str]) -> list[Found]:
    """Files that the arguments name, each once, globs in alphabetical order.

    Raises
    ------
    SourceError : nothing is there (the nearest names are told), a folder, or a glob without files.
    """
    files: dict[tuple[Path, str | None], Found] = {}
    for argument in arguments:
        for found in _matches(argument):
            files.setdefault((found.path.resolve(), found.sheet), found)
    return list(files.values())


def literal(path: Path) -> str:
    """The path as DuckDB's readers take it: they expand globs, also in the name of a found file."""
    return glob.escape(str(path))


def _matches(argument: str) -> list[Found]:
    """Files of one argument: the file of that very name, or else what the glob finds."""
    path = Path(argument).expanduser()
    if path.is_dir():
        inside = sorted(entry.name for entry in path.iterdir() if entry.is_file())
        raise SourceError(
            f"{argument}: a folder, not a file",
            found=", ".join(inside[:5]) + (" ..." if len(inside) > 5 else "") or "an empty folder",
            fix=f'name a file, or quote a glob such as "{path / "*.csv"}"',
        )
    if path.exists():
        return [Found(path, by_name=True)]
    if _GLOB_SIGNS & set(argument):
        paths = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207
        found = [Found(one, by_name=False) for one in paths if one.is_file()]
        if found:
            return found
        raise SourceError(f"{argument}: no file matches", fix=_nearest(path))
    name, sign, sheet = argument.rpartition(_SHEET_SIGN)
    if sign and Path(name).expanduser().is_file():
        return [Found(Path(name).expanduser(), by_name=True, sheet=sheet)]
    raise SourceError(f"{argument}: no such file", fix=_nearest(path))


def _nearest(path: Path) -> str:
    """What the user may have meant."""
    folder = path.parent
    if not folder.is_dir():
        return f"{folder} is not a folder; check the path"
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5) or sorted(names)[:3]
    return f"nearest names in {folder}: {', '.join(near)}" if near else f"{folder} holds no file"
