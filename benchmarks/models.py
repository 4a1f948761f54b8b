"""Train and score a large shop: models that may serve, with a ridge and a forest in the same run.

    python -m benchmarks.models [--customers 1e6] [--lines-each 5] [--threads 2]

Makes a shop, loads it, and then, as a refresh does: draws the customers to learn from, reads the
training windows, fits every candidate for spend and for churn once, and scores everybody with each
champion-to-be: read, predicted, written. Reading and writing are shown as a ratio to predicting
alone. Seconds are those of this machine; compare the ratios.
"""

import argparse
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from analytics import churn, spend
from analytics.backtest import Frames, fit, plan
from analytics.boosting import Fitting
from analytics.frames import key_ranges
from analytics.sample import RELATION, draw
from analytics.scoring import BATCH, Models, predicted
from analytics.situation import look
from analytics.tables import write_predictions
from benchmarks.scale import generate, lines
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load

SERVING = {"spend": ("ridge", "random_forest", "linear_hurdle", "lightgbm_hurdle", "blend"),
           "churn": ("logistic", "lightgbm")}  # fmt: skip


class Clock:
    """Seconds and CPU seconds of what is done within it."""

    def __init__(self):
        self.taken = {}

    @contextmanager
    def measuring(self, name):
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.taken[name] = (time.perf_counter() - wall, time.process_time() - cpu)
        print(f"{name:<44}{self.taken[name][0]:9.2f} s{self.taken[name][1]:9.2f} CPU s", flush=True)


def shop(folder, customers, each, settings):
    """A workspace with so many customers and lines."""
    workspace, file = Workspace(folder / "workspace"), folder / "lines.parquet"
    generate(file, lines(int(customers * each), int(customers)))
    load(workspace, settings, [str(file)])
    return workspace


def trained(clock, con, settings, situation, among):
    """Candidates that may serve, fitted once as after a backtest, by question and name."""
    frames = Frames(con, situation.horizon_days, among)
    past = situation.history
    cutoffs = plan(past.first_day, past.last_day, situation.horizon_days).training()
    with clock.measuring("read the training windows"):
        frames.read(cutoffs)
    found = {}
    for question in (
        spend.question(situation.horizon_days),
        churn.question(situation.horizon_days),
    ):
        for name in SERVING[question.name]:
            with clock.measuring(f"train {question.name}: {name}"):
                found[question.name, name] = fit(
                    question, name, frames, cutoffs, Fitting(settings.seed)
                )
    return found


def scored(clock, con, situation, name, question, model, workers):
    """Everybody: read, predicted and written; and predicted alone."""
    frames = Frames(con, situation.horizon_days)
    ranges = key_ranges(con, BATCH)
    alone = 0.0

    def batches():
        nonlocal alone
        for keys in ranges:
            frame = frames.batch(situation.as_of, keys)
            begin = time.process_time()
            model.predict(frame)
            alone += time.process_time() - begin
            yield frame

    with clock.measuring(f"score {question}: {name}, and predict twice"):
        said = predicted(batches(), Models({question: model}), situation, workers, lambda n: None)
        column = "expected_spend" if question == "spend" else "churn_risk"
        bands = {question: "'low'"}
        write_predictions(con, said, bands, {question: "benchmark"}, situation.as_of)
    whole = clock.taken[f"score {question}: {name}, and predict twice"][1] - alone
    n = int(np.isfinite(said[column]).sum())
    print(f"{'':6}{n:,} customers: {whole:.2f} CPU s to read, predict and write, "
          f"{alone:.2f} to predict: {whole / alone:.2f} x", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=float, default=1e6)
    parser.add_argument("--lines-each", type=float, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    settings, clock = Settings(), Clock()
    with tempfile.TemporaryDirectory() as folder:
        with clock.measuring("make and load the shop"):
            workspace = shop(Path(folder), options.customers, options.lines_each, settings)
        with workspace.writing("benchmark", settings) as draft:
            con = draft.con
            con.execute(f"set threads = {options.threads}")
            situation = look(con, settings, None, settings.horizon_days, "")
            with clock.measuring("draw whom to learn from"):
                sample = draw(con, situation, settings.train_customers, settings.seed)
            among = RELATION if sample else None
            models = trained(clock, con, settings, situation, among)
            for (question, name), model in models.items():
                scored(clock, con, situation, name, question, model, options.threads)


if __name__ == "__main__":
    main()
