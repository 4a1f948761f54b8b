"""Changing ``spendboard.toml``: only what is meant, comments and order of the rest stay."""

import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from warehouse.configuration import FILE_NAME
from warehouse.files import replace_text


def change(workspace: Path, put: Callable[[tomlkit.TOMLDocument], None]) -> None:
    """Let ``put`` change the settings of a workspace, whose file is made where there is none.

    Raises
    ------
    OSError : the file is read-only, cannot be read or written, or would not be TOML any longer.
    """
    file = (workspace / FILE_NAME).resolve()
    if file.exists() and not file.stat().st_mode & stat.S_IWUSR:
        raise PermissionError(f"{file} is read-only")
    try:
        # Not as text: that would change the ends of its lines.
        document = tomlkit.parse(file.read_bytes().decode("utf-8") if file.exists() else "")
        put(document)
        text = tomlkit.dumps(document)
        tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TOMLKitError) as error:
        raise OSError(f"{file}: {error}") from None
    _write(file, text)


def restore(workspace: Path, content: bytes | None) -> None:
    """Give the settings the content that they had before a change; None where there were none.

    Raises
    ------
    OSError : the file cannot be written or removed.
    """
    file = (workspace / FILE_NAME).resolve()
    if content is None:
        file.unlink()
    else:
        _write(file, content.decode("utf-8"))


def _write(file: Path, text: str) -> None:
    """Replace the file; who may read and write it stays as it is."""
    mode = file.stat().st_mode if file.exists() else None
    replace_text(file, text)
    if mode is not None:
        file.chmod(stat.S_IMODE(mode))
