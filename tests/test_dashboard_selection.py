"""The selection's grammar: one view, one URL; what is not understood is said, never guessed."""

from datetime import date
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import wording
from dashboard.area import Lasso
from dashboard.selection import Selection
from dashboard.slugs import Choice
from dashboard.vocabulary import About, Column, Key, Vocabulary
from warehouse.errors import SelectionError


def choice(name, half, *titles):
    choices = tuple(Choice(title, title.lower().replace(" ", "-"), title) for title in titles)
    return Key(name, name.replace("_", " ").capitalize(), "choice", half, "", name, choices)


PERSONAS = ("Champions", "Loyal", "At risk", "Dormant")
KEYS = (
    choice("persona", "who", *PERSONAS),
    choice("risk_band", "who", "Low", "Medium", "High"),
    choice("churn_band", "who", "Low", "High"),
    choice("category", "lens", "Shoes", "Books", "Garden"),
    choice("merchant", "lens", "Nordhafen Markt"),
    choice("city", "lens", "Berlin", "Hamburg"),
    choice("payment_method", "lens", "card", "invoice"),
    Key("customer_id", "Customer", "text", "who"),
    Key("name", "Name", "text", "who"),
    Key("email", "E-mail", "text", "who"),
    choice("home_city", "who", "Berlin", "Hamburg"),
    Key("consent", "Consent", "flag", "who"),
    Key("recency_days", "Days since last purchase", "range", "who", "days"),
    Key("monetary", "Total spend", "range", "who", "currency"),
    Key("churn_risk", "Churn risk", "range", "who", "ratio"),
    Key("first_purchased_on", "First purchase", "date", "who"),
    Key("pca_1", "Map, across", "range", "who"),
    Key("pca_2", "Map, up", "range", "who"),
    Key("orders_in_period", "Orders in the period", "range", "lens", "orders"),
)
COLUMNS = [
    Column(n, n, "", "VARCHAR", n) for n in ("customer_id", "name", "monetary", "expected_spend")
]
ABOUT = About(
    first_day=date(2024, 10, 1), last_day=date(2026, 9, 30), as_of=date(2026, 9, 30),
    scores_as_of=date(2026, 9, 30), currency="EUR", has_transactions=True, has_dates=True,
)  # fmt: skip
VOCABULARY = Vocabulary(KEYS, COLUMNS, ABOUT, [Key("phone", "Phone", "text", "who")],
                        {"subcategory": "Subcategory"})  # fmt: skip


def parse(query, **kwargs):
    return Selection.parse(query, VOCABULARY, **kwargs)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("?", ""),
        ("period=all", ""),
        ("page=1&compare=off", ""),
        ("persona=loyal,at-risk,loyal", "persona=at-risk,loyal"),
        ("persona=At%20risk", "persona=at-risk"),
        ("persona=Loyal", "persona=loyal"),
        ("risk_band=high&persona=loyal", "persona=loyal&risk_band=high"),
        ("persona=!dormant,!loyal", "persona=!dormant,loyal"),
        ("persona=!%20dormant", "persona=!dormant"),
        ("persona=none,loyal", "persona=loyal,none"),
        ("monetary=100.00..0500", "monetary=100..500"),
        ("monetary=..", None),
        ("monetary=-0..", "monetary=0.."),
        ("monetary=5..5", "monetary=5"),
        ("monetary=.50..1.250", "monetary=0.5..1.25"),
        ("monetary=100..,..5", "monetary=..5,100.."),
        ("consent=TRUE", "consent=yes"),
        ("q=%20ann%20%20lee+x", "q=ann%20lee%20x"),
        ("q=a%26b%3Dc%23", "q=a%26b%3Dc%23"),
        ("period=90d&compare=previous", "compare=previous&period=90d"),
        ("period=2026-06-01", "period=2026-06-01..2026-06-01"),
        ("period=2026-06-01..", "period=2026-06-01.."),
        ("box=4,5,-1.2,0.3", "box=-1.2,0.3,4,5"),
        ("box=0,0,1.00000049,1", "box=0,0,1,1"),
        ("lasso=1,1,0,0,1,0", "lasso=0,0,1,0,1,1"),
        ("lasso=1,0,1,1,0,0", "lasso=0,0,1,0,1,1"),
        ("sort=-monetary,name", "sort=-monetary,name"),
        ("columns=name,customer_id,name", "columns=name,customer_id"),
        ("page=0012", "page=12"),
        ("email=none", "email=none"),
        ("email=none,%5Cnone", "email=%5Cnone,none"),
        ("name=%5C!wow", "name=%5C!wow"),
        ("name=!%5Cnone", "name=!%5Cnone"),
        ("name=!%5C!wow,ann", "name=!%5C!wow,ann"),
        ("name=!%5C%20x", "name=!%5C%20x"),
        ("name=!!wow", "name=!%5C!wow"),
        ("sort=name,customer_id,-monetary", "sort=name,customer_id"),
        ("name=a%2Cb", "name=a,b"),
        ("name=a%5C%2Cb", "name=a%5C,b"),
        ("persona=loyal%2Cat-risk", "persona=at-risk,loyal"),
        ("first_purchased_on=2026-01-01..", "first_purchased_on=2026-01-01.."),
    ],
)  # fmt: skip
def test_one_view_has_one_url(query, canonical):
    selection = parse(query)
    if canonical is None:
        assert selection.ignored
        return
    assert selection.ignored == ()
    assert selection.query() == canonical
    again = parse(canonical, strict=True)
    assert again == selection
    assert again.query() == canonical


