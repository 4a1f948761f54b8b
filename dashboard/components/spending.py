"""Where the money goes: the largest categories, merchants or products of a selection."""

from decimal import Decimal

from dashboard.components import switch
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.ranking import Line, ranking
from dashboard.components.states import State, nothing
from dashboard.components.trend_panel import moved, no_data_then
from dashboard.panels import Ask, Shown
from dashboard.period import is_outside
from dashboard.queries.held_lines import rankable
from dashboard.queries.ranking import Rank
from dashboard.queries.ranking import ranking as ranked


def shown(ask: Ask, store: str) -> Shown | State:
    """Bars of one dimension; ``ask.values[0]`` is the one that the reader has chosen.

    Parameters
    ----------
    store : id of the store that holds the choice.
    """
    if is_nobody(ask):
        return nobody(ask)
    dimensions = rankable(ask.view)
    if not dimensions:
        return nothing("Nothing to break down", "The purchases tell nothing but their amount.")
    chosen = ask.values[0] if ask.values[0] in dimensions else dimensions[0]
    titles = {name: ask.view.vocabulary.keys[name].title for name in dimensions}
    aside = switch.switch(store, titles, chosen, "Break down by") if len(titles) > 1 else None
    ranks = ranked(ask.view, ask.selection, chosen)
    if not ranks:
        if is_outside(ask.selection.spans()[0], ask.view.vocabulary.about):
            return no_data_then(ask)
        return nothing("No purchase in this period", "Choose a longer period above.")
    sub = titles[chosen] if len(titles) == 1 else None
    return Shown(ranking(_lines(ask, chosen, ranks)), sub, aside=aside)


def _lines(ask: Ask, dimension: str, ranks: list[Rank]) -> list[Line]:
    """Ranks as bars; a click narrows the purchases to the value, a second one widens them."""
    formatter = ask.context.formatter
    total = sum((rank.revenue for rank in ranks), Decimal(0))
    most = max((rank.revenue for rank in ranks if rank.slug), default=Decimal(0))
    present = ask.selection.pairs().get(dimension)
    lines = []
    for rank in ranks:
        notes = [formatter.percent(rank.revenue / total)] if total > 0 else []
        if rank.before is not None:
            notes.append(f"{moved(rank.revenue, rank.before, formatter)} change")
        length = float(rank.revenue / most) if most > 0 else 0.0
        amount, note = formatter.money(rank.revenue), ", ".join(notes)
        if rank.slug is None:
            # Its bar would dwarf or fake all others: it is not one of them.
            lines.append(Line("All others", amount, None, note))
            continue
        active = present == rank.slug
        href = ask.href(**{dimension: None if active else rank.slug})
        lines.append(Line(rank.title or "", amount, length, note, href, active))
    return lines
