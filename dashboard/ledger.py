"""The commands about money spent: log-expense and report."""

import argparse
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from dashboard.calls import opened, print_json
from warehouse.configuration import Settings
from warehouse.errors import CorruptGenerationError, UsageError
from warehouse.generations import Generation

if TYPE_CHECKING:
    from dashboard.reader import View

# Who moved between two days; analytics.between.Moves, known where the models are.
Compare = Callable[[Generation, Settings, date | None, date | None], Any]


def _log_expense(args: argparse.Namespace) -> int:
    from dashboard.expenses import log_expense

    answer, text = log_expense(args, *opened(args))
    print_json(answer) if args.json else print(text)
    return 0


def report(args: argparse.Namespace, *, moves: Compare) -> int:
    """Print a report; ``moves`` compares two days of the past."""
    from dashboard import report
    from dashboard.reader import Reader

    has_days = args.start is not None or args.end is not None
    if has_days and args.name != "migration":
        raise UsageError(
            "--from and --to belong to the report of migration",
            found=f"report {args.name}",
            fix="spendboard report migration --from DATE --to DATE",
        )
    if args.months is not None and args.name != "monthly":
        raise UsageError(
            "--months belongs to the monthly report",
            found=f"report {args.name}",
            fix=f"spendboard report monthly --months {args.months}",
        )
    workspace, settings = opened(args)
    # Before the view: a process opens a generation in one way at a time.
    said = moves(workspace.current(), settings, args.start, args.end) if has_days else None
    view = Reader(workspace, settings).view()
    try:
        if args.name == "migration":
            _migration(view, said, as_json=args.json)
        elif args.name in ("risk", "exposure"):
            _exposure(view, args.name, as_json=args.json)
        elif args.name == "clusters":
            _clusters(view, as_json=args.json)
        elif args.json:
            print_json(report.as_json(view, args.name, args.months))
        else:
            report.show(view, args.name, args.months or report.MONTHS)
    except duckdb.CatalogException as error:
        raise CorruptGenerationError(
            f"generation {view.number} was made by a build that did not know this report",
            found=str(error).splitlines()[0],
            fix="`spendboard refresh` makes a new one",
        ) from error
    return 0


def _migration(view: "View", said: Any, *, as_json: bool) -> None:  # noqa: ANN401
    """Print who moved: ``said`` of two days, or else from one refresh to the next."""
    from dashboard import migration_report as migration

    found = migration.between_refreshes(view)
    if said is not None:
        found = migration.Moves(said.start, said.end, said.source, said.rows, said.note)
    if as_json:
        print_json(migration.as_json(view, found))
    else:
        migration.show(view, found)


def _exposure(view: "View", name: str, *, as_json: bool) -> None:
    """Print where the exposure is."""
    from dashboard import risk_report

    if as_json:
        print_json(risk_report.as_json(view, name))
    else:
        risk_report.show(view, name)


def _clusters(view: "View", *, as_json: bool) -> None:
    """Print which groups there are."""
    from dashboard import cluster_report

    if as_json:
        print_json(cluster_report.as_json(view))
    else:
        cluster_report.show(view)


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "log-expense": _log_expense,
}
