"""Feature views that a workspace brings itself, one in each file of ``workspace/features/``.

A file is written like ours: a header and one plain SELECT that uses ``$as_of``. It becomes the
macro ``features.custom_NAME(as_of)``, whose columns are called ``NAME_column`` so that they cannot
be mistaken for ours, and stands beside the others in ``features.custom(as_of)``.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.custom_syntax import line_of, message_of, refuse_unsafe
from warehouse.errors import FeatureViewError, SqlFileError
from warehouse.headers import Column, SqlFile, parse_header, sql_files, statement_of
from warehouse.titles import COLUMNS, DIMENSIONS

FOLDER_NAME = "features"
KEYS = ("customer_key", "customer_id")
# What a model, a menu and a spreadsheet can all do something with.
_TYPES = re.compile(
    r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)"
    r"|VARCHAR|BOOLEAN|DATE"
)
# Infinity and "not a number" mean nothing to whoever filters or sorts: they are kept as NULL.
_MAY_BE_ENDLESS = ("FLOAT", "DOUBLE", "DATE")
# DuckDB adds integers up to these; no page shows so many digits.
_WIDER_THAN_SHOWN = ("HUGEINT", "UHUGEINT")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_AS_OF = re.compile(r"\$as_of\b")
# Where $as_of is replaced, such a text would begin or end somewhere else.
_DOLLAR_QUOTES = re.compile(r"\$\w*\$")
_LARGEST = 200_000  # [bytes] of a file that a person wrote
# Columns that the models make of ours, and what they learn to tell.
_OF_MODELS = ("gaps_since_last", "orders_per_30d", "spend_per_30d", "future_spend",
              "purchased_again")  # fmt: skip


@dataclass(frozen=True)
class CustomView:
    """One file of the workspace.

    Parameters
    ----------
    name : of the file, without its ending.
    file : its header, as written, and its SELECT.
    lines_above : how many lines of the file stand above the SELECT.
    """

    name: str
    file: SqlFile
    lines_above: int

    @property
    def macro(self) -> str:
        """The macro that it becomes, with its schema."""
        return f"features.custom_{self.name}"

    @property
    def columns(self) -> dict[str, Column]:
        """Its columns but the keys, by their names in the file."""
        declared = self.file.header.columns
        return {name: column for name, column in declared.items() if name not in KEYS}

    def column(self, name: str) -> str:
        """What a column of the file is called everywhere else."""
        return f"{self.name}_{name}"

    @property
    def uses_as_of(self) -> bool:
        """Whether the day matters to it."""
        return _AS_OF.search(self.file.select) is not None

    @property
    def own_rows(self) -> str:
        """The SELECT of the file alone, with ``$as_of`` to be bound; begins on the second line."""
        select = _AS_OF.sub("cast($as_of as date)", self.file.select)
        return f"from (\n{select}\n) as own"

    @property
    def kept_rows(self) -> str:
        """What is kept of these, under the names of the file; begins on the second line too."""
        named = ", ".join(f'{self._kept(name)} as "{name}"' for name in self.columns)
        return f"select own.customer_id, {named} {self.own_rows}"

    def _kept(self, name: str) -> str:
        """A value as every page, export and model is given it."""
        value, kind = f'own."{name}"', self.file.header.columns[name].type
        if kind in _MAY_BE_ENDLESS:
            return f"if(isfinite({value}), {value}, null)"
        return f"cast({value} as bigint)" if kind in _WIDER_THAN_SHOWN else value

    @property
    def body(self) -> str:
        """The SELECT behind the macro: the file's own on lines of its own, keys and safe names."""
        return self._body("cast(given_as_of as date)")

    @property
    def body_in_groups(self) -> str:
        """The same for ``$as_of`` beside aggregates, where DuckDB takes it for a column."""
        return self._body("(select cast(given_as_of as date))")

    def _body(self, day: str) -> str:
        named = ", ".join(f'{self._kept(name)} as "{self.column(name)}"' for name in self.columns)
        return (
            f"select known.customer_key, known.customer_id, {named}"
            f" from (\n{_AS_OF.sub(day, self.file.select)}\n) as own"
            " inner join core.customers as known on own.customer_id = known.customer_id"
        )


def read_custom_views(workspace: Path) -> tuple[CustomView, ...]:
    """The feature views of a workspace, by name; none where it has no such folder.

    Raises
    ------
    FeatureViewError : a file is not what it should be; nothing of it was run.
    """
    views = tuple(
        read_custom_view(path) for path in sorted((workspace / FOLDER_NAME).glob("*.sql"))
    )
    _refuse_shared_names(views)
    return views


def unused_files(workspace: Path) -> tuple[Path, ...]:
    """Files beside the feature views that look like one, and are none: ``LOYALTY.SQL``."""
    files = sorted((workspace / FOLDER_NAME).glob("*"))
    return tuple(file for file in files if file.suffix != ".sql" and file.suffix.lower() == ".sql")


