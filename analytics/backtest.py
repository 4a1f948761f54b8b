"""Rolling-origin evaluation: train on what was known then, test on what came after.

Every window is a whole horizon. The last day with a purchase may be incomplete, so windows end
the day before it and count backwards; what is left at the beginning is too short and dropped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Lock

import duckdb
import numpy as np
import pandas as pd

from analytics.batches import scoring_batch
from analytics.boosting import Fitting
from analytics.candidates import Model, Question
from analytics.cutoffs import training_frames
from analytics.frames import Keys, features, scoring_frame
from analytics.matrix import with_rates
from analytics.metrics import Array
from analytics.once import Once
from analytics.workers import at_once

MOST_ORIGINS = 6
# Older windows tell of another season; more rows than this change a fit by less than the noise.
MOST_TRAINING_WINDOWS = 6
MOST_ROWS = 150_000
LEAST_ROWS = 20


@dataclass(frozen=True)
class Plan:
    """Days at which the future is known for a whole horizon.

    Parameters
    ----------
    cutoffs : newest first, a horizon apart; a horizon of history lies before each.
    """

    horizon_days: int
    cutoffs: tuple[date, ...]

    def training(self, origin: date | None = None) -> tuple[date, ...]:
        """Cutoffs that may be learnt from at ``origin``, newest first: their windows end by then.

        Without an origin: those that may be learnt from today.
        """
        window = timedelta(days=self.horizon_days)
        fit = [cutoff for cutoff in self.cutoffs if origin is None or cutoff + window <= origin]
        return tuple(fit[:MOST_TRAINING_WINDOWS])

    def origins(self, windows: int) -> tuple[date, ...]:
        """Cutoffs to test at, newest first: with at least ``windows`` to learn from before."""
        fit = [cutoff for cutoff in self.cutoffs if len(self.training(cutoff)) >= windows]
        return tuple(fit[:MOST_ORIGINS])


def plan(first_day: date | None, last_day: date | None, horizon_days: int) -> Plan:
    """Every cutoff that a history allows.

    Parameters
    ----------
    first_day, last_day : of purchases; None where nothing is dated.
    """
    cutoffs: list[date] = []
    if first_day is not None and last_day is not None:
        window = timedelta(days=horizon_days)
        cutoff = last_day - timedelta(days=1) - window
        while cutoff - window >= first_day - timedelta(days=1):
            cutoffs.append(cutoff)
            cutoff -= window
    return Plan(horizon_days, tuple(cutoffs))


@dataclass
class Frames:
    """Frames by cutoff, each read from the warehouse once.

    Both questions learn from the same frames: a cutoff costs one look-up a customer.

    Parameters
    ----------
    among : relation of the customers to learn from, see :func:`analytics.sample.draw`; None is
        everybody.
    """

    con: duckdb.DuckDBPyConnection
    horizon_days: int
    among: str | None = None
    _known: dict[date, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._features = features(self.con)

    def training(self, cutoff: date) -> pd.DataFrame:
        """Features at ``cutoff``, rates and labels, of customers with a purchase by then."""
        self.read([cutoff])
        return self._known[cutoff]

    def read(self, cutoffs: Iterable[date]) -> None:
        """Read the training frames of these cutoffs that are not known yet, in one statement."""
        missing = [cutoff for cutoff in cutoffs if cutoff not in self._known]
        found = training_frames(
            self.con, missing, self.horizon_days, self._features, among=self.among
        )
        self._known |= {cutoff: with_rates(frame) for cutoff, frame in found.items()}

    def scoring(self, as_of: date | None) -> pd.DataFrame:
        """Features at ``as_of`` and rates, of whom to learn from, with a transaction by then."""
        return with_rates(scoring_frame(self.con, as_of, self._features, among=self.among))

    def batch(self, as_of: date | None, keys: Keys) -> pd.DataFrame:
        """The same of everybody whose ``customer_key`` is in a range, without ``customer_id``."""
        return with_rates(scoring_batch(self.con, as_of, self._features, keys))


def thinned(frames: Sequence[pd.DataFrame], seed: int, most: int = MOST_ROWS) -> list[pd.DataFrame]:
    """The frames with at most ``most`` rows in all, the same share of each, drawn by ``seed``."""
    total = sum(map(len, frames))
    if total <= most:
        return list(frames)
    rng = np.random.default_rng(seed)
    share = most / total
    return [
        frame.iloc[np.sort(rng.choice(len(frame), int(len(frame) * share), replace=False))]
        for frame in frames
    ]


def fit(
    question: Question, name: str, frames: Frames, cutoffs: Sequence[date], fitting: Fitting
) -> Model:
    """Fit one candidate on the windows after ``cutoffs`` (newest first)."""
    windows = [frames.training(cutoff) for cutoff in cutoffs]
    learnt = fitting.once.of("thinned", windows, lambda: thinned(windows, fitting.seed))
    return question.candidate(name).fit(learnt, fitting)


class _Sharing:
    """What fits at one origin share, for as long as one of them is still to come.

    In a large shop it takes some hundred megabytes an origin.
    """

    def __init__(self, fitting: Fitting, origins: Sequence[date], n_fits: int) -> None:
        self._lock = Lock()
        self._fittings = {origin: replace(fitting, once=Once()) for origin in origins}
        self._left = dict.fromkeys(origins, n_fits)

    @contextmanager
    def at(self, origin: date) -> Iterator[Fitting]:
        """What one of the fits at this origin is given."""
        try:
            yield self._fittings[origin]
        finally:
            with self._lock:
                self._left[origin] -= 1
                if not self._left[origin]:
                    del self._fittings[origin]


@dataclass(frozen=True)
class Tests:
    """What came of a backtest.

    Parameters
    ----------
    results : columns candidate, origin, metric, value (NaN where a metric is not defined).
    expected : by candidate and origin, what it said of each row of the training frame there.
    """

    results: pd.DataFrame
    expected: Mapping[tuple[str, date], Array]


def run(
    question: Question,
    frames: Frames,
    plan: Plan,
    *,
    origins: Sequence[date],
    fitting: Fitting,
    workers: int,
    advance: Callable[[int], None],
) -> Tests:
    """Test every candidate at every origin.

    Parameters
    ----------
    origins : cutoffs of the test windows.
    workers : how many fits run at the same time; the result does not depend on it.
    advance : told of every fit that is done.
    """
    # Read first: the connection is not for several threads.
    frames.read({day for origin in origins for day in (origin, *plan.training(origin))})

    sharing = _Sharing(fitting, origins, len(question.candidates))

    def test(origin: date, name: str) -> Array:
        with sharing.at(origin) as shared:
            model = fit(question, name, frames, plan.training(origin), shared)
        expected = model.predict(frames.training(origin))
        advance(1)
        return expected

    pairs = [(each.name, origin) for origin in origins for each in question.candidates]
    with at_once(workers) as pool:
        waiting = {pair: pool.submit(test, pair[1], pair[0]) for pair in pairs}
        expected = {pair: each.result() for pair, each in waiting.items()}
    outcomes = {origin: question.outcome(frames.training(origin)) for origin in origins}
    rows = [
        (name, origin, metric, value)
        for (name, origin), said in expected.items()
        for metric, value in question.metrics(outcomes[origin], said).items()
    ]
    return Tests(pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"]), expected)
