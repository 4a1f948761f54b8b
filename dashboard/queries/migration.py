"""Who moved from one refresh to the next: the counts that the last one left."""

from typing import TYPE_CHECKING

from dashboard.reader import View

if TYPE_CHECKING:
    import pandas as pd


def last_moves(view: View) -> "pd.DataFrame":
    """The columns of marts.migration of the latest refresh that replaced scores; else no row."""
    return view.frame(
        """
        select *
        from marts.migration
        where to_generation = (select max(to_generation) from marts.migration)
        order by dimension, from_value nulls last, to_value nulls last
        """
    )


def persona_titles(view: View) -> dict[str, str]:
    """Names for people of the personas that there are now, by slug."""
    return {
        str(row["persona"]): str(row["title"])
        for row in view.rows("select persona, title from marts.personas")
    }
