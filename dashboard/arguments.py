"""The arguments of every command. Light to import: ``--help`` needs nothing else."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from warehouse.version import build_name

# With both, no day of a demo lies before 1900, where a load takes none for a date.
_FIRST_LAST_DAY: Final = date(1970, 1, 1)
_MOST_MONTHS: Final = 840


def _common(folder: str = "$SPENDBOARD_WORKSPACE, else ./workspace") -> argparse.ArgumentParser:
    """Global options, which may also stand behind the command; ``folder`` is where it works."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--workspace", type=Path, metavar="DIR", default=argparse.SUPPRESS,
                        help=f"default: {folder}")  # fmt: skip
    common.add_argument("--debug", action="store_true", default=argparse.SUPPRESS,
                        help="print the traceback of a defect")  # fmt: skip
    return common


def _whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """An argparse type: a whole number from ``low`` on, up to ``high`` where one is named."""

    def parse(text: str) -> int:
        number = int(text)
        if number < low:
            raise argparse.ArgumentTypeError(f"must be at least {low}, got {number}")
        if high is not None and number > high:
            raise argparse.ArgumentTypeError(f"must be at most {high}, got {number}")
        return number

    parse.__name__ = "whole number"
    return parse


def _day(text: str) -> date:
    """An argparse type: a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a day such as 2025-01-31, got {text!r}"
        ) from None


def _last_day(text: str) -> date:
    """An argparse type: a day on which a demo may end."""
    day, today = _day(text), datetime.now(UTC).date()
    if not _FIRST_LAST_DAY <= day <= today:
        raise argparse.ArgumentTypeError(
            f"must be a day from {_FIRST_LAST_DAY} to today, {today}, got {day}"
        )
    return day


def _new_file(text: str) -> Path:
    """An argparse type: where a file is written that cannot go to standard output."""
    if text == "-":
        raise argparse.ArgumentTypeError(
            "must be a file, not standard output: it gets its name only when it is complete"
        )
    return Path(text)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
    *folder: str,
) -> argparse.ArgumentParser:
    """One command, with the global options; ``folder`` where it works in one of its own."""
    parents = [_common(*folder)]
    return commands.add_parser(
        name, help=text, description=f"{text[:1].upper()}{text[1:]}.", parents=parents
    )


def _add_data_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    load = _command(commands, "load", "load files of transactions or of customers")
    load.add_argument("sources", nargs="+", metavar="SOURCE",
                      help="file, glob, or address of a table such as"
                      " mysql://user@host/database?table=orders")  # fmt: skip
    load.add_argument(
        "--as", dest="kind", choices=["transactions", "customers"],
        help="what the rows are; told from the columns where not given",
    )  # fmt: skip
    load.add_argument(
        "--map", action="append", default=[], metavar="OURS=THEIRS",
        help="take our column from theirs: a name, a 1-based position, or Quantity*UnitPrice",
    )  # fmt: skip
    load.add_argument("--encoding", metavar="NAME",
                      help="encoding of files of text, such as cp1250, where the one that was"
                      " found puts wrong letters into names")  # fmt: skip
    load.add_argument("--source", metavar="NAME",
                      help="name of the source that transaction ids belong to; default: the one"
                      " that such files came from, else 'default'")  # fmt: skip
    load.add_argument("--no-preset", action="store_true",
                      help="neither use the mapping that is saved for such files nor save"
                      " this one")  # fmt: skip
    load.add_argument("--on-conflict", choices=["reject", "replace"], default="reject",
                      help="what to do with a known id that has other content")  # fmt: skip
    load.add_argument("--date-order", choices=["day-first", "month-first"],
                      help="how to read 03/04/2024, where the column does not tell")  # fmt: skip
    load.add_argument("--full", action="store_true",
                      help="read tables from their start, whatever their watermark")  # fmt: skip
    load.add_argument("--dry-run", action="store_true", help="report, and change nothing")
    load.add_argument("--json", action="store_true", help="print the report as JSON")

    refresh = _command(commands, "refresh", "make features, models and scores, and publish")
    refresh.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD",
                         help="last day that counts; the last day with a purchase")  # fmt: skip
    refresh.add_argument("--horizon-days", type=_whole_number(1), metavar="N",
                         help="days that the scores look ahead; the setting")  # fmt: skip
    refresh.add_argument("--train", choices=["auto", "always", "never"], default="auto",
                         help="fit new models, or score with the saved ones")  # fmt: skip

    unload = _command(commands, "unload", "take one load out again")
    unload.add_argument("load_id", type=_whole_number(1), metavar="LOAD_ID")

    rejects = _command(commands, "rejects", "write records that were not loaded, to be put right")
    rejects.add_argument("--to", required=True, metavar="FILE", help="a CSV file, or - for stdout")
    rejects.add_argument("--load", type=_whole_number(1), metavar="LOAD_ID",
                         help="those of one load; of all loads")  # fmt: skip
    rejects.add_argument("--set-aside", action="store_true",
                         help="those that a rule set aside, not the rejected ones")  # fmt: skip

    rollback = _command(commands, "rollback", "serve an earlier generation again")
    rollback.add_argument("--to", type=_whole_number(1), metavar="N",
                          help="which one; the one before the current")  # fmt: skip


def _add_expense_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    log = _command(commands, "log-expense", "accept an expense, to be loaded by the next refresh")
    log.add_argument("--amount", metavar="MONEY", help="such as 12.50; a refund is negative")
    log.add_argument("--category", metavar="NAME")
    log.add_argument("--on", metavar="YYYY-MM-DD", help="when, a time may follow; today")
    log.add_argument("--customer", metavar="ID", help="who pays; the owner of the ledger")
    for name in ("merchant", "payment-method", "city", "note"):
        log.add_argument(f"--{name}", metavar="TEXT")
    log.add_argument("--kind", choices=["purchase", "refund", "income", "transfer"],
                     help="told from the sign of the amount where not given")  # fmt: skip
    instead = log.add_mutually_exclusive_group()
    instead.add_argument("--edit", metavar="ID", help="change the given fields of one that waits")
    instead.add_argument("--remove", metavar="ID", help="take one back that waits")
    instead.add_argument("--list", action="store_true", help="list those that wait")
    log.add_argument("--json", action="store_true", help="print the answer as JSON")


def _add_report_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    report = _command(commands, "report", "print where the money goes, and where customers go")
    report.add_argument(
        "name",
        choices=["monthly", "recurring", "seasons", "payment-modes", "forecast", "risk",
                 "exposure", "clusters", "migration"],
    )  # fmt: skip
    report.add_argument("--months", type=_whole_number(1, 100_000), metavar="N",
                        help="monthly: how many of the latest months;"
                        " 3, with --json all")  # fmt: skip
    report.add_argument("--from", dest="start", type=_day, metavar="YYYY-MM-DD",
                        help="migration: from which as-of date; the one before")  # fmt: skip
    report.add_argument("--to", dest="end", type=_day, metavar="YYYY-MM-DD",
                        help="migration: to which one; that of the scores")  # fmt: skip
    report.add_argument("--json", action="store_true", help="print it as JSON")


def _add_serving_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=_whole_number(0, 65_535), default=8050, metavar="N")


def _add_reading_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "build a synthetic shop, score it, serve it"
    demo = _command(commands, "demo", text, "./demo-workspace")
    # Without a default, so that a demo of another shape is served unless one was asked for.
    demo.add_argument("--customers", type=_whole_number(1), metavar="N", help="how many; 5000")
    demo.add_argument("--months", type=_whole_number(1, _MOST_MONTHS), metavar="N",
                      help="of the shop's data; 24")  # fmt: skip
    demo.add_argument("--seed", type=_whole_number(0), metavar="N", help="of chance; 0")
    demo.add_argument("--last-day", type=_last_day, metavar="YYYY-MM-DD",
                      help="last day of the shop's data; yesterday")  # fmt: skip
    demo.add_argument("--rebuild", action="store_true", help="make an existing demo anew")
    demo.add_argument("--no-serve", action="store_true", help="build it and stop")
    _add_serving_options(demo)

    serve = _command(commands, "serve", "serve the dashboard")
    _add_serving_options(serve)

    export = _command(commands, "export", "write a list of customers as CSV")
    export.add_argument("--where", required=True, metavar="QUERY",
                        help="a selection, as in the page's URL; '' is everybody")  # fmt: skip
    export.add_argument("--to", required=True, metavar="FILE", help="a file, or - for stdout")
    export.add_argument("--columns", metavar="A,B,...", help="which columns, in which order")
    export.add_argument("--raw", action="store_true",
                        help="no guard against formulas: for machines only")  # fmt: skip

    score = _command(commands, "score", "print scores and their reasons as JSON")
    whom = score.add_mutually_exclusive_group(required=True)
    whom.add_argument("--customer", metavar="ID", help="one customer of the shop")
    whom.add_argument("--input", metavar="FILE",
                      help="customers that are not in the data: JSON or CSV of features by name;"
                      " - is standard input")  # fmt: skip
    whom.add_argument("--purchase", action="append", metavar="COLUMN=VALUE",
                      help="what a purchase will amount to, by merchant, city and account: give"
                      " one, two or all three")  # fmt: skip
    score.add_argument("--change", action="append", default=[], metavar="FEATURE=VALUE",
                       help="with --customer: what the scores would be then")  # fmt: skip
    score.add_argument("--json", action="store_true", help="the only output; taken for granted")

    for name, text in (
        ("models", "print the leaderboard and the backtests"),
        ("status", "print what is served, how old it is, and what is kept"),
    ):
        parser = _command(commands, name, text)
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        if name == "models":
            parser.add_argument("--card", metavar="QUESTION", help="print one model's card")


def _add_upkeep_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = _command(commands, "check", "check the data and the files of what is served")
    check.add_argument("--rows", type=_whole_number(0), default=5, metavar="N",
                       help="how many offending rows of each check are shown")  # fmt: skip
    check.add_argument("--json", action="store_true", help="print it as JSON")

    backup = _command(commands, "backup", "write the workspace into one file")
    backup.add_argument("--to", type=_new_file, required=True, metavar="FILE",
                        help="a new file, such as shop.tar.zst")  # fmt: skip
    backup.add_argument("--verify", action="store_true",
                        help="read it again and compare every digest")  # fmt: skip

    restore = _command(commands, "restore", "make a workspace from a backup")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--replace", action="store_true",
                         help="keep what is there, under another name")  # fmt: skip

    doctor = _command(commands, "doctor", "look whether machine and workspace are fit for work")
    doctor.add_argument("--fix", action="store_true",
                        help="remove temporary folders of killed processes")  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    _add_serving_options(doctor)

    features = _command(commands, "features", "list the workspace's own feature views, or try one")
    features.add_argument("--check", type=Path, metavar="FILE",
                          help="prove a file on what is served; changes nothing")  # fmt: skip
    features.add_argument("--json", action="store_true", help="print it as JSON")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line in one place; ``docs/cli.md`` is made from it."""
    parser = argparse.ArgumentParser(
        prog="spendboard",
        description="Load transactions, refresh the scores, serve the dashboard.",
        epilog="exit codes: 0 done, 1 a check failed, 2 wrong usage, 3 an error you can fix, "
        "70 a defect",
        allow_abbrev=False,
        parents=[_common()],
    )
    parser.add_argument("--version", action="version", version=f"spendboard {build_name()}")
    parser.set_defaults(workspace=None, debug=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_reading_commands(commands)
    _add_data_commands(commands)
    _add_upkeep_commands(commands)
    _add_expense_command(commands)
    _add_report_command(commands)
    return parser
