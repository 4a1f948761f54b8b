"""What a change of filter costs the server, against an empty callback; and the export.

    python -m benchmarks.serving [--workspace DIR] [--customers N [--rows M]] [--rounds 5]

Posts to the dashboard, over HTTP to a server in this process, what a browser posts when Overview's
address changes: one request for each panel, one after the other. "cold" has forgotten every answer
about a selection, "again" asks the same view a second time. CPU is that of server and client.
Without a workspace the demo's shop is made and scored first; with --customers a shop of that size
is written straight into the warehouse, its scores drawn at random. The export is set against
DuckDB's bare COPY of the same query; other questions are in questions.py. Compare the ratios,
never the times of two runs.
"""

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path

from dash import Input, Output, html

from benchmarks.posting import Client, Spent, awaited, first_output, forget, posting, view_of
from benchmarks.questions import asking, memory, middle
from benchmarks.shop import demo, scaled
from dashboard.answers import Answers
from dashboard.app import create_app
from dashboard.export import stream_csv
from dashboard.queries.kpi_sums import measure
from dashboard.queries.listing import DEFAULT_COLUMNS, listing
from dashboard.reader import Reader
from dashboard.selection import Selection
from dashboard.serving import spare_the_collector
from warehouse.configuration import Settings, read_settings
from warehouse.generations import Workspace

PANELS = ("kpis", "trend", "personas", "spending", "bands")
QUERIES = (
    "",
    "compare=previous&period=90d",
    "compare=year&period=30d&risk_band=high",
    "period=365d&persona=at-risk,dormant",
    "monetary=100..2000&period=90d",
    "box=-2,-2,1,2&recency_days=..60",
    "churn_risk=0.5..&compare=previous&consent=yes&period=30d",
)
CLIENTS = 8


def shown(name, spent, empty):
    (wall, worst), (cpu, _) = (middle(column) for column in zip(*spent, strict=True))
    print(
        f"{name:<38}{wall:9.1f}{worst:9.1f}{cpu:9.1f}{wall / empty[0]:9.1f}{worst / empty[0]:9.1f}"
        f"{cpu / empty[1]:9.1f}"
    )


def clicks(workspace, settings, rounds):
    app = create_app(workspace, settings)
    app.layout = html.Div([app.layout, html.Div(id="bench")])

    @app.callback(Output("bench", "children"), Input("url", "search"))
    def nothing(search):
        return search

    spare_the_collector()
    client = Client(app)
    post = posting(client)
    outputs = {panel: first_output(app, panel) for panel in PANELS}
    view = view_of(app)
    begin = Spent.now()
    awaited(view)
    wall, cpu = Spent.since(begin)
    for query in QUERIES:
        for output in outputs.values():
            post(output, f"?{query}")
    print(
        f"{view.vocabulary.about.n_customers:,} customers, {len(QUERIES)} selections, {rounds}"
        f" rounds; what is held was read in {wall:.1f} s, {cpu:.1f} of CPU"
    )
    filtering(view, post, outputs, rounds)
    statements(view, post, outputs["trend"], rounds)
    throughput(app, view, outputs["trend"])
    client.close()
    print(memory(view))


def filtering(view, post, outputs, rounds):
    """Every panel after a change of filter, asked for the first time and again, and nothing."""
    cold, again, each, empties = [], [], [], []
    by_panel = {panel: [] for panel in outputs}
    by_query = {query: [] for query in QUERIES}
    for _ in range(rounds):
        for query in QUERIES:
            forget(view)
            empties += [post("bench.children", f"?{query}") for _ in outputs]
            spent = {panel: post(output, f"?{query}") for panel, output in outputs.items()}
            cold.append(Spent.total(spent.values()))
            by_query[query].append(cold[-1])
            for panel, seconds in spent.items():
                by_panel[panel].append(seconds)
            repeated = [post(output, f"?{query}") for output in outputs.values()]
            again.append(Spent.total(repeated))
            each += repeated
    empty = tuple(middle(column)[0] for column in zip(*empties, strict=True))
    heads = ("p50", "p95", "CPU", "p50 x", "p95 x", "CPU x")
    print(f"{'ms, and times an empty callback':<38}{''.join(f'{head:>9}' for head in heads)}")
    shown("an empty callback", empties, empty)
    shown("all panels of Overview, cold", cold, empty)
    shown("all panels again, five requests", again, empty)
    shown("  each of these", each, empty)
    for panel, spent in by_panel.items():
        shown(f"  {panel}, cold", spent, empty)
    for query, spent in by_query.items():
        shown(f"  {query[:34] or 'everybody'}", spent, empty)


