"""What single questions take at this size: key figures, facets, a page of the list, one customer.

Each is asked for the first time, without HTTP, from what is held and by a statement.
"""

import resource
import statistics
import time

from benchmarks.posting import awaited, forget
from dashboard.queries import customers, facets, kpis
from dashboard.queries.customer import profile
from dashboard.selection import Selection

FILTERS = "churn_risk=..0.5&consent=yes&persona=loyal,new&monetary=50.."
SIX = ("persona", "risk_band", "churn_risk", "expected_spend", "monetary", "recency_days")


def middle(seconds):
    """Median and 95th percentile, in ms."""
    ordered = sorted(1000 * s for s in seconds)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def memory(view):
    """Most memory of this process so far, and what is held of it."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bytes_held = sum(_bytes(kept) for kept in (view.held(), view.lines()) if kept is not None)
    return f"memory: {most:.0f} MB at most, of these {bytes_held / 2**20:.0f} held of a generation"


def _bytes(kept):
    if hasattr(kept, "nbytes"):
        return kept.nbytes
    if isinstance(kept, (list, tuple)):
        return sum(map(_bytes, kept))
    if isinstance(kept, dict):
        return sum(map(_bytes, kept.values()))
    if hasattr(kept, "__dataclass_fields__"):
        return sum(_bytes(getattr(kept, name)) for name in kept.__dataclass_fields__)
    return 0


def asking(view, settings, rounds=20):
    """Print p50 and p95 of each question, asked anew every time."""
    awaited(view)
    everybody, some = (Selection.parse(q, view.vocabulary) for q in ("", FILTERS))
    ids = [row["customer_id"] for row in customers.page(view, everybody, SIX, 0, rounds)]
    keys = [k for k in view.vocabulary.keys.values() if k.name in ("persona", "risk_band")]
    keys += [k for k in view.vocabulary.keys.values() if k.kind == "flag"]
    every = tuple(view.vocabulary.columns)[:40]
    questions = {
        "key figures, four filters": lambda _: kpis.board(view, some, settings),
        "facets of four keys": lambda _: [facets.facets(view, some, key) for key in keys[:4]],
        "page of 100, 6 columns": lambda n: customers.page(view, some, SIX, 100 * n, 100 * n + 100),
        "page of 100, 40 columns": lambda n: customers.page(
            view, some, every, 100 * n, 100 * n + 100
        ),
        "one customer": lambda n: profile(view, ids[n % len(ids)]),
        "search by the beginning": lambda n: customers.page(
            view, Selection.parse(f"q={ids[n % len(ids)][:7]}", view.vocabulary), SIX, 0, 20
        ),
    }
    print(f"{'ms of the clock':<38}{'p50':>9}{'p95':>9}")
    for name, ask in questions.items():
        seconds = []
        for number in range(rounds):
            forget(view)
            begin = time.perf_counter()
            ask(number)
            seconds.append(time.perf_counter() - begin)
        print(f"{name:<38}{middle(seconds)[0]:9.1f}{middle(seconds)[1]:9.1f}")
