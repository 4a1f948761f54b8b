"""Customers whose future a model never saw: held out at one cutoff, and forecast from the others.

    python -m benchmarks.held_out FILE [--cutoff 2023-05-07] [--days 30] [--seed 42]

A comparison of its own, not the rolling protocol: features as of the cutoff, a fifth of the
customers held out, and models that learn the labels of the other four fifths. Members are stacked:
non-negative weights, found by least squares on what the members said of training customers while
those were held out in five folds. Nothing is chosen by the customers who are judged. The mean of
the others is the peer; `--folds` holds out every fifth in turn and tells the noise of such a split.
"""

import argparse
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import nnls
from sklearn.model_selection import KFold, train_test_split

from analytics import spend
from analytics.backtest import Frames
from analytics.boosting import Fitting
from analytics.metrics import spend_metrics
from warehouse.configuration import Settings
from warehouse.connection import open_reader
from warehouse.generations import Workspace
from warehouse.loading import load

MEMBERS = ("ridge", "random_forest", "lightgbm_l2", "lightgbm_tweedie", "blend")
DRAWS = 5
SHOWN = ("mae", "rmse", "r2", "ngini")


def frame_at(file, cutoff, days, folder):
    """Features and labels of everybody who had bought by the cutoff, in the order of their ids."""
    workspace = Workspace(folder / "workspace")
    load(workspace, Settings(), [str(file)])
    con = open_reader(
        workspace.current().database, threads=None, memory_limit=None,
        temp_directory=folder, export_directory=folder,
    )  # fmt: skip
    with con:
        frame = Frames(con, days).training(cutoff)
    as_number = frame["customer_id"].str.fullmatch(r"\d+").all()
    key = (lambda ids: ids.astype(int)) if as_number else None
    return frame.sort_values("customer_id", key=key, ignore_index=True)


class Stack:
    """Members and their weights."""

    def __init__(self, question, frame, seed):
        fitting, actual = Fitting(seed), question.outcome(frame)
        said = np.zeros((len(frame), len(MEMBERS)))
        for learn, judge in KFold(5, shuffle=True, random_state=seed).split(frame):
            for column, name in enumerate(MEMBERS):
                model = question.candidate(name).fit([frame.iloc[learn]], fitting)
                said[judge, column] = model.predict(frame.iloc[judge])
        self.weights, _ = nnls(said, actual)
        # The draws of forests and boosting are worth 10 of RMSE: the mean of several has fewer.
        self.models = [
            [question.candidate(name).fit([frame], Fitting(seed + k)) for k in range(DRAWS)]
            for name in MEMBERS
        ]

    def predict(self, frame):
        """What every member says, and the stack."""
        said = {
            name: np.mean([model.predict(frame) for model in models], axis=0)
            for name, models in zip(MEMBERS, self.models, strict=True)
        }
        return said | {"stack": np.column_stack(list(said.values())) @ self.weights}


def told(name, values):
    print(f"{name:<18}" + "".join(f"{values[metric]:>12,.3f}" for metric in SHOWN), flush=True)


def judged(question, frame, learn, judge, seed):
    """Metrics of every member, the stack and the mean on the customers who were held out."""
    actual = question.outcome(frame.iloc[judge])
    learn = np.sort(learn)
    stack = Stack(question, frame.iloc[learn].reset_index(drop=True), seed)
    said = stack.predict(frame.iloc[judge])
    said["mean"] = np.full(len(judge), question.outcome(frame.iloc[learn]).mean())
    return {name: spend_metrics(actual, values) for name, values in said.items()}, stack.weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--cutoff", type=date.fromisoformat, default=date(2023, 5, 7))
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=42, help="of the split")
    parser.add_argument("--folds", action="store_true", help="hold out every fifth in turn")
    options = parser.parse_args()
    question = spend.question(options.days)
    with tempfile.TemporaryDirectory() as folder:
        frame = frame_at(options.file, options.cutoff, options.days, Path(folder))
    rows = np.arange(len(frame))
    splits = [train_test_split(rows, test_size=0.2, random_state=options.seed)]
    if options.folds:
        splits = list(KFold(5, shuffle=True, random_state=options.seed).split(rows))
    found = []
    for learn, judge in splits:
        values, weights = judged(question, frame, learn, judge, options.seed)
        found.append(values)
        print(f"\n{len(judge):,} of {len(frame):,} customers held out" + " " * 6)
        print(f"{'':<18}" + "".join(f"{metric:>12}" for metric in SHOWN))
        for name in (*MEMBERS, "stack", "mean"):
            told(name, values[name])
        print(
            "weights: " + ", ".join(f"{n} {w:.2f}" for n, w in zip(MEMBERS, weights, strict=True))
        )
    if len(found) > 1:
        print(f"\nstack, mean and spread of {len(found)} folds")
        for how, of in (("mean", np.mean), ("spread", np.std)):
            told(how, {m: float(of([values["stack"][m] for values in found])) for m in SHOWN})


if __name__ == "__main__":
    main()
