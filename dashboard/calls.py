"""What every command needs: the workspace that the call means, and where its words go."""

import argparse
import json
import sys
from typing import Final

from dashboard.settings import workspace_folder
from warehouse.configuration import Settings, read_settings
from warehouse.errors import WorkspaceError
from warehouse.generations import Workspace

NOT_A_FOLDER: Final = "name the folder of a workspace with --workspace"


def opened(args: argparse.Namespace) -> tuple[Workspace, Settings]:
    """The workspace that the call means, and its settings.

    Raises
    ------
    WorkspaceError : there is something else than a folder.
    SettingsError : its settings cannot be used.
    """
    folder = workspace_folder(args.workspace)
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder}: not a folder", fix=NOT_A_FOLDER)
    settings = read_settings(folder)
    return Workspace(folder, keep=settings.keep_generations), settings


def print_json(answer: object) -> None:
    """Print an answer for machines on stdout."""
    json.dump(answer, sys.stdout, indent=1, ensure_ascii=False)
    print()


def say(sentence: str) -> None:
    """Print a sentence for people on stderr."""
    print(sentence, file=sys.stderr)