@pytest.mark.parametrize(
    ("query", "key", "reason"),
    [
        ("personna=loyal", "personna", "is not a key"),
        ("persona=loyl", "persona", "no value 'loyl'"),
        ("persona=", "persona", "needs a value"),
        ("persona=loyal,", "persona", "empty value"),
        ("persona=loyal,!dormant", "persona", "mixes"),
        ("persona=loyal&persona=dormant", "persona", "given twice"),
        ("monetary=500..100", "monetary", "ends before it begins"),
        ("monetary=nan..", "monetary", "not a plain number"),
        ("monetary=..inf", "monetary", "not a plain number"),
        ("monetary=1e5..", "monetary", "not a plain number"),
        ("monetary=%EF%BC%91%EF%BC%90..", "monetary", "not a plain number"),
        ("monetary=1_000..", "monetary", "not a plain number"),
        ("monetary=" + "9" * 400, "monetary", "not a plain number"),
        ("recency_days=0.0000000001..", "recency_days", "not a plain number"),
        ("consent=maybe", "consent", "neither yes nor no"),
        ("period=30", "period", "none of 7d, 30d, 90d, 365d and all, and no day such as 2011"),
        ("period=30d..", "period", "is not a day such as 2011-06-01"),
        ("period=2026-02-30..", "period", "not in the calendar"),
        ("period=2026-06-30..2026-06-01", "period", "ends before it begins"),
        ("period=0000-01-01..", "period", "not in the calendar"),
        ("period=2024-01-01..9999-12-31", "period", "not between the years 1900 and 2200"),
        ("period=0001-01-01..", "period", "not between the years 1900 and 2200"),
        ("compare=previous", "compare", "needs a period"),
        ("period=30d&compare=month", "compare", "neither previous nor year"),
        ("box=1,2,3", "box", "four numbers"),
        ("box=1,2,3,nan", "box", "not a plain number"),
        ("box=1,2,3,9000000", "box", "far outside"),
        ("lasso=1,2,3,4", "lasso", "three corners"),
        ("lasso=" + ",".join(["1"] * 42), "lasso", "more than 20 corners"),
        ("lasso=1,1,1,1,1,1", "lasso", "differ"),
        ("sort=salary", "sort", "names no column"),
        ("columns=name,password", "columns", "names no column"),
        ("page=0", "page", "not a page number"),
        ("page=-3", "page", "not a page number"),
        ("page=99999999999999999999", "page", "not a page number"),
        ("page=%D9%A3", "page", "not a page number"),
        ("q=%20", "q", "something to search"),
        ("q=" + "x" * 300, "q", "longer than"),
        ("q=a%00b", "q", "characters that cannot be asked for"),
        ("q=%FF", "q", "not text in UTF-8"),
        ("name=a%0Ab", "name", "characters that cannot be asked for"),
        ("%00=1", "%00", "characters that cannot be asked for"),
        ("subcategory=x", "subcategory", "do not have: Subcategory"),
        ("name=" + "x" * 600, "name", "more than 500 characters"),
        ("customer_id=" + ",".join(f"c{n}" for n in range(2000)), "customer_id", "2,000 values"),
        ("=x", "", "is not a key"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_listed_on_a_page_and_refused_elsewhere(query, key, reason):
    selection = parse(query)
    assert any(i.key == key and reason in i.reason for i in selection.ignored), selection.ignored
    assert all(len(i.value) < 200 for i in selection.ignored)
    with pytest.raises(SelectionError) as error:
        parse(query, strict=True)
    assert error.value.exit_code == 2
    assert len(str(error.value)) < 1000


def test_what_is_understood_stays_when_something_else_is_not():
    selection = parse("persona=loyal&color=red&monetary=100..&period=1d")
    assert selection.query() == "monetary=100..&persona=loyal"
    assert [i.key for i in selection.ignored] == ["color", "period"]


def test_a_list_keeps_the_values_that_the_data_have():
    selection = parse("persona=loyal,nobody,someone")
    assert selection.query() == "persona=loyal"
    assert selection.ignored[0].value == "nobody,someone"
    assert "'nobody' and 1 more" in selection.ignored[0].reason
    assert parse("persona=nobody").is_everybody


def test_a_hostile_query_is_bounded_and_said():
    assert "longer than" in parse("q=" + "a" * 50_000).ignored[0].reason
    many = parse("&".join(f"k{n}=1" for n in range(1000)))
    assert len(many.ignored) == 201
    assert "200 keys" in " ".join(i.reason for i in many.ignored)


def test_an_error_names_the_nearest_key_or_value():
    for query, near in (("personna=loyal", "persona"), ("persona=dormnt", "dormant"),
                        ("sort=monetry", "monetary"), ("perod=30d", "period")):  # fmt: skip
        with pytest.raises(SelectionError, match=f"did you mean: {near}"):
            parse(query, strict=True)


def test_a_key_without_any_value_in_the_data_can_still_be_asked_for():
    assert parse("phone=none", strict=True).query() == "phone=none"


def test_a_period_cannot_be_asked_of_data_without_dates():
    undated = Vocabulary(KEYS, COLUMNS, About(has_transactions=True))
    with pytest.raises(SelectionError, match="no dates"):
        Selection.parse("period=30d", undated, strict=True)


@pytest.mark.parametrize("query", ["", "compare=year&page=3&period=30d&persona=loyal&q=a%3Db"])
@pytest.mark.parametrize(
    "keys",
    [
        {"persona": "at-risk"},
        {"persona": "nobody"},
        {"persona": "nobody,loyal"},
        {"persona": None},
        {"period": "2025-01-02..2025-02-03"},
        {"period": "90d", "page": None},
        {"period": "all"},
        {"period": None, "monetary": "5..,..1"},
        {"compare": "previous"},
        {"compare": None},
        {"monetary": "none", "sort": "-monetary"},
        {"sort": "no-such-column"},
        {"q": "  two   words "},
        {"page": "2"},
    ],
)
def test_a_link_is_the_replaced_selection(query, keys):
    for _ in range(2):  # the second time its values are remembered
        selection = Selection.parse(query, VOCABULARY)
        assert selection.query_with(**keys) == selection.replacing(**keys).query()


def test_replacing_sets_removes_and_goes_back_to_the_first_page():
    selection = parse("persona=loyal&period=30d&compare=year&page=4&sort=-name")
    assert selection.replacing(persona="dormant").query() == (
        "compare=year&period=30d&persona=dormant&sort=-name"
    )
    assert selection.replacing(persona=None).query() == "compare=year&period=30d&sort=-name"
    assert selection.replacing(page="5").page == 5
    assert selection.replacing(sort="name").page == 4
    assert selection.replacing(period=None).lens.compare is None
    assert selection.replacing(period="all").query() == "persona=loyal&sort=-name"
    assert selection.replacing(persona="nobody").ignored[0].key == "persona"


def test_the_usual_order_is_not_written_and_no_column_is_sorted_both_ways():
    assert parse("sort=-monetary").query() == ""
    assert parse("").replacing(sort="-monetary").query() == ""
    assert parse("period=30d").query_with(sort="-monetary") == "period=30d"
    (ignored,) = parse("sort=name,-name").ignored
    assert "both directions" in ignored.reason


def test_sort_columns_and_page_never_change_who_is_meant():
    plain = parse("persona=loyal&period=30d")
    shown = parse("persona=loyal&period=30d&sort=-monetary&columns=name&page=3")
    assert plain.meaning() == shown.meaning() == "period=30d&persona=loyal"
    assert plain.query() != shown.query()


def test_everybody_is_who_nothing_narrows():
    assert parse("period=30d&compare=year&sort=name").is_everybody
    for query in ("persona=loyal", "q=a", "box=0,0,1,1", "lasso=0,0,1,0,1,1"):
        assert not parse(query).is_everybody
        assert parse(query).narrows_who
    for query in ("category=shoes", "orders_in_period=1.."):
        assert not parse(query).is_everybody
        assert not parse(query).narrows_who
    assert parse("persona=loyal&period=30d").everybody().query() == "period=30d"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "All customers"),
        ("period=90d", "All customers, purchases in the last 90 days"),
        ("persona=dormant,at-risk", "At risk or Dormant customers"),
        ("risk_band=medium,high&home_city=berlin&persona=!champions",
         "Customers of high or medium risk (exposure by total spend) living in Berlin,"
         " Champions left out"),
        ("persona=champions", "Champions"),
        ("persona=loyal,champions&q=ann",
         "Champions or Loyal customers whose id or name contains “ann”"),
        ("persona=!loyal,!champions", "Customers, Champions and Loyal ones left out"),
        ("monetary=200..&period=90d&compare=previous",
         "Customers with total spend of at least €200, purchases in the last 90 days,"
         " against the 90 days before"),
        ("category=shoes&merchant=nordhafen-markt&period=2026-06-01..2026-08-31&compare=year",
         "Customers who bought from Nordhafen Markt in Shoes from 1 Jun to 31 Aug 2026,"
         " against the same days a year earlier"),
        ("churn_risk=0.5..&churn_band=high",
         "Customers of high churn risk with churn risk of at least 50 %"),
        ("recency_days=1..30", "Customers with days since last purchase of 1 to 30 days"),
        ("email=none&consent=no", "Customers without a known e-mail and without consent"),
        ("q=ann", "Customers whose id or name contains “ann”"),
        ("box=0,0,1,1", "Customers inside the area drawn on the map"),
        ("persona=none", "Customers without a persona"),
        ("persona=loyal,none", "Loyal or unnamed customers"),
        ("category=!shoes", "Customers, purchases of category Shoes not counted"),
        ("category=!none", "Customers, purchases without a known category not counted"),
        ("category=none", "Customers who bought in a category that is not known"),
        ("category=none,shoes", "Customers who bought in Shoes or a category that is not known"),
        ("city=berlin&payment_method=card", "Customers who bought by card in Berlin"),
        ("period=2026-09-30", "All customers, purchases on 30 Sep 2026"),
        ("first_purchased_on=2026-01-01..",
         "Customers with the first purchase since 1 Jan 2026"),
        ("customer_id=" + ",".join("abcdefghi"),
         "Customers with customer a, b, c, d, e or 4 more"),
    ],
)  # fmt: skip
def test_a_selection_reads_as_a_sentence(query, words):
    assert parse(query, strict=True).words() == words


