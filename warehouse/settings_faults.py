"""What is wrong in a ``spendboard.toml``: where it stands, what is allowed there, an example."""

import difflib
import json
import math
import tomllib
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

NOTHING: Final = type(None)
# An example where no default is there to show; which text would do, nobody knows.
_PLAIN: Final[dict[object, object]] = {int: 2, float: 1000}
Path = tuple[str, ...]  # keys from the top of the document downwards


class Fault(NamedTuple):
    """The first fault of a document.

    Parameters
    ----------
    path : keys down to it.
    what, found, fix : as an error of settings says them.
    """

    path: Path
    what: str
    found: str | None
    fix: str


def first_fault(document: dict[str, Any], kind: type[Struct]) -> Fault | None:
    """The first key of ``document`` that ``kind`` does not know, else the first bad value."""
    top = [info.name for info in msgspec.structs.fields(kind)]
    return next(_unknown(document, kind, (), top), None) or next(_bad(document, kind, ()), None)


def place(text: str, path: Path) -> str:
    """``, line 12``: where a key stands in a file; nothing where that cannot be told."""
    best, number = 0, 0
    table: Path = ()
    for at, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        here = table
        if stripped.startswith("[") and (named := _keys(f"{stripped}\n")):
            here = table = named
        elif "=" in stripped:
            here = (*table, *_keys(f"{stripped.partition('=')[0]} = 0"))
        alike = min(len(here), len(path))
        if here[:alike] == path[:alike] and alike > best:
            best, number = alike, at
    return f", line {number}" if number else ""


def _keys(text: str) -> Path:
    """The keys of one line that names a table or a key; none of anything else."""
    try:
        inner: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ()
    found = []
    while isinstance(inner, dict) and len(inner) == 1:
        key, inner = next(iter(inner.items()))
        found.append(key)
        inner = inner[0] if isinstance(inner, list) and inner else inner
    return tuple(found)


def _unknown(
    document: dict[str, Any], kind: type[Struct], above: Path, top: Sequence[str]
) -> Iterator[Fault]:
    """Keys that mean nothing, each with the valid one nearest to it; ``top`` are the file's own."""
    valid = {info.name: info for info in msgspec.structs.fields(kind)}
    for key, value in document.items():
        if key not in valid:
            yield _misnamed((*above, key), list(valid), top)
            continue
        named = _names(valid[key].type)
        if named and isinstance(value, dict):
            for name in value:
                if name not in named:
                    yield _misnamed((*above, key, name), named, top)
        for name, part, inner in _tables((*above, key), value, valid[key].type):
            yield from _unknown(part, inner, name, top)


def _misnamed(path: Path, valid: Sequence[str], top: Sequence[str]) -> Fault:
    what = f"unknown setting {'.'.join(path)!r}"
    meant = difflib.get_close_matches(path[-1], {*valid, *top}, n=1, cutoff=0.8)
    if meant and meant[0] not in valid:  # a line added at the end falls into the last section
        where = "it belongs above the first [section] of the file"
        return Fault(path, what, None, f"did you mean: {meant[0]}? {where}")
    near = difflib.get_close_matches(path[-1], valid, n=1, cutoff=0.5)
    nearest = near[0] if near else ", ".join(sorted(valid))
    return Fault(path, what, None, f"did you mean: {nearest}?")


def _bad(document: dict[str, Any], kind: type[Struct], above: Path) -> Iterator[Fault]:
    """Values that their keys cannot have."""
    for info in msgspec.structs.fields(kind):
        path = (*above, info.name)
        if info.name not in document:
            if info.required:
                yield Fault(above, f"{'.'.join(path)} is missing", None,
                            f"it must be {allowed(info.type)}")  # fmt: skip
            continue
        value = document[info.name]
        yield from _no_tables(path, value, info.type)
        yield from (
            fault
            for name, part, inner in _tables(path, value, info.type)
            for fault in _bad(part, inner, name)
        )
        try:
            msgspec.convert(value, info.type)
        except msgspec.ValidationError:
            default = None if info.default is msgspec.NODEFAULT else info.default
            yield _misfit(path, value, info.type, default)


