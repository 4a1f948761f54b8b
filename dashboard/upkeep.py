"""The commands that look after a workspace: check, doctor, backup, restore, rejects, features."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.calls import opened, print_json, say
from dashboard.settings import key_file, workspace_folder
from warehouse.configuration import Settings
from warehouse.generations import Generation
from warehouse.integrity import Signed

if TYPE_CHECKING:
    from warehouse.custom_views import CustomView


def check(args: argparse.Namespace, signed: Signed) -> int:
    """Run every check; 1 if one of severity stop finds something."""
    from dashboard.checking import check as checked
    from dashboard.checking import check_text
    from dashboard.narration import Bars

    workspace, settings = opened(args)
    answer = checked(workspace, settings, signed=signed, progress=Bars(), rows=args.rows)
    if args.json:
        print_json(answer)
    else:
        print(check_text(answer))
    return 0 if answer["ok"] else 1


def say_warned(generation: Generation, settings: Settings) -> None:
    """Say which checks warn of what was published just now; nothing where none does."""
    from dashboard.checking import warned, warned_text
    from warehouse.connection import reading

    with reading(generation.database, settings) as con:
        found = warned(con)
    if found:
        say(warned_text(found))


def _backup(args: argparse.Namespace) -> int:
    from dashboard.narration import Bars
    from warehouse.backup import backup

    workspace, _ = opened(args)
    contents = backup(workspace, args.to, verify=args.verify, progress=Bars())
    size = args.to.stat().st_size / 1e6
    proven = ", verified" if args.verify else ""
    print(
        f"{args.to}: generation {contents.generation}, {len(contents.files)} files,"
        f" {size:,.1f} MB{proven}"
    )
    return 0


def restore(args: argparse.Namespace, signed: Signed) -> int:
    """Make a workspace from a backup, and say what the models in it are worth here."""
    from dashboard.narration import Bars
    from dashboard.status import as_of_words
    from warehouse.integrity import bad_models
    from warehouse.restore import restore as restored

    folder = workspace_folder(args.workspace)
    generation, aside = restored(args.file, folder, replace=args.replace, progress=Bars())
    print(f"{folder}: generation {generation.number} is served, {as_of_words(generation)}")
    if aside is not None:
        say(f"What was there is kept in {aside}. Restart a server that runs on {folder}.")
    if any(bad_models(generation, signed)):
        say(
            "Its models were written by another installation and are not loaded here. The stored"
            " scores are served; `spendboard refresh --train always` makes new models."
        )
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from dashboard.doctor import doctor_json, doctor_text, examine

    folder = workspace_folder(args.workspace)
    lines = examine(folder, key_file(), host=args.host, port=args.port, fix=args.fix)
    answer = doctor_json(lines)
    if args.json:
        print_json(answer)
    else:
        print(doctor_text(lines))
    return 0 if answer["ok"] else 1


def _features(args: argparse.Namespace) -> int:
    from warehouse.custom_views import read_custom_view, read_custom_views, unused_files

    workspace, settings = opened(args)
    views = read_custom_views(workspace.folder)
    if args.check:
        views = (read_custom_view(args.check),)
        _prove(views[0], workspace.current(), settings)
    found = [
        {"column": view.column(name), "type": column.type, "description": column.description,
         "view": view.name}
        for view in views for name, column in view.columns.items()
    ]  # fmt: skip
    if args.json:
        print_json({"schema": 1, "columns": found})
    elif found:
        for row in found:
            print("  ".join(row[key] for key in ("column", "type", "description")))
    else:
        print(f"{workspace.folder / 'features'}: no feature views")
    for file in unused_files(workspace.folder):
        say(f"{file}: not used; its name must end in .sql, in lower case")
    if args.check:
        say(f"{args.check}: proven; put it into {workspace.folder / 'features'} and refresh")
    return 0


def _prove(view: "CustomView", generation: Generation, settings: Settings) -> None:
    """Prove a feature view on the data that are served, and say where it tells of nobody."""
    from dashboard.narration import Bars
    from warehouse.connection import beside
    from warehouse.custom_proof import prove

    as_of, horizon_days = generation.manifest.as_of, generation.manifest.horizon_days
    with beside(generation.database, settings) as con:
        silent = prove(
            con, [view], as_of, horizon_days=horizon_days, seconds=settings.feature_seconds,
            progress=Bars(),
        )  # fmt: skip
    if silent:
        why = "no purchase has a day that $as_of could reach" if as_of is None else f"as of {as_of}"
        say(f"{view.file.path}: no row for any customer: {why}")


def _rejects(args: argparse.Namespace) -> int:
    """Write what was not loaded, to be put right and loaded again."""
    from warehouse import rejects
    from warehouse.connection import reading
    from warehouse.errors import WorkspaceError

    workspace, settings = opened(args)
    outcomes: tuple[rejects.Outcome, ...] = ("set_aside",) if args.set_aside else ("rejected",)
    with reading(workspace.current().database, settings) as con:
        found = rejects.find(con, load_id=args.load, outcomes=outcomes)
        if args.to == "-":
            count = rejects.write(con, found, sys.stdout)
        else:
            try:
                with Path(args.to).open("w", encoding="utf-8", newline="") as target:
                    count = rejects.write(con, found, target)
            except OSError as error:
                raise WorkspaceError(
                    f"{args.to}: cannot be written", found=error.strerror, fix="name another file"
                ) from None
    say(f"{count:,} record{'' if count == 1 else 's'} written to {args.to}")
    if found.layouts > 1:
        say(f"Their files had {found.layouts} different headers; --load writes those of one load.")
    say("Put them right and load that file: spendboard load ...")
    return 0


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "features": _features,
    "backup": _backup,
    "doctor": _doctor,
    "rejects": _rejects,
}
