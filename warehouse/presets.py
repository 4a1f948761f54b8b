"""Mappings that were confirmed by a load, kept in ``spendboard.toml`` for the next file like it.

A file is known by its header, whatever the order of its columns; a file without one by how many
columns it has and what stands in each, and only where the user said which is which.
"""

import hashlib
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.items import Table

from warehouse.configuration import FILE_NAME, Preset
from warehouse.detection import Column
from warehouse.report import LoadReport
from warehouse.settings_file import change
from warehouse.synonyms import OWN_COLUMNS

_DIGITS = 12
_MOSTLY = 0.9
_WIDTH = 96


@dataclass(frozen=True)
class Learned:
    """A preset to be kept: the fingerprint that it is found by, and what a reader is told of it."""

    fingerprint: str
    preset: Preset
    file: str
    columns: tuple[str, ...]


def fingerprint(columns: Sequence[Column], *, has_header: bool) -> str:
    """Twelve hex digits: the same for all files with these columns.

    Columns that Spendboard itself adds to a file of rejects do not count.
    """
    if has_header:
        names = {column.name.strip().casefold() for column in columns}
        parts = ["header", *sorted(names - OWN_COLUMNS)]
    else:
        parts = ["no header", *(_content(column) for column in columns)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_DIGITS]


def _content(column: Column) -> str:
    """What stands in a column, in one word."""
    if column.dates + column.compact_dates >= _MOSTLY:
        return "dates"
    if column.numbers >= _MOSTLY:
        return "decimals" if column.decimals >= _MOSTLY else "numbers"
    return "text"


def confirmed(
    learned: Sequence[Learned | None], report: LoadReport, known: Mapping[str, Preset]
) -> list[Learned]:
    """What a load has confirmed and the settings do not say yet.

    Parameters
    ----------
    learned : for each layout what a preset could keep of it.
    report : what the columns said of dates and signs, which only reading them as a whole tells.
    known : the presets in the settings.
    """
    nothing = (None,) * len(learned)
    found: dict[str, Learned] = {}
    for one, order, signs in zip(
        learned, report.date_orders or nothing, report.signs or nothing, strict=True
    ):
        if one is None or one.fingerprint in found:
            continue
        preset = msgspec.structs.replace(
            one.preset,
            date_order=order or one.preset.date_order,
            signs=signs or one.preset.signs,
        )
        if preset != known.get(one.fingerprint):
            found[one.fingerprint] = replace(one, preset=preset)
    return list(found.values())


def keep(workspace: Path, learned: Sequence[Learned]) -> list[str]:
    """Write presets into ``spendboard.toml``; everything else in it stays as it is.

    Returns
    -------
    sentences about what was done, also where the file cannot be written: a load that is published
    does not fail because of it.
    """

    def put(document: tomlkit.TOMLDocument) -> None:
        for one in learned:
            _put(document, one)

    try:
        change(workspace, put)
    except OSError as error:
        return [f"the mapping could not be saved in {FILE_NAME}: {error}"]
    return [
        f"the mapping of {one.file} is saved as preset {one.fingerprint} in {FILE_NAME},"
        " for the next file with these columns"
        for one in learned
    ]


def _put(document: tomlkit.TOMLDocument, one: Learned) -> None:
    """Add one preset, or bring the one of that fingerprint up to date."""
    if "presets" not in document:
        document["presets"] = tomlkit.table(is_super_table=True)
    presets = document["presets"]
    assert isinstance(presets, dict)
    if one.fingerprint not in presets:
        presets[one.fingerprint] = _described(one)
    table = presets[one.fingerprint]
    wanted = {
        "kind": one.preset.kind,
        "source": one.preset.source,
        "date_order": one.preset.date_order,
        "signs": one.preset.signs,
        "map": one.preset.map,
    }
    for key, value in wanted.items():
        if value is None:
            table.pop(key, None)
        elif table.get(key) != value:
            table[key] = _inline(value) if isinstance(value, dict) else value


def _described(one: Learned) -> Table:
    """An empty table that says in comments which files it is for."""
    table = tomlkit.table()
    columns = ", ".join(one.columns) or "no header, its columns are known by what stands in them"
    words = "".join(sign if sign.isprintable() else " " for sign in f"{one.file}: {columns}")
    for line in textwrap.wrap(words, _WIDTH):
        table.add(tomlkit.comment(line))
    return table


def _inline(mapping: dict[str, str]) -> tomlkit.items.InlineTable:
    inline = tomlkit.inline_table()
    inline.update(mapping)
    return inline
