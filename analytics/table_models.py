"""Models of customer tables: one pipeline from raw columns to a number, and one for each fold.

Whose label was learnt from is scored by the model of the fold that did not see it; everybody else,
and whoever is typed in by hand, by the model that saw all labels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from analytics.attribution import Contributions, Effects, Margin, carried
from analytics.churn import Calibration
from analytics.inputs import Inputs, restored
from analytics.label_frames import KEY
from analytics.metrics import Array

# The fold of whoever was not learnt from; her model is the one that saw all labels.
NO_FOLD = -1


@dataclass(frozen=True)
class Fitted:
    """One fit.

    Parameters
    ----------
    pipeline : from typed columns to a number, or to a probability where there is a calibration.
    calibration : None for money.
    centre : mean of every column of the encoded matrix, in training.
    owner : place of the input that each of these columns was made from.
    typical : the usual value of every input: medians, and the most frequent level.
    """

    pipeline: Pipeline
    calibration: Calibration | None
    centre: Array = field(default_factory=lambda: np.zeros(0))
    owner: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    typical: Mapping[str, Any] = field(default_factory=dict)

    def predict(self, typed: pd.DataFrame) -> Array:
        """A risk in [0, 1], or money that is never negative; one a row."""
        if self.calibration is not None:
            return self.calibration(raw_risk(self.pipeline, typed))
        found = self.pipeline.predict(typed)
        return np.asarray(np.maximum(found, 0), dtype=float)

    def contributions(self, typed: pd.DataFrame) -> Contributions:
        """What each input does to the prediction, in its unit; columns as in ``typed``.

        Of a line: coefficient times distance from the mean. Of LightGBM: its own contributions.
        Of other trees: what is lost where this input alone takes its usual value.
        """
        model = self.pipeline["model"]
        if hasattr(model, "coef_"):
            matrix = self.pipeline["encode"].transform(typed)
            line = np.ravel(model.coef_)
            base = np.ravel(model.intercept_)[0] + float(self.centre @ line)
            return self._carried(typed, (matrix - self.centre) * line, np.full(len(typed), base))
        if hasattr(model, "booster_"):
            matrix = self.pipeline["encode"].transform(typed)
            found = model.booster_.predict(matrix, pred_contrib=True, num_threads=1)
            return self._carried(typed, found[:, :-1], found[:, -1])
        return self._replaced(typed)

    def _carried(self, typed: pd.DataFrame, parts: Array, base: Array) -> Contributions:
        """From columns of the encoded matrix to inputs, and from log odds to the risk."""
        whole = np.zeros(typed.shape)
        for column, owner in enumerate(self.owner):
            whole[:, owner] += parts[:, column]
        line = self.calibration

        def curve(inner: Sequence[Array]) -> Array:
            if line is None:
                return np.asarray(np.maximum(inner[0], 0))
            return line(np.asarray(1 / (1 + np.exp(-np.clip(inner[0], -700, 700)))))

        return carried([Margin(base, Effects(list(typed.columns), whole))], curve)

    def _replaced(self, typed: pd.DataFrame) -> Contributions:
        found = self.predict(typed)
        effects = [
            found - self.predict(typed.assign(**{name: usual}))
            for name, usual in self.typical.items()
        ]
        base = self.predict(typed.assign(**self.typical))
        told = Effects(list(self.typical), np.column_stack(effects))
        return Contributions(base, told, adds_up=False)


def raw_risk(pipeline: Pipeline, typed: pd.DataFrame) -> Array:
    """The probability of churn as a pipeline tells it, not calibrated."""
    return np.asarray(pipeline.predict_proba(typed)[:, 1], dtype=float)


@dataclass(frozen=True)
class TableModel:
    """A question's model of a customer table.

    Parameters
    ----------
    inputs : the raw columns that it reads.
    whole : fitted on all labels.
    folds : fitted without one fold each.
    keys, fold : customer keys that were learnt from, ascending, and the fold of each.
    """

    inputs: Inputs
    whole: Fitted
    folds: tuple[Fitted, ...] = ()
    keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fold: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def predict(self, frame: pd.DataFrame) -> Array:
        """Churn risk or expected spend from raw columns, one number a row.

        A row with the ``customer_key`` of somebody who was learnt from is told by a model that did
        not see her label.
        """
        return self._by_fold(frame, lambda fitted, typed: fitted.predict(typed)[:, None])[:, 0]

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """What each input does to the prediction of each row, see :meth:`Fitted.contributions`.

        ``effects`` has one column an input, by the name of its raw column.
        """
        found = self._by_fold(frame, lambda fitted, typed: _flat(fitted.contributions(typed)))
        effects = Effects(self.inputs.names, found[:, 2:])
        return Contributions(found[:, 0], effects, adds_up=bool(found[:, 1].all()))

    def _by_fold(
        self, frame: pd.DataFrame, ask: Callable[[Fitted, pd.DataFrame], Array]
    ) -> NDArray[np.float64]:
        """What ``ask`` finds for every row, asked of the model of her fold."""
        typed, fold = self.inputs.typed(frame), self._fold_of(frame)
        parts = []
        for each in np.unique(fold):
            rows = np.flatnonzero(fold == each)
            fitted = self.whole if each == NO_FOLD else self.folds[each]
            parts.append((rows, ask(fitted, typed.iloc[rows].reset_index(drop=True))))
        if not parts:
            return np.zeros((0, 2 + len(self.inputs.inputs)))
        found = np.zeros((len(frame), parts[0][1].shape[1]))
        for rows, part in parts:
            found[rows] = part
        return found

    def _fold_of(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        fold = np.full(len(frame), NO_FOLD)
        if KEY not in frame or not len(self.keys):
            return fold
        keys = pd.to_numeric(frame[KEY], errors="coerce").fillna(-1).to_numpy(dtype=np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.fold[place], NO_FOLD)

    def parts(self) -> dict[str, object]:
        """The inputs, who is in which fold, and the fitted pipelines."""
        meta = {
            "inputs": self.inputs.described(),
            "keys": self.keys.tolist(),
            "fold": self.fold.tolist(),
        }
        return {"meta": meta, "fitted": (self.whole, *self.folds)}


def _flat(told: Contributions) -> Array:
    """Base, whether it adds up, and the effects, side by side."""
    adds_up = np.full(len(told.base), float(told.adds_up))
    return np.column_stack([told.base, adds_up, told.effects.values])


def restore(parts: Mapping[str, object]) -> TableModel:
    """The model from its saved parts."""
    meta = cast("dict[str, Any]", parts["meta"])
    whole, *folds = cast("tuple[Fitted, ...]", parts["fitted"])
    keys, fold = (np.array(meta[name], dtype=np.int64) for name in ("keys", "fold"))
    return TableModel(restored(meta["inputs"]), whole, tuple(folds), keys, fold)
