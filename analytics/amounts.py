"""What a purchase at a merchant, in a city, from an account will amount to: or that nobody knows.

A line and a tree learn from who sells, where, and which account pays. Often these say nothing about
the amount; then the plain mean serves, and that is said.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import TargetEncoder
from sklearn.tree import DecisionTreeRegressor

from analytics.amount_model import COLUMNS, AmountModel
from analytics.lines import NOT_SAID, Lines
from analytics.metrics import Array

FOLDS: Final = 5
FEWEST_LINES: Final = 200
# Values of a column that are kept, those with the most lines; a shop may have a million accounts.
MOST_VALUES: Final = 200
# Below this share of the variance a model explains nothing that anybody would notice.
LEAST_R2: Final = 0.01
RULE: Final = (
    f"tested on lines it did not see, in {FOLDS} parts; whichever has the lowest RMSE among those "
    f"below the mean's on every part with an R2 of at least {LEAST_R2:g}"
)
ALIKE: Final = "Every purchase amounts to the same."


@dataclass(frozen=True)
class Amounts:
    """What was found.

    Parameters
    ----------
    model : that serves, and why it is that one; it has no champion where there is nothing to learn
        from.
    results : candidate, fold, metric, value.
    estimates : rows of scores.amount_estimates.
    """

    model: AmountModel
    results: pd.DataFrame = field(default_factory=pd.DataFrame)
    estimates: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def champion(self) -> str | None:
        """``linear``, ``tree`` or ``mean``; None where there is no number."""
        return self.model.champion

    @property
    def why(self) -> str:
        """Why it serves, or why nothing does."""
        return self.model.why


def nothing(why: str) -> Amounts:
    """There is nothing to learn from, and ``why``."""
    return Amounts(AmountModel(None, why))


def candidates(seed: int) -> dict[str, Pipeline]:
    """The unfitted candidates by name.

    Merchants and accounts become the mean amount of their lines, drawn towards the mean of all
    where there are few: within a fit each line's is made from other lines.
    """
    tree = DecisionTreeRegressor(max_depth=5, min_samples_leaf=20, random_state=seed)
    return {
        "mean": make_pipeline(_encoder(seed), DummyRegressor()),
        "linear": make_pipeline(_encoder(seed), LinearRegression()),
        "tree": make_pipeline(_encoder(seed), tree),
    }


def _encoder(seed: int) -> TargetEncoder:
    return TargetEncoder(target_type="continuous", cv=KFold(FOLDS, shuffle=True, random_state=seed))


def estimate(lines: Lines, seed: int) -> Amounts:
    """Test the candidates, choose one, and say what it expects of every merchant, city, account."""
    columns = lines.known(COLUMNS)
    if not columns:
        return nothing("The purchases name neither merchant, city nor account.")
    if len(lines.frame) < FEWEST_LINES:
        return nothing(f"{len(lines.frame):,} purchases are too few: {FEWEST_LINES} are needed.")
    known = lines.frame[columns].astype(object).fillna(NOT_SAID)
    amount = lines.frame["amount"].to_numpy(dtype=float)
    results = _tested(known, amount, seed)
    champion, why = _choice(results) if np.ptp(amount) > 0 else ("mean", ALIKE)
    fitted = candidates(seed)[champion].fit(known, amount)
    expected = np.round(np.maximum(fitted.predict(known), 0.0), 2)
    mine = results[results["candidate"] == champion].groupby("metric")["value"].mean()
    tested = {str(metric): float(value) for metric, value in mine.items()}
    mean, seen = float(amount.mean()), _seen(known, amount)
    model = AmountModel(champion, why, len(known), mean, fitted, tested, seen)
    return Amounts(model, results, _by_value(known, amount, expected))


def _seen(known: pd.DataFrame, amount: Array) -> dict[str, dict[str, tuple[int, float]]]:
    """Lines and mean amount of every value of every column."""
    seen: dict[str, dict[str, tuple[int, float]]] = {}
    for column in map(str, known.columns):
        told = pd.Series(amount).groupby(known[column].to_numpy()).agg(["size", "mean"])
        seen[column] = {
            str(value): (int(n), float(mean)) for value, n, mean in told.itertuples(name=None)
        }
    return seen


def _tested(known: pd.DataFrame, amount: Array, seed: int) -> pd.DataFrame:
    """Every candidate on every part."""
    rows = []
    folds = list(KFold(FOLDS, shuffle=True, random_state=seed).split(known))
    for name, model in candidates(seed).items():
        for number, (learn, judge) in enumerate(folds, start=1):
            said = clone(model).fit(known.iloc[learn], amount[learn]).predict(known.iloc[judge])
            metrics = _metrics(amount[judge], said)
            rows += [(name, number, metric, value) for metric, value in metrics.items()]
    return pd.DataFrame(rows, columns=["candidate", "fold", "metric", "value"])


def _metrics(actual: Array, expected: Array) -> dict[str, float]:
    error = expected - actual
    found = {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
    }
    # Where all are alike the mean of them is a rounding error away: no variance to explain.
    if np.ptp(actual) > 0:
        found["r2"] = 1 - float(np.mean(error**2) / np.mean((actual - actual.mean()) ** 2))
    return found


def _choice(results: pd.DataFrame) -> tuple[str, str]:
    """The champion, and why it is that one, in a sentence."""
    rmse, r2 = (
        {name: _by_fold(results, name, metric) for name in ("mean", "linear", "tree")}
        for metric in ("rmse", "r2")
    )
    explained = {name: float(np.mean(values)) for name, values in r2.items()}
    better = [
        name
        for name in ("linear", "tree")
        if (rmse[name] < rmse["mean"]).all() and explained[name] >= LEAST_R2
    ]
    if not better:
        most = max(explained["linear"], explained["tree"])
        return "mean", (
            f"Nothing is better than the mean (R2 at most {most:.3f}), so the mean serves: {RULE}."
        )
    champion = min(better, key=lambda name: float(np.mean(rmse[name])))
    return champion, f"R2 {explained[champion]:.3f}: {RULE}."


def _by_fold(results: pd.DataFrame, candidate: str, metric: str) -> Array:
    mine = results[(results["candidate"] == candidate) & (results["metric"] == metric)]
    return mine.sort_values("fold")["value"].to_numpy(dtype=float)


def _by_value(known: pd.DataFrame, amount: Array, expected: Array) -> pd.DataFrame:
    """Mean and estimate of the lines of every merchant, city and account."""
    parts = []
    for column in map(str, known.columns):
        told = pd.DataFrame({"value": known[column], "amount": amount, "expected": expected})
        means = told.groupby("value", as_index=False).agg(
            n_lines=("amount", "size"), mean_amount=("amount", "mean"),
            estimate=("expected", "mean"),
        )  # fmt: skip
        means = means.sort_values(["n_lines", "value"], ascending=[False, True], kind="stable")
        parts.append(means.head(MOST_VALUES).assign(dimension=column))
    return pd.concat(parts, ignore_index=True).round({"mean_amount": 2, "estimate": 2})
