"""The page of one customer, over HTTP: the six customers of the small shop are known by heart."""

import re
from datetime import date
from urllib.parse import quote

import pandas as pd
import plotly.graph_objects as go
import pytest
from small_app import Browser, find, links, nodes, text
from small_shop import SETTINGS, SHOP, publish

from dashboard.components.customer import customer_path, in_words
from dashboard.context import Context
from dashboard.figures.customer import MANY, Silence, timeline
from dashboard.figures.encoding import decode
from dashboard.formatting import Formatter
from dashboard.pages import customer
from dashboard.reader import Reader
from dashboard.theme import theme

ODD_IDS = ("a/b", "50 % off", 'say "hi"', "Ünï☃", "x?y#z&w", "<b>bold</b>", "a\\b", "+49'1")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return Browser(publish(tmp_path_factory.mktemp("shop") / "w").folder, SETTINGS)


def panel(pages, customer, name, search=""):
    """What the panel ``name`` of a customer's page shows."""
    return pages.body(f"customer-{name}", path=customer_path(customer), search=search)


def state_of(tree):
    """Kind of the state that stands in place of content, or None."""
    found = [node["props"]["data-state"] for node in nodes(tree) if "data-state" in node["props"]]
    return found[0] if found else None


def test_scores_say_value_scale_and_threshold(pages):
    words = text(panel(pages, "ann", "scores"))
    assert "Churn risk, next 30 days 10 % Low" in words
    assert "Expected spend, 30 days €50.00 more than 75 % of customers" in words  # of four scored
    assert "at most €150.00 with 95 % probability" in words
    assert "Risk band High" in words
    assert "Spent, 365 days €100.00 3 orders, €33.33 each after refunds" in words


def test_who_only_gave_something_back_is_not_said_to_wait_for_a_refresh(pages):
    words = text(panel(pages, "dan", "scores"))
    assert words.count("no purchase to score by") == 2
    assert "yet" not in words


def test_days_that_add_up_to_nothing_are_said_and_not_drawn(pages, monkeypatch):
    nothing = orders(2).assign(revenue=0.0)
    monkeypatch.setattr("dashboard.queries.customer.orders", lambda *_: nothing)
    answer = pages.ask("customer-orders-figure.figure", path="/customers/cyd")
    assert "Every day adds up to €0.00" in text(answer["customer-orders-slot"]["children"])


def test_small_amounts_are_told_apart_on_the_axis():
    from dashboard.components.customer_orders import worded_amount

    word = worded_amount(Formatter("EUR"))
    assert [word(0.0), word(0.2), word(40.0)] == ["€0", "€0.20", "€40"]


def test_title_names_the_customer_and_whether_she_may_be_contacted(pages):
    title = text(panel(pages, "ann", "title"))
    assert "Ann Ostermann ann Champions High exposure May be contacted" in title
    assert "No consent" in text(panel(pages, "cyd", "title"))
    assert "Suppressed" in text(panel(pages, "fay", "title"))
    unknown = text(panel(pages, "dan", "title"))  # consent is not known
    assert "consent" not in unknown.lower()
    assert "contact" not in unknown.lower()


def test_the_place_in_the_list_follows_the_address(pages):
    # By spend in the period: ann 100, cyd 100 (ann first by id), bob 30, fay 8, eve 0, dan -5.
    title = panel(pages, "bob", "title")
    assert "row 3 of 6" in text(title)
    neighbours = {
        node["props"]["aria-label"]: node["props"]["href"]
        for node in find(title, className="btn-quiet", kind="A")
    }
    assert neighbours == {
        "Previous customer": "/customers/cyd",
        "Next customer": "/customers/fay",
    }
    narrowed = panel(pages, "bob", "title", "?churn_band=high&sort=-churn_risk")
    assert "row 3 of 3" in text(narrowed)  # fay 0.95, cyd 0.9, bob 0.6
    assert "row" not in text(panel(pages, "ann", "title", "?churn_band=high"))


def test_an_unknown_id_offers_ids_that_look_like_it(pages):
    shown = panel(pages, "anm", "scores")
    assert state_of(shown) == "unknown"
    assert "There is no customer “anm”" in text(shown)
    assert links(shown)["ann"] == "/customers/ann"
    assert "No id looks like it." in text(panel(pages, "zzzzzz 99", "scores"))


@pytest.fixture(scope="module")
def odd_pages(tmp_path_factory):
    """The shop with a customer of each odd id, who bought once."""
    day = "o{0}  2025-06-01  10.00  Shoes  Köln  card"
    rows = [f"    {odd}  {day.format(100 + n)}" for n, odd in enumerate(ODD_IDS)]
    shop = SHOP.rstrip() + "\n" + "\n".join(rows) + "\n"
    return Browser(publish(tmp_path_factory.mktemp("odd") / "w", shop=shop).folder, SETTINGS)


@pytest.mark.parametrize("odd", ODD_IDS)
def test_any_id_has_a_page(odd_pages, odd):
    assert odd_pages.http.get(customer_path(odd)).status_code == 200
    assert odd in text(panel(odd_pages, odd, "title"))
    assert text(panel(odd_pages, odd, "words")).startswith("One order, on 1 Jun 2025.")


def test_addresses_that_browsers_would_fold_go_through_a_filter():
    assert customer_path("..") == "/customers?customer_id=.."
    assert customer_path("a/b") == f"/customers/{quote('a/b', safe='')}"


