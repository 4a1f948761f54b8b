"""The written table of personas: what each name says of a group, and what to do with it.

A rule weighs the mean deviations of a group from all customers, and its needs bound the group's own
medians: a name has to be true, whatever it is compared with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

# A group is close to the usual customer that deviates less than this, by 0.15, in every feature.
CLOSE: Final = 0.55


@dataclass(frozen=True)
class Persona:
    """One row of the rule table.

    Parameters
    ----------
    slug, title : name in URLs, name for people.
    mark : 1 to 9, its fixed shape and colour; 0 takes one of the first six that is free.
    weights : how much a deviation of each feature speaks for this persona.
    needs : bounds of the cluster's medians, whatever the deviations say: in a shop where everybody
        buys each week, the rarest customers are still no dormant ones.
    near : features in none of which a cluster of this name deviates much, in place of weights.
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
    near: tuple[str, ...] = ()

    def fits(self, medians: "pd.Series[float]") -> bool:
        """Whether the medians keep within what this name says; what is not known does not count."""
        return all(
            not np.isfinite(medians.get(name, np.nan)) or low <= medians[name] <= high
            for name, (low, high) in self.needs.items()
        )

    def score(self, deviations: "pd.Series[float]") -> float:
        """Weighted mean of the deviations that this rule looks at; 0 where it sees none.

        Of a rule that asks for closeness: how much less than :data:`CLOSE` the largest is.
        """
        close = [abs(deviations[name]) for name in self.near if name in deviations.index]
        if close:
            return float(CLOSE - max(close))
        seen = {name: weight for name, weight in self.weights.items() if name in deviations.index}
        total = sum(abs(weight) for weight in seen.values())
        if not total:
            return 0.0
        return float(sum(weight * deviations[name] for name, weight in seen.items()) / total)


# ``gaps_late``: days since the last order, in usual gaps between orders. ``spend_place``: 1 for
# the cluster that spends most. ``youth``: days since the first order, ``busyness``: orders,
# ``basket``: the average order, each in those of a usual customer of this shop.
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

# For groups of shoppers whom none of these describes: they come in their rhythm, and neither lead
# nor leave. All of them are told by the shop's own medians.
IN_BETWEEN: Final = (
    Persona(
        "steady", "Steady", 7, {},
        "close to the usual customer in orders, spend, baskets and rhythm",
        "Keep them coming", "The usual programme; look at who of them slows down",
        {**_REGULAR, "frequency": (1.5, np.inf), "busyness": (0.7, 1.4), "basket": (0.7, 1.4)},
        ("frequency", "monetary", "orders_90d", "avg_order_value", "recency_days"),
    ),
    Persona(
        "big-baskets", "Big baskets", 8,
        {"avg_order_value": 3, "frequency": -1, "orders_90d": -0.5},
        "fewer orders than usual, each larger than usual",
        "One more reason to come", "A reminder between two large orders, without a discount",
        {**_REGULAR, "frequency": (1.5, np.inf), "busyness": (0.0, 1.0), "basket": (1.1, np.inf)},
    ),
    Persona(
        "occasional", "Occasional", 9,
        {"frequency": -1.5, "monetary": -1, "avg_order_value": -0.5, "orders_90d": -0.5},
        "orders now and then, fewer than usual and no larger",
        "Raise the rhythm", "A small offer when their usual order is due",
        {**_REGULAR, "frequency": (1.5, np.inf), "busyness": (0.0, 0.9), "basket": (0.0, 1.1)},
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
        "used seldom: few transactions, small payments, a low balance that seldom moves",
        "Give the card a habit",
        "One offer for a regular payment by card; where nothing follows, no further cost",
    ),
)  # fmt: skip


def rule_table(features: Sequence[str]) -> tuple[Persona, ...]:
    """The table that fits the features; empty where none does."""
    for table in (SHOPPERS, CARDHOLDERS):
        needed = {name for persona in table for name in persona.weights}
        if len(needed & set(features)) >= 0.6 * len(needed):
            return table
    return ()
