"""Components by themselves: what they say, where they lead, what a screen reader hears."""

from decimal import Decimal
from urllib.parse import unquote

import pytest
from dash import html
from small_app import find, links, text

from dashboard.components import figure, kpi_board, panel, shell, states, switch, tables
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.marks import band, bar, level, mark, tag
from dashboard.components.menus import Choice, menu
from dashboard.components.persona_card import measure
from dashboard.components.ranking import Line, ranking
from dashboard.components.spark import mask, spark
from dashboard.components.trend_panel import axis_word, moved
from dashboard.formatting import Formatter
from dashboard.queries.kpi import Kpi, against, valued
from warehouse.errors import NoGenerationError

EUR = Formatter("EUR")


def sent(component):
    """A component as the browser gets it."""
    tree = component.to_plotly_json()
    children = tree["props"].get("children")
    if isinstance(children, list | tuple):
        tree["props"]["children"] = [
            sent(child) if hasattr(child, "to_plotly_json") else child for child in children
        ]
    elif hasattr(children, "to_plotly_json"):
        tree["props"]["children"] = sent(children)
    return tree


def test_no_graph_can_send_its_data_anywhere():
    config = figure.graph("x", 100).config
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displayModeBar"] is False
    assert "sendChartToCloud" in config["modeBarButtonsToRemove"]


def test_a_figure_is_a_labelled_group_described_by_its_sentence():
    tree = sent(figure.figure_panel("trend", "Revenue", "Revenue over time"))
    group = find(tree, id="trend-group")[0]["props"]
    assert (group["role"], group["aria-label"]) == ("group", "Revenue over time")
    described = find(tree, id=group["aria-describedby"])[0]
    assert described["type"] == "P"
    assert tree["props"]["aria-labelledby"] == find(tree, kind="H2")[0]["props"]["id"]
    assert text(find(tree, id="trend-toggle")) == "Show as table"


def test_a_panel_is_busy_with_a_skeleton_until_its_first_answer():
    tree = sent(panel.panel("personas", "Personas"))
    assert tree["props"]["aria-busy"] == "true"
    assert find(tree, className="skeleton")
    assert find(tree, id="personas-body")[0]["props"]["hidden"] is True


def test_states_differ_in_kind_words_and_way_out():
    some = {
        "empty": states.no_match("Nobody", "City: Potsdam", "318", "/?persona=loyal"),
        "no-data": states.no_data(NoGenerationError("no data", fix="`spendboard load FILE`")),
        "not-enough": states.not_enough("needs 180 days of orders; there are 74"),
        "error": states.failed("7f3a-19", "trend"),
    }
    for kind, state in some.items():
        tree = sent(state.component())
        assert tree["props"]["data-state"] == kind
        assert find(tree, kind="H3")
    assert find(sent(some["empty"].component(2)), kind="H2")  # in no panel: right below the h1
    empty = sent(some["empty"].component())
    assert links(empty) == {"Remove City: Potsdam": "/?persona=loyal"}
    assert "Without “City: Potsdam” there would be 318." in text(empty)
    failed = sent(some["error"].component())
    assert failed["props"]["role"] == "alert"
    assert find(failed, data_retry="trend")


def test_a_spark_line_is_a_mask_with_gaps_left_out():
    picture = unquote(mask([0.0, None, 10.0]))
    assert 'points="0.0,30.0 100.0,2.0"' in picture
    assert "<script" not in picture
    assert mask([None, 0.0, 10.0, None]) == mask([0.0, 10.0])  # from edge to edge
    assert mask([1.0]) is None
    assert mask([None, 2.0]) is None
    assert 'points="0.0,16.0 100.0,16.0"' in unquote(mask([5.0, 5.0]))
    assert spark([]) is None
    assert spark([1.0, 2.0]).to_plotly_json()["props"]["aria-hidden"] == "true"


def test_marks_are_shape_and_word_and_hidden_from_readers():
    assert mark(3).props["className"] == "mark m3"
    assert mark(9).props["className"] == "mark m9"
    assert mark(10).props["className"] == "mark m0"
    assert text(sent(tag(1, "Champions"))) == "Champions"
    assert sent(level(2))["props"]["aria-hidden"] == "true"
    assert sent(icon("x"))["props"]["aria-hidden"] == "true"


def test_a_band_is_judged_only_where_high_is_bad():
    assert band("high", "churn_band").props["className"] == "pill bad"
    assert band("high", "value_band").props["className"] == "pill"
    exposed = band("high", "risk_band", "exposure")
    assert (exposed.props["className"], text(sent(exposed))) == ("pill", "High exposure")
    assert text(sent(band("medium", "churn_band"))) == "Medium"
    assert text(sent(band(None, "risk_band"))) == "–"


@pytest.mark.parametrize(("share", "width"), [(0.5, "50.0%"), (-1, "0.0%"), (7, "100.0%")])
def test_a_bar_never_leaves_its_cell(share, width):
    assert find(sent(bar(share, 2)), kind="I")[0]["props"]["style"]["width"] == width


def test_a_link_inside_the_app_is_a_plain_anchor_too():
    tree = sent(go("Loyal", address("/customers", "persona=loyal"), className="x"))
    assert tree["props"]["href"] == "/customers?persona=loyal"
    assert tree["props"]["data-go"] == "true"
    assert address("/", "") == "/"


