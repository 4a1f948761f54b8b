"""Which keys a generation has, how its values are written in a URL, how people read them."""

import pytest
from small_shop import SETTINGS, publish

from analytics import persona_table
from analytics.persona_table import SHOPPERS
from dashboard.grammar import UnknownValueError, parse_condition
from dashboard.queries.facets import facets
from dashboard.queries.held import count
from dashboard.queries.vocabulary import IN_BETWEEN, PERSONAS, _absent_today, _personas
from dashboard.reader import Reader
from dashboard.selection import Selection
from dashboard.slugs import choices_of, slugify
from dashboard.vocabulary import About, Key, Vocabulary


def view_of(folder, *args, **kwargs):
    return Reader(publish(folder / "workspace", *args, **kwargs), SETTINGS).view()


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    return view_of(tmp_path_factory.mktemp("shop")).vocabulary


def test_keys_come_from_customer_columns_and_purchase_dimensions(vocabulary):
    kinds = {name: (key.kind, key.half) for name, key in vocabulary.keys.items()}
    expected = {
        "persona": ("choice", "who"),
        "risk_band": ("choice", "who"),
        "customer_id": ("text", "who"),
        "email": ("text", "who"),
        "monetary": ("range", "who"),
        "cluster": ("range", "who"),
        "consent": ("flag", "who"),
        "reachable": ("flag", "who"),
        "first_purchased_on": ("date", "who"),
        "home_city": ("choice", "who"),
        "city": ("choice", "lens"),
        "category": ("choice", "lens"),
        "orders_in_period": ("range", "lens"),
    }
    assert expected.items() <= kinds.items()
    assert list(vocabulary.keys)[:4] == ["persona", "risk_band", "churn_band", "value_band"]
    assert "customer_key" not in kinds


def test_a_column_without_any_value_is_not_offered_but_can_be_asked_for(vocabulary):
    assert "age" not in vocabulary.keys
    assert vocabulary.key("age").kind == "range"
    assert not vocabulary.has("age", "monetary")
    assert vocabulary.has("consent", "monetary")
    assert vocabulary.key("merchant") is None
    assert vocabulary.absent["merchant"] == "Merchant"


def test_an_attribute_named_like_a_word_of_the_grammar_gets_another_name(vocabulary):
    assert vocabulary.key("page") is None
    key = vocabulary.keys["page_attribute"]
    assert (key.kind, key.title) == ("range", "page")
    assert vocabulary.columns["page"].is_attribute


def test_values_are_written_as_slugs_and_read_back(vocabulary):
    assert vocabulary.slug("category", "Toys & Co") == "toys-co"
    assert vocabulary.value("category", "toys-co") == "Toys & Co"
    assert vocabulary.value("category", "nothing") is None
    assert vocabulary.slug("home_city", "Köln") == "koln"
    assert vocabulary.slug("home_city", None) == "none"
    assert vocabulary.slug("consent", True) == "yes"
    assert vocabulary.slug("cluster", 3) == "3"
    assert vocabulary.slug("name", "none, really") == "none\\, really"
    assert vocabulary.title("persona", "at-risk") == "At risk"


def test_a_link_made_from_any_value_means_that_value(vocabulary):
    for name, value in (("name", 'Bob "the Builder", Ltd'), ("category", "Toys & Co"),
                        ("home_city", "Wien"), ("persona", None)):  # fmt: skip
        query = Selection(vocabulary).replacing(**{name: vocabulary.slug(name, value)}).query()
        condition = Selection.parse(query, vocabulary, strict=True)
        conditions = condition.who + condition.lens.filters
        assert len(conditions) == 1
        if value is None:
            assert conditions[0].missing
        else:
            assert vocabulary.value(name, conditions[0].values[0]) == value


def test_every_band_can_be_asked_for_also_one_that_is_empty_today(vocabulary):
    slugs = [choice.slug for choice in vocabulary.keys["value_band"].choices]
    assert slugs == ["low", "medium", "high"]  # medium: nobody


def test_personas_keep_their_order_and_titles(vocabulary):
    titles = [choice.title for choice in vocabulary.keys["persona"].choices]
    assert titles == ["Champions", "Loyal", "Promising", "New", "At risk", "Dormant"]


def test_a_persona_that_no_cluster_has_today_can_still_be_asked_for(tmp_path, monkeypatch):
    import small_shop

    monkeypatch.setattr(small_shop, "PERSONAS", ("dormant", "loyal", "at-risk", "champions"))
    vocabulary = view_of(tmp_path).vocabulary
    slugs = [choice.slug for choice in vocabulary.keys["persona"].choices]
    assert slugs == ["champions", "loyal", "promising", "new", "at-risk", "dormant"]


