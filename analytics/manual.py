"""Scores on demand: of customers that are typed in, and why a customer of the shop scores as hers.

The models are those of a generation, asked through the same code as a refresh; nothing is learnt.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, cast

import duckdb
import msgspec
import numpy as np
import pandas as pd

from analytics import keeping
from analytics.bands import band_of
from analytics.entered import Row, Unusable, Warned, customer_id, frame_of, inputs
from analytics.explain import MOST_ROWS, contributions, expected_by_rhythm
from analytics.frames import History, attribute_names, features, scoring_frame
from analytics.label_frames import table_frame, with_table
from analytics.matrix import with_rates
from analytics.reasons import Explained, Question, explained
from analytics.scoring import Models, predicted
from analytics.situation import Situation
from analytics.tables import read_scores
from warehouse.configuration import Settings
from warehouse.connection import reading as opened
from warehouse.errors import NoModelError, UnknownCustomerError
from warehouse.label_columns import Label, LabelColumns
from warehouse.manifest import Generation

Reading = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
SCORES: Final[dict[Question, str]] = {"spend": "expected_spend", "churn": "churn_risk"}
NOTHING_KNOWN: Final = "Nothing that was handed in can be used, so nothing can be said."
_NEVER_BOUGHT: Final = "Nothing was ever bought: nothing is said of what comes next."


class Prediction(msgspec.Struct, frozen=True, omit_defaults=False):
    """What is said of one customer; None where there is no number, and then a note says why.

    ``churn_risk`` is a probability, ``expected_spend`` in currency over the horizon; ``upper_95``
    is what 95 % of her like stay below. ``reasons`` are by question (``spend``, ``churn``), those
    with the largest effect first.
    """

    customer_id: str | None
    persona: dict[str, Any] | None
    churn_risk: float | None
    churn_band: str | None
    expected_spend: float | None
    upper_95: float | None
    value_band: str | None
    risk_band: str | None
    reasons: dict[str, Explained]
    notes: list[str]
    warnings: list[Warned] = []

    def as_json(self) -> dict[str, Any]:
        """Plain values; what the reasons start from and leave out stands in ``explained``."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        whole = {name: dict(why) for name, why in plain["reasons"].items()}
        plain["reasons"] = {name: why.pop("reasons") for name, why in whole.items()}
        return {**plain, "explained": whole}


_NOBODY: Final = Prediction(
    customer_id=None, persona=None, churn_risk=None, churn_band=None, expected_spend=None,
    upper_95=None, value_band=None, risk_band=None, reasons={}, notes=[NOTHING_KNOWN],
)  # fmt: skip


