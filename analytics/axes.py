"""What the two axes of the customer map stand for, in words made from their loadings."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from analytics.clusters import ClusterModel
from warehouse.titles import title_of

# How a customer far along the axis differs: (positive loading, negative loading).
WORDS: Final[dict[str, tuple[str, str]]] = {
    "recency_days": ("bought longer ago", "bought more recently"),
    "customer_lifetime_days": ("customer for longer", "customer for a shorter time"),
    "frequency": ("orders more often", "orders less often"),
    "monetary": ("spends more", "spends less"),
    "avg_order_value": ("larger orders", "smaller orders"),
    "orders_90d": ("more orders lately", "fewer orders lately"),
    "spend_180d": ("spends more lately", "spends less lately"),
    "n_products": ("more products", "fewer products"),
    "n_categories": ("more categories", "fewer categories"),
    "promo_usage_ratio": ("more on promotion", "less on promotion"),
}


def axes(model: ClusterModel, titles: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``scores.pca_axes`` and ``scores.pca_loadings`` of a model.

    Parameters
    ----------
    titles : names for people of further columns.
    """
    rows, loadings = [], []
    shares = model.map.explained_variance_ratio_
    for number, component in enumerate(model.map.components_, start=1):
        pulls = pd.Series(component, index=list(model.features))
        strongest = pulls.abs().sort_values(ascending=False, kind="stable").index[:2]
        words = ", ".join(_words(name, pulls[name] > 0, titles) for name in strongest)
        rows.append(
            {
                "axis": number,
                "title": words[:1].upper() + words[1:],
                "explained_variance_ratio": float(shares[number - 1]),
            }
        )
        loadings += [
            {
                "axis": number,
                "feature": name,
                "feature_title": titles.get(str(name), title_of(str(name))[0]),
                "loading": float(pull),
            }
            for name, pull in pulls.items()
        ]
    return pd.DataFrame(rows), pd.DataFrame(loadings)


def _words(name: str, is_positive: bool, titles: Mapping[str, str]) -> str:
    if name in WORDS:
        return WORDS[name][0 if is_positive else 1]
    title = titles.get(name, title_of(name)[0])
    return f"{'more' if is_positive else 'less'} {title[:1].lower()}{title[1:]}"