def test_a_group_in_between_that_no_cluster_has_today_means_nobody(tmp_path):
    view = view_of(tmp_path)
    key = view.vocabulary.keys["persona"]
    for slug in IN_BETWEEN:
        selection = Selection.parse(f"persona={slug}", view.vocabulary, strict=True)
        assert not selection.ignored
        assert count(view, selection) == 0
        # Only a menu of this selection offers it, so that it can be taken back there.
        assert slug in {facet.slug for facet in facets(view, selection, key)}
    everybody = Selection(view.vocabulary)
    assert [facet.slug for facet in facets(view, everybody, key)] == [*PERSONAS, "none"]
    assert view.vocabulary.title("persona", "big-baskets") == "Big baskets"


@pytest.mark.parametrize("slugs", [("steady", "occasional"), ("steady", "loyal", "dormant")])
def test_beside_groups_in_between_the_six_names_can_still_be_asked_for(slugs):
    rows = [{"persona": slug, "title": slug.capitalize()} for slug in slugs]
    personas = _personas(lambda sql, bound: rows)
    in_between = [slug for slug in slugs if slug in IN_BETWEEN]
    assert [choice.slug for choice in personas] == [*PERSONAS, *in_between]
    absent = {choice.slug for choice in _absent_today(personas)}
    assert absent == IN_BETWEEN.keys() - in_between


def test_cardholders_have_none_of_the_names_of_buyers():
    rows = [{"persona": slug, "title": slug} for slug in ("revolvers", "dormant")]
    personas = _personas(lambda sql, bound: rows)
    assert [choice.slug for choice in personas] == ["revolvers", "dormant"]
    assert _absent_today(personas) == ()


def test_personas_are_called_as_the_written_table_calls_them():
    written = {persona.slug: persona.title for persona in (*SHOPPERS, *persona_table.IN_BETWEEN)}
    assert written == PERSONAS | IN_BETWEEN


def test_columns_know_what_is_personal_and_in_which_unit(vocabulary):
    personal = {name for name, column in vocabulary.columns.items() if column.is_personal}
    assert personal == {"name", "email", "phone"}
    assert vocabulary.columns["spend_30d"].title == "Spend, 30 days"
    assert vocabulary.columns["spend_30d"].unit == "currency"
    assert vocabulary.columns["expected_spend"].title == "Expected spend, next 30 days"
    assert "spend_in_period" in vocabulary.columns


def test_before_a_refresh_there_are_no_scores_to_ask_for(tmp_path):
    vocabulary = view_of(tmp_path, scored=False).vocabulary
    assert not vocabulary.has("persona")
    assert "persona" not in vocabulary.keys
    assert vocabulary.about.scores_as_of is None


def test_a_table_of_customers_alone_has_no_lens(tmp_path):
    vocabulary = view_of(tmp_path, shop=None, scored=False).vocabulary
    assert not vocabulary.about.has_transactions
    assert "spend_in_period" not in vocabulary.columns
    assert vocabulary.has("home_city", "page_attribute")
    assert not [key for key in vocabulary.keys.values() if key.half == "lens"]


def test_an_undated_ledger_can_be_selected_but_not_by_period(tmp_path):
    undated = """
        customer  day  amount
        ann       -    10.00
        bob       -    20.00
    """
    view = view_of(tmp_path, undated, None, scored=False)
    assert view.vocabulary.about.has_transactions
    assert not view.vocabulary.about.has_dates
    assert Selection.parse("period=30d", view.vocabulary).ignored[0].key == "period"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Home & Living", "home-living"),
        ("Köln", "koln"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("日本", "日本"),
        ("  a__b  ", "a-b"),
        ("!!!", ""),
    ],
)
def test_slugs_keep_what_a_reader_recognises(text, slug):
    assert slugify(text) == slug


def test_a_slug_that_several_values_came_to_share_means_none_of_them():
    key = Key("category", "Category", "choice", "lens", choices=choices_of(("Shoes", "shoes")))
    vocabulary = Vocabulary([key], [], About())
    with pytest.raises(UnknownValueError, match="has no value 'shoes'"):
        parse_condition(key, "shoes")
    for choice in key.choices:
        assert parse_condition(key, choice.slug).values == (choice.slug,)
        assert vocabulary.slug("category", choice.value) == choice.slug
    assert parse_condition(key, "Shoes").values == (key.choices[0].slug,)
    assert vocabulary.nearest_value(key, "shoes") == key.choices[0].slug


def test_values_that_would_share_a_slug_get_one_each():
    values = ("Shoes", "shoes", "shoes!", "!!!", "none", "None", "Books")
    made = choices_of(values)
    assert [choice.value for choice in made] == list(values)
    slugs = [choice.slug for choice in made]
    assert len(set(slugs)) == len(values)
    assert slugs[-1] == "books"
    assert not {"", "none", "shoes"} & set(slugs)
