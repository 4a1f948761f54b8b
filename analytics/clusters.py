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
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer

from analytics.frames import finite
from analytics.personas import name_clusters
from warehouse.titles import title_of

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

NAME: Final = "clusters"
# For customers with transactions; a customers table brings its own numbers.
FEATURES: Final = (
    "recency_days", "customer_lifetime_days", "frequency", "monetary", "avg_order_value",
    "orders_90d", "spend_180d", "n_products", "n_categories", "promo_usage_ratio",
)  # fmt: skip
FEWEST_CUSTOMERS: Final = 50
KS: Final = range(3, 9)
LEAST_STABILITY: Final = 0.8
LEAST_SHARE: Final = 0.03
# Silhouettes closer than this are a tie, which the bend of the inertia decides.
TIE: Final = 0.005
BOOTSTRAPS: Final = 5
MOST_FITTED: Final = 50_000
# Beyond these quantiles a value counts as the quantile: with less, a hundred whales and a few
# negative balances make clusters of their own.
CLIPPED: Final = 0.005
# Columns that order customers alike say the same twice, and would count twice.
SAME: Final = 0.999
MOST_RESAMPLED: Final = 10_000
MOST_COMPARED: Final = 3_000
RULE: Final = (
    f"k from {KS.start} to {KS.stop - 1} with a bootstrap ARI of at least {LEAST_STABILITY} and no "
    f"cluster below {LEAST_SHARE:.0%} of the customers; among them the best silhouette"
)


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
        space = self.placed(frame)
        coordinates = self.map.transform(space)
        return pd.DataFrame(
            {
                "customer_key": frame["customer_key"].to_numpy(),
                "customer_id": frame["customer_id"].to_numpy(),
                "cluster": np.array(self.numbers)[self.kmeans.predict(space)],
                "pca_1": coordinates[:, 0],
                "pca_2": coordinates[:, 1] if coordinates.shape[1] > 1 else 0.0,
            }
        )


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
    """Find the clusters of ``frame``.

    Parameters
    ----------
    frame : one row per customer, see :func:`analytics.frames.scoring_frame`.
    features : wanted columns; those that are missing or constant are left out.
    k : number of clusters; ``"auto"`` chooses it by the written rule.
    previous : ``customer_key, cluster`` of the generation before; numbers stay with customers.

    Returns
    -------
    The clustering, or None where there is nothing to cluster: fewer than 50 customers, or fewer
    than two features that vary.
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
    sample = _clipped(values, limits).iloc[_some(len(values), MOST_FITTED, random)]
    fitted = np.asarray(space.fit_transform(sample), dtype=np.float64)
    scan = _scan(fitted, range(k, k + 1) if k != "auto" else KS, seed, random)
    best, why = _choice(scan, k)
    scan["is_chosen"] = scan["k"] == best
    kmeans = KMeans(best, n_init=10, random_state=seed).fit(fitted)
    picture = _oriented(PCA(min(2, len(chosen)), random_state=seed).fit(fitted), chosen)
    order = tuple(range(1, best + 1))
    model = ClusterModel(tuple(chosen), space, kmeans, picture, order, limits)
    if previous is not None and not previous.empty:
        model = _renumbered(model, frame, previous)
    return Clustering(model, scan, why)


def _clipped(values: pd.DataFrame, limits: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Values within the limits seen in training: one wild ratio must not make a cluster."""
    low, high = zip(*(limits[name] for name in values.columns), strict=True)
    return values.clip(lower=list(low), upper=list(high), axis="columns")


