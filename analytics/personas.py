"""Names for clusters: a written rule table, one persona a cluster, with a recommended action.

A rule weighs the cluster's mean deviations from all customers. Clusters and personas are matched
one to one so that the sum of the scores is largest (the Hungarian method); a cluster that fits no
rule keeps its number instead of a name that would pretend.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from warehouse.titles import title_of

# Below this mean deviation along its rule, in standard deviations, a cluster gets no name.
LEAST_SCORE: Final = 0.15
# A name that another rule, free as well, fits as much as this is the toss of a coin: it gets none.
LEAST_MARGIN: Final = 0.05
# What the name that a cluster had counts for: a name must not come and go with every refresh.
STAYING: Final = 0.1
MOST_MARKS: Final = 6


@dataclass(frozen=True)
class Persona:
    """One row of the rule table.

    Parameters
    ----------
    slug, title : name in URLs, name for people.
    mark : 1 to 6, its fixed shape and colour.
    weights : how much a deviation of each feature speaks for this persona.
    needs : bounds of the cluster's medians, whatever the deviations say: in a shop where everybody
        buys each week, the rarest customers are still no dormant ones.
    rule : the weights in words.
    action, detail : what to do, and how to go about it.
    """

    slug: str
    title: str
    mark: int
    weights: Mapping[str, float]
    rule: str
    action: str
    detail: str
    needs: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def fits(self, medians: "pd.Series[float]") -> bool:
        """Whether the medians keep within what this name says; what is not known does not count."""
        return all(
            not np.isfinite(medians.get(name, np.nan)) or low <= medians[name] <= high
            for name, (low, high) in self.needs.items()
        )

    def score(self, deviations: "pd.Series[float]") -> float:
        """Weighted mean of the deviations that this rule looks at; 0 where it sees none."""
        seen = {name: weight for name, weight in self.weights.items() if name in deviations.index}
        total = sum(abs(weight) for weight in seen.values())
        if not total:
            return 0.0
        return float(sum(weight * deviations[name] for name, weight in seen.items()) / total)


# ``gaps_late``: days since the last order, in usual gaps between orders. ``spend_place``: 1 for
# the cluster that spends most. ``youth``: days since the first order, in those of a usual customer;
# ``busyness``: orders, in those of a usual customer.
_REGULAR: Final = {"gaps_late": (0.0, 2.0)}
_LATE: Final = {"gaps_late": (1.5, np.inf)}

# For customers with transactions.
SHOPPERS: Final = (
    Persona(
        "champions", "Champions", 1,
        {"monetary": 2, "frequency": 1.5, "spend_180d": 1.5, "avg_order_value": 1,
         "recency_days": -1},
        "most spend, more orders than usual, bought lately",
        "Thank, do not discount", "Early access and personal service; they buy at full price",
        {**_REGULAR, "spend_place": (1, 1), "busyness": (1.0, np.inf)},
    ),
    Persona(
        "loyal", "Loyal", 2,
        {"frequency": 2, "customer_lifetime_days": 1.5, "recency_days": -1, "orders_90d": 1,
         "avg_order_value": -0.5},
        "as many orders as usual or more, over a long time, baskets not the largest",
        "Keep the rhythm", "A reminder just before their usual day of ordering",
        {**_REGULAR, "busyness": (1.0, np.inf), "youth": (0.8, np.inf)},
    ),
    Persona(
        "promising", "Promising", 3,
        {"recency_days": -2, "orders_90d": 1, "customer_lifetime_days": -1.5, "frequency": -0.5,
         "monetary": -0.5},
        "bought lately and more than once, not yet a long history",
        "Offer a second category", "Cross-sell what customers like them buy next",
        {**_REGULAR, "frequency": (1.5, np.inf), "youth": (0.0, 0.8)},
    ),
    Persona(
        "new", "New", 4,
        {"customer_lifetime_days": -3, "recency_days": -1, "frequency": -0.5},
        "first order not long ago, mostly the only one",
        "Win the next order", "A welcome series; for most of them the second order decides",
        {**_REGULAR, "frequency": (0.0, 1.4), "youth": (0.0, 0.8)},
    ),
    Persona(
        "at-risk", "At risk", 5,
        {"recency_days": 1.5, "monetary": 1, "frequency": 1, "spend_180d": -1.5,
         "customer_lifetime_days": 1},
        "used to buy, but not for a long while",
        "Ask before they leave", "A personal message with a reason to return",
        {**_LATE, "frequency": (2.0, np.inf)},
    ),
    Persona(
        "dormant", "Dormant", 6,
        {"recency_days": 2, "frequency": -1.5, "monetary": -1.5, "spend_180d": -1,
         "orders_90d": -1},
        "few orders, the last one long ago",
        "One last letter", "One reactivation offer, then leave them out of campaigns",
        {**_LATE, "busyness": (0.0, 1.0)},
    ),
)  # fmt: skip

# For a table of card customers, known by its columns.
CARDHOLDERS: Final = (
    Persona(
        "frequent-spenders", "Frequent Spenders", 1,
        {"purchases": 2, "purchases_trx": 2, "purchases_frequency": 1, "cash_advance": -1},
        "most purchases, hardly any cash advances",
        "Reward the spending", "Points and partner offers in the categories they use",
    ),
    Persona(
        "balanced", "Balanced", 2,
        {"purchases_frequency": 1.5, "prc_full_payment": 1.5, "cash_advance": -1, "balance": -1},
        "regular small purchases, low balance, paid in full more than others",
        "Raise the limit with care", "They pay; offer instalments and a higher limit",
    ),
    Persona(
        "revolvers", "Revolvers", 3,
        {"cash_advance": 2, "cash_advance_frequency": 1, "balance": 1, "purchases": -2,
         "purchases_frequency": -1},
        "cash advances and a carried balance, hardly any purchases",
        "Offer a cheaper loan", "A balance transfer or personal loan before they go elsewhere",
    ),
    Persona(
        "high-balance-holders", "High Balance Holders", 4,
        {"balance": 3, "minimum_payments": 2, "credit_limit": 1, "purchases": 1},
        "the highest balances and minimum payments, purchases as well",
        "Watch the exposure", "Offer a repayment plan; review the limit",
    ),
    Persona(
        "dormant", "Dormant", 6,
        {"balance_frequency": -1, "purchases_frequency": -1, "purchases_trx": -1, "payments": -1,
         "balance": -1},
        "few purchases, small payments, the balance seldom moves",
        "Wake up or let go", "One activation offer, then no further cost",
    ),
)  # fmt: skip


def rule_table(features: Sequence[str]) -> tuple[Persona, ...]:
    """The table that fits the features; empty where none does."""
    for table in (SHOPPERS, CARDHOLDERS):
        needed = {name for persona in table for name in persona.weights}
        if len(needed & set(features)) >= 0.6 * len(needed):
            return table
    return ()


def name_clusters(
    deviations: pd.DataFrame, medians: pd.DataFrame, before: Mapping[int, str] | None = None
) -> pd.DataFrame:
    """One persona for each cluster.

    Parameters
    ----------
    deviations : one row a cluster (its number is the index), one column a feature: the cluster's
        mean in standard deviations from all customers, in the transformed space.
    medians : the same shape, in the features' own units; descriptions are made from them.
    before : slug of the persona that each cluster had; a near tie keeps it.

    Returns
    -------
    DataFrame with the columns of scores.personas, one row a cluster, by cluster.
    """
    table = rule_table(list(deviations.columns))
    named = _matched(table, deviations, medians, before or {})
    taken = {persona.mark for persona in named.values()}
    free = [mark for mark in range(1, MOST_MARKS + 1) if mark not in taken]
    rows = []
    for cluster in deviations.index:
        persona = named.get(cluster)
        if persona is None:
            mark = free.pop(0) if free else 0
            persona = _numbered(int(cluster), mark, deviations.loc[cluster])
        rows.append(
            {
                "cluster": int(cluster), "persona": persona.slug, "title": persona.title,
                "mark": persona.mark, "rule": persona.rule, "action": persona.action,
                "action_detail": persona.detail,
                "description": describe(medians.loc[cluster], deviations.loc[cluster]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _matched(
    table: Sequence[Persona],
    deviations: pd.DataFrame,
    medians: pd.DataFrame,
    before: Mapping[int, str],
) -> dict[int, Persona]:
    """Clusters that fit a rule, matched one to one."""
    if not table:
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


def _numbered(cluster: int, mark: int, deviations: "pd.Series[float]") -> Persona:
    """A cluster without a name: its number, and the two features in which it differs most."""
    words = " and ".join(_different(deviations))
    return Persona(
        f"cluster-{cluster}", f"Cluster {cluster}", mark, {}, words or "close to the average",
        "Look closer", "No written rule fits this group; see what makes it different",
    )  # fmt: skip


def _different(deviations: "pd.Series[float]", most: int = 2) -> list[str]:
    """The features that differ most, each with its direction."""
    order = deviations.abs().sort_values(ascending=False, kind="stable").index[:most]
    return [
        f"{'high' if deviations[name] > 0 else 'low'} {title_of(str(name))[0].lower()}"
        for name in order
        if abs(deviations[name]) >= LEAST_SCORE
    ]


def describe(medians: "pd.Series[float]", deviations: "pd.Series[float]") -> str:
    """What a typical member does, in one sentence made from the cluster's own medians."""
    if {"frequency", "recency_days"} <= set(medians.index):
        return _shopper(medians)
    if {"balance", "purchases", "purchases_trx", "cash_advance"} <= set(medians.index):
        advance = medians["cash_advance"]
        cash = f"cash advances of {advance:,.0f}" if advance >= 1 else "no cash advance"
        return (
            f"Typically a balance of {medians['balance']:,.0f}, purchases of"
            f" {medians['purchases']:,.0f} in {medians['purchases_trx']:,.0f} transactions, {cash}."
        )
    words = _different(deviations)
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
        return f"Typically one order, {ago}{more}."
    gap = medians.get("mean_gap_days", float("nan"))
    rhythm = f", one every {gap:.0f} days" if np.isfinite(gap) and gap >= 1.5 else ""
    return f"Typically {orders} orders{rhythm}; the last one {ago}."