@pytest.mark.parametrize(
    ("personas", "words"),
    [
        (["Cluster 1"], "Customers of Cluster 1"),
        (["Balanced", "Revolvers"], "Revolvers or Balanced customers"),
        (["Big baskets", "Revolvers"], "Customers of Big baskets or Revolvers"),
        (["Loyal", "Cluster 1"], "Cluster 1 or Loyal customers"),
        (["Champions", "Cluster 1"], "Customers of Champions or Cluster 1"),
    ],
)
def test_groups_without_a_name_of_their_own_read_as_groups(personas, words):
    assert wording._people(personas) == words


def test_every_filter_is_a_chip_that_can_be_taken_away():
    selection = parse("persona=!dormant&risk_band=high&q=ann&box=0,0,1,1&period=30d"
                      "&orders_in_period=1..&category=shoes,books&email=none")  # fmt: skip
    chips = {chip.key: chip for chip in selection.chips()}
    assert {key: (chip.title, chip.text) for key, chip in chips.items()} == {
        "persona": ("Persona", "not Dormant"),
        "risk_band": ("Risk band", "high"),
        "category": ("Category", "Shoes or Books"),
        "email": ("E-mail", "not known"),
        "orders_in_period": ("Orders in the period", "at least 1"),
        "box": ("Map", "inside the box"),
        "q": ("Search", "ann"),
    }
    for key, chip in chips.items():
        assert key not in parse(chip.without, strict=True).pairs()
        assert len(parse(chip.without).pairs()) == len(selection.pairs()) - 1


