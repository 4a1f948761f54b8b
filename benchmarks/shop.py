"""Shops for measurements: the demo's, and one of any size."""

from warehouse.configuration import Settings
from warehouse.generations import Workspace

PERSONAS = ["champions", "loyal", "promising", "new", "at-risk", "dormant"]


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
