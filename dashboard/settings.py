"""What comes from outside the workspace: the environment and the user's configuration folder."""

import os
import secrets
from pathlib import Path

from platformdirs import user_config_path

from warehouse.errors import SettingsError

WORKSPACE_VARIABLE = "SPENDBOARD_WORKSPACE"
DEFAULT_WORKSPACE = Path("workspace")
KEY_BYTES = 32


def workspace_folder(option: Path | None = None) -> Path:
    """The workspace that is meant: the option, else the environment, else ``./workspace``."""
    if option is not None:
        return option
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else DEFAULT_WORKSPACE


def signing_key(folder: Path | None = None) -> bytes:
    """The key that signs saved models, 32 random bytes; made on first use, readable by you only.

    It lies in the user's configuration folder, outside every workspace, so that a workspace from
    somewhere else cannot bring models that would be unpickled here.

    Raises
    ------
    SettingsError : the file cannot be made or read, or it holds something else.
    """
    file = (folder or user_config_path("spendboard")) / "signing.key"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
        except FileExistsError:
            pass
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