def test_a_polygon_is_the_same_wherever_and_whichever_way_it_is_drawn():
    corners = [(0, 0), (2, 0), (2, 1), (1, 3)]
    turned = [corners[i:] + corners[:i] for i in range(4)]
    drawn = {parse("lasso=" + ",".join(f"{x},{y}" for x, y in way)).lasso
             for shape in turned for way in (shape, shape[::-1])}  # fmt: skip
    assert len(drawn) == 1
    assert isinstance(drawn.pop(), Lasso)


# ----------------------------------------------------------------- properties

numbers = st.decimals(-(10**9), 10**9, places=2).map(lambda d: f"{d:f}")
texts = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd"),
                min_size=1, max_size=20).filter(str.strip)  # fmt: skip
days = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str)


def slugs(*titles):
    listed = st.lists(st.sampled_from([t.lower().replace(" ", "-") for t in titles] + ["none"]),
                      min_size=1, max_size=4).map(",".join)  # fmt: skip
    return st.one_of(listed, listed.map("!{}".format))


def ranges(ends):
    ordered = st.tuples(ends, ends).map(lambda e: "..".join(sorted(e, key=_as_number)))
    return st.one_of(ordered, ends.map("{}..".format), ends.map("..{}".format), ends)


def _as_number(text):
    try:
        return float(text), ""
    except ValueError:
        return 0.0, text


