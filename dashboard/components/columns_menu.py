"""The menu that chooses columns: each entry is a link, so the choice stands in the address."""

from dash import html

from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.panel import bare
from dashboard.panels import Ask
from dashboard.queries import customers as queries
from dashboard.vocabulary import Column


def closed() -> html.Details:
    """The button and the empty menu; the menu stays open while columns come and go."""
    return html.Details(
        [
            html.Summary([icon("layout-three-columns"), "Columns"], className="btn btn-quiet"),
            bare("columns", "Columns", class_name="menu-pop wide"),
        ],
        className="chooser",
        id="columns-menu",
    )


def entries(ask: Ask) -> list[object]:
    """The menu's content: what is shown, in its order, then what could be."""
    vocabulary = ask.view.vocabulary
    shown = queries.shown(ask.selection, vocabulary)
    rest = [
        column
        for column in queries.offered(vocabulary)
        if column.name not in (*shown, "customer_id", "name")
    ]
    chosen = [vocabulary.columns[name] for name in shown if name not in ("customer_id", "name")]
    usual = ask.href(columns=None, page=None)
    export = address("/export.csv", ask.selection.replacing(
        columns=",".join(dict.fromkeys(("customer_id", *shown))), page=None).query())  # fmt: skip
    return [
        html.Div(
            [
                html.Div("Shown", className="menu-head"),
                html.Ul([_entry(ask, column, shown, is_shown=True) for column in chosen]),
                html.Div("More", className="menu-head"),
                html.Ul([_entry(ask, column, shown, is_shown=False) for column in rest]),
            ],
            className="menu-scroll",
        ),
        html.Div(
            [
                go("Usual columns", usual, className="btn btn-ghost"),
                html.A([icon("download"), "Export these columns"], href=export, download="",
                       className="btn btn-quiet push"),
            ],
            className="menu-foot",
        ),
    ]  # fmt: skip


def _entry(ask: Ask, column: Column, shown: tuple[str, ...], *, is_shown: bool) -> html.Li:
    """A link that hides a shown column, or shows another one at the end."""
    others = [name for name in shown if name != column.name]
    names = others if is_shown else [*shown, column.name]
    # Without any column the grid would be names alone, which is what customer_id asks for.
    href = ask.href(columns=",".join(names) or "customer_id", page=None)
    return html.Li(
        go(
            [html.Span(column.title), icon("check2" if is_shown else "plus")],
            href,
            className="menu-item",
            **{"aria-label": f"{'Hide' if is_shown else 'Show'} {column.title}"},
        )
    )
