"""The filter bar over HTTP: chips, counts, words, the export, and what the popover applies."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from small_app import Browser, find, links, publish_scored, text
from small_shop import SETTINGS, publish

from dashboard import filtering
from dashboard.drafts import Draft, compose, ends_of
from dashboard.queries.facets import extents, facets
from dashboard.reader import Reader
from dashboard.selection import Selection


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return publish_scored(tmp_path_factory.mktemp("shop") / "workspace")


@pytest.fixture(scope="module")
def browser(workspace):
    return Browser(workspace.folder)


@pytest.fixture(scope="module")
def view(workspace):
    return Reader(workspace, SETTINGS).view()


def bar(browser, search="", **kwargs):
    return browser.body("filters", search=search, **kwargs)


def wide(tree):
    """The row of chips of wide screens; narrow ones fold the same chips into a menu."""
    return find(tree, className="chip-row")


def test_everybody_has_no_chip_and_a_plain_export(browser):
    shown = bar(browser)
    assert text(find(shown, id="selected-of")) == "6 of 6 customers"
    assert text(find(shown, id="selected-words")) == "All customers"
    assert not find(shown, className="chip")
    assert not find(shown, id="clear-all")
    export = find(shown, id="export")[0]
    assert text(export) == "Export 6"
    assert export["props"]["href"] == "/export.csv?generation=2"
    assert "data-go" not in export["props"]  # a download, not a page


def test_each_filter_is_a_chip_whose_cross_removes_only_it(browser):
    shown = bar(browser, "?monetary=20..&period=30d&persona=loyal,champions")
    chips = wide(shown)
    assert {node["props"]["data-chip"] for node in find(chips, className="chip")} == {
        "persona", "monetary"
    }  # fmt: skip
    removes = [node["props"]["href"] for node in find(chips, className="chip-remove")]
    assert removes == ["/?monetary=20..&period=30d", "/?period=30d&persona=champions,loyal"]
    names = [node["props"]["aria-label"] for node in find(chips, className="chip-remove")]
    assert names[0] == "Remove filter Persona Champions or Loyal"
    assert text(find(shown, id="selected-of")) == "2 of 6 customers"
    assert links(shown)["Clear all"] == "/"


def test_the_export_means_exactly_what_the_page_shows(browser):
    shown = bar(browser, "?monetary=20..&page=3&sort=-monetary&period=30d")
    href = find(shown, id="export")[0]["props"]["href"]
    assert href == "/export.csv?monetary=20..&period=30d&sort=-monetary&generation=2"
    lines = browser.http.get(href).get_data(as_text=True).strip().split("\r\n")
    assert text(find(shown, id="export")) == f"Export {len(lines) - 1}"


def test_what_was_not_understood_is_listed_and_escaped_by_nature(browser):
    shown = bar(browser, "?nope=1&monetary=9..1&persona=%3Cscript%3E&period=30d")
    ignored = find(shown, className="ignored")[0]
    words = text(ignored)
    for part in ("nope=1", "monetary=9..1", "persona="):
        assert part in words
    assert ignored["props"]["role"] == "status"
    assert text(find(shown, id="selected-of")) == "6 of 6 customers"


def test_a_period_offers_its_comparison_and_all_time_takes_it_away(browser):
    assert not find(bar(browser), id="compare-menu")
    shown = bar(browser, "?compare=previous&period=30d")
    periods = links(find(shown, id="period-menu"))
    assert periods["All time"] == "/"
    assert periods["Last 90 days"] == "/?compare=previous&period=90d"
    assert text(find(find(shown, id="period-menu"), kind="Summary")) == "Period Last 30 days"
    against = links(find(shown, id="compare-menu"))
    assert against == {
        "Nothing": "/?period=30d",
        "Previous period": "/?compare=previous&period=30d",
        "Same days a year ago": "/?compare=year&period=30d",
    }


def test_nobody_has_no_export_to_press(browser):
    shown = bar(browser, "?monetary=99999..")
    assert text(find(shown, id="selected-of")) == "0 of 6 customers"
    assert not find(shown, id="export")


def dated(browser, search, first, last):
    """What pressing the button under the two days sets."""
    return browser.ask(
        "period-asked.data", search=search, period_apply__n_clicks=1, period_from__value=first,
        period_to__value=last,
    )  # fmt: skip


def test_a_period_of_ones_own_is_applied_to_the_address(browser):
    reply = dated(browser, "?persona=loyal", "2025-06-01", "2025-06-15")
    assert reply["period-asked"]["data"] == "?period=2025-06-01..2025-06-15&persona=loyal"
    assert reply["period-refused"]["children"] == ""


def test_emptied_days_are_all_time(browser):
    assert dated(browser, "?period=30d", "", None)["period-asked"]["data"] == ""


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2025-06-15", "2025-06-01", "Not applied: the period ends before it begins."),
        ("0025-06-15", "", "Not applied: '0025-06-15' is not between the years 1900 and 2200."),
    ],
)
def test_days_that_are_no_period_leave_the_address_alone_and_say_why(browser, first, last, why):
    reply = dated(browser, "?period=30d&persona=loyal", first, last)
    assert reply == {"period-refused": {"children": why}}


def test_a_page_asks_for_nothing_that_nobody_has_pressed_yet(browser):
    """Dash asks a new control's callback at once, unless what it sets is new as well."""
    assert find(bar(browser), id="period-asked")
    for pressed, shown in (("period-apply", "period-asked.data...period-refused.children"),
                           ("filter-popover-open", "filter-popover-body.children")):  # fmt: skip
        of = [c for c in browser.callbacks if any(i["id"] == pressed for i in c["inputs"])]
        assert [c["output"].strip(".") for c in of] == [shown]
        assert of[0]["prevent_initial_call"]