def escaped(text):
    return VOCABULARY.slug("name", text)


queries = st.fixed_dictionaries(
    {},
    optional={
        "persona": slugs(*PERSONAS),
        "risk_band": slugs("Low", "Medium", "High"),
        "category": slugs("Shoes", "Books", "Garden"),
        "consent": st.sampled_from(["yes", "no", "!none"]),
        "monetary": ranges(numbers),
        "first_purchased_on": ranges(days),
        "name": st.lists(texts.map(escaped), min_size=1, max_size=3).map(",".join),
        "q": texts,
        "period": st.sampled_from(["30d", "90d", "2026-01-01..2026-02-01", "..2026-01-01"]),
        "box": st.lists(numbers.map(lambda n: n[-6:].lstrip(".") or "0"), min_size=4,
                        max_size=4).map(",".join),
        "sort": st.sampled_from(["-monetary", "name", "monetary,-name"]),
        "page": st.integers(1, 999).map(str),
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(queries)
def test_reading_what_was_written_gives_the_same_selection(pairs):
    selection = parse(urlencode(pairs))
    canonical = selection.query()
    again = parse(canonical, strict=True)
    assert again == selection
    assert again.query() == canonical
    assert list(again.pairs()) == sorted(again.pairs())
    assert again.words()
    assert len(again.chips()) == len({*again.pairs()} - {"period", "compare", "sort", "page"})


@settings(max_examples=200, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_any_text_can_be_asked_for(values):
    """Commas, exclamation marks, backslashes, ``none``: each is a value if it is marked."""
    query = "name=" + quote(",".join(map(escaped, values)))
    selection = parse(query, strict=True)
    assert selection.who[0].values == tuple(sorted(set(values)))
    assert not selection.who[0].excluded
    assert not selection.who[0].missing
    assert parse(selection.query(), strict=True) == selection


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_whatever_breaks_the_reader(text):
    selection = parse(text)
    assert parse(selection.query(), strict=True) == selection
    assert selection.words()


def test_every_example_of_the_documentation_is_understood():
    import re
    from pathlib import Path

    page = Path(__file__).resolve().parents[1] / "docs" / "selection.md"
    shown = re.findall(r"`([a-z_]+=[^`]+)`", page.read_text(encoding="utf-8"))
    assert len(shown) >= 25
    more = [
        choice("subcategory", "lens", "x"), Key("reachable", "Reachable", "flag", "who"),
        Key("spend_in_period", "Spend in the period", "range", "lens", "currency"),
        choice("persona", "who", *PERSONAS, "New"),
    ]  # fmt: skip
    vocabulary = Vocabulary([*KEYS, *more], COLUMNS, ABOUT)
    for query in shown:
        Selection.parse(query if query != "compare=year" else "compare=year&period=7d",
                        vocabulary, strict=True)  # fmt: skip
    canonical = Selection.parse("persona=loyal,at-risk&period=all", vocabulary).query()
    assert canonical in shown
