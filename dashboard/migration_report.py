"""``spendboard report migration``: who moved from one persona or band to another, as a matrix."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape

from dashboard.formatting import Formatter
from dashboard.printing import Row, plain_records, records, share, stdout, text_table
from dashboard.queries.migration import last_moves, persona_titles
from dashboard.reader import View

if TYPE_CHECKING:
    import pandas as pd

_TITLES: Final = {
    "persona": "Personas",
    "cluster": "Clusters",
    "risk_band": "Risk bands: exposure by total spend",
    "value_band": "Value bands: by expected spend",
    "churn_band": "Churn bands",
}
_COLUMNS: Final = ["dimension", "from_value", "to_value", "change", "n_customers", "share_of_from",
                   "share", "is_same_model"]  # fmt: skip
_LEVELS: Final = ("low", "medium", "high")
_OTHER_MODEL: Final = "Another model served by then, which may be why some of them moved."
_NOTHING: Final = (
    "Nobody can have moved yet: customers were scored once. The next `spendboard refresh` compares;"
    " --from and --to compare two days now."
)


@dataclass(frozen=True)
class Moves:
    """Moves to be shown.

    Parameters
    ----------
    start, end : as-of dates; None in an undated ledger.
    source : ``refreshes``, ``history`` or ``computed``.
    rows : columns of marts.migration from ``dimension`` on.
    note : what a reader should know.
    generations : from and to, where refreshes are compared.
    """

    start: date | None
    end: date | None
    source: str
    rows: "pd.DataFrame"
    note: str = ""
    generations: tuple[int | None, int | None] = (None, None)


def between_refreshes(view: View) -> Moves | None:
    """What the last refresh changed; None where there was only one."""
    found = last_moves(view)
    if found.empty:
        return None
    first = records(found)[0]
    return Moves(
        first["from_as_of"],
        first["to_as_of"],
        "refreshes",
        found[_COLUMNS],
        generations=(first["from_generation"], first["to_generation"]),
    )


def as_json(view: View, moves: Moves | None) -> dict[str, Any]:
    """The report for machines; ``source`` is null where there is nothing to compare yet."""
    answer: dict[str, Any] = {"schema": 1, "report": "migration", "generation": view.number}
    if moves is None:
        return answer | {"source": None, "from": None, "to": None, "note": _NOTHING, "rows": []}
    moves = _shown(view, moves)
    days = [day.isoformat() if day else None for day in (moves.start, moves.end)]
    return answer | {
        "source": moves.source,
        "from": {"as_of": days[0], "generation": moves.generations[0]},
        "to": {"as_of": days[1], "generation": moves.generations[1]},
        "note": moves.note or None,
        "rows": plain_records(moves.rows),
    }


def show(view: View, moves: Moves | None) -> None:
    """Print the report for people: one matrix a dimension, rows from, columns to."""
    console = stdout()
    if moves is None:
        console.print(_NOTHING)
        return
    moves = _shown(view, moves)
    words = Formatter(view.manifest.currency)
    console.print(_heading(moves, words), style="bold")
    if moves.note:
        console.print(moves.note)
    rows = records(moves.rows)
    titles = persona_titles(view)
    known = {row["dimension"] for row in rows}
    for dimension, title in _TITLES.items():
        mine = [row for row in rows if row["dimension"] == dimension]
        # Clusters are what the personas are called: the same numbers once more.
        if mine and not (dimension == "cluster" and "persona" in known):
            console.print()
            _matrix(mine, title, titles, words, console)


def _shown(view: View, moves: Moves) -> Moves:
    """``moves`` without the bands of scores that are withheld; the note says why."""
    known = set(moves.rows["dimension"])
    left = {name: why for name, why in view.vocabulary.withheld.items() if name in known}
    notes = [f"{_TITLES[name].partition(':')[0]} are withheld: {why}" for name, why in left.items()]
    rows = moves.rows[~moves.rows["dimension"].isin(list(left))]
    return replace(moves, rows=rows, note="\n".join(filter(None, [moves.note, *notes])))


def _heading(moves: Moves, words: Formatter) -> str:
    days = f"from {words.date(moves.start)} to {words.date(moves.end)}"
    earlier, later = moves.generations
    if later is None:
        return f"Who moved {days}"
    numbers = f"between generations {earlier} and {later}"
    return f"Who moved {numbers}" + (f", {days}" if moves.start and moves.end else "")


def _matrix(
    rows: list[Row], title: str, titles: Mapping[str, str], words: Formatter, console: Console
) -> None:
    """Customers and their share of the row, with a sentence of what became of all of them."""
    cells = {(row["from_value"], row["to_value"]): row for row in rows}
    starts, ends = (_ordered({row[side] for row in rows}) for side in ("from_value", "to_value"))
    names = ["from \\ to", *(_name(end, titles, "left") for end in ends)]
    table = text_table(title, names, left=1)
    for start in starts:
        found = [cells.get((start, end)) for end in ends]
        table.add_row(_name(start, titles, "new"), *(_cell(row, words) for row in found))
    console.print(table)
    console.print(_sentence(rows, words))
    if any(row["change"] == "moved" and not row["is_same_model"] for row in rows):
        console.print(_OTHER_MODEL, style="dim")


def _ordered(values: Collection[str | None]) -> list[str | None]:
    """Bands from low to high, everything else by name, those who came or went last."""
    known = sorted(value for value in values if value is not None)
    bands = [level for level in _LEVELS if level in known]
    others = [value for value in known if value not in _LEVELS]
    # Clusters are numbers: 10 stands behind 9.
    others.sort(key=lambda value: int(value) if value.isdigit() else 0)
    return [*bands, *others, *([None] if None in values else [])]


def _name(value: str | None, titles: Mapping[str, str], otherwise: str) -> str:
    return escape(titles.get(value, value)) if value is not None else f"({otherwise})"


def _cell(row: Row | None, words: Formatter) -> str:
    """``123 (12.5 %)``."""
    if row is None:
        return "·"
    return f"{words.count(row['n_customers'])} ({share(row['share_of_from'], words)})"


def _sentence(rows: Iterable[Row], words: Formatter) -> str:
    """How many stayed, moved, came and went."""
    counts = {"stayed": 0, "moved": 0, "appeared": 0, "left": 0}
    for row in rows:
        counts[row["change"]] += row["n_customers"]
    both = counts["stayed"] + counts["moved"]
    moved = share(counts["moved"] / both if both else None, words)
    return (
        f"{words.count(counts['moved'])} of {words.count(both)} moved ({moved}),"
        f" {words.count(counts['appeared'])} are new, {words.count(counts['left'])} left"
    )
