"""What the coming months will bring, per category and in total.

Every forecaster is tested at rolling origins: it continues the series as they were known then, and
what came is compared. One is chosen for the categories and one for the total; a model that does
not beat the simple baselines does not serve. The categories are then stretched so that they add up
to the total.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.champion import wins_needed
from analytics.forecasters import BASELINES, FORECASTERS, Forecaster
from analytics.metrics import Array
from analytics.month_tests import (
    LEAST_PAST,
    MOST_ORIGINS,
    STEPS,
    MonthTest,
    continued,
    longer_test,
    naive_error,
    summed,
    tested,
    widths,
)
from analytics.months import Months
from warehouse.titles import FORECASTER_TITLES

FEWEST_MONTHS = 3
_UNKNOWN = np.full(STEPS, np.nan)

BOTTOM_UP = "sum_of_categories"


@dataclass(frozen=True)
class Forecast:
    """The coming months, and how they were found.

    Parameters
    ----------
    rows : series, category, month, step, expected, lower, upper, model.
    results : candidate, origin, metric, value; empty where nothing could be tested.
    champion, why, note : as in scores.model_runs; no champion without whole months.
    n_months : whole months of history.
    """

    rows: pd.DataFrame
    results: pd.DataFrame
    champion: str | None
    why: str
    note: str | None
    n_months: int


def forecast(
    months: Months,
    seed: int,
    advance: Callable[[int], None],
    candidates: Mapping[str, tuple[str, Forecaster]] = FORECASTERS,
) -> Forecast:
    """Forecast the next three months of every category and of the total.

    Parameters
    ----------
    advance : told of every forecaster that is tested.
    candidates : who competes; the baselines must be among them.
    """
    n = len(months)
    if n < FEWEST_MONTHS or months.values.empty:
        why = f"There are {n} whole months; a forecast needs at least {FEWEST_MONTHS}."
        if n >= FEWEST_MONTHS:
            why = f"None of the {n} whole months has a purchase or a refund; a forecast needs some."
        return Forecast(pd.DataFrame(), pd.DataFrame(), None, "No number is better than a guess.",
                        why, n)  # fmt: skip
    origins = range(max(LEAST_PAST, n - MOST_ORIGINS), n)
    if len(origins) == 0:
        name = "trailing_median" if n >= 6 else "historic_average"
        note = f"Not enough history to judge: {n} whole months of at least {LEAST_PAST + 1}."
        said = continued(name, months.values, seed)
        found = _rows(months, said, said.sum(axis=1, keepdims=True), {"all": name})
        why = f"{FORECASTER_TITLES[name]} serves: nothing could be tested."
        return Forecast(found, pd.DataFrame(), name, _sentence(why), note, n)
    tests, totals = tested(months, origins, seed, advance, candidates)
    name, why = _chosen({each: test.mase() for each, test in tests.items()}, "MASE")
    totals[BOTTOM_UP] = summed(tests[name], totals)
    of_total, why_total = _chosen({each: test.wape() for each, test in totals.items()}, "WAPE")

    def parts(end: int) -> Array:
        return continued(name, months.values.iloc[:end], seed)

    def whole(end: int) -> Array:
        if of_total == BOTTOM_UP:
            return np.asarray(parts(end).sum(axis=1, keepdims=True))
        return continued(of_total, months.total.iloc[:end], seed)

    in_all = whole(n)
    found = _rows(
        months,
        _reconciled(parts(n), in_all),
        in_all,
        {"all": name, "total": of_total},
        (
            widths(longer_test(tests[name], parts, months.values)),
            widths(longer_test(totals[of_total], whole, months.total)),
        ),
    )
    results = pd.concat([_results(tests, months, origins, ""), _results(totals, months, origins,
                                                                       "total_")])  # fmt: skip
    note = f"The total: {why_total[0].lower()}{why_total[1:]} Categories are stretched to it."
    if len(origins) < MOST_ORIGINS:
        note += f" Tested at {len(origins)} of {MOST_ORIGINS} origins: the history allows no more."
    return Forecast(found, results, name, why, note, n)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _mean(errors: Array) -> float:
    """The mean of what is known; 0 where nothing is: then every forecaster was right."""
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else 0.0


def _chosen(errors: dict[str, Array], metric: str) -> tuple[str, str]:
    """Who serves, by the written rule, and why in a sentence. Lower errors are better.

    The best baseline serves, unless a model has a lower mean error and is better at 5 of 6
    origins (at all where there are fewer).
    """
    means = {name: _mean(each) for name, each in errors.items()}
    base = min(BASELINES, key=lambda name: means[name])
    n = len(errors[base])
    needed = wins_needed(n)
    wins = {name: int(np.sum(each < errors[base])) for name, each in errors.items()}
    able = [name for name in errors if name not in BASELINES and wins[name] >= needed
            and means[name] < means[base]]  # fmt: skip
    called = FORECASTER_TITLES
    if able:
        best = min(able, key=lambda name: means[name])
        return best, _sentence(
            f"{called[best]} beat {called[base]}, the best baseline, at {wins[best]} of {n} "
            f"origins: mean {metric} {means[best]:.2f} against {means[base]:.2f}."
        )
    rival = min((name for name in errors if name not in BASELINES), key=lambda name: means[name])
    return base, _sentence(
        f"{called[base]} serves, the best baseline with a mean {metric} of {means[base]:.2f}: "
        f"{called[rival]} ({means[rival]:.2f}) beat it at {wins[rival]} of {n} origins, "
        f"{needed} are needed."
    )


def _reconciled(expected: Array, whole: Array) -> Array:
    """The categories stretched so that each month adds up to the total."""
    sums = expected.sum(axis=1, keepdims=True)
    even = np.full_like(expected, 1 / expected.shape[1])
    share = np.divide(expected, sums, out=even, where=sums > 0)
    return np.asarray(share * whole)


def _rows(
    months: Months,
    expected: Array,
    whole: Array,
    models: Mapping[str, str],
    interval_widths: tuple[Array, Array] = (_UNKNOWN, _UNKNOWN),
) -> pd.DataFrame:
    """The forecast as rows of scores.forecasts.

    Parameters
    ----------
    expected, whole : ``(step, series)`` and ``(step, 1)``, in currency.
    models : who made the categories (``all``), and the total if that is another.
    interval_widths : of the intervals by step, in units of a series' own change: categories, total.
    """
    last = months.values.index[-1]
    # What never changed has no error to measure by, and none to expect.
    of_series = np.nan_to_num(naive_error(months.values))
    of_total = np.nan_to_num(naive_error(months.total))
    table: list[tuple[str, str | None, date, int, float, float, str]] = []
    for at in range(STEPS):
        month = (last + pd.DateOffset(months=at + 1)).date()
        value, width = float(whole[at, 0]), float(interval_widths[1][at] * of_total[0])
        total_model = models.get("total", models["all"])
        table.append(("total", None, month, at + 1, value, width, total_model))
        for (series, category), each, scale in zip(
            months.names, expected[at], of_series, strict=True
        ):
            width = float(interval_widths[0][at] * scale)
            table.append((series, category, month, at + 1, float(each), width, models["all"]))
    columns = ["series", "category", "month", "step", "expected", "width", "model"]
    rows = pd.DataFrame(table, columns=columns)
    lower = (rows["expected"] - rows["width"]).clip(lower=0)
    return rows.assign(lower=lower, upper=rows["expected"] + rows["width"]).drop(columns="width")


def _results(
    tests: dict[str, MonthTest], months: Months, origins: range, prefix: str
) -> pd.DataFrame:
    """MASE and WAPE of each candidate at each origin; an origin is its last month's first day."""
    rows = []
    for name, test in tests.items():
        for end, mase, wape in zip(origins, test.mase(), test.wape(), strict=True):
            origin: date = months.values.index[end - 1].date()
            rows += [(name, origin, f"{prefix}mase", mase), (name, origin, f"{prefix}wape", wape)]
    return pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"])