def test_a_menu_is_a_disclosure_whose_present_choice_is_marked():
    choices = [Choice("All time", "/", active=True), Choice("Last 7 days", "/?period=7d")]
    tree = sent(menu("Period", "All time", choices, name="period-menu"))
    assert tree["type"] == "Details"
    assert text(find(tree, kind="Summary")) == "Period All time"
    assert [text(n) for n in find(tree, aria_current="true")] == ["All time"]


def test_a_table_names_its_rows_and_puts_numbers_right():
    columns = [tables.Column("Persona"), tables.Column("Revenue", True, "strong")]
    tree = sent(tables.table(columns, [["Loyal", "€30"]], caption="c", foot=["All", "€85"]))
    assert [n["props"]["scope"] for n in find(tree, kind="Th")] == ["col", "col", "row", "row"]
    assert find(tree, kind="Td")[0]["props"]["className"] == "num strong"
    assert text(find(tree, kind="Caption")) == "c"
    assert text(find(tree, kind="Tfoot")) == "All €85"


def test_a_ranking_links_each_line_but_the_rest():
    lines = [Line("Shoes", "€65", 1, "76 %", "/?category=shoes", active=True),
             Line("All others", "€20", 3)]  # fmt: skip
    tree = sent(ranking(lines))
    assert links(tree) == {"Shoes €65 76 %": "/?category=shoes"}
    assert len(find(tree, aria_current="true")) == 1
    # A name too long for one line takes two: nothing cuts it.
    assert not find(tree, className="clip")
    widths = [n["props"]["style"]["width"] for n in find(tree, kind="I")]
    assert widths == ["100.0%", "100.0%"]


def test_a_switch_tells_which_of_its_buttons_is_pressed():
    tree = sent(switch.switch("grain", {"day": "Day", "week": "Week"}, "week", "Step"))
    assert [n["props"]["aria-pressed"] for n in find(tree, kind="Button")] == ["false", "true"]
    assert {n["props"]["data-set"] for n in find(tree, kind="Button")} == {"grain"}


def test_the_frame_begins_with_a_way_past_the_navigation():
    tree = sent(shell.frame())
    first = tree["props"]["children"][0]
    assert (first["props"]["href"], first["props"]["className"]) == ("#content", "skip")
    for landmark in ("Nav", "Header", "Main", "Footer"):
        assert len(find(tree, kind=landmark)) == 1
    assert find(tree, kind="Main")[0]["props"]["id"] == "content"


def test_the_search_works_without_a_script():
    tree = sent(shell.search())
    assert (tree["props"]["action"], tree["props"]["method"]) == ("/customers", "get")
    field = find(tree, id="customer-search")[0]["props"]
    assert field["name"] == "q"
    assert "Find a customer" in text(tree)


def tile(kpi):
    return sent(kpi_board.board([kpi], EUR))


def test_the_hero_shows_how_far_its_target_is():
    kpi = Kpi("revenue", "Revenue", "currency", 900.0, "€900", "€900", target=1000.0)
    assert "90 % of target €1,000 €100 short" in text(tile(kpi))
    met = Kpi("revenue", "Revenue", "currency", 2000.0, "€2,000", "€2 k", target=1000.0)
    assert "target met" in text(tile(met))
    assert find(tile(met), className="meter")
    assert not find(tile(Kpi("revenue", "Revenue", "currency", 1.0, "€1", "€1")),
                    className="meter")  # fmt: skip


def test_a_rise_that_is_bad_is_red_and_an_unchanged_number_has_no_arrow():
    risk = against(valued(Kpi("revenue_at_risk", "At risk", "currency"), 110.0, EUR), 100.0, EUR)
    change = find(tile(risk), className="delta")[0]
    assert text(change) == "up and worse, 10.0 %"
    assert "bad" in change["props"]["className"]
    flat = against(valued(Kpi("revenue", "Revenue", "currency"), 100.0, EUR), 100.0, EUR)
    change = find(tile(flat), className="delta")[0]
    assert text(change) == "0.0 %"
    assert not find(change, className="bi")


def test_missing_is_a_dash_with_its_reason_and_zero_is_a_zero():
    missing = Kpi("repeat_rate", "Repeat rate", "ratio", None, "–", "–", reason="no orders")
    assert text(tile(missing)) == "Repeat rate – no orders"
    assert text(tile(valued(Kpi("revenue", "Revenue", "currency"), 0.0, EUR))) == "Revenue €0"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0.234, "ratio", "23.4 %"), (1234.4, "currency", "€1,234"), (12.347, "currency", "€12.35"),
     (12.0, "days", "12 days"), (3.24, "count", "3.2"), (None, "days", "–")],
)  # fmt: skip
def test_a_measure_is_worded_in_its_unit(value, unit, expected):
    assert measure(value, unit, EUR) == expected


def test_ticks_and_changes_are_as_short_as_they_can_be():
    assert axis_word(24_000, EUR) == "24 k"
    assert axis_word(1_250_000, EUR) == "1.25 m"
    assert axis_word(0, EUR) == "0"
    assert axis_word(-200, EUR) == "−200"
    assert moved(Decimal(110), Decimal(100), EUR) == "+10.0 %"
    assert moved(Decimal(1), Decimal(0), EUR) == "–"
    assert moved(Decimal(1), None, EUR) == "–"


def test_text_of_a_customer_is_never_markup():
    tree = sent(html.Ul([html.Li("<script>alert(1)</script>")]))
    assert text(tree) == "<script>alert(1)</script>"  # react escapes it; nothing is raw HTML