def popover(browser, search="", path="/"):
    return browser.body("filter-popover", search=search, path=path, filter_popover_open__n_clicks=1)


def test_the_popover_is_empty_until_it_is_opened(browser):
    assert browser.ask("filter-popover-body.children", status=204) is None


def test_the_popover_offers_only_what_the_data_can_answer(browser, tmp_path):
    keys = [n["props"]["data-key"] for n in find(popover(browser), className="filter-group")]
    assert keys[:6] == ["persona", "risk_band", "churn_band", "value_band", "city", "category"]
    assert "payment_method" in keys
    assert "merchant" not in keys
    assert not {"pca_1", "customer_id", "name", "email"} & set(keys)
    plain = Browser(publish(tmp_path / "workspace", scored=False).folder)
    keys = [n["props"]["data-key"] for n in find(popover(plain), className="filter-group")]
    assert not {"persona", "risk_band", "churn_band", "expected_spend"} & set(keys)


def test_what_is_filtered_already_is_unfolded_and_ticked(browser):
    shown = popover(browser, "?persona=!dormant&monetary=20..100")
    group = find(shown, data_key="persona")[0]
    assert group["props"]["open"] is True
    boxes = {str(n["props"].get("id")): n["props"] for n in find(group) if "id" in n["props"]}
    values = [props["value"] for props in boxes.values() if "value" in props]
    assert values == [["dormant"], ["not"]]
    span = find(shown, data_key="monetary")[0]
    assert [n["props"]["value"] for n in find(span, kind="Input")] == ["20", "100"]
    assert find(shown, data_key="risk_band")[0]["props"]["open"] is False


def test_the_page_of_a_persona_does_not_offer_another_persona(browser):
    keys = [
        n["props"]["data-key"]
        for n in find(popover(browser, path="/segments/loyal"), className="filter-group")
    ]
    assert "persona" not in keys