def statements(view, post, output, rounds):
    """The trend's callback against the SQL in it, where nothing is held in memory."""
    sql, rows = [], view.rows

    def timed(*asked):
        begin = Spent.now()
        found = rows(*asked)
        sql.append(Spent.since(begin))
        return found

    view.held, view.rows = (lambda: None), timed
    whole = []
    for _ in range(rounds):
        for query in QUERIES:
            forget(view)
            whole.append(post(output, f"?{query}"))
    del view.held, view.rows
    forget(view)
    (wall, cpu), (sql_wall, sql_cpu) = Spent.total(whole), Spent.total(sql)
    print(
        f"the trend's callback takes {wall / sql_wall:.2f} x its SQL alone"
        f" ({cpu / sql_cpu:.2f} x by CPU), where nothing is held"
    )


def throughput(app, view, output):
    """Requests a second of eight clients: an empty callback, a figure drawn anew, a kept one."""
    rates = {}
    finished = view.finished
    for name, asked, kept in (
        ("empty", "bench.children", True), ("drawn", output, False), ("kept", output, True),
    ):  # fmt: skip
        view.finished = finished if kept else Answers(most=0)
        rates[name] = rate(app, asked)
    view.finished = finished
    drawn, kept = (rates[name] / rates["empty"] for name in ("drawn", "kept"))
    print(
        f"{CLIENTS} clients: {rates['empty']:.0f} empty callbacks a second;"
        f" a figure drawn anew {drawn:.2f} x, a kept one {kept:.2f} x"
    )


def rate(app, output, seconds=2.0):
    """Answers a second, the server and its clients in one process."""
    clients = [Client(app) for _ in range(CLIENTS)]
    posts, done = [posting(client) for client in clients], []
    end = time.monotonic() + seconds

    def ask(post):
        while time.monotonic() < end:
            post(output, "?period=365d")
            done.append(1)

    threads = [threading.Thread(target=ask, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return len(done) / seconds


def sixteen(workspace, settings):
    """Sixteen viewers of one view at one time: how often the warehouse is asked."""
    view = Reader(Workspace(workspace), settings).view()
    selection = Selection.parse("churn_risk=..0.5&compare=previous&period=90d", view.vocabulary)
    awaited(view)
    asked = []
    rows, arrays = view.rows, view.arrays
    view.rows = lambda *args: asked.append(1) or rows(*args)
    view.arrays = lambda *args: asked.append(1) or arrays(*args)
    measure(view, selection)
    alone = len(asked)
    forget(view)
    asked.clear()
    viewers = [threading.Thread(target=measure, args=(view, selection)) for _ in range(16)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    print(f"one viewer asks {alone} statements, sixteen at once ask {len(asked)}")


def exporting(workspace, settings, rounds):
    view = Reader(Workspace(workspace), settings).view()
    selection = Selection.parse("period=365d", view.vocabulary)
    statement = listing(view, selection, DEFAULT_COLUMNS)
    with view.cursor() as cursor:
        allowed = cursor.execute("select current_setting('allowed_directories')").fetchall()[0][0]
    folder = next(Path(path) for path in allowed if "exports" in path)
    folder.mkdir(exist_ok=True)
    ours, copies = [], []
    for _ in range(rounds):
        begin = time.process_time()
        with view.cursor() as cursor:
            cursor.execute(
                f"copy ({statement.ctes}) to '{folder / 'bare.csv'}' (header)", statement.parameters
            )
        copies.append(time.process_time() - begin)
        begin = time.process_time()
        with (folder / "ours.csv").open("wb") as out:
            for batch in stream_csv(view, selection, columns=DEFAULT_COLUMNS):
                out.write(batch)
        ours.append(time.process_time() - begin)
    mine, bare = statistics.median(ours), statistics.median(copies)
    print(f"export {1000 * mine:.0f} ms of CPU, bare COPY {1000 * bare:.0f}: {mine / bare:.2f} x")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--customers", type=float)
    parser.add_argument("--rows", type=float, help="transactions; ten for each customer")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace
        if options.customers:
            customers = int(options.customers)
            workspace = workspace or Path(folder) / "shop"
            if not workspace.exists():
                scaled(workspace, customers, int(options.rows or 10 * customers))
        workspace = workspace or demo(Path(folder) / "demo")
        settings: Settings = read_settings(workspace)
        clicks(workspace, settings, options.rounds)
        asking(Reader(Workspace(workspace), settings).view(), settings)
        sixteen(workspace, settings)
        exporting(workspace, settings, options.rounds)


if __name__ == "__main__":
    main()
