"""Print docs/cli.md from the parser itself: ``make docs``."""

import argparse
import os

# argparse wraps its help at the width of the terminal; the page must not depend on it.
os.environ["COLUMNS"] = "100"

from dashboard.arguments import build_parser


def page() -> str:
    """The whole page: the overview, then every command."""
    parser = build_parser()
    lines = [
        "# Command line",
        "",
        "Made from `spendboard --help` by `make docs`. Results go to stdout, everything else to",
        "stderr. `python -m dashboard` is the same as `spendboard`.",
        "",
        "```text",
        parser.format_help().rstrip(),
        "```",
    ]
    actions = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for name, command in actions[0].choices.items():
        lines += ["", f"## {name}", "", "```text", command.format_help().rstrip(), "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