def test_facets_count_under_the_other_filters_alone(view):
    """Buyers of shoes: ann, bob, dan; of books: ann, cyd."""

    def counted(query, key):
        selection = Selection.parse(query, view.vocabulary)
        return {f.slug: f.customers for f in facets(view, selection, view.vocabulary.keys[key])}

    assert counted("", "category") == {"shoes": 3, "books": 2, "toys-co": 1}
    assert counted("category=books", "category") == {"shoes": 3, "books": 2, "toys-co": 1}
    assert counted("city=bonn", "category") == {"shoes": 1, "books": 1, "toys-co": 0}
    assert counted("persona=loyal", "churn_band") == {"low": 0, "high": 1}
    assert counted("", "churn_band") == {"low": 1, "high": 3, "none": 2}
    assert counted("", "consent") == {"yes": 3, "no": 1, "none": 2}


def test_extents_are_over_everybody(view):
    found = extents(view)
    assert found["recency_days"][0] == 0
    assert found["page_attribute"][1] == 100
    assert str(found["monetary"][1]) == "100.00"


def applied(browser, controls, search="", pressed=True, q=None, path="/"):
    """What the popover answers to its button, or to its 7th choice; ``(type, key): value``."""
    heard = ("filter-apply", "n_clicks") if pressed else ("filter-choice", "data")
    found = next(
        c for c in browser.callbacks if heard in {(i["id"], i["property"]) for i in c["inputs"]}
    )

    def filled(part):
        if not part["id"].startswith("{"):
            known = {
                "filter-apply.n_clicks": 1, "filter-choice.data": 7, "filter-q.value": q,
                "url.search": search, "url.pathname": path,
            }  # fmt: skip
            return part | {"value": known.get(f"{part['id']}.{part['property']}")}
        kind = json.loads(part["id"])["type"]
        return [
            {
                "id": {"type": kind, "key": key},
                "property": part["property"],
                "value": value if part["property"] == "value" else {"type": kind, "key": key},
            }
            for (name, key), value in controls.items()
            if name == kind
        ]

    identifier, _, changed = found["output"].rpartition(".")
    reply = browser.http.post(
        "/_dash-update-component",
        json={
            "output": found["output"],
            "outputs": {"id": identifier, "property": changed},
            "inputs": [filled(part) for part in found["inputs"]],
            "state": [filled(part) for part in found["state"]],
            "changedPropIds": [".".join(heard)],
        },
    )
    assert reply.status_code == 200, reply.get_data(as_text=True)[:300]
    return reply.get_json()["response"]


def test_pressing_apply_writes_the_one_canonical_address(browser):
    controls = {
        ("filter-any", "persona"): ["loyal", "at-risk"],
        ("filter-not", "persona"): ["not"],
        ("filter-any", "category"): [],
        ("filter-low", "monetary"): "1,000",
        ("filter-high", "monetary"): "",
        ("filter-low", "churn_risk"): "50",
        ("filter-high", "churn_risk"): "",
    }
    answer = applied(browser, controls, search="?category=shoes&period=30d&page=4", q=" ann ")
    assert answer["url"]["search"] == (
        "?churn_risk=0.5..&monetary=1000..&period=30d&persona=!at-risk,loyal&q=ann"
    )


def test_before_it_is_pressed_the_button_says_how_many_it_will_show(browser):
    controls = {("filter-any", "persona"): ["loyal", "champions"]}
    assert applied(browser, controls, pressed=False) == {
        "filter-count": {"data": {"choice": 7, "words": "Show 2 customers"}}
    }
    one = {("filter-any", "churn_band"): ["high"]}
    answer = applied(browser, one, pressed=False, path="/segments/loyal")
    assert answer["filter-count"]["data"]["words"] == "Show 1 customer"
    wrong = {("filter-low", "monetary"): "lots"}
    answer = applied(browser, wrong, pressed=False)
    assert answer["filter-count"]["data"]["words"].startswith("Apply without Total spend:")


