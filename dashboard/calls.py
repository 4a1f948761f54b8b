"""What every command needs: the workspace that the call means, and where its words go."""

import argparse
import json
import sys

from dashboard.settings import workspace_folder
from warehouse.configuration import Settings, read_settings
from warehouse.generations import Workspace


def opened(args: argparse.Namespace) -> tuple[Workspace, Settings]:
    """The workspace that the call means, and its settings."""
    folder = workspace_folder(args.workspace)
    settings = read_settings(folder)
    return Workspace(folder, keep=settings.keep_generations), settings


def print_json(answer: object) -> None:
    """Print an answer for machines on stdout."""
    json.dump(answer, sys.stdout, indent=1, ensure_ascii=False)
    print()


def say(sentence: str) -> None:
    """Print a sentence for people on stderr."""
    print(sentence, file=sys.stderr)
