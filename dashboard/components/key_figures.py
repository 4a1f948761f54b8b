"""The key figures of a selection: of its purchases, or of the customers' own columns."""

from typing import Final

from dash import html

from dashboard.components import kpi_board
from dashboard.components.links import address
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.persona_card import measure
from dashboard.formatting import MISSING
from dashboard.panels import Ask
from dashboard.queries import kpis
from dashboard.queries.averages import Average, averages
from dashboard.queries.held import count
from dashboard.queries.kpi import Kpi
from dashboard.queries.one_person import figures
from dashboard.wording import is_one_persons

MOST: Final = 6  # figures beside the first one: two rows of three


def key_figures(ask: Ask) -> object:
    """The board; where nobody is left, the filter whose removal helps most."""
    if is_nobody(ask):
        return html.Div(nobody(ask).component(2), className="panel")
    if ask.view.vocabulary.about.has_transactions:
        made = kpis.board(ask.view, ask.selection, ask.context.settings)
        path = "/customers"
        if is_one_persons(ask.view.vocabulary.about):
            made, path = figures(ask.view, ask.selection, made), "/"
        here = address(ask.path, ask.selection.query())
        return kpi_board.board(made, ask.context.formatter, _left_out(ask), path, here)
    return kpi_board.board(_of_customers(ask), ask.context.formatter)


def _left_out(ask: Ask) -> str:
    """Lines of the future, which count nowhere."""
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    if not about.n_later:
        return ""
    lines = f"{formatter.count(about.n_later)} purchase line{'' if about.n_later == 1 else 's'}"
    return f"Not counted: {lines} dated after {formatter.date(about.last_day)}, in the future"


def _of_customers(ask: Ask) -> list[Kpi]:
    """How many there are, and what their columns average."""
    formatter = ask.context.formatter
    number, total = count(ask.view, ask.selection), ask.view.vocabulary.about.n_customers
    text = formatter.count(number)
    customers = Kpi(
        "customers", "Customers", "count", number, text, text,
        note="" if number == total else f"of {formatter.count(total)}", query=ask.selection.query(),
    )  # fmt: skip
    scored = kpis.of_scores(ask.view, ask.selection, ask.context.settings)
    columns = [_average(ask, each) for each in averages(ask.view, ask.selection)]
    return [customers, *scored, *columns[: MOST - len(scored)]]


def _average(ask: Ask, average: Average) -> Kpi:
    key, formatter = average.key, ask.context.formatter
    text = measure(average.mean, "ratio" if average.is_share else key.unit, formatter)
    median = measure(average.median, key.unit, formatter, like=average.mean)
    kpi = Kpi(
        f"average-{key.name}", f"{key.title}, {'share' if average.is_share else 'average'}",
        "count", average.mean, text, text, note="" if average.is_share else f"median {median}",
        query=ask.selection.replacing(sort=f"-{_column(ask, key.name)}", page=None).query(),
    )  # fmt: skip
    if average.mean is None:
        return Kpi(kpi.name, kpi.title, "count", None, MISSING, MISSING, reason="not known of any")
    return kpi


def _column(ask: Ask, key: str) -> str:
    """The column behind a key; they differ where a file's column is called like another key."""
    columns = ask.view.vocabulary.columns
    return key if key in columns else key.removesuffix("_attribute")