def test_a_choice_that_cannot_be_counted_leaves_the_button_its_words(browser, monkeypatch, caplog):
    def count(view, wanted):
        raise MemoryError

    monkeypatch.setattr(filtering, "count", count)
    answer = applied(browser, {("filter-any", "persona"): ["loyal"]}, pressed=False)
    assert answer["filter-count"]["data"] == {"choice": 7, "words": "Show customers"}
    assert "could not be counted" in caplog.text


def test_a_range_is_shown_and_stored_in_its_own_unit(view):
    keys = view.vocabulary.keys
    assert ends_of(keys["churn_risk"], "0.5..0.75") == ("50", "75")
    assert ends_of(keys["monetary"], "100") == ("100", "100")
    assert ends_of(keys["monetary"], "1..2,none") == ("", "")
    drafts = {"churn_risk": Draft(low="12.5", high="90"), "monetary": Draft(low="5", high="5")}
    assert compose(view.vocabulary, {}, drafts) == {"churn_risk": "0.125..0.9", "monetary": "5"}


@pytest.mark.parametrize("typed", ["1,5", "1.234,50", "12,34,567", "1,2345", ",5"])
def test_a_comma_that_parts_no_thousands_is_refused_and_not_read_as_another_number(view, typed):
    asked = compose(view.vocabulary, {}, {"monetary": Draft(low=typed)})
    (ignored,) = Selection(view.vocabulary).replacing(**asked).ignored
    assert "is not a plain number" in ignored.reason


def test_thousands_may_be_parted(view):
    drafts = {"monetary": Draft(low="1,234.50", high="12 345 678")}
    assert compose(view.vocabulary, {}, drafts) == {"monetary": "1234.50..12345678"}


def test_a_term_that_no_control_can_show_is_kept(view):
    present = {"monetary": "1..2,none", "recency_days": "..30"}
    drafts = {"monetary": Draft(), "recency_days": Draft(), "nonsense": Draft(low="1")}
    assert compose(view.vocabulary, present, drafts) == {"recency_days": None}


def test_finding_a_value_keeps_the_chosen_ones_in_sight(browser, monkeypatch):
    monkeypatch.setattr("dashboard.components.filter_popover.SHORT", 2)
    found = next(c for c in browser.callbacks if "filter-find" in c["inputs"][0]["id"])
    control = {"type": "filter-any", "key": "category"}
    known = {"search": "", "pathname": "/", "data": None, "value": ["shoes"], "id": control}
    reply = browser.http.post(
        "/_dash-update-component",
        json={
            "output": found["output"],
            "outputs": {"id": control, "property": "options"},
            "inputs": [{"id": {"type": "filter-find", "key": "category"}, "property": "value",
                        "value": "BOO"}],
            "state": [
                {"id": control if "filter-any" in part["id"] else part["id"],
                 "property": part["property"], "value": known[part["property"]]}
                for part in found["state"]
            ],
            "changedPropIds": [],
        },
    )  # fmt: skip
    options = next(iter(reply.get_json()["response"].values()))["options"]
    assert [option["value"] for option in options] == ["shoes", "books"]


def test_every_address_of_the_bar_is_one_that_the_page_writes_itself(browser, view):
    """A link that the selection would write differently would make two addresses of one view."""
    shown = [bar(browser, "?compare=year&period=90d&persona=!dormant&monetary=..20")]
    shown.append(popover(browser, "?persona=loyal"))
    for href in links(shown).values():
        parts = urlsplit(href)
        if parts.path != "/export.csv":
            selection = Selection.parse(parts.query, view.vocabulary, strict=True)
            assert selection.query() == parts.query
            assert len(parse_qs(parts.query)) == len(selection.pairs())


def test_before_anything_is_loaded_the_filters_do_nothing(tmp_path):
    empty = Browser(tmp_path / "workspace")
    days = {"period_apply__n_clicks": 1, "period_from__value": "2025-06-01"}
    empty.ask("period-asked.data", **days, status=204)
