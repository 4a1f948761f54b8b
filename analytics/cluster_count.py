"""How many clusters there are: every candidate number measured, one chosen by a written rule.

The silhouette alone always likes two or three groups. So a number has to be stable first: other
customers of the same shop must give the same groups.
"""

import warnings
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

KS: Final = range(3, 9)
LEAST_STABILITY: Final = 0.8
LEAST_SHARE: Final = 0.03
# Silhouettes closer than this are a tie, which the bend of the inertia decides.
TIE: Final = 0.005
BOOTSTRAPS: Final = 5
MOST_RESAMPLED: Final = 10_000
MOST_COMPARED: Final = 3_000
RULE: Final = (
    f"of {KS.start} to {KS.stop - 1} groups, the numbers whose groups come back among other "
    f"customers (adjusted Rand index of at least {LEAST_STABILITY}) and hold at least "
    f"{LEAST_SHARE * 100:.0f} % of all each; of these, the groups that stand furthest apart "
    f"(silhouette; within {TIE} of the best, where the inertia bends most)"
)


def some(rows: int, most: int, random: np.random.Generator) -> Labels:
    """Positions of at most ``most`` rows, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(random.choice(rows, most, replace=False))


def scan_ks(
    space: Matrix, ks: Sequence[int], seed: int, random: np.random.Generator
) -> pd.DataFrame:
    """Inertia, silhouette, stability and smallest share for each number of clusters.

    A number without more different customers than that is left out.
    """
    resampled = space[some(len(space), MOST_RESAMPLED, random)]
    compared = some(len(resampled), MOST_COMPARED, random)
    different = len(np.unique(resampled, axis=0))
    rows = []
    for k in ks:
        if k >= different:
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
    with warnings.catch_warnings():
        # A bootstrap may draw fewer different customers than clusters: its ARI tells.
        warnings.simplefilter("ignore", ConvergenceWarning)
        kmeans = KMeans(k, n_init=starts, random_state=seed).fit(learnt_on)
    return kmeans.predict(told_for).astype(np.int64), float(kmeans.inertia_)


def choose_k(scan: pd.DataFrame, wanted: int | Literal["auto"]) -> tuple[int, str]:
    """The number of clusters and the reason for it, in a sentence."""
    if wanted != "auto":
        return int(scan["k"].iloc[0]), f"{wanted} groups, as spendboard.toml says"
    sound = scan[
        (scan["stability_ari"] >= LEAST_STABILITY) & (scan["smallest_share"] >= LEAST_SHARE)
    ]
    if sound.empty:
        row = scan.sort_values("stability_ari", ascending=False, kind="stable").iloc[0]
        return int(row["k"]), (
            f"{row['k']:.0f} groups, to be read with care: no number passed the rule ({RULE}), and "
            f"these come back best, with an adjusted Rand index of {row['stability_ari']:.2f}."
        )
    best = sound["silhouette"].max()
    tied = sound[sound["silhouette"] >= best - TIE]
    row = tied.iloc[int(np.argmax(tied["k"].map(_bend(scan))))]
    return int(row["k"]), (
        f"{row['k']:.0f} groups by the rule: {RULE}. Here: silhouette {row['silhouette']:.3f}, "
        f"adjusted Rand index {row['stability_ari']:.2f}, the smallest group "
        f"{row['smallest_share'] * 100:.1f} %."
    )


def _bend(scan: pd.DataFrame) -> "pd.Series[float]":
    """How sharply the inertia bends at each k: distance below the line from first to last."""
    k, inertia = scan["k"].to_numpy(float), scan["inertia"].to_numpy(float)
    if len(k) < 3 or inertia[0] == inertia[-1]:
        return pd.Series(0.0, index=scan["k"])
    across, down = (k - k[0]) / (k[-1] - k[0]), (inertia[0] - inertia) / (inertia[0] - inertia[-1])
    return pd.Series(down - across, index=scan["k"])
