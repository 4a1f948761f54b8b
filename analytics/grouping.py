"""From clusters to the tables about them: who is where, what each group is like, and its name."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from analytics import clusters
from analytics.axes import axes
from analytics.clusters import Clustering, ClusterModel
from analytics.frames import LABELS
from analytics.scoring import KEYS, buyers
from analytics.situation import Situation
from analytics.tables import read_scores
from warehouse.configuration import FILE_NAME, Settings
from warehouse.errors import SettingsError

# What a comparison of groups shows beside the features that made them.
_ALSO_SHOWN = (
    "mean_gap_days", "refund_ratio", "avg_products_per_order", "promo_usage_ratio", "n_categories",
    "n_merchants", "n_products", "weekend_share", "spend_90d",
)  # fmt: skip
# A ledger without dates knows how much and how broadly, but not when.
_UNDATED = (
    "frequency", "monetary", "avg_order_value", "max_order_value", "std_order_value",
    "n_merchants", "n_categories", "n_products", "top_category_share", "promo_usage_ratio",
)  # fmt: skip
_PREDICTED = ("expected_spend", "churn_risk")


def clustered(frame: pd.DataFrame, situation: Situation) -> pd.DataFrame:
    """The customers that are grouped: whoever bought, or the whole customers table."""
    return frame if situation.kind == "table" else buyers(frame)


def wanted_features(frame: pd.DataFrame, situation: Situation, settings: Settings) -> list[str]:
    """Columns that the groups are made from.

    Raises
    ------
    SettingsError : ``clusters.features`` names a column that is not there.
    """
    numbers = frame.select_dtypes("number").columns
    known = [str(name) for name in numbers if name not in (*KEYS, *LABELS)]
    for name in settings.clusters.features:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            raise SettingsError(
                f"{FILE_NAME}: clusters.features names {name!r}, which is no numeric feature here",
                fix=f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}",
            )
    if settings.clusters.features:
        return list(settings.clusters.features)
    if situation.kind == "table":
        return known
    return list(_UNDATED if situation.kind == "undated" else clusters.FEATURES)


@dataclass(frozen=True)
class Before:
    """The groups of the generation before: each customer's, their names, and what they saw."""

    assigned: pd.DataFrame
    names: Mapping[int, str]
    features: frozenset[str]


def before(con: duckdb.DuckDBPyConnection, among: str | None = None) -> Before:
    """The groups as ``scores`` still has them; empty before the first refresh.

    Parameters
    ----------
    among : only customers of this relation, see :func:`analytics.sample.draw`.
    """
    personas = read_scores(con, "personas")
    names = dict(zip(personas["cluster"].tolist(), personas["persona"].tolist(), strict=True))
    features = frozenset(read_scores(con, "pca_loadings")["feature"])
    assigned = read_scores(con, "clusters", "customer_key, cluster", among)
    return Before(assigned, names, features)


def find(
    frame: pd.DataFrame, situation: Situation, settings: Settings, past: Before
) -> Clustering | None:
    """Find the groups; None where there is nothing to group.

    Parameters
    ----------
    frame : as from :func:`clustered`.
    past : groups made from the same features keep their numbers; others have nothing in common
        with the new ones.
    """
    wanted = wanted_features(frame, situation, settings)
    agree = past.features == set(clusters.usable_features(frame, wanted))
    return clusters.fit(
        frame,
        wanted,
        k=settings.clusters.k,
        seed=settings.seed,
        previous=past.assigned if agree else None,
    )


def described(
    model: ClusterModel,
    frame: pd.DataFrame,
    predictions: pd.DataFrame,
    titles: Mapping[str, str],
    past: Before,
) -> dict[str, pd.DataFrame]:
    """Rows of the tables about the groups, all but the scan and the customers themselves.

    Parameters
    ----------
    frame : as from :func:`clustered`; in a large shop of the customers that were drawn.
    predictions : expected spend and churn risk are shown beside the features, where there are any;
        see :func:`analytics.scoring.predicted`.
    titles : names for people of further columns of a customers table.
    past : a near tie between names goes to the one that the group had.
    """
    assigned = model.assign(frame)
    names = past.names if past.features == set(model.features) else None
    named = clusters.personas(model, frame, assigned, names)
    axis, loadings = axes(model, titles)
    shown = [*model.features, *(name for name in _ALSO_SHOWN if name in frame)]
    telling = [name for name in dict.fromkeys(shown) if frame[name].nunique() > 1]
    values = frame[[*KEYS, *telling]]
    known = [name for name in _PREDICTED if predictions[name].notna().any()]
    values = values.merge(predictions[["customer_key", *known]], on="customer_key", how="left")
    return {
        "personas": named,
        "cluster_profiles": clusters.profiles(values, assigned, named, titles),
        "pca_axes": axis,
        "pca_loadings": loadings,
    }


def persona_sql(named: pd.DataFrame) -> str:
    """The persona of a cluster as SQL; NULL for a cluster that nobody was in when it was named.

    Parameters
    ----------
    named : rows of scores.personas.
    """
    slugs = [str(persona).replace("'", "''") for persona in named["persona"]]
    whens = [
        f"when {int(cluster)} then '{slug}'"
        for cluster, slug in zip(named["cluster"], slugs, strict=True)
    ]
    return f"case cluster::integer {' '.join(whens)} end"
