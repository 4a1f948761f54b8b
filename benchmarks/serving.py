"""What a change of filter costs the server, against an empty callback; and the export.

    python -m benchmarks.serving [--workspace DIR] [--customers N [--rows M]] [--rounds 5]

Posts to the dashboard, over HTTP to a server in this process, what a browser posts when Overview's
address changes: one request for each panel, one after the other. "cold" has forgotten every answer
about a selection, "again" asks the same view a second time. CPU is that of server and client.
Without a workspace the demo's shop is made and scored first; with --customers a shop of that size
is written straight into the warehouse, its scores drawn at random. The export is set against
DuckDB's bare COPY of the same query. Compare the ratios, never the times of two runs.
"""

import argparse
import contextlib
import http.client
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path

from dash import Input, Output, html
from waitress.server import create_server

from dashboard import ids
from dashboard.answers import Answers
from dashboard.app import create_app
from dashboard.export import stream_csv
from dashboard.queries.held import MOST_ORDERS
from dashboard.queries.kpi_sums import measure
from dashboard.queries.listing import DEFAULT_COLUMNS, listing
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.configuration import Settings, read_settings
from warehouse.generations import Workspace

PANELS = ("kpis", "trend", "personas", "spending", "bands")
PERSONAS = ["champions", "loyal", "promising", "new", "at-risk", "dormant"]
QUERIES = (
    "",
    "compare=previous&period=90d",
    "compare=year&period=30d&risk_band=high",
    "period=365d&persona=at-risk,dormant",
    "monetary=100..2000&period=90d",
    "box=-2,-2,1,2&recency_days=..60",
    "churn_risk=0.5..&compare=previous&consent=yes&period=30d",
)


def demo(folder):
    from analytics.refresh import refresh
    from dashboard.demo import Shape, build
    from dashboard.settings import signing_key
    from warehouse.progress import Silent

    def score(workspace, settings):
        refresh(workspace, settings, train="always", key=signing_key())

    build(folder, Shape(5000, 24, 0), score=score, rebuild=False, progress=Silent())
    return folder


def scaled(folder, customers, rows):
    """A workspace of any size in little time: no file is read, no model is fitted."""
    from benchmarks.scale import lines
    from warehouse import marks
    from warehouse.build import build_core
    from warehouse.publishing import finish

    workspace, settings = Workspace(folder), Settings(memory_limit="4GB")
    with workspace.writing("load", settings) as draft:
        con = draft.con
        build_core(con)
        con.execute(f"""
            insert into core.customers by name
            select 'C' || lpad(i::varchar, 8, '0') as customer_id, (i + 1)::integer as customer_key,
                'Name ' || i as name, i || '@example.org' as email, (18 + i % 60)::integer as age,
                'City ' || i % 60 as city, i % 3 > 0 as consent, 1 as load_id
            from range({customers}) as t(i)
        """)
        con.execute(f"""
            insert into core.transactions by name
            select *, 'shop' as source, purchased_at::date as purchased_on, 'GBP' as currency,
                if(amount < 0, 'refund', 'purchase') as kind, 1 as load_id,
                substr(customer_id, 2)::integer + 1 as customer_key
            from ({lines(rows, customers)})
        """)
        marks.rebuild(con)
        draw_scores(con)
        day = con.execute("select max(purchased_on) from core.transactions").fetchall()[0][0]
        finish(draft, settings, as_of=day, scores_as_of=day, horizon_days=30, models=[])
    return folder


def draw_scores(con):
    """Scores of everybody, from a digest of the key."""
    part = "(hash(customer_key, {}) % 1000) / 1000.0"
    for table, columns in {
        "spend": f"round(100 * pow({part.format(1)}, 4), 2) as expected_spend,"
        f" ['low', 'medium', 'high'][(1 + 3 * {part.format(1)})::integer] as value_band",
        "churn": f"{part.format(2)} as churn_risk, if({part.format(2)} < .5, 'low', 'high')"
        " as churn_band",
        "risk": f"['low', 'medium', 'high'][(.5 + 3 * {part.format(3)})::integer] as risk_band",
        "clusters": f"floor(1 + 6 * {part.format(4)})::integer as cluster,"
        f" {PERSONAS}[floor(1 + 6 * {part.format(4)})::integer] as persona,"
        f" 4 * {part.format(5)} - 2 as pca_1, 4 * {part.format(6)} - 2 as pca_2",
    }.items():
        con.execute(f"""
            insert into scores.{table} by name
            select customer_key, customer_id, {columns}, date '2026-09-30' as as_of
            from core.customers
        """)
    for cluster, persona in enumerate(PERSONAS, start=1):
        con.execute(
            "insert into scores.personas (cluster, persona, title, mark) values (?, ?, ?, ?)",
            [cluster, persona, persona.capitalize(), cluster],
        )


