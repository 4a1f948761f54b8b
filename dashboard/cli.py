"""The commands: each parses, calls one function and prints what it did.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a check failed, 2 wrong
usage, 3 an error the user can fix, 70 a defect.
"""

import argparse
import os
import sys
import traceback
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from dashboard import ledger, manual_entry, upkeep
from dashboard.arguments import build_parser
from dashboard.calls import opened as _opened
from dashboard.calls import print_json as _print_json
from dashboard.calls import say as _say
from dashboard.settings import database_passwords, signing_key, workspace_folder
from warehouse.configuration import Settings
from warehouse.disk_errors import in_words
from warehouse.errors import SpendboardError, UsageError, is_interruption
from warehouse.generations import ModelFile, Workspace
from warehouse.version import build_name

DEFECT = 70
INTERRUPTED = 130


def _load(args: argparse.Namespace) -> int:
    from dashboard.narration import Bars, announce_mapping, load_report
    from warehouse.loading import load

    workspace, settings = _opened(args)
    report = load(
        workspace,
        settings,
        args.sources,
        kind=args.kind,
        mapping=_mapping(args.map),
        encoding=args.encoding,
        source_name=args.source,
        on_conflict=args.on_conflict,
        date_order=args.date_order,
        dry_run=args.dry_run,
        progress=Bars(),
        announce=announce_mapping,
        passwords=database_passwords(),
        full=args.full,
        presets="ignore" if args.no_preset else "save",
    )
    if args.json:
        _print_json(report.as_json())
    else:
        print(load_report(report))
    if report.load_id is not None:
        upkeep.say_warned(workspace.current(), settings)
    return 0


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    """``ours=theirs`` of every ``--map`` as a mapping."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise UsageError(
                f"--map {pair}: not of the form ours=theirs",
                fix="for example --map amount=Total, or --map amount=5 for the fifth column",
            )
        if ours.strip() in mapping:
            raise UsageError(f"--map {ours.strip()} is given twice", fix="leave one of the two out")
        mapping[ours.strip()] = theirs.strip()
    return mapping


def _refresh(args: argparse.Namespace) -> int:
    from analytics.leaderboard import warnings
    from analytics.refresh import refresh
    from dashboard.narration import Bars

    workspace, settings = _opened(args)
    generation = refresh(
        workspace,
        settings,
        as_of=args.as_of,
        horizon_days=args.horizon_days,
        train=args.train,
        key=signing_key(),
        progress=Bars(),
    )
    as_of = generation.manifest.as_of
    print(f"generation {generation.number} is published" + (f", as of {as_of}" if as_of else ""))
    for line in warnings(generation):
        _say(line)
    upkeep.say_warned(generation, settings)
    return 0


def _demo(args: argparse.Namespace) -> int:
    from analytics.refresh import refresh
    from dashboard.demo import Shape, build, there_already
    from dashboard.narration import Bars

    folder = args.workspace or Path("demo-workspace")
    names = ("customers", "months", "seed", "last_day")
    asked = {name: value for name in names if (value := getattr(args, name)) is not None}
    bars = Bars()

    def score(workspace: Workspace, settings: Settings) -> None:
        refresh(workspace, settings, train="always", key=signing_key(), progress=bars)

    made = build(
        folder, Shape(**asked), score=score, rebuild=args.rebuild, progress=bars, asked=asked
    )
    _say(f"{folder}: {'built' if made else there_already(folder)}")
    if args.no_serve:
        return 0
    args.workspace = folder
    return _serve(args)


def _serve(args: argparse.Namespace) -> int:
    from dashboard.serving import serve

    workspace, settings = _opened(args)
    folder = workspace.folder

    def ready(url: str) -> None:
        if workspace.is_new():
            _say(f"{folder}: nothing is loaded yet; `spendboard load FILE --workspace {folder}`"
                 " loads transactions or customers, and the pages show them")  # fmt: skip
        _say(f"Spendboard serves {folder} on {url} (Ctrl-C stops it)")

    serve(folder, settings, host=args.host, port=args.port, ready=ready)
    return 0


def _export(args: argparse.Namespace) -> int:
    from dashboard.export import write_csv
    from dashboard.reader import Reader
    from dashboard.selection import Selection

    workspace, settings = _opened(args)
    view = Reader(workspace, settings).view()
    selection = Selection.parse(args.where, view.vocabulary, strict=True)
    columns = (
        [name.strip() for name in args.columns.split(",")] if args.columns is not None else None
    )
    target = sys.stdout.buffer if args.to == "-" else Path(args.to)
    rows = write_csv(view, selection, target, columns=columns, raw=args.raw)
    where = "stdout" if args.to == "-" else args.to
    _say(f"{rows:,} customer{'' if rows == 1 else 's'} exported to {where}")
    return 0


def _models(args: argparse.Namespace) -> int:
    from analytics.leaderboard import card, models_json, models_text

    workspace, _ = _opened(args)
    generation = workspace.current()
    if args.card is not None:
        text = card(generation, args.card)
        if args.json:
            head = {"schema": 1, "generation": generation.number}
            _print_json(head | {"question": args.card, "card": text})
        else:
            print(text, end="")
    elif args.json:
        _print_json(models_json(generation))
    else:
        print(models_text(generation))
    return 0


def _status(args: argparse.Namespace) -> int:
    from dashboard.status import status, status_text

    workspace, settings = _opened(args)
    answer = status(workspace, settings)
    if args.json:
        _print_json(answer)
    else:
        print(status_text(answer))
    return 0


def _unload(args: argparse.Namespace) -> int:
    from dashboard.narration import Bars
    from warehouse.loading import unload

    workspace, settings = _opened(args)
    generation = unload(workspace, settings, args.load_id, progress=Bars())
    print(f"load {args.load_id} is taken out; generation {generation.number} is published")
    if workspace.waiting():
        _say("Expenses that it brought wait again: spendboard log-expense --list shows them.")
    _say("The scores are those of before: run `spendboard refresh` to make them anew.")
    upkeep.say_warned(generation, settings)
    return 0


def _rollback(args: argparse.Namespace) -> int:
    workspace, _ = _opened(args)
    generation = workspace.rollback(args.to)
    print(f"generation {generation.number} is served again")
    return 0


def _fault(model: ModelFile, digest: str) -> str | None:
    """What is wrong with a saved model, here where the key and the models are known."""
    from analytics.artifacts import fault

    return fault(model, digest, signing_key())


def _moves(*asked: Any) -> Any:  # noqa: ANN401 - see ledger.Moves
    """Who moved between two days, here where the key and the models are known."""
    from analytics.between import moves_between

    return moves_between(*asked, key=signing_key())


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "serve": _serve,
    "export": _export,
    "score": manual_entry.score,
    "models": _models,
    "status": _status,
    "load": _load,
    "refresh": _refresh,
    "unload": _unload,
    "rollback": _rollback,
    "check": partial(upkeep.check, signed=_fault),
    "restore": partial(upkeep.restore, signed=_fault),
    "report": partial(ledger.report, moves=_moves),
    **ledger.RUN,
    **upkeep.RUN,
}


def _report_defect(args: argparse.Namespace, error: Exception) -> int:
    """Say in one sentence that this is ours, and keep the traceback where it can be sent from."""
    if args.debug:
        traceback.print_exception(error)
        return DEFECT
    name = uuid.uuid4().hex[:8]
    kept = ""
    file = workspace_folder(args.workspace) / "errors.log"
    try:
        with file.open("a", encoding="utf-8") as log:
            log.write(f"--- {name} spendboard {build_name()} {args.command}\n")
            traceback.print_exception(error, file=log)
        kept = f" Details are in {file}."
    except OSError:
        kept = " Run it again with --debug to see the details."
    _say(f"spendboard: a defect of Spendboard, error {name}: {type(error).__name__}.{kept}")
    return DEFECT


def _unforeseen(args: argparse.Namespace, error: Exception) -> int:
    """Nobody made an error for the user of it: the disk, permissions, or a defect."""
    told = in_words(error, workspace_folder(args.workspace))
    if told is None:
        return _report_defect(args, error)
    _say(f"spendboard: {told}")
    return told.exit_code


def _stopped() -> int:
    _say("spendboard: stopped; nothing half-made is left")
    return INTERRUPTED


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
        return RUN[args.command](args)
    except SpendboardError as error:
        _say(f"spendboard: {error}")
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the results has seen enough; Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _stopped()
    except Exception as error:
        return _stopped() if is_interruption(error) else _unforeseen(args, error)


def entry() -> NoReturn:
    """What the ``spendboard`` script calls."""
    sys.exit(main())
