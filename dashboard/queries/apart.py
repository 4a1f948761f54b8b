"""What sets a group of customers apart from the rest, feature by feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """How far a group's mean of one feature lies from the others', in standard deviations."""

    feature: str
    title: str
    unit: str
    inside: float
    outside: float
    z: float


def apart(view: View, inner: Selection, outer: Selection) -> list[Difference]:
    """What sets ``inner`` apart from the rest of ``outer``, largest difference first.

    Only features that the clustering knows are compared. The unit of a difference is the
    standard deviation of the feature over ``outer``, so differences of features are comparable.

    Features that do not vary, or that one side lacks, are left out.
    """
    key = ("apart", inner.meaning(), outer.meaning())
    return view.cached(key, lambda: _apart(view, inner, outer))


def _apart(view: View, inner: Selection, outer: Selection) -> list[Difference]:
    features = _features(view)
    chosen, everyone = (_moments(view, who, list(features)) for who in (inner, outer))
    found = []
    for name, (title, unit) in features.items():
        n, total, _ = chosen[name]
        all_n, all_total, spread = everyone[name]
        if not 0 < n < all_n or not spread:
            continue
        inside, outside = total / n, (all_total - total) / (all_n - n)
        found.append(Difference(name, title, unit, inside, outside, (inside - outside) / spread))
    found.sort(key=lambda difference: (-abs(difference.z), difference.feature))
    return found


def _features(view: View) -> dict[str, tuple[str, str]]:
    """Title and unit of the clustering's features that ``marts.customers`` has."""
    rows: list[Row] = view.rows(
        """
        select feature, any_value(feature_title) as title, any_value(feature_unit) as unit
        from marts.cluster_profiles
        group by feature
        order by feature
        """
    )
    return {
        row["feature"]: (row["title"], row["unit"])
        for row in rows
        if row["feature"] in view.vocabulary.columns
    }


def _moments(
    view: View, selection: Selection, features: Sequence[str]
) -> dict[str, tuple[int, float, float]]:
    """Of each feature: how many customers have it, its sum, and its standard deviation."""
    if not features:
        return {}
    what = selected(selection, view)
    asked = []
    for place, name in enumerate(features):
        value = f"{view.vocabulary.columns[name].expression}::double"
        asked += [
            f"count({value}) as n_{place}",
            f"coalesce(fsum({value}), 0) as sum_{place}",
            f"stddev_pop({value}) as spread_{place}",
        ]
    row: Row = view.rows(
        f"""
        {what.ctes}
        select {", ".join(asked)}
        from selected
        join marts.customers as customers using (customer_key)
        """,
        what.parameters,
    )[0]
    return {
        name: (row[f"n_{place}"], row[f"sum_{place}"], row[f"spread_{place}"])
        for place, name in enumerate(features)
    }