def test_the_timeline_has_one_stem_an_order_day(pages):
    reply = pages.ask("customer-orders-figure.figure", path="/customers/ann")
    figure = reply["customer-orders-figure"]["figure"]
    go.Figure(figure)
    assert figure["data"][0]["x"] == ["2025-05-10", "2025-06-25", "2025-06-30"]
    assert list(decode(figure["data"][0]["y"])) == [40.0, 30.0, 30.0]
    assert reply["customer-orders-sub"]["children"] == "3 orders, €100.00, summed by day"
    reply = pages.ask("customer-orders-figure.figure", path="/customers/fay")
    assert reply["customer-orders-sub"]["children"].startswith("1 order, ")


def test_latest_orders_are_listed_newest_first(pages):
    words = text(panel(pages, "ann", "recent"))
    assert words.index("30 Jun 2025") < words.index("25 Jun 2025") < words.index("10 May 2025")
    assert "25 Jun 2025 Books, Shoes 2 €30.00" in words


def test_similar_customers_are_the_nearest_on_the_map(pages):
    # ann (4, 1): bob (2, 0) is nearer than dan (0, 0), cyd (-1, -1) and fay (-3, 0).
    names = list(links(panel(pages, "ann", "similar")))
    assert names[0] == 'Bob "the Builder", Ltd'
    assert names[-1] == "Fay"
    assert state_of(panel(pages, "eve", "similar")) == "empty"


def test_links_to_others_keep_what_was_filtered(pages):
    search = "?period=90d&persona=loyal&page=2"
    assert (
        "/customers/bob?period=90d&persona=loyal"
        in links(panel(pages, "ann", "similar", search)).values()
    )
    (group,) = links(panel(pages, "ann", "persona", search)).values()
    assert group.startswith("/customers?period=90d&persona=")


def test_hostile_names_stay_text(pages):
    assert "=cmd|' /C calc'!A0" in text(panel(pages, "cyd", "title"))


def test_profile_shows_what_the_file_says_of_her(pages):
    words = text(panel(pages, "ann", "profile"))
    assert "E-mail ann@example.org" in words
    assert "Favourite category" in words
    assert "7.25" in words  # a column of the shop's own


def test_a_table_of_customers_without_purchases_says_so(tmp_path):
    workspace = publish(tmp_path / "w", shop="", scored=False)
    pages = Browser(workspace.folder, SETTINGS)
    slot = pages.ask("customer-orders-figure.figure", path="/customers/ann")["customer-orders-slot"]
    assert "No purchases in these data" in text(slot["children"])
    words = text(panel(pages, "ann", "scores"))
    assert "Churn risk" not in words
    context = Context(Reader(workspace, SETTINGS), SETTINGS, Formatter("EUR"))
    page = str(customer.layout(context))
    assert not any(
        title in page for title in ("'Orders'", "Latest orders", "Why these", "In words")
    )
    assert "Profile" in page


def test_what_is_not_known_is_left_out_of_the_sentences():
    euro = Formatter("EUR")
    assert in_words({"frequency": 0}, euro) == ["No order yet."]
    assert in_words({"frequency": 1, "first_purchased_on": date(2025, 5, 1)}, euro) == [
        "One order, on 1 May 2025."
    ]
    full = {"frequency": 3, "mean_gap_days": 21.6, "first_purchased_on": date(2025, 5, 1),
            "avg_order_value": 33.33, "max_order_value": 40.0, "n_categories": 2,
            "top_category": "Books", "refund_ratio": 0.25}  # fmt: skip
    assert in_words(full, euro) == [
        "3 orders, usually 22 days apart, the first on 1 May 2025.",
        "An average order is €33.33, the largest €40.00, before separate refunds.",
        "Buys in 2 categories, mostly Books.",
        "25 % of the amount came back as refunds.",
    ]


def orders(count):
    return pd.DataFrame(
        {"purchased_on": pd.date_range("2024-01-01", periods=count), "revenue": [10.0] * count}
    )


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_long_silence_is_shaded_and_refunds_point_down(name):
    frame = pd.DataFrame(
        {"purchased_on": pd.to_datetime(["2025-01-01", "2025-02-01"]), "revenue": [50.0, -20.0]}
    )
    silence = Silence(date(2025, 2, 1), date(2025, 6, 30), "149 days of silence")
    figure = timeline(frame, silence, theme(name), word=Formatter("EUR").money)
    go.Figure(figure)
    stems = figure["data"][0]["error_y"]
    assert list(decode(stems["arrayminus"])) == [50.0, 0.0]
    assert list(decode(stems["array"])) == [0.0, 20.0]
    assert [shape["type"] for shape in figure["layout"]["shapes"]] == ["line", "rect"]
    assert figure["layout"]["annotations"][0]["text"] == "149 days of silence"


def test_many_orders_become_one_stem_a_month():
    figure = timeline(orders(MANY + 1), None, theme("light"), word=str)
    assert figure["data"][0]["x"] == [
        "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01",
    ]  # fmt: skip
    assert sum(decode(figure["data"][0]["y"])) == 10.0 * (MANY + 1)


def test_purchases_without_dates_have_no_timeline_but_everything_else(tmp_path):

    undated = re.sub(r"\d{4}-\d\d-\d\d", "-         ", SHOP)
    pages = Browser(publish(tmp_path / "w", shop=undated).folder, SETTINGS)
    slot = pages.ask("customer-orders-figure.figure", path="/customers/ann")["customer-orders-slot"]
    assert "The purchases have no dates" in text(slot["children"])
    assert "Spent in total €100.00" in text(panel(pages, "ann", "scores"))
    assert "€30.00" in text(panel(pages, "ann", "recent"))
    assert "3 orders" in text(panel(pages, "ann", "words"))