class Client:
    """One connection that stays open, as a browser's."""

    def __init__(self, app):
        self.server = create_server(app.server, host="127.0.0.1", port=0, threads=4, map={})
        threading.Thread(target=self.run, daemon=True).start()
        host, port = self.server.effective_host, self.server.effective_port
        self.connection = http.client.HTTPConnection(host, port)

    def run(self):
        """Serve until the sockets are closed."""
        with contextlib.suppress(OSError):
            self.server.run()

    def close(self):
        """Let go of the app."""
        self.connection.close()
        self.server.task_dispatcher.shutdown()
        self.server.close()

    def ask(self, method, path, body=None):
        """The answer's body; anything but 200 ends the measurement."""
        headers = {"Content-Type": "application/json"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text[:300]
        return text


def posting(client):
    """A function that posts one panel's callback, as the browser does."""
    app_callbacks = json.loads(client.ask("GET", "/_dash-dependencies"))

    def found(output):
        return next(c for c in app_callbacks if output in c["output"].strip(".").split("..."))

    def filled(parts, known):
        return [part | {"value": known.get(f"{part['id']}.{part['property']}")} for part in parts]

    def post(output, search):
        callback = found(output)
        known = {"url.search": search, "url.pathname": "/", "theme.data": "light"}
        names = callback["output"].strip(".").split("...")
        outputs = [
            dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names
        ]
        is_many = callback["output"].startswith("..")
        body = json.dumps({
            "output": callback["output"],
            "outputs": outputs if is_many else outputs[0],
            "inputs": filled(callback["inputs"], known),
            "state": filled(callback["state"], known),
            "changedPropIds": ["url.search"],
        })  # fmt: skip
        begin = Spent.now()
        client.ask("POST", "/_dash-update-component", body)
        return Spent.since(begin)

    return post


class Spent(tuple):
    """Seconds on the wall's clock, and seconds of CPU over all threads."""

    __slots__ = ()

    @classmethod
    def now(cls):
        return cls((time.perf_counter(), time.process_time()))

    @classmethod
    def since(cls, begin):
        return cls(b - a for a, b in zip(begin, cls.now(), strict=True))

    @classmethod
    def total(cls, parts):
        return cls(map(sum, zip(*parts, strict=True)))


def first_output(app, panel):
    names = {ids.part(panel, "body"), ids.graph(panel)}
    for key in app.callback_map:
        for output in key.strip(".").split("..."):
            if output.rsplit(".", 1)[0] in names:
                return output
    raise LookupError(panel)


def awaited(view):
    """A large shop's orders are read beside the first answers; they are not measured here."""
    if view.vocabulary.about.n_transactions <= MOST_ORDERS:
        while view.held() is None or view.lines() is None:
            time.sleep(0.1)


def forget(view):
    view._answers, view.finished = Answers(), Answers()
    if (held := view.held()) is not None:
        held.tallies.__init__()


def middle(seconds):
    """Median and 95th percentile, in ms."""
    ordered = sorted(1000 * s for s in seconds)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def shown(name, spent, empty):
    (wall, worst), (cpu, _) = (middle(column) for column in zip(*spent, strict=True))
    print(f"{name:<32}{wall:9.1f}{worst:9.1f}{cpu:9.1f}{wall / empty[0]:9.1f}{cpu / empty[1]:9.1f}")


def clicks(workspace, settings, rounds):
    app = create_app(workspace, settings)
    app.layout = html.Div([app.layout, html.Div(id="bench")])

    @app.callback(Output("bench", "children"), Input("url", "search"))
    def nothing(search):
        return search

    client = Client(app)
    post = posting(client)
    outputs = {panel: first_output(app, panel) for panel in PANELS}
    # The reader is the application's own; a second one on the same file would have other caches.
    views = [o.cell_contents for f in app.server.view_functions.values() if f.__closure__
             for o in f.__closure__ if hasattr(o.cell_contents, "reader")]  # fmt: skip
    view = views[0].reader.view()
    awaited(view)
    for query in QUERIES:
        for output in outputs.values():
            post(output, f"?{query}")
    empties = [post("bench.children", "?") for _ in range(200)]
    empty_ms = tuple(middle(column)[0] for column in zip(*empties, strict=True))
    cold, again, by_panel = [], [], {panel: [] for panel in PANELS}
    for _ in range(rounds):
        for query in QUERIES:
            forget(view)
            spent = {panel: post(output, f"?{query}") for panel, output in outputs.items()}
            cold.append(Spent.total(spent.values()))
            for panel, seconds in spent.items():
                by_panel[panel].append(seconds)
            again.append(Spent.total(post(o, f"?{query}") for o in outputs.values()))
    print(
        f"{view.vocabulary.about.n_customers:,} customers, {len(QUERIES)} selections, {rounds}"
        f" rounds; an empty callback takes {empty_ms[0]:.2f} ms, {empty_ms[1]:.2f} of CPU"
    )
    print(
        f"{'ms, and times an empty callback':<32}{'p50':>9}{'p95':>9}{'CPU':>9}{'p50':>9}{'CPU':>9}"
    )
    shown("all panels of Overview, cold", cold, empty_ms)
    shown("all panels of Overview, again", again, empty_ms)
    for panel, spent in by_panel.items():
        shown(f"  {panel}, cold", spent, empty_ms)
    client.close()


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
        sixteen(workspace, settings)
        exporting(workspace, settings, options.rounds)


if __name__ == "__main__":
    main()
