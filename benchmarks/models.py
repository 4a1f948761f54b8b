"""Train and score a large shop: models that may serve, with a ridge and a forest in the same run.

    python -m benchmarks.models [--customers 1e6] [--lines-each 5] [--threads 2]

Makes a shop, loads it, and then, as a refresh does: draws the customers to learn from, reads the
training windows, fits every candidate for spend and for churn once, and scores everybody with each
champion-to-be: predicted and written, from features that are read once. Reading, predicting and
writing are shown as a ratio to the models' predictions alone: with all of the reading, with a third
of it (spend, churn and the groups share it), and for a whole refresh. Alone they are asked twice:
of whole batches, as whoever has a frame would ask, and of parts as small as a refresh works on,
which is cheaper; a ratio is given to each. Seconds are those of this machine; compare the ratios.
"""

import argparse
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from analytics import churn, clusters, spend
from analytics.backtest import Frames, fit, plan
from analytics.boosting import Fitting
from analytics.frames import key_ranges
from analytics.sample import RELATION, draw
from analytics.scoring import BATCH, Models, buyers, in_parts, predicted
from analytics.situation import look
from analytics.tables import write_predictions
from benchmarks.scale import generate, lines
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load

SERVING = {"spend": ("ridge", "random_forest", "linear_hurdle", "lightgbm_hurdle", "blend"),
           "churn": ("logistic", "lightgbm")}  # fmt: skip
ROUNDS = 3
# Who serves in most shops.
SERVES = {"spend": "blend", "churn": "logistic"}


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


def cheapest(name, *sides):
    """What each side returns and the CPU seconds of its best round; sides take turns."""
    found, best = [None] * len(sides), [float("inf")] * len(sides)
    for _ in range(ROUNDS):
        for place, side in enumerate(sides):
            begin = time.process_time()
            found[place] = side()
            best[place] = min(best[place], time.process_time() - begin)
    print(f"{name:<44}{' and '.join(f'{each:.2f}' for each in best)} CPU s", flush=True)
    return found, best


def told(name, read, rest, alone, n_questions):
    """Ratios to each way of asking: with all of the reading, and with this question's share."""
    for how, seconds in alone.items():
        by_itself, shared = ((each + rest) / seconds for each in (read, read / n_questions))
        print(f"{'':6}{name}: models alone, {how}, {seconds:.2f} CPU s; read, predict and write "
              f"over that: {by_itself:.2f} x, with a share of the reading {shared:.2f} x",
              flush=True)  # fmt: skip


def scored(clock, con, situation, models, groups, workers):
    """Everybody, as a refresh does: features read once, then predicted and written; by question.

    What a refresh does is the last line: two questions and the groups from one reading.
    """
    frames, ranges = Frames(con, situation.horizon_days), key_ranges(con, BATCH)
    (batches,), (read,) = cheapest(
        "read the features of everybody",
        lambda: [frames.batch(situation.as_of, keys) for keys in ranges],
    )
    print(f"{'':6}{sum(map(len, batches)):,} customers", flush=True)
    parts = [part for batch in batches for part in in_parts(batch, workers)]
    asked = {f"{question}: {name}": Models({question: each})
             for (question, name), each in models.items()}  # fmt: skip
    asked["groups"] = Models({}, groups)
    champions = {question: models[question, name] for question, name in SERVES.items()}
    asked["a refresh"] = Models(champions, groups)
    for name, serving in asked.items():
        (_, _, said), (whole, small, predict) = cheapest(
            f"{name}: models alone, in parts, and predict",
            lambda s=serving: answered(batches, s),
            lambda s=serving: answered(parts, s),
            lambda s=serving: predicted(iter(batches), s, situation, workers, lambda n: None),
        )
        tables = [*serving.by_question, *(["clusters"] if serving.clusters else [])]
        bands = dict.fromkeys([*tables, *(["risk"] if name == "a refresh" else [])], "'low'")
        _, (write,) = cheapest(
            f"{name}: write",
            lambda said=said, bands=bands: write_predictions(
                con, said, bands, dict.fromkeys(bands, "benchmark"), situation.as_of
            ),
        )
        alone = {"of batches": whole, "of parts": small}
        told(name, read, predict + write, alone, 1 if name == "a refresh" else len(SERVES) + 1)


def answered(batches, serving):
    """What the models say, and nothing else."""
    for frame in batches:
        for model in serving.by_question.values():
            model.predict(frame)
        if serving.clusters:
            serving.clusters.located(frame)


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
        with workspace.writing("benchmark", settings) as draft, threadpool_limits(limits=1):
            con = draft.con
            con.execute(f"set threads = {options.threads}")
            situation = look(con, settings, None, settings.horizon_days, "")
            with clock.measuring("draw whom to learn from"):
                sample = draw(con, situation, settings.train_customers, settings.seed)
            among = RELATION if sample else None
            models = trained(clock, con, settings, situation, among)
            with clock.measuring("find groups"):
                frame = buyers(Frames(con, situation.horizon_days, among).scoring(situation.as_of))
                found = clusters.fit(frame, clusters.FEATURES, k=5, seed=settings.seed)
            scored(clock, con, situation, models, found.model, options.threads)


if __name__ == "__main__":
    main()
