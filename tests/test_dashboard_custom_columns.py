"""Columns of a workspace's own feature views, where people meet them: filters, grid, menu."""

import pytest
from small_app import Browser, links, text
from small_shop import SETTINGS, publish

from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.generations import Workspace

CARDS = """\
-- features.card(as_of): the loyalty card of each customer.
-- grain:  one row per customer with a transaction on or before as_of
-- reads:  core.transactions
-- columns:
--   customer_id  VARCHAR        key
--   points       BIGINT         [points] one for each line of 20 and more
--   colour       VARCHAR        gold from two points on, else blue
--   is_new       BOOLEAN        since this June
--   since        DATE           first line
--   largest      DECIMAL(18,2)  [currency] largest line
select
    customer_id,
    count(*) filter (where amount >= 20) as points,
    if(count(*) filter (where amount >= 20) >= 2, 'gold', 'blue') as colour,
    min(purchased_on) >= date '2025-06-01' as is_new,
    min(purchased_on) as since,
    max(amount) as largest
from core.transactions
where customer_id is not null and purchased_on <= $as_of
group by customer_id
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards") / "w"
    (folder / "features").mkdir(parents=True)
    (folder / "features" / "card.sql").write_text(CARDS)
    return publish(folder).folder


@pytest.fixture(scope="module")
def pages(folder):
    return Browser(folder, SETTINGS)


@pytest.fixture(scope="module")
def vocabulary(folder):
    return Reader(Workspace(folder), SETTINGS).view().vocabulary


def test_each_type_is_asked_for_as_that_type_of_ours_is(vocabulary):
    kinds = {n: key.kind for n, key in vocabulary.keys.items() if n.startswith("card_")}
    assert kinds == {
        "card_points": "range", "card_colour": "choice", "card_is_new": "flag",
        "card_since": "date", "card_largest": "range",
    }  # fmt: skip
    assert vocabulary.keys["card_largest"].unit == "currency"
    query = "card_colour=gold,blue&card_is_new=no&card_points=1..&card_since=2025-01-01.."
    selection = Selection.parse(query, vocabulary, strict=True)
    assert selection.query() == (
        "card_colour=blue,gold&card_is_new=no&card_points=1..&card_since=2025-01-01.."
    )
    assert "card points of at least 1" in selection.words()


def test_the_grid_shows_them_and_the_menu_offers_them(pages):
    shown = "?columns=card_points,card_largest,card_since&sort=-card_points"
    answer = pages.ask("customers-grid.columnDefs", path="/customers", search=shown)
    heads = [column["headerName"] for column in answer["customers-grid"]["columnDefs"]]
    assert heads[1:] == ["Card points", "Card largest", "Card since"]
    found = pages.ask(
        "customers-grid.getRowsResponse", path="/customers", search=shown,
        **{"customers-grid__getRowsRequest": {"startRow": 0, "endRow": 1}},
    )["customers-grid"]["getRowsResponse"]["rowData"][0]  # fmt: skip
    assert found["card_points"] == "3"
    assert "40" in found["card_largest"]
    menu = pages.body("columns", path="/customers", search=shown)
    assert "Card colour" in text(menu)
    assert any("card_colour" in href for href in links(menu).values())


def test_a_page_lists_what_is_gone_as_ignored_and_shows_the_rest(tmp_path):
    vocabulary = Reader(publish(tmp_path / "w"), SETTINGS).view().vocabulary
    selection = Selection.parse("card_points=2..&monetary=50..", vocabulary)
    assert [ignored.key for ignored in selection.ignored] == ["card_points"]
    assert selection.query() == "monetary=50.."
