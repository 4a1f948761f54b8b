"""The commands about money spent: log-expense and report."""

import argparse
from collections.abc import Callable

from dashboard.calls import opened, print_json


def _log_expense(args: argparse.Namespace) -> int:
    from dashboard.expenses import log_expense

    answer, text = log_expense(args, *opened(args))
    print_json(answer) if args.json else print(text)
    return 0


def _report(args: argparse.Namespace) -> int:
    from dashboard import report
    from dashboard.reader import Reader

    view = Reader(*opened(args)).view()
    if args.json:
        print_json(report.as_json(view, args.name, args.months))
    else:
        report.show(view, args.name, args.months or report.MONTHS)
    return 0


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "log-expense": _log_expense,
    "report": _report,
}