class Scorer:
    """The models of one generation, to be asked by any number of threads.

    Parameters
    ----------
    generation : whose models and bands count.
    key : verifies the models before they are loaded.
    reading : opens the generation's database; its own way where it is not given.

    Raises
    ------
    CorruptGenerationError : a saved model was altered or comes from elsewhere.
    NoModelError : the generation has none that could be asked.
    """

    def __init__(self, generation: Generation, key: bytes, reading: Reading | None = None) -> None:
        self.generation = generation
        self.kept = keeping.read(generation, key)
        origin, reference = self.kept.origin, self.kept.reference
        if origin is None or reference is None:
            raise NoModelError(
                f"generation {generation.number} has no models that could be asked",
                fix="make them: spendboard refresh --train always",
            )
        self.reference = reference
        self.reading = reading or partial(opened, generation.database, Settings())
        self.situation = Situation(
            cast("Any", origin.kind),
            generation.manifest.scores_as_of,
            origin.horizon_days,
            History(0, 0, None, None, 0, 0),
            labels=LabelColumns(
                {
                    name: Label(cast("Any", name), column, column)
                    for name, column in origin.labels.items()
                }
            ),
        )
        with self.reading() as con:
            self._thresholds = cast("list[Row]", read_scores(con, "thresholds").to_dict("records"))
            self._personas = read_scores(con, "personas").set_index("cluster")
            self._runs = read_scores(con, "model_runs").set_index("question")
            self.aliases = attribute_names(con)
            self._features = None if self.situation.kind == "table" else features(con)

    def score(self, rows: Sequence[Row]) -> list[Prediction]:
        """Predictions for inputs by column; what is missing takes the typical value, and is said.

        Of whom nothing usable is given, nothing is said: the typical customer is somebody else.
        Reasons are given for the first 500 rows.
        """
        if not rows:
            return []
        frame, doubts = frame_of(rows, self.reference, self.aliases)
        made = self.predictions(frame)
        return [
            msgspec.structs.replace(
                _NOBODY if self._is_unknown(warned) else each,
                customer_id=customer_id(row),
                warnings=warned,
            )
            for each, row, warned in zip(made, rows, doubts, strict=True)
        ]

    def _is_unknown(self, warned: Sequence[Warned]) -> bool:
        """Whether nothing that was given of somebody is used, by what there is to say about it."""
        left = {each.column for each in warned if each.found is None or isinstance(each, Unusable)}
        return left.issuperset(inputs(self.reference))

    def customer(self, wanted: str) -> pd.DataFrame:
        """The row of a customer as the models saw her at the last refresh.

        Raises
        ------
        UnknownCustomerError : there is no such customer, or nothing is known of her.
        """
        with self.reading() as con:
            keys = con.execute(
                "select customer_key from core.customers where customer_id = $id", {"id": wanted}
            ).fetchall()
            frame = self._frame(con, keys[0][0]) if keys else pd.DataFrame()
        if frame.empty:
            raise UnknownCustomerError(
                f"the models know nothing of a customer {wanted!r}",
                fix='see the ids with `spendboard export --where "" --to ids.csv`; '
                "`spendboard refresh` scores new ones",
            )
        return frame

    def _frame(self, con: duckdb.DuckDBPyConnection, key: int) -> pd.DataFrame:
        if self.situation.kind == "table":
            return table_frame(con, LabelColumns(), keys=(key, key))
        frame = with_rates(
            scoring_frame(con, self.situation.as_of, self._features, keys=(key, key))
        )
        if self.situation.labels.labels:
            return with_table(frame, con, LabelColumns(), keys=(key, key))
        return frame

    def predictions(self, frame: pd.DataFrame) -> list[Prediction]:
        """What the models say of each row of a scoring frame; reasons for the first 500."""
        said = self.numbers(frame)
        some = self._explained(frame.head(MOST_ROWS), said.head(MOST_ROWS))
        reasons = [*some, *({} for _ in range(len(frame) - len(some)))]
        rows = cast("list[Row]", frame.to_dict("records"))
        numbers = cast("list[Row]", said.to_dict("records"))
        return [self._prediction(*each) for each in zip(rows, numbers, reasons, strict=True)]

    def numbers(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Only the numbers, as a refresh makes them; see :func:`analytics.scoring.predicted`."""
        models = Models(self.kept.models, self.kept.clusters)
        return predicted(iter([frame]), models, self.situation, 1, lambda _: None)

    def _explained(self, frame: pd.DataFrame, said: pd.DataFrame) -> list[dict[str, Explained]]:
        """The reasons for each row's numbers, by question; none where there is no number."""
        answers: list[dict[str, Explained]] = [{} for _ in range(len(frame))]
        for question, column in SCORES.items():
            numbers = said[column].to_numpy(dtype=float)
            known = np.flatnonzero(np.isfinite(numbers))
            if question not in self.kept.models or not len(known):
                continue
            rows = frame.iloc[known].reset_index(drop=True)
            found = contributions(self.kept.models[question], rows, self.reference)
            if question == "spend":
                found = found.stretched(numbers[known])
            told = expected_by_rhythm(self.kept.models[question], rows)
            for at, place in enumerate(known):
                values = cast("Row", told.iloc[at].to_dict())
                currency = self.generation.manifest.currency
                answers[place][question] = explained(found, values, question, currency, at)
        return answers

    def _prediction(self, row: Row, said: Row, reasons: Mapping[str, Explained]) -> Prediction:
        expected, risk = _number(said["expected_spend"]), _number(said["churn_risk"])
        return Prediction(
            customer_id=str(row["customer_id"]) or None,
            persona=self._persona(_number(said["cluster"])),
            churn_risk=risk,
            churn_band=band_of(self._thresholds, "churn", risk),
            expected_spend=expected,
            upper_95=_number(said["upper_95"]),
            value_band=band_of(self._thresholds, "spend", expected),
            risk_band=band_of(self._thresholds, "risk", _number(said["monetary"])),
            reasons=dict(reasons),
            notes=self._notes(row, {"spend": expected, "churn": risk}),
        )

    def _persona(self, cluster: float | None) -> dict[str, Any] | None:
        if cluster is None or int(cluster) not in self._personas.index:
            return None
        row = self._personas.loc[int(cluster)]
        shown = ("persona", "title", "description", "action", "action_detail")
        return {"cluster": int(cluster), **{name: row[name] for name in shown}}

    def _notes(self, row: Row, numbers: Mapping[str, float | None]) -> list[str]:
        """Why there is no number, and what a reader should know of those that there are."""
        is_of_purchases = self.situation.answers("risk") and not self.situation.labels.labels
        if is_of_purchases and not row["frequency"] > 0:
            return [_NEVER_BOUGHT]
        notes = []
        for question, number in numbers.items():
            if question in self._runs.index:
                run = self._runs.loc[question]
                if number is None or not run["enough_history"]:
                    notes.append(f"{question}: {run['note'] or run['why']}")
        return notes


def _number(value: Any) -> float | None:  # noqa: ANN401
    return None if value is None or np.isnan(value) else float(value)
