"""Panels about the clustering itself: how the groups differ, and why there are so many of them."""

from collections.abc import Sequence
from typing import Final

from dash import html

from dashboard.components import tables
from dashboard.components.links import go
from dashboard.components.marks import tag
from dashboard.components.persona_card import measure
from dashboard.figures import profiles as figures
from dashboard.formatting import Formatter
from dashboard.panels import Ask, Drawn
from dashboard.queries.segments import Candidate, Cell, Persona

MOST_FEATURES: Final = 12


class Comparison:
    """Profiles of all personas side by side.

    Parameters
    ----------
    ask : the question at hand.
    personas : by slug, in their order.
    cells : every feature of every persona.
    """

    def __init__(self, ask: Ask, personas: dict[str, Persona], cells: Sequence[Cell]) -> None:
        self.ask, self.formatter = ask, ask.context.formatter
        self.cells = {(cell.feature, cell.persona): cell for cell in cells}
        met = {cell.persona for cell in cells}
        self.personas = [persona for slug, persona in personas.items() if slug in met]
        self.features = self._features(cells)

    def _features(self, cells: Sequence[Cell]) -> list[tuple[str, str]]:
        """Names and titles, those that tell the groups apart best first."""
        spread: dict[tuple[str, str], list[float]] = {}
        for cell in cells:
            spread.setdefault((cell.feature, cell.title), []).append(cell.z or 0.0)
        return sorted(spread, key=lambda key: (-max(map(abs, spread[key])), key))

    def cell(self, feature: str, persona: Persona) -> Cell | None:
        """One cell, if it is known."""
        return self.cells.get((feature, persona.slug))

    def z(self, feature: str, persona: Persona) -> float | None:
        """Distance from everybody's mean, in standard deviations."""
        cell = self.cell(feature, persona)
        return cell.z if cell else None

    def href(self, persona: Persona) -> str:
        """The persona's own page."""
        return self.ask.href(f"/segments/{persona.slug}", persona=None)

    def drawn(self) -> Drawn:
        """The heatmap, its finding and its table."""
        shown = self.features[:MOST_FEATURES]
        grid = [[self.z(name, p) for p in self.personas] for name, _ in shown]
        figure = figures.heatmap(
            [persona.title for persona in self.personas],
            [title for _, title in shown],
            z=[[float("nan") if z is None else z for z in row] for row in grid],
            texts=[[self.formatter.signed(z, 1) for z in row] for row in grid],
            hovers=[[self._hover(n, t, p) for p in self.personas] for n, t in shown],
            hrefs=[self.href(persona) for persona in self.personas],
            theme=self.ask.theme,
        )
        return Drawn(
            figure,
            self.say(),
            self.table,
            key=_scale(),
            sub=self._sub(len(shown)),
            height=figures.height([persona.title for persona in self.personas], len(shown)),
        )

    def _sub(self, n_shown: int) -> str:
        """Whom it speaks of, and what the table has beyond it."""
        n_all = len(self.features)
        rest = f", the {n_shown} most telling of {n_all} features" if n_shown < n_all else ""
        return f"all customers{rest}"

    def _hover(self, feature: str, title: str, persona: Persona) -> str:
        cell = self.cell(feature, persona)
        mean = measure(cell.mean, cell.unit, self.formatter) if cell else "unknown"
        return f"{persona.title}: {title} {mean} on average"

    def say(self) -> str:
        """What the two most extreme groups are known by."""
        known = [
            (z, persona.title, title)
            for name, title in self.features
            for persona in self.personas
            if (z := self.z(name, persona)) is not None
        ]
        known.sort(key=lambda entry: -abs(entry[0]))
        told: dict[str, str] = {}
        for z, persona, title in known:
            words = f"in {title[:1].lower()}{title[1:]} ({self.formatter.signed(z, 1)})"
            told.setdefault(persona, words)
        found = list(told.items())[:2]
        if not found:
            return "No profile is known."
        first, *rest = found
        more = "".join(f", {persona} {words}" for persona, words in rest)
        return f"{first[0]} differ most {first[1]}{more}."

    def table(self) -> html.Table:
        """Means in their units; the groups are links."""
        heads = [tables.Column("Feature")] + [
            tables.Column(persona.title, True) for persona in self.personas
        ]
        rows: list[list[object]] = [["Go to", *(
            go(["Open", html.Span(f" {p.title}", className="visually-hidden")], self.href(p))
            for p in self.personas
        )]]  # fmt: skip
        for name, title in self.features:
            row: list[object] = [title]
            for persona in self.personas:
                cell = self.cell(name, persona)
                mean = measure(cell.mean, cell.unit, self.formatter) if cell else "–"
                z = self.formatter.signed(cell.z if cell else None, 1)
                row.append([mean, html.Span(f" ({z})", className="muted")])
            rows.append(row)
        return tables.table(
            heads, rows, caption="Mean of every feature by persona, in brackets standard deviations"
        )


def _scale() -> list[object]:
    return [
        html.Span(
            ["Below average", html.Span(className="scale", **{"aria-hidden": "true"}),
             "above average"]
        ),
        html.Span("in standard deviations", className="muted push"),
    ]  # fmt: skip


SCAN_WORDS: Final = (
    "Apart: how clearly customers are nearer to their own group than to the next; 1 is best "
    "(silhouette). Comes back: how alike the groups are when they are found again among other "
    "customers; 1 is the same groups (adjusted Rand index). Smallest: its share of all customers. "
    "Differences left: what still differs inside the groups, against the first row (inertia)."
)


def scan_table(candidates: Sequence[Candidate], formatter: Formatter) -> html.Div:
    """The numbers of groups that were tried, with what speaks for and against each."""
    columns = [
        tables.Column("Groups"),
        tables.Column("Apart", True),
        tables.Column("Comes back", True),
        tables.Column("Smallest", True),
        tables.Column("Differences left", True),
    ]
    first = candidates[0].inertia if candidates else 0
    rows: list[list[object]] = []
    for candidate in candidates:
        name: list[object] = [str(candidate.k)]
        if candidate.is_chosen:
            name.append(html.Span(" chosen", className="muted"))
        within = candidate.inertia / first if first else None
        rows.append(
            [
                html.Span(name, **({"data-chosen": "true"} if candidate.is_chosen else {})),
                formatter.number(candidate.silhouette, 2),
                formatter.number(candidate.stability, 2),
                formatter.percent(candidate.smallest_share, 0),
                formatter.percent(within, 0),
            ]
        )
    return html.Div(
        [
            tables.table(columns, rows, caption="Numbers of groups that were tried"),
            html.P(SCAN_WORDS, className="micro muted table-note"),
        ]
    )


def persona_link(ask: Ask, persona: Persona) -> object:
    """A persona's mark and name, leading to its own page."""
    return go(tag(persona.mark, persona.title), ask.href(f"/segments/{persona.slug}", persona=None))
