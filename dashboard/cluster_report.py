"""``spendboard report clusters``: the groups, what sets each apart, and how they were found."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from dashboard.formatting import Formatter
from dashboard.printing import Row, plain_records, records, share, stdout, text_table
from dashboard.queries import clusters
from dashboard.reader import View

# So many differences and loadings are read; JSON has all of them.
MOST_DIFFERENCES: Final = 4
# Below this many deviations from the mean of everybody a group is like everybody.
LEAST: Final = 0.2
_NOTHING: Final = "There are no groups yet: `spendboard refresh` makes them."


def as_json(view: View) -> dict[str, Any]:
    """The report for machines."""
    run = plain_records(clusters.found(view))
    return {
        "schema": 1,
        "report": "clusters",
        "generation": view.number,
        "currency": view.manifest.currency,
        "why": run[0]["why"] if run else None,
        "note": run[0]["note"] if run else None,
        "personas": plain_records(clusters.personas(view)),
        "differences": plain_records(clusters.differences(view)),
        "scan": plain_records(clusters.scan(view)),
        "axes": plain_records(clusters.axes(view)),
        "loadings": plain_records(clusters.loadings(view)),
    }


def show(view: View) -> None:
    """Print the report for people."""
    console, words = stdout(), Formatter(view.manifest.currency)
    run, groups = records(clusters.found(view)), records(clusters.personas(view))
    if not groups:
        console.print(run[0]["note"] if run and run[0]["note"] else _NOTHING)
        return
    different = records(clusters.differences(view))
    _groups(groups, different, words, console)
    _scan(records(clusters.scan(view)), words, console)
    if run:
        console.print(escape(run[0]["why"]), soft_wrap=True)
    _axes(records(clusters.axes(view)), records(clusters.loadings(view)), words, console)


def _groups(
    groups: Sequence[Row], different: Sequence[Row], words: Formatter, console: Console
) -> None:
    """Each group: its size, what it does, what sets it apart, what to do about it."""
    for group in groups:
        size = f"{words.count(group['n_customers'])} customers, {share(group['share'], words)}"
        console.print(f"[bold]{escape(group['title'])}[/bold]: {size}")
        console.print(f"  {escape(group['description'])}", soft_wrap=True)
        mine = [row for row in different if row["cluster"] == group["cluster"]]
        console.print(f"  On average different in: {escape(_apart(mine, words))}.", soft_wrap=True)
        console.print(f"  Called so for: {escape(group['rule'])}.", soft_wrap=True)
        advice = f"{group['action']}. {group['action_detail']}"
        console.print(f"  Do: {escape(advice)}.", soft_wrap=True)
        console.print()


def _apart(rows: Sequence[Row], words: Formatter) -> str:
    """``balance 3,135.56 (0.8 above), ...``: means, and how many deviations from everybody's."""
    told = [row for row in rows[:MOST_DIFFERENCES] if abs(row["z"]) >= LEAST]
    if not told:
        return "nothing that stands out"
    return ", ".join(
        f"{row['feature_title'].lower()} {_mean(row, words)}"
        f" ({words.number(abs(row['z']), 1)} {'above' if row['z'] > 0 else 'below'})"
        for row in told
    )


def _mean(row: Row, words: Formatter) -> str:
    if row["feature_unit"] == "ratio":
        return words.percent(row["mean"])
    return words.exact(row["mean"], 2)


def _scan(rows: Sequence[Row], words: Formatter, console: Console) -> None:
    """Elbow, silhouette and stability of every number of groups that was tried."""
    columns = ("groups", "inertia", "silhouette", "stability (ARI)", "smallest", "")
    table = text_table("How many groups", columns, left=0)
    for row in rows:
        table.add_row(
            words.count(row["k"]), words.number(row["inertia"], 1),
            words.number(row["silhouette"], 3), words.number(row["stability_ari"], 2),
            share(row["smallest_share"], words), "chosen" if row["is_chosen"] else "",
        )  # fmt: skip
    console.print(table)


def _axes(axes: Sequence[Row], loadings: Sequence[Row], words: Formatter, console: Console) -> None:
    """What the two axes of the map stand for."""
    console.print("\n[bold]The map (PCA)[/bold]")
    for axis in axes:
        strongest = [row for row in loadings if row["axis"] == axis["axis"]][:MOST_DIFFERENCES]
        pulls = ", ".join(
            f"{row['feature_title'].lower()} {words.signed(row['loading'], 2)}" for row in strongest
        )
        console.print(
            f"Axis {axis['axis']}: {escape(axis['title'])};"
            f" {share(axis['explained_variance_ratio'], words)} of the variance. {escape(pulls)}",
            soft_wrap=True,
        )
