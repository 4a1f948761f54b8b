"""A published workspace of six customers, scored by hand, whose every number can be checked.

Thirty days to 30 June: ann spent 60 in two orders, bob 30 in one (50, of which 20 came back later),
dan got 5 back, nobody else bought. 85 in all; the 30 days before: ann 40, cyd 100.
"""

import json
import os
import shutil
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import sha256

from small_warehouse import add_customers, add_transactions

from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.publishing import finish

SETTINGS = Settings(threads=1, currency="EUR")
LAST_DAY = date(2025, 6, 30)
SHOP = """
    customer  order  day         amount  category   city  payment_method
    ann       o1     2025-06-25   10.00  Shoes      Köln  card
    ann       o1     2025-06-25   20.00  Books      Köln  card
    ann       o2     2025-06-30   30.00  Shoes      Bonn  invoice
    ann       o3     2025-05-10   40.00  Books      Köln  card
    bob       o4     2025-06-20   50.00  Shoes      Köln  card
    bob       o4     2025-06-28  -20.00  Shoes      Köln  card
    cyd       o5     2025-05-20  100.00  Books      Bonn  card
    dan       o6     2025-06-15   -5.00  Shoes      Köln  -
    fay       o8     2024-01-01    8.00  Toys & Co  Wien  card
    -         o7     2025-06-29    7.00  Shoes      Köln  card
"""
PEOPLE = """
    customer_id  name           email            phone        city  consent  suppressed  page
    ann          Ann Ostermann  ann@example.org  -            Köln  true     false       7.25
    bob          Bob            -                +49 30 1234  Bonn  true     -           -
    cyd          Cyd            cyd@example.org  -            Köln  false    -           100
    dan          Dan            -                -            -     -        -           -
    eve          Eve Weiß       eve@example.org  -            Wien  -        -           0.000001
    fay          Fay            fay@example.org  -            Wien  true     true        -
"""
ODD_NAMES = {
    "bob": 'Bob "the Builder", Ltd',
    "cyd": "=cmd|' /C calc'!A0",
    "dan": "",
    "eve": "Eve\r\nWeiß",
}
# customer: expected spend, value band, churn risk, churn band, risk band, persona, pca_1, pca_2
SCORES = {
    "ann": (50.00, "high", 0.1, "low", "high", "champions", 4.0, 1.0),
    "bob": (10.00, "low", 0.6, "high", "low", "loyal", 2.0, 0.0),
    "cyd": (5.55, "low", 0.9, "high", "high", "at-risk", -1.0, -1.0),
    "dan": (None, None, None, None, "low", "dormant", 0.0, 0.0),
    "fay": (0.00, "low", 0.95, "high", "low", "dormant", -3.0, 0.0),
}
PERSONAS = ("champions", "loyal", "promising", "new", "at-risk", "dormant")


def score(con, *, enough_history=True):
    """Fill the score tables as a refresh would."""
    key = "(select customer_key from core.customers where customer_id = ?)"
    for name, (spend, value, churn, leaving, risk, persona, x, y) in SCORES.items():
        if spend is not None:
            con.execute(f"insert into scores.spend values ({key}, ?, ?, ?, ?, 's', ?)",
                        [name, name, spend, 3 * spend, value, LAST_DAY])  # fmt: skip
            con.execute(f"insert into scores.churn values ({key}, ?, ?, ?, 'c', ?)",
                        [name, name, churn, leaving, LAST_DAY])  # fmt: skip
        con.execute(f"insert into scores.risk values ({key}, ?, ?, 'r', ?)",
                    [name, name, risk, LAST_DAY])  # fmt: skip
        con.execute(f"insert into scores.clusters values ({key}, ?, ?, ?, ?, ?, 'k', ?)",
                    [name, name, PERSONAS.index(persona), persona, x, y, LAST_DAY])  # fmt: skip
    for cluster, slug in enumerate(PERSONAS):
        title = slug.replace("-", " ").capitalize()
        con.execute("insert into scores.personas values (?, ?, ?, ?, '', '', '', '')",
                    [cluster, slug, title, cluster + 1])  # fmt: skip
    for question in ("spend", "churn"):
        con.execute(
            "insert into scores.model_runs (model_id, question, champion, enough_history, note)"
            " values (?, ?, 'mean', ?, ?)",
            [question, question, enough_history, None if enough_history else "12 buyers of 500"],
        )


# Folder of shops that the processes of this run have made; conftest.py says where it is.
MADE = None


def publish(
    folder, shop=SHOP, people=PEOPLE, *, scored=True, enough_history=True, settings=SETTINGS
):
    """Publish a generation made from scratch, and return its workspace.

    The first one in a folder is copied from an equal one that was made before.
    """
    is_first = not any((folder / name).exists() for name in ("generations", "features"))
    if not is_first or MADE is None:
        return _publish(folder, shop, people, scored, enough_history, settings)
    key = repr((shop, people, scored, enough_history, settings))
    made = MADE / sha256(key.encode()).hexdigest()[:16]
    if not made.exists():
        mine = MADE / f"{made.name}-{os.getpid()}"
        _publish(mine, shop, people, scored, enough_history, settings)
        with suppress(OSError):  # another process was quicker
            mine.rename(made)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    for manifest in folder.glob("generations/*/manifest.json"):
        fields = json.loads(manifest.read_text(encoding="utf-8"))
        now = datetime.now(UTC).isoformat()
        manifest.unlink()  # it may be read-only
        manifest.write_text(json.dumps(fields | {"created_at": now}), encoding="utf-8")
    return Workspace(folder)


def _publish(folder, shop, people, scored, enough_history, settings):
    workspace = Workspace(folder)
    with workspace.writing("load", settings) as draft:
        build_core(draft.con)
        fresh = not draft.con.execute("select count(*) from core.customers").fetchall()[0][0]
        if fresh and shop:
            add_transactions(draft.con, shop)
            draft.con.execute("update core.transactions set currency = ?", [settings.currency])
        if fresh and people:
            extra = [("page", "double")] if "page" in people else []
            add_customers(draft.con, people, extra)
            for customer, name in ODD_NAMES.items():
                draft.con.execute(
                    "update core.customers set name = ? where customer_id = ?", [name, customer]
                )
        if fresh and scored:
            score(draft.con, enough_history=enough_history)
        finish(
            draft, settings, as_of=None, scores_as_of=LAST_DAY if scored else None,
            horizon_days=30, models=[],
        )  # fmt: skip
    return workspace