def read_custom_view(path: Path) -> CustomView:
    """One file, looked through and not run. Raises as :func:`read_custom_views`."""
    if not _NAME.fullmatch(path.stem):
        raise FeatureViewError(
            f"{path}: the name of the file becomes part of the names of its columns",
            found=path.stem,
            fix="use lower-case letters, digits and _, a letter first: loyalty_points.sql",
        )
    view = _read(path, _text(path))
    _refuse_columns(view, path)
    if _DOLLAR_QUOTES.search(view.file.select):
        raise FeatureViewError(
            f"{path}: text between dollar signs", fix="write text in 'single quotes'"
        )
    refuse_unsafe(view.body, path, view.lines_above, view.file.header.reads, _own_views())
    return view


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise FeatureViewError(
                f"{path}: larger than {_LARGEST:,} bytes", fix="a feature view is one SELECT"
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FeatureViewError(
            f"{path}: cannot be read", found=error.strerror, fix="name a file that you may read"
        ) from None
    except UnicodeDecodeError as error:
        raise FeatureViewError(
            f"{path}: cannot be read", found=str(error), fix="write it as UTF-8 text"
        ) from None


def _read(path: Path, text: str) -> CustomView:
    """Header and SELECT, as they stand."""
    try:
        header = parse_header(text)
    except SqlFileError as error:
        raise FeatureViewError(f"{path}, line 1: {error}") from None
    expected = f"features.{path.stem}"
    if (header.name, header.params) != (expected, ("as_of",)):
        raise FeatureViewError(
            f"{path}, line 1: the header does not name the file's view",
            found=f"{header.name}({', '.join(header.params)})",
            fix=f"write -- {expected}(as_of): and what the view tells",
        )
    for section, value in (("grain", header.grain), ("columns", header.columns)):
        if not value:
            raise FeatureViewError(
                f"{path}: the header has no {section}:", fix="see docs/custom-views.md"
            )
    lines_above, select = statement_of(text)
    if not select:
        raise FeatureViewError(f"{path}: no SELECT below the header", fix="add one SELECT")
    return CustomView(path.stem, SqlFile(path, header, select), lines_above)


def _own_views() -> frozenset[str]:
    """The feature views of Spendboard, which a file may read."""
    return frozenset(file.header.name for file in sql_files("features"))


def taken_names() -> frozenset[str]:
    """Names that a column of a workspace must not get."""
    files = [f for f in sql_files("marts") if f.header.name == "marts.customers"]
    ours = {name for file in (*files, *sql_files("features")) for name in file.header.columns}
    return frozenset((*ours, *COLUMNS, *DIMENSIONS, *_OF_MODELS))


def _refuse_columns(view: CustomView, path: Path) -> None:
    """Raise where the declared columns cannot become columns of marts.customers."""
    if "customer_id" not in view.file.header.columns or not view.columns:
        raise FeatureViewError(
            f"{path}: a feature view has the column customer_id and at least one more",
            found=", ".join(view.file.header.columns),
            fix="list under columns: what the SELECT returns, customer_id among it",
        )
    taken = taken_names()
    for name, column in view.columns.items():
        if not _NAME.fullmatch(name):
            raise FeatureViewError(
                f"{path}: a column cannot be called {name!r}",
                fix="use lower-case letters, digits and _, a letter first",
            )
        if not _TYPES.fullmatch(column.type):
            if _TYPES.fullmatch(column.description.split(" ")[0]):
                raise FeatureViewError(
                    f"{path}: the name of a column has no spaces",
                    found=f"{name} {column.type}",
                    fix=f"call it {name}_{column.type} here and in the SELECT",
                )
            raise FeatureViewError(
                f"{path}: column {name} has a type that no filter and no model can use",
                found=column.type,
                fix="cast it to a number, VARCHAR, BOOLEAN or DATE",
            )
        if view.column(name) in taken:
            raise FeatureViewError(
                f"{path}: column {name} would be called {view.column(name)}, as one of ours is",
                fix="rename the file or the column",
            )


def _refuse_shared_names(views: Sequence[CustomView]) -> None:
    """Raise where a_b.sql and a.sql would make the same column: ``a_b_c``."""
    owner: dict[str, CustomView] = {}
    for view in views:
        for name in view.columns:
            column = view.column(name)
            other = owner.setdefault(column, view)
            if other is not view:
                raise FeatureViewError(
                    f"{view.file.path}: column {name} would be called {column},"
                    f" as one of {other.file.path.name} is",
                    fix="rename one of the two files or columns",
                )


def digest(views: Sequence[CustomView]) -> str:
    """Changes with the name or the SELECT of any view; empty without any."""
    text = "\n".join(f"{view.name}: {view.body}" for view in views)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def side_by_side(views: Sequence[CustomView]) -> str:
    """The SELECT behind ``features.custom(as_of)``: everybody, and all columns of all views."""
    # A file may be called as a word of SQL is, or as another relation here.
    named = [(view.macro, f"custom_{view.name}") for view in views]
    columns = "".join(f", {alias}.* exclude (customer_key, customer_id)" for _, alias in named)
    joins = "".join(
        f" left join {macro}(given_as_of) as {alias} on known.customer_key = {alias}.customer_key"
        for macro, alias in named
    )
    return (
        f"select known.customer_key, known.customer_id{columns} from core.customers as known{joins}"
    )


def define(con: duckdb.DuckDBPyConnection, view: CustomView) -> None:
    """Make the macro of a view.

    Raises
    ------
    FeatureViewError : its SELECT does not fit the tables that are there.
    """
    failed = []
    for body in (view.body, view.body_in_groups):
        try:
            con.execute(f"create macro {view.macro}(given_as_of) as table {body}")
            return
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            failed.append(error)
    place, message = line_in(view, failed[0])
    raise FeatureViewError(
        f"{place}: the SELECT cannot run", found=message, fix="correct that line"
    )


def line_in(view: CustomView, error: duckdb.Error) -> tuple[str, str]:
    """The place in the file that an error of DuckDB speaks of, and what it says."""
    place = line_of(error, view.file.path, view.lines_above)
    return place, message_of(error).replace("given_as_of", "$as_of")
