"""Which candidate serves: the rule, in one place, in words and in code."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

# "At least 5 of 6 origins, all where there are fewer": one lost origin is forgiven from here on.
ORIGINS_TO_FORGIVE_ONE = 6


@dataclass(frozen=True)
class Guardrail:
    """What a champion must not exceed, however well it ranks.

    Parameters
    ----------
    metric : name on the leaderboard.
    words : the condition, to follow "where".
    lowest, highest : bounds of the value over all origins.
    of_baseline : the bounds are multiples of the baseline's value.
    """

    metric: str
    words: str
    lowest: float
    highest: float
    of_baseline: bool = False

    def holds(self, value: float, baseline: float) -> bool:
        """Whether ``value`` lies within the bounds; an undefined value does not."""
        unit = baseline if self.of_baseline else 1.0
        return self.lowest * unit <= value <= self.highest * unit


@dataclass(frozen=True)
class Rule:
    """How the champion of a question is chosen. Higher values of ``primary`` are better.

    Parameters
    ----------
    primary, primary_title : the metric that ranks, and its name for people.
    baseline : the candidate that serves unless it is beaten.
    tie : means of ``primary`` that are closer than this count as equal.
    tie_breaker, tie_breaker_title : lower is better.
    tested_on : origins in time, or folds where there is no time.
    """

    primary: str
    primary_title: str
    baseline: str
    tie: float
    tie_breaker: str
    tie_breaker_title: str
    guardrails: tuple[Guardrail, ...]
    tested_on: str = "origins"

    def words(self, titles: Mapping[str, str]) -> str:
        """The rule in two sentences."""
        guards = ", and ".join(each.words for each in self.guardrails)
        return (
            f"The champion is the candidate with the best mean {self.primary_title} among those "
            f"that beat {titles[self.baseline]} on at least 5 of 6 {self.tested_on} (on all where "
            f"there are fewer) and where {guards}; means less than {self.tie} apart count as "
            f"equal, and the lower {self.tie_breaker_title} decides. Otherwise "
            f"{titles[self.baseline]} serves."
        )


@dataclass(frozen=True)
class Choice:
    """Who serves, and why, in a sentence."""

    champion: str
    why: str


def wins_needed(n_origins: int) -> int:
    """On how many of so many origins the baseline must be beaten."""
    return n_origins - 1 if n_origins >= ORIGINS_TO_FORGIVE_ONE else n_origins


def overall(results: pd.DataFrame) -> pd.DataFrame:
    """Mean of every metric over the origins; ``total_ratio`` from the totals of all of them.

    Parameters
    ----------
    results : columns candidate, origin, metric, value.

    Returns
    -------
    DataFrame, one row per candidate, one column per metric.
    """
    wide = results.pivot_table(index="candidate", columns="metric", values="value", aggfunc="mean")
    if {"total_expected", "total_actual"} <= set(wide.columns):
        ratio = wide["total_expected"] / wide["total_actual"].where(wide["total_actual"] > 0)
        wide = wide.assign(total_ratio=ratio)
    return wide


def choose(results: pd.DataFrame, rule: Rule, titles: Mapping[str, str]) -> Choice:
    """Apply the rule to a backtest.

    Parameters
    ----------
    results : columns candidate, origin (date), metric, value.
    titles : names of the candidates for people.
    """
    primary = results[results["metric"] == rule.primary]
    by_origin = primary.pivot(index="origin", columns="candidate", values="value")
    if rule.baseline not in by_origin or by_origin[rule.baseline].notna().sum() == 0:
        return Choice(rule.baseline, f"Nothing to test on: {titles[rule.baseline]} serves.")
    by_origin = by_origin[by_origin[rule.baseline].notna()]
    needed = wins_needed(len(by_origin))
    beaten = by_origin.gt(by_origin[rule.baseline], axis="index").sum()
    means = overall(results)

    def mean(name: str) -> float:
        return _number(means, name, rule.primary)

    fit = [
        str(name)
        for name in by_origin.columns
        if name != rule.baseline and beaten[name] >= needed and _guarded(means, str(name), rule)
    ]
    if not fit:
        return Choice(rule.baseline, _nobody(beaten, means, len(by_origin), rule, titles))
    best = means.loc[fit, rule.primary].max()
    tied = means.loc[fit][means.loc[fit, rule.primary] > best - rule.tie]
    champion = str(tied[rule.tie_breaker].idxmin())
    why = (
        f"{titles[champion]} beat {titles[rule.baseline]} on {beaten[champion]} of "
        f"{len(by_origin)} {rule.tested_on} within the guardrails: mean {rule.primary_title} "
        f"{mean(champion):.3f} against {mean(rule.baseline):.3f}."
    )
    if len(tied) > 1:
        others = ", ".join(titles[str(name)] for name in tied.index if name != champion)
        why += f" A tie with {others}; the lower {rule.tie_breaker_title} decides."
    return Choice(champion, why[0].upper() + why[1:])


def _guarded(means: pd.DataFrame, name: str, rule: Rule) -> bool:
    return all(
        guard.holds(_number(means, name, guard.metric), _number(means, rule.baseline, guard.metric))
        for guard in rule.guardrails
    )


def _number(means: pd.DataFrame, candidate: str, metric: str) -> float:
    return float(means[metric].to_dict()[candidate])


def _nobody(
    beaten: "pd.Series[int]",
    means: pd.DataFrame,
    n_origins: int,
    rule: Rule,
    titles: Mapping[str, str],
) -> str:
    """Why the baseline serves: the best challenger, and what it lacks."""
    others = means.drop(index=rule.baseline)[rule.primary].dropna()
    serves = f"{titles[rule.baseline]} serves."
    if others.empty:
        return f"Nothing else could be tested: {serves}"
    name, needed = str(others.idxmax()), wins_needed(n_origins)
    if beaten[name] < needed:
        lack = f"beat it on {beaten[name]} of {n_origins} {rule.tested_on}, {needed} are needed"
    else:
        lack = "broke a guardrail"
    sentence = f"{titles[name]}, the best challenger, {lack}: {serves}"
    return sentence[0].upper() + sentence[1:]