def _some(rows: int, most: int, random: np.random.Generator) -> Labels:
    """Positions of at most ``most`` rows, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(random.choice(rows, most, replace=False))


def _scan(space: Matrix, ks: Sequence[int], seed: int, random: np.random.Generator) -> pd.DataFrame:
    """Inertia, silhouette, stability and smallest share for each number of clusters."""
    resampled = space[_some(len(space), MOST_RESAMPLED, random)]
    compared = _some(len(resampled), MOST_COMPARED, random)
    rows = []
    for k in ks:
        if k >= len(resampled):
            continue
        labels, inertia = _labels(resampled, resampled, k, seed, starts=5)
        shares = np.bincount(labels, minlength=k) / len(labels)
        rands = []
        for n in range(BOOTSTRAPS):
            again = resampled[random.integers(0, len(resampled), len(resampled))]
            other, _ = _labels(again, resampled, k, seed + n + 1, starts=3)
            rands.append(adjusted_rand_score(labels, other))
        several = len(np.unique(labels[compared])) > 1
        rows.append(
            {
                "k": k,
                "inertia": inertia,
                "silhouette": silhouette_score(resampled[compared], labels[compared])
                if several
                else np.nan,
                "stability_ari": float(np.mean(rands)),
                "smallest_share": float(shares.min()),
            }
        )
    return pd.DataFrame(rows)


def _labels(
    learnt_on: Matrix, told_for: Matrix, k: int, seed: int, *, starts: int
) -> tuple[Labels, float]:
    """Cluster labels of ``told_for`` by a k-means learnt on ``learnt_on``, and its inertia."""
    kmeans = KMeans(k, n_init=starts, random_state=seed).fit(learnt_on)
    return kmeans.predict(told_for).astype(np.int64), float(kmeans.inertia_)


def _choice(scan: pd.DataFrame, wanted: int | Literal["auto"]) -> tuple[int, str]:
    """The number of clusters and the reason for it, in a sentence."""
    if wanted != "auto":
        return int(scan["k"].iloc[0]), f"k = {wanted} as spendboard.toml says"
    sound = scan[
        (scan["stability_ari"] >= LEAST_STABILITY) & (scan["smallest_share"] >= LEAST_SHARE)
    ]
    if sound.empty:
        row = scan.sort_values("stability_ari", ascending=False, kind="stable").iloc[0]
        return int(row["k"]), (
            f"No k passed the rule ({RULE}); k = {row['k']:.0f} is the most stable, with a "
            f"bootstrap ARI of {row['stability_ari']:.2f}: read these groups with care"
        )
    best = sound["silhouette"].max()
    tied = sound[sound["silhouette"] >= best - TIE]
    row = tied.iloc[int(np.argmax(tied["k"].map(_bend(scan))))]
    return int(row["k"]), (
        f"{RULE}: k = {row['k']:.0f} with silhouette {row['silhouette']:.3f}, "
        f"ARI {row['stability_ari']:.2f}, smallest share {row['smallest_share']:.1%}"
    )


def _bend(scan: pd.DataFrame) -> "pd.Series[float]":
    """How sharply the inertia bends at each k: distance below the line from first to last."""
    k, inertia = scan["k"].to_numpy(float), scan["inertia"].to_numpy(float)
    if len(k) < 3 or inertia[0] == inertia[-1]:
        return pd.Series(0.0, index=scan["k"])
    across, down = (k - k[0]) / (k[-1] - k[0]), (inertia[0] - inertia) / (inertia[0] - inertia[-1])
    return pd.Series(down - across, index=scan["k"])


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


def personas(model: ClusterModel, frame: pd.DataFrame, assigned: pd.DataFrame) -> pd.DataFrame:
    """A persona for each cluster that somebody is in; columns of scores.personas."""
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
    if "monetary" in told:
        medians["spend_place"] = medians["monetary"].rank(ascending=False, method="min")
    return name_clusters(deviations, medians)


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
    slug = named.set_index("cluster")["persona"]
    rows: list[dict[str, Any]] = []
    for cluster in means.index:
        for name in names:
            title, unit = title_of(name)
            rows.append(
                {
                    "cluster": int(cluster), "persona": slug[cluster], "feature": name,
                    "feature_title": titles.get(name, title), "feature_unit": unit,
                    "mean": means.loc[cluster, name], "z": z.loc[cluster, name],
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
