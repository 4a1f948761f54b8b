"""Groups of customers: the personas of a selection, their profiles, and how they were found."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dashboard.queries.kpi_sums import measure
from dashboard.reader import View
from dashboard.selection import Selection


@dataclass(frozen=True)
class Persona:
    """A cluster with a name and an advice.

    Parameters
    ----------
    slug, title : ``at-risk``, ``At risk``.
    mark : 1 to 9, its fixed shape and colour; 0 for whoever has no persona.
    description, rule, action, action_detail : sentences written when the clusters were found.
    n_customers : over everybody.
    """

    slug: str
    title: str
    mark: int
    description: str
    rule: str
    action: str
    action_detail: str
    n_customers: int


@dataclass(frozen=True)
class Share:
    """One persona within a selection.

    Parameters
    ----------
    persona : None for customers without one.
    customers : how many of the selection.
    revenue : sum of their spend in the period, exact.
    before : the same within the compared days, of whoever was meant then; None without such
        days, or where the data do not reach back to them.
    buyers : how many of them bought in the period.
    churn_risk : mean probability in [0, 1]; None where no score is there.
    """

    persona: Persona | None
    customers: int
    revenue: Decimal
    before: Decimal | None
    buyers: int
    churn_risk: float | None


@dataclass(frozen=True)
class Cell:
    """One feature of one persona: its mean, and its distance from everybody's mean."""

    persona: str
    feature: str
    title: str
    unit: str
    mean: float | None
    z: float | None


@dataclass(frozen=True)
class Candidate:
    """One number of clusters that was tried."""

    k: int
    inertia: float
    silhouette: float | None
    stability: float | None
    smallest_share: float | None
    is_chosen: bool


_PERSONAS = """
    select
        persona as slug,
        any_value(title order by cluster) as title,
        any_value(mark order by cluster) as mark,
        any_value(coalesce(description, '') order by cluster) as description,
        any_value(coalesce(rule, '') order by cluster) as rule,
        any_value(coalesce(action, '') order by cluster) as action,
        any_value(coalesce(action_detail, '') order by cluster) as action_detail,
        sum(n_customers) as n_customers
    from marts.personas
    group by persona
    order by mark, slug
"""


def personas(view: View) -> dict[str, Persona]:
    """Personas by slug, in the order of their marks."""

    def ask() -> dict[str, Persona]:
        found = [
            Persona(**{**row, "n_customers": int(str(row["n_customers"])),
                       "mark": int(str(row["mark"]))})  # type: ignore[arg-type]
            for row in view.rows(_PERSONAS)
        ]  # fmt: skip
        return {persona.slug: persona for persona in found}

    return view.fact("personas", ask)


def shares(view: View, selection: Selection) -> list[Share]:
    """The personas that occur in ``selection``, in their own order; those without one last."""
    return view.cached(("shares", selection.meaning()), lambda: _shares(view, selection))


def _shares(view: View, selection: Selection) -> list[Share]:
    # The key figures are made of the same sums: whoever looks at both asks once.
    rows = measure(view, selection).groups
    known = personas(view)
    rank = {slug: place for place, slug in enumerate(known)}
    ordered = sorted(rows, key=lambda row: rank.get(str(row["persona"]), len(rank)))
    return [_share(view, row, known) for row in ordered]


def _share(view: View, row: Mapping[str, object], known: Mapping[str, Persona]) -> Share:
    slug = row["persona"]
    risk = row["churn_risk"]
    if "churn_risk" in view.vocabulary.withheld:
        risk = None
    return Share(
        known.get(str(slug)) if slug is not None else None,
        int(str(row["customers"])),
        Decimal(str(row["revenue"])),
        None if row["before"] is None else Decimal(str(row["before"])),
        int(str(row["buyers"])),
        None if risk is None else float(str(risk)),
    )


def profiles(view: View) -> list[Cell]:
    """Mean and z-score of every feature of every persona, over everybody."""

    def ask() -> list[Cell]:
        rows = view.rows(
            """
            select persona, feature, feature_title as title, feature_unit as unit, mean, z
            from marts.cluster_profiles
            order by cluster, feature
            """
        )
        return [Cell(**row) for row in rows]  # type: ignore[arg-type]

    return view.fact("profiles", ask)


def scan(view: View) -> list[Candidate]:
    """The numbers of clusters that were tried, smallest first."""

    def ask() -> list[Candidate]:
        rows = view.rows(
            """
            select
                k,
                inertia,
                silhouette,
                stability_ari as stability,
                smallest_share,
                coalesce(is_chosen, false) as is_chosen
            from marts.cluster_scan
            order by k
            """
        )
        return [
            Candidate(**{name: _number(value) for name, value in row.items()})  # type: ignore[arg-type]
            for row in rows
        ]

    return view.fact("scan", ask)


def _number(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def why(view: View) -> str | None:
    """The reason written down for the number of groups; None where none was."""

    def ask() -> str | None:
        rows = view.rows(
            """
            select why
            from marts.model_runs
            where question = 'clusters'
            order by created_at desc
            limit 1
            """
        )
        return str(rows[0]["why"]) if rows and rows[0]["why"] else None

    return view.fact("why so many groups", ask)


def too_little(view: View) -> str | None:
    """What the last search for groups lacked, in its own words; None where it lacked nothing."""

    def ask() -> str | None:
        rows = view.rows(
            """
            select note
            from marts.model_runs
            where question = 'clusters' and not enough_history
            order by created_at desc
            limit 1
            """
        )
        return str(rows[0]["note"] or "") or None if rows else None

    return view.fact("too little for groups", ask)