def _no_tables(path: Path, value: object, kind: object) -> Iterator[Fault]:
    """Values that stand where a table of its own belongs: ``revenue = 5`` below ``[kpis]``."""
    inner = get_args(kind)[1] if get_origin(kind) is dict else None
    if not (isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, Struct)):
        return
    for name, part in value.items():
        if not isinstance(part, dict):
            here = ".".join((*path, name))
            keys = ", ".join(info.name for info in msgspec.structs.fields(inner))
            yield Fault((*path, name), f"{here} must be a table", _written(part),
                        f"write [{here}], and below it what may stand there: {keys}")  # fmt: skip


def _misfit(path: Path, value: object, kind: object, default: object) -> Fault:
    shown = _example(kind, default)
    fix = "correct or remove it; see docs/operations.md, Settings"
    if shown is not None:
        fix = f"write for example {path[-1]} = {_written(shown)}"
        fix += "" if default in (None, shown) else f"; without it, {_written(default)} holds"
    return Fault(path, f"{'.'.join(path)} must be {allowed(kind)}", _written(value), fix)


def _tables(path: Path, value: object, kind: object) -> Iterator[tuple[Path, dict[str, Any], Any]]:
    """Tables with keys of their own below a key: their keys, content, and what they may hold."""
    named = get_args(kind)[1] if get_origin(kind) is dict else None
    inner = named or kind
    if not isinstance(value, dict) or not (isinstance(inner, type) and issubclass(inner, Struct)):
        return
    if named is None:
        yield path, value, inner
        return
    for name, part in value.items():
        if isinstance(part, dict):
            yield (*path, name), part, inner


def _names(kind: object) -> list[str]:
    """The names that tables of a kind may have, where not every one will do."""
    if get_origin(kind) is not dict or get_origin(get_args(kind)[0]) is not Literal:
        return []
    return [str(name) for name in get_args(get_args(kind)[0])]


def allowed(kind: object) -> str:
    """What values of a type of settings are, in words: ``a whole number from 5 to 3600``."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _within(inside[0], inside[1])
    if origin in (Union, UnionType):
        return " or ".join(allowed(one) for one in inside if one is not NOTHING)
    if origin is Literal:
        quoted = [_written(one) for one in inside]
        return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"
    if origin is tuple:
        each = allowed(inside[0])
        return "a list of texts" if each == "a text" else f"a list, each {each}"
    if origin is dict:
        return "a table of texts" if inside[1] is str else "tables, each with a name"
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return words.get(kind, "a table") if isinstance(kind, type) else "something else"


def _within(kind: object, meta: Meta) -> str:
    """The same with its limits, or as the setting itself describes it."""
    if meta.description:
        return meta.description
    if meta.ge is not None and meta.le is not None:
        return f"{allowed(kind)} from {meta.ge:.15g} to {meta.le:.15g}"
    return f"{allowed(kind)} of at least {meta.ge:.15g}" if meta.ge is not None else allowed(kind)


def _example(kind: object, default: object) -> object:
    """A value that would do, or None."""
    inside = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        found = (_example(one, default) for one in inside if one is not NOTHING)
        return next((one for one in found if one is not None), None)
    if get_origin(kind) is Annotated and inside[1].examples:
        return inside[1].examples[0]
    if default is not None:
        return None if isinstance(default, Struct) else default
    if get_origin(kind) is Literal:
        return inside[0]
    return _PLAIN.get(inside[0] if get_origin(kind) is Annotated else kind)


def _written(value: object) -> str:
    """A value as TOML writes it, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        text = str(value)
    elif isinstance(value, str | bool | int | float) or value is None:
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(map(_written, value))}]"
    elif isinstance(value, dict):
        text = f"{{{', '.join(f'{key} = {_written(one)}' for key, one in value.items())}}}"
    else:
        text = str(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
