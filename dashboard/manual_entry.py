"""``spendboard score``: a customer of the shop, customers handed in, or a purchase."""

import argparse
import csv
import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from dashboard.calls import opened, print_json
from dashboard.reader import Reader, View
from warehouse.errors import UnknownCustomerError, UsageError
from warehouse.generations import Workspace

MOST_ROWS: Final = 10_000
SCORES: Final = (
    "expected_spend", "upper_95", "value_band", "churn_risk", "churn_band", "risk_band", "cluster",
    "persona",
)  # fmt: skip
_SHAPE: Final = 'write {"recency_days": 12, "frequency": 3}, or a list of such objects'


def score(args: argparse.Namespace) -> int:
    """Print the scores of a customer, of what is handed in, or of a purchase, as JSON."""
    if args.change and args.customer is None:
        raise UsageError(
            "--change needs a customer whose inputs it changes",
            fix="add --customer ID; with --input write the values into the input itself",
        )
    workspace, settings = opened(args)
    view = Reader(workspace, settings).view()
    if args.purchase is not None:
        from dashboard.scoring import purchase

        given = _pairs("--purchase", args.purchase, "merchant=Cafe")
        answer = _head(view) | purchase(view, workspace, given)
    elif args.input is not None:
        from dashboard.scoring import entered

        answer = _head(view) | {"predictions": entered(view, workspace, read_input(args.input))}
    elif args.change:
        from dashboard.scoring import changed

        _known(view, args.customer)
        changes = _pairs("--change", args.change, "recency_days=5")
        answer = _head(view) | {"customer_id": args.customer}
        answer |= changed(view, workspace, args.customer, changes)
    else:
        answer = _stored(view, workspace, args.customer)
    print_json(answer)
    return 0


def _head(view: View) -> dict[str, Any]:
    as_of = view.manifest.scores_as_of
    return {
        "schema": 1,
        "generation": view.number,
        "as_of": as_of.isoformat() if as_of else None,
        "horizon_days": view.manifest.horizon_days,
    }


def _known(view: View, customer_id: str) -> dict[str, Any]:
    """The customer's row of marts.customers."""
    from dashboard.queries.customer import nearest, profile

    customer = profile(view, customer_id)
    if customer is None:
        near = ", ".join(str(row["customer_id"]) for row in nearest(view, customer_id))
        listing = 'see the ids with: spendboard export --where "" --to ids.csv'
        raise UnknownCustomerError(
            f"no customer {customer_id!r} in generation {view.number}",
            fix=f"did you mean: {near}?" if near else listing,
        )
    return customer


def _stored(view: View, workspace: Workspace, customer_id: str) -> dict[str, Any]:
    """The scores that are stored, and why they are what they are."""
    from dashboard.scoring import explained

    customer = _known(view, customer_id)
    head = _head(view)
    answer = {**head, "customer_id": customer_id, "scores_as_of": head["as_of"]}
    for name in SCORES:
        value = customer[name]
        answer[name] = float(value) if isinstance(value, Decimal) else value
    return answer | explained(view, workspace, customer_id)


def _pairs(option: str, pairs: list[str], example: str) -> dict[str, str]:
    """``name=value`` of every time that an option is given."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(
                f"{option} {pair}: not of the form name=value",
                fix=f"for example {option} {example}",
            )
        if name.strip() in found:
            raise UsageError(f"{option} {pair}: {name.strip()} is given twice", fix="give it once")
        found[name.strip()] = value.strip()
    return found


def read_input(name: str) -> list[dict[str, Any]]:
    """Customers from a file, or from standard input for ``-``.

    JSON is an object, or a list of objects; anything else is read as CSV with a header.

    Raises
    ------
    UsageError : the file cannot be read, or holds something else, or too much.
    """
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"--input {name}: cannot be read",
            found=error.strerror,
            fix="name a file of JSON or CSV that you may read, or - for standard input",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"--input {name}: is not text in UTF-8", found=str(error), fix="save it as UTF-8"
        ) from error
    rows = _json_rows(name, text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(name, text)
    if len(rows) > MOST_ROWS:
        raise UsageError(
            f"--input {name}: too many customers at once",
            found=f"{len(rows):,}",
            fix=f"hand in at most {MOST_ROWS:,}; whole shops are scored by `spendboard refresh`",
        )
    return rows


def _json_rows(name: str, text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
        # What is handed in is printed again, and half a character cannot be.
        json.dumps(found, ensure_ascii=False).encode()
    except (json.JSONDecodeError, UnicodeEncodeError) as error:
        raise UsageError(f"--input {name}: is no JSON", found=str(error), fix=_SHAPE) from error
    except ValueError as error:
        raise UsageError(
            f"--input {name}: holds a number that nobody can mean",
            found=str(error).split(";")[0],
            fix="write numbers with at most 15 digits",
        ) from error
    except RecursionError as error:
        raise UsageError(
            f"--input {name}: is nested too deeply", found=f"{text.lstrip()[:40]}...", fix=_SHAPE
        ) from error
    rows = found if isinstance(found, list) else [found]
    for place, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise UsageError(
                f"--input {name}: entry {place} is no object",
                found=json.dumps(row)[:80],
                fix=_SHAPE,
            )
    return rows


def _csv_rows(name: str, text: str) -> list[dict[str, Any]]:
    # Strict: a quote that is never closed would make one cell of all the lines below it.
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for row in reader:
            if None in row:
                raise UsageError(
                    f"--input {name}: line {reader.line_num} has more cells than the header",
                    fix="quote cells that hold a comma",
                )
            rows.append(row)
    except csv.Error as error:
        raise UsageError(
            f"--input {name}: is no CSV",
            found=f"{error}, read up to line {reader.line_num}",
            fix="close every quote, and write a quote within a cell twice",
        ) from error
    if not rows:
        raise UsageError(
            f"--input {name}: holds no customer",
            fix="hand in JSON, or CSV with a header and a line a customer",
        )
    return rows
