"""Which groups of customers exist: clusters, their place on a map, and how their number was chosen.

Features are tamed by a Yeo-Johnson transform before k-means: on raw or merely scaled values a few
whales make a cluster of their own, and a second sample of the same customers gives other groups.
The map (PCA) is a picture of the same space; clusters are never made from its two axes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer

from analytics.cluster_count import KS, choose_k, scan_ks, some
from analytics.frames import finite
from analytics.personas import name_clusters
from warehouse.titles import title_of

Matrix = npt.NDArray[np.float64]

NAME: Final = "clusters"
# For customers with transactions; a customers table brings its own numbers.
FEATURES: Final = (
    "recency_days", "customer_lifetime_days", "frequency", "monetary", "avg_order_value",
    "orders_90d", "spend_180d", "n_products", "n_categories", "promo_usage_ratio",
)  # fmt: skip
FEWEST_CUSTOMERS: Final = 50
MOST_FITTED: Final = 50_000
# Beyond these quantiles a value counts as the quantile: with less, a hundred whales and a few
# negative balances make clusters of their own.
CLIPPED: Final = 0.005
# Columns that order customers alike say the same twice, and would count twice.
SAME: Final = 0.999


@dataclass(frozen=True)
class ClusterModel:
    """A fitted clustering; picklable, and enough to place new customers without a refit.

    Parameters
    ----------
    features : columns it looks at, in order.
    space : imputation, clipping and transform.
    kmeans, map : fitted in that space; ``map`` has two components, signs fixed.
    numbers : the cluster number of each centroid.
    """

    features: tuple[str, ...]
    space: Pipeline
    kmeans: KMeans
    map: PCA
    numbers: tuple[int, ...]
    limits: Mapping[str, tuple[float, float]]

    def placed(self, frame: pd.DataFrame) -> Matrix:
        """Rows of ``frame`` in the space in which the clusters were found."""
        clipped = _clipped(finite(frame, list(self.features)), self.limits)
        return np.asarray(self.space.transform(clipped), dtype=np.float64)

    def assign(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``customer_key, customer_id, cluster, pca_1, pca_2``, one row per row of ``frame``."""
        keys = {name: frame[name].to_numpy() for name in ("customer_key", "customer_id")}
        return pd.DataFrame({**keys, **self.located(frame)})

    def located(self, frame: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
        """``cluster``, ``pca_1`` and ``pca_2`` of each row of ``frame``."""
        space = self.placed(frame)
        coordinates = self.map.transform(space)
        flat = np.zeros(len(frame))
        return {
            "cluster": np.array(self.numbers)[self.kmeans.predict(space)],
            "pca_1": coordinates[:, 0],
            "pca_2": coordinates[:, 1] if coordinates.shape[1] > 1 else flat,
        }


@dataclass(frozen=True)
class Clustering:
    """A model with everything that is stored beside its scores; see the scores.* relations."""

    model: ClusterModel
    scan: pd.DataFrame
    why: str


def usable_features(frame: pd.DataFrame, wanted: Sequence[str]) -> list[str]:
    """The wanted columns that are there, known for most customers, vary, and add something."""
    names = [name for name in wanted if name in frame]
    known = finite(frame, names)
    varying = [
        name for name in names if known[name].notna().mean() >= 0.5 and known[name].nunique() > 1
    ]
    alike = known[varying].rank().corr().abs().to_numpy() > SAME
    return [name for place, name in enumerate(varying) if not alike[place, :place].any()]


def fit(
    frame: pd.DataFrame,
    features: Sequence[str],
    *,
    k: int | Literal["auto"] = "auto",
    seed: int = 0,
    previous: pd.DataFrame | None = None,
) -> Clustering | None:
    """Find the clusters of ``frame``; None where there is nothing to cluster.

    That is: fewer than 50 customers, fewer than two features that tell them apart, or no more
    different customers than clusters.

    Parameters
    ----------
    frame : one row per customer, see :func:`analytics.frames.scoring_frame`.
    features : wanted columns; those that are missing or constant are left out.
    k : number of clusters; ``"auto"`` chooses it by the written rule.
    previous : ``customer_key, cluster`` of the generation before; numbers stay with customers.
    """
    chosen = usable_features(frame, features)
    if len(frame) < FEWEST_CUSTOMERS or len(chosen) < 2:
        return None
    random = np.random.default_rng(seed)
    values = finite(frame, chosen)
    limits = {
        name: (float(values[name].quantile(CLIPPED)), float(values[name].quantile(1 - CLIPPED)))
        for name in chosen
    }
    space = make_pipeline(
        SimpleImputer(strategy="median"), PowerTransformer(), FunctionTransformer(np.nan_to_num)
    )
    sample = _clipped(values, limits).iloc[some(len(values), MOST_FITTED, random)]
    fitted = np.asarray(space.fit_transform(sample), dtype=np.float64)
    scan = scan_ks(fitted, KS if k == "auto" else [k], seed, random)
    if scan.empty:
        return None
    best, why = choose_k(scan, k)
    kmeans = KMeans(best, n_init=10, random_state=seed).fit(fitted)
    picture = _oriented(PCA(2, random_state=seed).fit(fitted), chosen)
    order = tuple(range(1, best + 1))
    model = ClusterModel(tuple(chosen), space, kmeans, picture, order, limits)
    if previous is not None and not previous.empty:
        model = _renumbered(model, frame, previous)
    return Clustering(model, scan.assign(is_chosen=scan["k"] == best), why)


def _clipped(values: pd.DataFrame, limits: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Values within the limits seen in training: one wild ratio must not make a cluster."""
    low, high = zip(*(limits[name] for name in values.columns), strict=True)
    return values.clip(lower=list(low), upper=list(high), axis="columns")


def _oriented(picture: PCA, features: Sequence[str]) -> PCA:
    """The same axes with fixed signs: right and up are where customers are worth more."""
    worth = np.array([-1.0 if name == "recency_days" else 1.0 for name in features])
    signs = np.sign(picture.components_ @ worth)
    picture.components_ = picture.components_ * np.where(signs == 0, 1.0, signs)[:, None]
    return picture


def _renumbered(model: ClusterModel, frame: pd.DataFrame, previous: pd.DataFrame) -> ClusterModel:
    """Numbers that stay with their customers: most customers keep the number they had."""
    both = model.assign(frame)[["customer_key", "cluster"]].merge(
        previous[["customer_key", "cluster"]], on="customer_key", suffixes=("", "_before")
    )
    if both.empty:
        return model
    shared = pd.crosstab(both["cluster"], both["cluster_before"])
    rows, columns = linear_sum_assignment(-shared.to_numpy())
    kept = {
        int(shared.index[r]): int(shared.columns[c]) for r, c in zip(rows, columns, strict=True)
    }
    fresh = (n for n in range(1, 2 * len(model.numbers) + 2) if n not in kept.values())
    numbers = tuple(kept.get(number) or next(fresh) for number in model.numbers)
    return ClusterModel(model.features, model.space, model.kmeans, model.map, numbers, model.limits)


def personas(
    model: ClusterModel,
    frame: pd.DataFrame,
    assigned: pd.DataFrame,
    before: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """A persona for each cluster that somebody is in; columns of scores.personas.

    Parameters
    ----------
    assigned : what :meth:`ClusterModel.assign` says of ``frame``.
    before : slug of the persona that each cluster had in the generation before.
    """
    cluster = assigned["cluster"].to_numpy()
    space = pd.DataFrame(model.placed(frame), columns=list(model.features))
    spread = space.std(ddof=0).replace(0.0, 1.0)
    deviations = (space.groupby(cluster).mean() - space.mean()) / spread
    told = [*model.features, *({"mean_gap_days"} & set(frame.columns) - set(model.features))]
    values = finite(frame, told)
    medians = values.groupby(cluster).median()
    if {"recency_days", "mean_gap_days"} <= set(told):
        # Who bought once has no rhythm of her own: the shop's is the measure.
        usual = medians["mean_gap_days"].fillna(values["mean_gap_days"].median())
        medians["gaps_late"] = medians["recency_days"] / usual.clip(lower=1)
    if "customer_lifetime_days" in told:
        medians["youth"] = medians["customer_lifetime_days"] / max(
            1.0, float(values["customer_lifetime_days"].median())
        )
    if "frequency" in told:
        medians["busyness"] = medians["frequency"] / max(1.0, float(values["frequency"].median()))
        medians["one_order_share"] = (values["frequency"] <= 1).groupby(cluster).mean()
    if "avg_order_value" in told:
        usual_basket = float(values["avg_order_value"].median())
        medians["basket"] = medians["avg_order_value"] / (usual_basket if usual_basket else np.nan)
    if "monetary" in told:
        medians["spend_place"] = medians["monetary"].rank(ascending=False, method="min")
    flags = [name for name in model.features if is_flag(values[name])]
    return name_clusters(deviations, medians, before, values.groupby(cluster)[flags].mean())


def is_flag(values: "pd.Series[float]") -> bool:
    """Whether a column says of each customer what she is or is not: 0 and 1, and nothing else."""
    return set(values.dropna().unique()) == {0.0, 1.0}


def profiles(
    frame: pd.DataFrame, assigned: pd.DataFrame, named: pd.DataFrame, titles: Mapping[str, str]
) -> pd.DataFrame:
    """How each cluster differs from everybody, feature by feature; columns of cluster_profiles.

    Parameters
    ----------
    frame : the features to show, beside ``customer_key``; row by row the customers of ``assigned``.
    titles : names for people of further columns.
    """
    names = [name for name in frame.columns if name not in ("customer_key", "customer_id")]
    values = finite(frame, names)
    spread = values.std(ddof=0).replace(0.0, np.nan)
    means = values.groupby(assigned["cluster"].to_numpy()).mean()
    z = ((means - values.mean()) / spread).fillna(0.0)
    # The mean of what is 0 or 1 is a share.
    flags = {name for name in names if is_flag(values[name])}
    slug = named.set_index("cluster")["persona"]
    rows: list[dict[str, Any]] = []
    for cluster in means.index:
        for name in names:
            title, unit = title_of(name)
            unit = "ratio" if name in flags and not unit else unit
            rows.append(
                {
                    "cluster": int(cluster), "persona": slug[cluster], "feature": name,
                    "feature_title": titles.get(name, title), "feature_unit": unit,
                    "mean": means.loc[cluster, name], "z": z.loc[cluster, name],
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
