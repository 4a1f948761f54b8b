"""What comes from outside the workspace: environment, terminal, the user's configuration folder."""

import getpass
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from platformdirs import user_config_path

from warehouse.errors import SettingsError
from warehouse.sources.database import Passwords
from warehouse.sources.database_url import VARIABLES

WORKSPACE_VARIABLE = "SPENDBOARD_WORKSPACE"
DEFAULT_WORKSPACE = Path("workspace")
KEY_BYTES = 32


def workspace_folder(option: Path | None = None) -> Path:
    """The workspace that is meant: the option, else the environment, else ``./workspace``."""
    if option is not None:
        return option
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else DEFAULT_WORKSPACE


def database_passwords() -> Passwords:
    """Passwords of databases: from the environment, or typed where a terminal is there to ask."""
    known = {}
    for dialect, names in VARIABLES.items():
        found = next(filter(None, map(os.environ.get, names)), None)
        if found is not None:
            known[dialect] = found
    return Passwords(known, _typed)


def _typed(question: str) -> str | None:
    """What the user types, unseen; None where nobody is there."""
    if not sys.stdin.isatty():
        return None
    try:
        return getpass.getpass(question)
    except EOFError:
        return None


def key_file(folder: Path | None = None) -> Path:
    """Where the key that signs saved models lies."""
    return (folder or user_config_path("spendboard")) / "signing.key"


def _make_key(file: Path) -> None:
    """Make the key whole before it has its name: two processes at once get the same one."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # for its owner alone
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()


def signing_key(folder: Path | None = None) -> bytes:
    """The key that signs saved models, 32 random bytes; made on first use, readable by you only.

    It lies in the user's configuration folder, outside every workspace, so that a workspace from
    somewhere else cannot bring models that would be unpickled here.

    Raises
    ------
    SettingsError : the file cannot be made or read, or it holds something else.
    """
    file = key_file(folder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            _make_key(file)
        key = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{file}: the key that signs models cannot be read or made: {error.strerror}",
            fix="make its folder writable for you",
        ) from None
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"{file}: not a key of {KEY_BYTES} bytes",
            found=f"{len(key)} bytes",
            fix="remove the file, then run `spendboard refresh --train always`",
        )
    return key
