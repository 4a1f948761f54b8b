"""From typed columns to the matrix of a model, inside its pipeline: nothing is fitted outside it.

What is missing becomes the median, with an indicator beside it. Categories become one column a
level; rare levels share one, and so do levels that a fit never saw.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from analytics.inputs import Inputs
from analytics.metrics import Array

# A level is rare below this share of the customers; more levels than the most share one column.
_RARE: Final = 0.01
_MOST_LEVELS: Final = 30


def encoder(inputs: Inputs, *, tamed: bool = False, scaled: bool = False) -> ColumnTransformer:
    """The first step of a pipeline; takes what :meth:`Inputs.typed` gives.

    Parameters
    ----------
    tamed : numbers pass ``sign(x) * log(1 + |x|)``: heavy tails do not rule a line.
    scaled : numbers have mean 0 and deviation 1; levels stay 0 and 1.
    """
    steps: list[Any] = [
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    ]
    if tamed:
        steps.append(FunctionTransformer(tame, feature_names_out="one-to-one"))
    if scaled:
        steps.append(StandardScaler())
    levels = OneHotEncoder(
        min_frequency=_RARE,
        max_categories=_MOST_LEVELS,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
        feature_name_combiner=_whose,
    )
    numbers = [f"x{place}" for place in inputs.of("number", "flag")]
    categories = [f"x{place}" for place in inputs.of("category")]
    return ColumnTransformer(
        [("numbers", make_pipeline(*steps), numbers), ("levels", levels, categories)],
        sparse_threshold=0,
    )


def tame(values: Array) -> Array:
    """``sign(x) * log(1 + |x|)``."""
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _whose(column: str, level: object) -> str:
    """Every level is named like its column: what is asked of a name is whose it is."""
    return column


def owners(pipeline: Pipeline) -> NDArray[np.intp]:
    """Place of the input that each column of the encoded matrix was made from."""
    names = pipeline["encode"].get_feature_names_out()
    return np.array([int(str(name).rsplit("x", 1)[1]) for name in names], dtype=np.intp)
