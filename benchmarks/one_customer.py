"""What one customer costs once the models are loaded: typed in, explained, with what would change.

    python -m benchmarks.one_customer WORKSPACE [--times N]

Processor time of one thread in milliseconds: median and 95th percentile. The peer is the bare
prediction of the serving models for the same row, without bands, doubts and reasons.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.manual import Scorer
from analytics.whatif import levers
from dashboard.settings import signing_key
from warehouse.generations import Workspace

INPUT = {"recency_days": 12, "frequency": 3, "avg_order_value": 40}


def measured(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Median and 95th percentile of the processor time of ``work``, in milliseconds."""
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - start))
    return float(np.median(taken)), float(np.quantile(taken, 0.95))


def main() -> None:
    """Print what each question about one customer costs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--times", type=int, default=100)
    args = parser.parse_args()
    start = time.process_time()
    scorer = Scorer(Workspace(args.workspace).current(), signing_key())
    print(f"loading the models: {1000 * (time.process_time() - start):,.0f} ms")
    frame = scorer.customer(someone(scorer))
    reasons = scorer.predictions(frame)[0].reasons
    models = list(scorer.kept.models.values())
    peer, _ = measured(lambda: [model.predict(frame) for model in models], args.times)
    print(f"{'bare predictions of the models':<34}{peer:>9.1f} ms median")
    for name, work in {
        "typed in, with reasons": lambda: scorer.score([INPUT]),
        "of the shop, with reasons": lambda: scorer.predictions(frame),
        "what would change it": lambda: levers(scorer, frame, reasons),
    }.items():
        middle, high = measured(work, args.times)
        print(f"{name:<34}{middle:>9.1f} ms median, {high:.1f} at the 95th, {middle / peer:.1f} x")


def someone(scorer: Scorer) -> str:
    """The customer who spent most."""
    with scorer.reading() as con:
        found: pd.DataFrame = con.execute(
            "select customer_id from scores.spend order by expected_spend desc limit 1"
        ).df()
    return str(found["customer_id"].iloc[0])


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
