"""Keys of customers have gaps once a load was taken out: memory still says what statements say."""

import pytest
from small_shop import SETTINGS

from dashboard.queries import customers, held
from dashboard.queries.facets import facets
from dashboard.queries.held import count, meant
from dashboard.queries.kpi_sums import measure
from dashboard.queries.ranking import ranking
from dashboard.queries.trend import trend
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.generations import Workspace
from warehouse.loading import load, unload

HEAD = "transaction_id,customer_id,order_id,date,amount,category,city\n"
FILES = (
    "1,ann,o1,2025-06-01,10,Shoes,Bonn\n2,bob,o2,2025-06-02,20,Books,Ulm\n",
    "3,cyd,o3,2025-06-03,40,Shoes,Bonn\n4,dan,o4,2025-06-04,80,Toys,Ulm\n",
    "5,eve,o5,2025-06-05,160,Books,Bonn\n6,eve,o5,2025-06-06,320,Shoes,Ulm\n"
    "7,fay,o6,2025-06-07,640,Books,Bonn\n8,ann,o7,2025-06-08,1280,Toys,Bonn\n",
)
QUERIES = (
    "",
    "monetary=100..",
    "monetary=..100&period=7d",
    "q=fay",
    "monetary=100..&q=e",
    "first_purchased_on=2025-06-02..2025-06-05",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Six customers, of whom the third and fourth came with a load that was taken out."""
    folder = tmp_path_factory.mktemp("gaps")
    workspace = Workspace(folder / "workspace")
    for number, rows in enumerate(FILES):
        file = folder / f"{number}.csv"
        file.write_text(HEAD + rows, encoding="utf-8")
        load(workspace, SETTINGS, [str(file)])
    unload(workspace, SETTINGS, 2)
    return workspace


def said(view, query):
    """What panels are made of."""
    selection = Selection.parse(query, view.vocabulary, strict=True)
    found = measure(view, selection)
    return [
        {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "groups"},
        count(view, selection),
        trend(view, selection, "day"),
        [ranking(view, selection, name) for name in ("category", "city")],
        facets(view, selection, view.vocabulary.keys["home_city"])
        if "home_city" in view.vocabulary.keys
        else None,
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_memory_and_statements_say_the_same_where_keys_have_gaps(workspace, query):
    held, asking = (Reader(workspace, SETTINGS).view() for _ in range(2))
    asking.held = asking.lines = lambda: None
    assert held.rows("select max(customer_key) > count(*) as gaps from marts.customers") == [
        {"gaps": True}
    ]
    assert held.held() is not None
    assert held.lines() is not None
    assert said(held, query) == said(asking, query)


def test_who_is_meant_is_told_by_place(workspace):
    view = Reader(workspace, SETTINGS).view()
    rich = meant(view, Selection.parse("q=fay", view.vocabulary))
    assert rich.tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=fay", ["fay"]),
        ("q=e", ["eve"]),
        ("q=a&sort=customer_id", ["ann", "fay"]),
        ("q=a&spend_in_period=700..&category=books", []),
        ("q=a&category=books&compare=previous&period=7d", ["fay"]),
        ("q=nobody-is-called-so", []),
    ],
)
def test_a_search_lists_the_same_customers_by_key_and_by_name(workspace, query, ids, monkeypatch):
    pages = []
    for few in (1, 1_000, -1):
        monkeypatch.setattr(held, "FEW", few)
        view = Reader(workspace, SETTINGS).view()
        selection = Selection.parse(query, view.vocabulary, strict=True)
        pages.append(customers.page(view, selection, ["spend_in_period", "monetary"], 0, 100))
        assert (held.few(view, selection) is None) == (len(ids_meant(view, selection)) > few)
    assert [row["customer_id"] for row in pages[0]] == ids
    assert pages[0] == pages[1] == pages[2]


def ids_meant(view, selection):
    return [place for place, is_meant in enumerate(meant(view, selection)) if is_meant]
