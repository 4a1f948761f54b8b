"""Names for clusters: a written rule table, one persona a cluster, with a recommended action.

A rule weighs the cluster's mean deviations from all customers. Clusters and personas are matched
one to one so that the sum of the scores is largest (the Hungarian method). What no rule of the
first table fits is tried with a second one, of groups that neither stand out nor leave; a cluster
that fits none keeps its number instead of a name that would pretend.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.persona_table import IN_BETWEEN, SHOPPERS, Persona, rule_table
from warehouse.titles import title_of

# Below this mean deviation along its rule, in standard deviations, a cluster gets no name.
LEAST_SCORE: Final = 0.15
# A name that another rule, free as well, fits as much as this is the toss of a coin: it gets none.
LEAST_MARGIN: Final = 0.05
# What the name that a cluster had counts for: a name must not come and go with every refresh.
STAYING: Final = 0.1
MOST_MARKS: Final = 6  # of those that a cluster without a name may take


def name_clusters(
    deviations: pd.DataFrame,
    medians: pd.DataFrame,
    before: Mapping[int, str] | None = None,
    shares: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One persona for each cluster.

    Parameters
    ----------
    deviations : one row a cluster (its number is the index), one column a feature: the cluster's
        mean in standard deviations from all customers, in the transformed space.
    medians : the same shape, in the features' own units; descriptions are made from them.
    before : slug of the persona that each cluster had; a near tie keeps it.
    shares : of each cluster the share that has a 1, for features that are 0 or 1.

    Returns
    -------
    DataFrame with the columns of scores.personas, one row a cluster, by cluster.
    """
    table = rule_table(list(deviations.columns))
    named = _named(table, deviations, medians, before or {})
    taken = {persona.mark for persona in named.values()}
    free = [mark for mark in range(1, MOST_MARKS + 1) if mark not in taken]
    rows = []
    for cluster in deviations.index:
        of_flags = {} if shares is None else {str(k): v for k, v in shares.loc[cluster].items()}
        persona = named.get(cluster) or _numbered(int(cluster), deviations.loc[cluster], of_flags)
        mark = persona.mark or (free.pop(0) if free else 0)
        rows.append(
            {
                "cluster": int(cluster), "persona": persona.slug, "title": persona.title,
                "mark": mark, "rule": persona.rule, "action": persona.action,
                "action_detail": persona.detail,
                "description": describe(medians.loc[cluster], deviations.loc[cluster], of_flags),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _named(
    table: Sequence[Persona],
    deviations: pd.DataFrame,
    medians: pd.DataFrame,
    before: Mapping[int, str],
) -> dict[int, Persona]:
    """Clusters that fit a rule of the table or, if they are shoppers, one of those in between."""
    named = _matched(table, deviations, medians, before)
    if table is not SHOPPERS:
        return named
    # A name of the second table must not come and go either.
    in_between = {each.slug for each in IN_BETWEEN}
    rest = [
        place
        for place, cluster in enumerate(deviations.index)
        if cluster not in named
        or (
            before.get(cluster) in in_between
            and named[cluster].score(deviations.iloc[place]) < LEAST_SCORE + STAYING
        )
    ]
    return named | _matched(IN_BETWEEN, deviations.iloc[rest], medians.iloc[rest], before)


def _matched(
    table: Sequence[Persona],
    deviations: pd.DataFrame,
    medians: pd.DataFrame,
    before: Mapping[int, str],
) -> dict[int, Persona]:
    """Clusters that fit a rule, matched one to one."""
    if not table or deviations.empty:
        return {}

    scores = np.zeros((len(deviations), len(table)))
    stays = np.zeros_like(scores)
    for row, cluster in enumerate(deviations.index):
        for column, persona in enumerate(table):
            if persona.fits(medians.loc[cluster]):
                scores[row, column] = persona.score(deviations.loc[cluster])
                stays[row, column] = STAYING * (before.get(cluster) == persona.slug)
    rows, columns = linear_sum_assignment(-scores - stays)
    others = scores[:, [column for column in range(len(table)) if column not in columns]]
    nearest = others.max(axis=1, initial=-np.inf)
    return {
        deviations.index[row]: table[column]
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] + stays[row, column] >= LEAST_SCORE
        and (stays[row, column] or scores[row, column] - nearest[row] >= LEAST_MARGIN)
    }


def _numbered(cluster: int, deviations: "pd.Series[float]", shares: Mapping[str, float]) -> Persona:
    """A cluster without a name: its number, and the two features in which it differs most."""
    words = " and ".join(_different(deviations, shares))
    return Persona(
        f"cluster-{cluster}", f"Cluster {cluster}", 0, {}, words or "close to the average",
        "Look closer", "No written rule fits this group; see what makes it different",
    )  # fmt: skip


def _different(
    deviations: "pd.Series[float]", shares: Mapping[str, float], most: int = 2
) -> list[str]:
    """The features that differ most: which way each does, or the share of whom it is true."""
    order = deviations.abs().sort_values(ascending=False, kind="stable").index[:most]
    return [
        f"{shares[name] * 100:.0f} % {title}"
        if name in shares
        else f"{'high' if deviations[name] > 0 else 'low'} {title}"
        for name, title in ((name, title_of(str(name))[0].lower()) for name in order)
        if abs(deviations[name]) >= LEAST_SCORE
    ]


def describe(
    medians: "pd.Series[float]",
    deviations: "pd.Series[float]",
    shares: Mapping[str, float] | None = None,
) -> str:
    """What a typical member does, in one sentence made from the cluster's own medians.

    It says that they are: beside it stand means, which a few large members pull away from them.
    """
    if {"frequency", "recency_days"} <= set(medians.index):
        return _shopper(medians)
    if {"balance", "purchases", "purchases_trx", "cash_advance"} <= set(medians.index):
        advance = medians["cash_advance"]
        cash = f"cash advances of {advance:,.0f}" if advance >= 1 else "no cash advance"
        return (
            f"Typically (medians) a balance of {medians['balance']:,.0f}, purchases of"
            f" {medians['purchases']:,.0f} in {medians['purchases_trx']:,.0f} transactions, {cash}."
        )
    words = _different(deviations, shares or {})
    if not words:
        return "Close to the average in everything."
    sentence = " and ".join(words)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _shopper(medians: "pd.Series[float]") -> str:
    orders, since = round(medians["frequency"]), round(medians["recency_days"])
    ago = {0: "today", 1: "yesterday"}.get(since, f"{since} days ago")
    if orders <= 1:
        several = 1 - medians.get("one_order_share", 1.0)
        more = f"; {several * 100:.0f} % have more" if several >= 0.005 else ""
        return f"Typically (median) one order, {ago}{more}."
    gap = medians.get("mean_gap_days", float("nan"))
    rhythm = f", one every {gap:.0f} days" if np.isfinite(gap) and gap >= 1.5 else ""
    return f"Typically (medians) {orders} orders{rhythm}; the last one {ago}."
