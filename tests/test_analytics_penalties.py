"""The search for a penalty: the one that scikit-learn would find, with less work."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import loguniform
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analytics.penalties import set_penalty

PENALTIES = loguniform(1e-3, 10.0)


def cases(seed, rows=300):
    """Two columns that tell, one with gaps, among fifteen that do not."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal(size=(rows, 17))).add_prefix("x")
    odds = frame["x0"] - frame["x1"] + random.normal(size=rows)
    frame.loc[random.random(rows) < 0.3, "x1"] = np.nan
    return frame, (odds > 0.5).to_numpy().astype(float)


def unfitted():
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(solver="newton-cholesky"),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_the_one_that_scikit_learn_finds(seed):
    frame, target = cases(seed)
    folds = list(StratifiedKFold(4, shuffle=True, random_state=seed).split(frame, target))
    theirs = RandomizedSearchCV(
        unfitted(), {"logisticregression__C": PENALTIES}, n_iter=6, cv=folds,
        scoring="neg_log_loss", random_state=seed, refit=False,
    ).fit(frame, target)  # fmt: skip
    ours = unfitted()
    set_penalty(ours, frame, target, folds, penalties=PENALTIES, n=6, seed=seed)
    assert theirs.best_params_["logisticregression__C"] == ours[-1].C
