"""What tells high spending from the rest: a logistic regression, and a tree that can be read.

Both are tested on customers whom they did not see. The rules of the tree are learnt from four
fifths of the customers; how often they held is counted on the last fifth too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from analytics.lines import NOT_SAID
from analytics.metrics import Array, churn_metrics
from analytics.tree_rules import RARE, Column, holding, in_words, paths

Rows = NDArray[np.intp]

FOLDS: Final = 5
DEPTH: Final = 3
# Impurity that a further question has to take away from all cases: less is one more thing to read.
LEAST_GAIN: Final = 0.001
FEWEST_ROWS: Final = 200
FEWEST_GROUPS: Final = 50
# Of each of the two outcomes, so that every fold has some.
FEWEST_OF_EACH: Final = 25
# AUCs closer than this are a tie, which the tree wins: it can be read.
TIE: Final = 0.005
RULE: Final = (
    "tested on customers it did not see, in five parts; whichever has the best mean AUC among "
    "those with a lower log loss than the plain rate on every part, the tree where both are alike"
)


@dataclass(frozen=True)
class Cases:
    """What is to be told apart.

    Parameters
    ----------
    question : ``high_spend`` of purchases, or ``high_spenders`` of customers.
    frame : one row a case, with the columns of ``words`` (text, or missing) and ``numbers``.
    is_high : 1 where the case is high, else 0.
    groups : whose case it is; no customer is on both sides of a test.
    """

    question: str
    frame: pd.DataFrame
    words: list[str]
    numbers: list[str]
    is_high: Array
    groups: NDArray[Any]

    def missing(self) -> str | None:
        """Why nothing can be learnt here, in a sentence; None where something can."""
        n_groups = len(np.unique(self.groups))
        if not self.words and not self.numbers:
            return "Nothing is known of them beside the amount."
        if len(self.frame) < FEWEST_ROWS or n_groups < FEWEST_GROUPS:
            return (
                f"There are {len(self.frame):,} of {n_groups:,} customer"
                f"{'' if n_groups == 1 else 's'}, at least {FEWEST_ROWS} of {FEWEST_GROUPS} "
                "customers are needed."
            )
        if min(self.is_high.sum(), (1 - self.is_high).sum()) < FEWEST_OF_EACH:
            return f"Fewer than {FEWEST_OF_EACH} are high, or fewer than that are not."
        return None


@dataclass(frozen=True)
class Told:
    """What was found.

    Parameters
    ----------
    champion : ``logistic``, ``tree``, or ``rate`` where neither is better than the plain rate.
    results : candidate, fold, metric, value.
    rules : rows of scores.risk_rules; none where the tree is no better than the rate.
    fidelity : share of unseen cases on which tree and logistic regression agree whether high is
        more or less likely than on average.
    """

    champion: str
    why: str
    results: pd.DataFrame
    rules: pd.DataFrame = field(default_factory=pd.DataFrame)
    fidelity: float = np.nan


def candidates(cases: Cases, seed: int) -> dict[str, Pipeline]:
    """The unfitted candidates by name; each encodes inside its pipeline."""
    leaf = max(20, len(cases.frame) // 100)
    tree = DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=leaf, ccp_alpha=LEAST_GAIN, random_state=seed
    )
    return {
        "rate": make_pipeline(_encoder(cases, scaled=False), DummyClassifier(strategy="prior")),
        "logistic": make_pipeline(
            _encoder(cases, scaled=True), LogisticRegression(solver="newton-cholesky")
        ),
        "tree": make_pipeline(_encoder(cases, scaled=False), tree),
    }


def _encoder(cases: Cases, *, scaled: bool) -> ColumnTransformer:
    """Words become one column each, rare ones share one.

    Where scaled, numbers are tamed, and one that is not known becomes the median beside a column
    that says so; a tree reads numbers as they are, and knows which are not there.
    """
    words = OneHotEncoder(
        min_frequency=0.01,
        max_categories=30,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )
    numbers: Any = "passthrough"
    if scaled:
        known = SimpleImputer(strategy="median", add_indicator=True)
        numbers = make_pipeline(known, FunctionTransformer(_tamed), StandardScaler())
    return ColumnTransformer([("numbers", numbers, cases.numbers), ("words", words, cases.words)])


def _tamed(values: Array) -> Array:
    """``sign(x) * log(1 + |x|)``: a heavy tail does not rule a line."""
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def tell_apart(cases: Cases, seed: int) -> Told:
    """Test the candidates on unseen customers, choose one, and read the rules of the tree.

    ``cases.missing()`` is None.
    """
    frame, levels = _coded(cases)
    divided = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    folds = list(divided.split(frame, cases.is_high, cases.groups))
    fitted = {
        name: [clone(model).fit(frame.iloc[rows], cases.is_high[rows]) for rows, _ in folds]
        for name, model in candidates(cases, seed).items()
    }
    said = {
        name: [
            model.predict_proba(frame.iloc[rows])[:, 1]
            for model, (_, rows) in zip(models, folds, strict=True)
        ]
        for name, models in fitted.items()
    }
    results = pd.DataFrame(
        [
            (name, number, metric, value)
            for name, risks in said.items()
            for number, (risk, (_, rows)) in enumerate(zip(risks, folds, strict=True), start=1)
            for metric, value in churn_metrics(cases.is_high[rows], risk).items()
        ],
        columns=["candidate", "fold", "metric", "value"],
    )
    champion, why = _choice(results)
    agree = [
        (tree > tree.mean()) == (line > line.mean())
        for tree, line in zip(said["tree"], said["logistic"], strict=True)
    ]
    told = Told(champion, why, results, fidelity=float(np.concatenate(agree).mean()))
    if not _beats(results, "tree"):
        return told
    return replace(told, rules=_rules(fitted["tree"][0], cases, frame, levels, folds[0]))


def _coded(cases: Cases) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """What is told apart, each word as its place among the words of its column, in order.

    Encoders count numbers many times faster than words, and find the same columns.
    """
    frame, levels = cases.frame[[*cases.numbers, *cases.words]].copy(), {}
    for name in cases.words:
        words = frame[name].astype(object).fillna(NOT_SAID)
        frame[name], known = pd.factorize(words.to_numpy(), sort=True)
        levels[name] = [str(word) for word in known]
    return frame, levels


def _by_fold(results: pd.DataFrame, candidate: str, metric: str) -> Array:
    mine = results[(results["candidate"] == candidate) & (results["metric"] == metric)]
    return mine.sort_values("fold")["value"].to_numpy(dtype=float)


def _beats(results: pd.DataFrame, candidate: str) -> bool:
    """Whether a candidate has a lower log loss than the plain rate on every part."""
    loss, of_rate = (_by_fold(results, name, "log_loss") for name in (candidate, "rate"))
    return bool((loss < of_rate).all())


def _choice(results: pd.DataFrame) -> tuple[str, str]:
    """The champion, and why it is that one, in a sentence."""
    better = [name for name in ("tree", "logistic") if _beats(results, name)]
    if not better:
        return "rate", f"Nothing is better than the plain rate: {RULE}."
    auc = {name: float(np.nanmean(_by_fold(results, name, "auc"))) for name in better}
    best = max(better, key=lambda name: auc[name])
    # The tree stands first.
    champion = next(name for name in better if auc[name] >= auc[best] - TIE)
    return champion, f"Mean AUC {auc[champion]:.3f}: {RULE}."


def _rules(
    model: Pipeline,
    cases: Cases,
    frame: pd.DataFrame,
    levels: Mapping[str, Sequence[str]],
    fold: tuple[Rows, Rows],
) -> pd.DataFrame:
    """The leaves of a fitted tree: rows of scores.risk_rules, the most often high first.

    ``fold`` holds the rows that it learnt from, and those that it did not see; ``levels`` the words
    that the numbers in ``frame`` stand for.
    """
    encode, tree = model[0], model[-1]
    values = np.asarray(encode.transform(frame), dtype=float)
    columns = _columns(encode, cases, frame, levels)
    rows = []
    for way in paths(tree, columns, values[fold[0]]).values():
        holds = holding(way, columns, values)
        seen, held = (cases.is_high[part][holds[part]] for part in fold)
        rows.append(
            {
                "rule": in_words(way),
                "n": len(seen), "share_high": float(seen.mean()),
                "n_unseen": len(held),
                "share_high_unseen": float(held.mean()) if len(held) else np.nan,
            }
        )  # fmt: skip
    found = pd.DataFrame(rows).sort_values("share_high", ascending=False, kind="stable")
    return found.assign(question=cases.question, place=range(1, len(found) + 1))


def _columns(
    encode: ColumnTransformer,
    cases: Cases,
    frame: pd.DataFrame,
    levels: Mapping[str, Sequence[str]],
) -> list[Column]:
    """What each column of the encoded matrix was made from."""
    whole = {name: bool((frame[name].dropna() % 1 == 0).all()) for name in cases.numbers}
    gaps = frame[cases.numbers].isna().any()
    columns = [
        Column(name, is_whole=whole[name], has_gaps=bool(gaps[name])) for name in cases.numbers
    ]
    if not cases.words:
        return columns
    words = encode.named_transformers_["words"]
    for name, known, rare in zip(
        cases.words, words.categories_, words.infrequent_categories_, strict=True
    ):
        few = set() if rare is None else set(rare)
        columns += [Column(name, levels[name][code]) for code in known if code not in few]
        columns += [Column(name, RARE)] if few else []
    return columns
