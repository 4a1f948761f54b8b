"""Which groups there are, what sets each apart, and how their number was found: small frames."""

from typing import TYPE_CHECKING

from dashboard.reader import View

if TYPE_CHECKING:
    import pandas as pd


def personas(view: View) -> "pd.DataFrame":
    """Each group with its advice and its size: the columns of marts.personas, and ``share``."""
    return view.frame(
        """
        select *, n_customers / nullif(sum(n_customers) over (), 0) as share
        from marts.personas
        order by n_customers desc, cluster
        """
    )


def differences(view: View) -> "pd.DataFrame":
    """How each group differs from everybody, the largest difference first, and ``place``."""
    return view.frame(
        """
        select *, row_number() over (partition by cluster order by abs(z) desc, feature) as place
        from marts.cluster_profiles
        order by cluster, place
        """
    )


def scan(view: View) -> "pd.DataFrame":
    """Elbow, silhouette and stability by number of groups: the columns of marts.cluster_scan."""
    return view.frame("from marts.cluster_scan order by k")


def axes(view: View) -> "pd.DataFrame":
    """The axes of the map in words, and the variance that they show: marts.pca_axes."""
    return view.frame("from marts.pca_axes order by axis")


def loadings(view: View) -> "pd.DataFrame":
    """What each axis is made of, the strongest first: the columns of marts.pca_loadings."""
    return view.frame("from marts.pca_loadings order by axis, abs(loading) desc, feature")


def found(view: View) -> "pd.DataFrame":
    """One row ``why, note``: the reason for the number of groups, or what was lacking."""
    return view.frame(
        """
        select why, note
        from marts.model_runs
        where question = 'clusters'
        order by created_at desc
        limit 1
        """
    )
