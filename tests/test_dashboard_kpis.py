"""The board of key figures, every number checked by hand on six customers (small_shop)."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_shop import SETTINGS, publish

import dashboard.queries.wall_board
from dashboard.export import stream_csv
from dashboard.formatting import Formatter
from dashboard.queries.held import count
from dashboard.queries.kpi import Kpi, against, aimed, valued
from dashboard.queries.kpi_sums import Customers, Purchases, Sums
from dashboard.queries.kpis import board
from dashboard.queries.wall import trend_screen
from dashboard.queries.wall_board import _discreet, wall_board
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.configuration import Kpi as Aim
from warehouse.configuration import KpiName, Settings, parse_settings

POUNDS = Formatter("GBP")


def view_of(folder, *args, **kwargs):
    return Reader(publish(folder / "workspace", *args, **kwargs), SETTINGS).view()


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return view_of(tmp_path_factory.mktemp("shop"))


def kpis(view, query, settings=SETTINGS):
    selection = Selection.parse(query, view.vocabulary, strict=True)
    return {kpi.name: kpi for kpi in board(view, selection, settings)}


def values(view, query):
    return {name: kpi.value for name, kpi in kpis(view, query).items()}


def test_thirty_days_of_everybody(view):
    assert values(view, "period=30d") == {
        "revenue": 85.0,  # ann 60, bob 30, dan -5
        "active_customers": 2,  # dan got money back, he is not active
        "average_order": 30.0,  # 30, 30 and 50 - 20
        "repeat_rate": 0.5,  # ann of ann and bob
        "expected_spend": 65.55,
        "revenue_at_risk": 130.0,  # bob 30, cyd 100; fay's 8 are older than a year
        "reachable": 2,  # ann by e-mail, bob by phone; fay is suppressed
        "revenue_without_customer": 7.0,
    }


def test_all_time_and_a_part_of_the_customers(view):
    everything = values(view, "")
    assert (everything["revenue"], everything["active_customers"]) == (233.0, 4)
    part = values(view, "persona=at-risk,dormant")
    assert part["revenue"] == 103.0
    assert part["expected_spend"] == 5.55
    assert part["revenue_at_risk"] == 100.0
    assert "revenue_without_customer" not in part


def test_a_purchase_filter_narrows_lines_and_customers(view):
    shoes = values(view, "category=shoes&period=30d")
    assert shoes["revenue"] == 65.0
    assert shoes["average_order"] == pytest.approx(70 / 3)  # ann 10 and 30, bob 30
    assert shoes["expected_spend"] == 60.0  # of ann and bob, whatever they bought
    assert shoes["revenue_at_risk"] == 30.0
    assert shoes["revenue_without_customer"] == 7.0


def test_a_comparison_speaks_of_as_many_days_before(view):
    found = kpis(view, "period=30d&compare=previous")
    revenue, repeat = found["revenue"], found["repeat_rate"]
    assert revenue.previous == 140.0  # ann 40, cyd 100
    assert revenue.change == pytest.approx(85 / 140 - 1)
    assert (revenue.change_text, revenue.judgement) == ("−39.3 %", "bad")
    assert (revenue.previous_text, revenue.previous_short) == ("€140", "€140")
    assert (repeat.previous, repeat.change_text, repeat.judgement) == (0.0, "50.0 points", "good")
    assert found["active_customers"].change_text == "0.0 %"
    assert found["active_customers"].judgement is None
    assert found["revenue_without_customer"].change is None  # it was 0
    assert found["expected_spend"].previous is None


def test_a_comparison_before_the_first_day_of_data_is_no_comparison(view):
    found = kpis(view, "period=365d&compare=year")["revenue"]
    assert found.reason == "no data before 1 Jan 2024"
    assert (found.value, found.previous, found.change) == (225.0, None, None)


def test_sparklines_have_twelve_parts_that_add_up(view):
    found = kpis(view, "period=30d")["revenue"]
    assert len(found.spark) == 12
    assert sum(found.spark) == found.value
    # Thirty days in twelve parts of 2.5 days; 15 June is day 14: part 5.
    assert found.spark[5] == -5.0
    assert found.spark[9:] == (30.0, -20.0, 30.0)  # days 24, 27 and 29, counted from 0
    assert kpis(view, "period=30d")["average_order"].spark[5] is None


def test_all_time_has_a_part_for_each_month(view):
    found = kpis(view, "")["revenue"]
    assert len(found.spark) == 18  # January 2024 to June 2025
    assert (found.spark[0], found.spark[16], found.spark[17]) == (8.0, 140.0, 85.0)
    assert sum(found.spark) == found.value


def test_a_short_period_has_a_part_a_day_and_nothing_beyond_the_data(view):
    assert len(kpis(view, "period=7d")["revenue"].spark) == 7
    beyond = kpis(view, "period=2025-06-29..2025-07-03")["revenue"].spark
    assert beyond == (0.0, 30.0)


def test_zero_nothing_and_not_enough_are_three_things(view):
    nobody = kpis(view, "customer_id=nobody&period=30d")
    assert (nobody["revenue"].value, nobody["revenue"].text) == (0.0, "€0")
    assert nobody["active_customers"].text == "0"
    assert nobody["average_order"].value is None
    assert nobody["average_order"].reason == "no orders in the period"
    assert nobody["repeat_rate"].state == "no data"
    eve = kpis(view, "customer_id=eve")
    assert eve["expected_spend"].value is None
    assert eve["expected_spend"].reason == "none of these customers has a score"
    assert eve["reachable"].reason == "no consent data"


def test_orders_that_were_given_back_are_no_missing_orders(tmp_path):
    shop = """
        customer  order  day         amount
        ann       o1     2025-06-25   10.00
        ann       o1     2025-06-28  -10.00
    """
    found = kpis(view_of(tmp_path, shop), "")
    assert (found["active_customers"].value, found["revenue"].value) == (1, 0.0)
    assert found["average_order"].reason == "no order above €0 after refunds"


def test_what_the_number_leaves_out_is_noted(view):
    found = kpis(view, "period=30d")
    assert found["expected_spend"].note == "sum of customers' scores, 2 without a score"
    assert found["active_customers"].note == "of 6 selected"
    assert found["revenue_at_risk"].note.startswith("3 at high churn risk, their spend of 365 days")
    assert found["reachable"].note == "75.0 % consented, 2 never asked"


def test_a_number_leads_to_its_customers(view):
    found = kpis(view, "period=30d&compare=previous")
    for name, expected in (("active_customers", 2), ("repeat_rate", 1), ("revenue_at_risk", 3),
                           ("reachable", 2), ("revenue", 6)):  # fmt: skip
        behind = Selection.parse(found[name].query, view.vocabulary, strict=True)
        assert count(view, behind) == expected, name
        assert behind.lens.period.preset == "30d"
    mine = kpis(view, "churn_band=low")["revenue_at_risk"]
    assert "churn_band=low" in mine.query


def test_before_a_refresh_scores_say_so(tmp_path):
    found = kpis(view_of(tmp_path, scored=False), "period=30d")
    assert found["revenue"].value == 85.0
    for name in ("expected_spend", "revenue_at_risk"):
        assert found[name].value is None
        assert found[name].text == "–"
        assert "spendboard refresh" in found[name].reason


def test_too_little_history_is_not_a_number(tmp_path):
    found = kpis(view_of(tmp_path, enough_history=False), "")["expected_spend"]
    assert (found.value, found.state) == (None, "not enough history")
    assert found.reason == "not enough history: 12 buyers of 500"


def test_a_table_of_customers_has_no_revenue(tmp_path):
    found = kpis(view_of(tmp_path, shop=None, scored=False), "")
    assert found["revenue"].reason == "no transactions are loaded"
    assert found["reachable"].value == 2


def test_an_undated_ledger_has_revenue_and_no_sparkline(tmp_path):
    undated = "customer  day  amount\n a  -  10.00\n b  -  -4.00\n b  -  6.00"
    found = kpis(view_of(tmp_path, undated, None, scored=False), "")
    assert found["revenue"].value == 12.0
    assert found["revenue"].spark == ()
    assert found["revenue_at_risk"].reason == "the data have no dates"


# ----------------------------------------------------------------- targets


def test_a_target_is_for_everybody_and_for_its_period(view):
    aims = parse_settings(
        'currency = "EUR"\n[kpis.revenue]\ntarget = 100\nperiod = "30d"\n'
        "[kpis.revenue_at_risk]\ntarget = 100\n[kpis.repeat_rate]\ntarget = 0.5\n"
    )
    found = kpis(view, "period=30d", aims)
    revenue = found["revenue"]
    assert (revenue.target, revenue.target_text, revenue.status) == (100.0, "Target €100", "short")
    assert found["repeat_rate"].target_text == "Target 50 %"
    assert found["repeat_rate"].status == "met"
    limit = found["revenue_at_risk"]
    assert (limit.target_text, limit.status) == ("Limit €100", "over")
    assert kpis(view, "period=90d", aims)["revenue"].target is None
    for narrowed in ("period=30d&persona=loyal", "period=30d&category=shoes"):
        assert {kpi.target for kpi in kpis(view, narrowed, aims).values()} == {None}


def test_a_target_can_be_named_for_every_figure_and_for_nothing_else(view):
    of_tables = {"leaving_customers"}  # only where no purchases are loaded
    assert {*kpis(view, ""), *of_tables} == set(get_args(KpiName))


def test_a_target_without_a_value_has_no_status():
    kpi = aimed(Kpi("revenue", "Revenue", "currency"), Aim(target=5.0), POUNDS)
    assert (kpi.target, kpi.status) == (5.0, None)


@pytest.mark.parametrize(
    ("name", "unit", "value", "previous", "text", "judgement"),
    [
        ("revenue", "currency", 106.2, 100, "6.2 %", "good"),
        ("revenue_at_risk", "currency", 109.7, 100, "9.7 %", "bad"),
        ("revenue_at_risk", "currency", 90, 100, "−10.0 %", "good"),
        ("reachable", "count", 110, 100, "10.0 %", None),
        ("repeat_rate", "ratio", 0.613, 0.595, "1.8 points", "good"),
        ("revenue", "currency", 100.01, 100, "0.0 %", None),
        ("revenue", "currency", 5, 0, None, None),
        ("revenue", "currency", 5, -3, None, None),
    ],
)
def test_a_change_is_judged_by_what_it_means(name, unit, value, previous, text, judgement):
    kpi = against(valued(Kpi(name, name, unit), value, POUNDS), previous, POUNDS)
    assert (kpi.change_text, kpi.judgement) == (text, judgement)


# ----------------------------------------------------------------- the wall


def many(customers):
    lines = [
        f"    c{n:02}  o{n}  2025-06-{1 + n % 30:02}  10.00  Shoes  Köln  card"
        for n in range(customers)
    ]
    return "\n".join(["customer  order  day  amount  category  city  payment_method", *lines])


def on_the_wall(view, query):
    selection = Selection.parse(query, view.vocabulary, strict=True)
    return {kpi.name: kpi for kpi in wall_board(view, selection, Settings(currency="EUR"))}


def test_the_wall_withholds_what_fewer_than_ten_customers_make_up(tmp_path):
    view = view_of(tmp_path, many(12), None, scored=False)
    found = on_the_wall(view, "period=30d")
    assert found["revenue"].value == 120.0
    assert set(found["revenue"].spark) == {None}  # two or three buyers each, or before the data
    assert found["revenue"].query == ""
    nine = on_the_wall(view, "period=2025-06-01..2025-06-09")
    assert {nine[n].value for n in ("revenue", "active_customers", "average_order")} == {None}
    assert nine["revenue"].state == "withheld"
    assert nine["revenue"].reason == "fewer than 10 customers"
    ten = on_the_wall(view, "period=2025-06-01..2025-06-10")
    assert ten["revenue"].value == 100.0
    nothing = on_the_wall(view, "period=2025-06-20..2025-06-25")["revenue"]
    assert (nothing.value, nothing.state) == (None, "no data")  # the data end on 12 June


def test_the_wall_withholds_small_comparisons_and_small_notes(tmp_path):
    view = view_of(tmp_path, many(12), None, scored=False)
    before = on_the_wall(view, "period=2025-06-02..2025-06-12&compare=previous")["revenue"]
    assert before.value == 110.0
    assert before.previous is None
    small = on_the_wall(view_of(tmp_path / "six"), "period=30d")
    assert {kpi.value for kpi in small.values()} == {None}
    assert {kpi.note for kpi in small.values()} == {""}


def test_the_wall_withholds_only_the_part_of_a_note_that_counts_few(view, monkeypatch):
    """Two of the six have no score: too few to be told from three on, and no reason to say less."""
    whole = "sum of customers' scores, 2 without a score"
    monkeypatch.setattr(dashboard.queries.wall_board, "FEWEST", 2)
    assert on_the_wall(view, "")["expected_spend"].note == whole
    monkeypatch.setattr(dashboard.queries.wall_board, "FEWEST", 3)
    found = on_the_wall(view, "")
    assert found["expected_spend"].note == "sum of customers' scores"
    assert found["revenue_at_risk"].note == "3 at high churn risk, their spend of 365 days"


def test_the_wall_lets_nobody_subtract_a_group_of_fewer_than_ten(tmp_path):
    """Thirty customers; twenty-five bought in the last days, one of them twice."""
    lines = [f"    c{n:02}  o{n}  2025-06-{1 if n < 5 else 20:02}  10.00  Shoes  Köln  card"
             for n in range(30)]  # fmt: skip
    again = "    c29  p1  2025-06-30  10.00  Shoes  Köln  card"
    head = "customer  order  day  amount  category  city  payment_method"
    view = view_of(tmp_path, "\n".join([head, *lines, again]), None, scored=False)
    found = on_the_wall(view, "period=2025-06-11..2025-06-30")
    assert (found["active_customers"].value, found["active_customers"].note) == (25, "")
    assert found["repeat_rate"].state == "withheld"  # 4.0 % of 25 is one
    fifteen = on_the_wall(view, "period=2025-06-01..2025-06-10")["active_customers"]
    assert fifteen.state == "withheld"
    everybody = on_the_wall(view, "")["active_customers"]
    assert (everybody.value, everybody.note) == (30, "of 30 selected")


def test_the_wall_lets_nobody_subtract_a_day_of_fewer_than_ten(tmp_path):
    """Forty customers buy on six days of seven, and one of them alone on the fourth day."""
    days = [24, 25, 26, 28, 29, 30]
    bought = [(n, day, 10) for day in days for n in range(40) if day != 28 or n < 20]
    lines = [f"    c{n:02}  o{n}-{day}  2025-06-{day}  {amount}  Shoes  Köln  card"
             for n, day, amount in [*bought, (7, 27, 777)]]  # fmt: skip
    head = "customer  order  day  amount  category  city  payment_method"
    view = view_of(tmp_path, "\n".join([head, *lines]), None, scored=False)
    shown = [400.0, 400.0, 400.0, None, None, 400.0, 400.0]  # the smallest other one beside it
    found = on_the_wall(view, "period=7d")
    assert found["revenue"].value == 5 * 400 + 200 + 777
    assert list(found["revenue"].spark) == shown
    assert [value is None for value in found["average_order"].spark] == [v is None for v in shown]
    selection = Selection.parse("period=7d", view.vocabulary, strict=True)
    screen = trend_screen(view, selection, Formatter("EUR"))
    assert screen["series"][0]["values"] == shown


def test_the_wall_lets_nobody_subtract_counts_of_scores():
    """Of forty, twenty at high risk and sixteen without a score leave four."""
    nothing = Purchases(Decimal(0), 40, 0, 0, Decimal(0))
    known = Customers(
        n_customers=40, n_scored=24, expected=Decimal(0), n_rated=24, n_leaving=20,
        at_risk=Decimal(0), n_asked=0, n_consenting=0, n_reachable=0,
    )  # fmt: skip
    active = Kpi("active_customers", "Active", "count", value=40, note="of 40 selected")
    spend = Kpi("expected_spend", "Spend", "currency", value=1, note="sum, 16 without a score")

    def notes(**changed):
        sums = Sums(nothing, None, replace(known, **changed), (), None, None, None, None)
        return [_discreet(kpi, sums, (), Formatter("EUR")).note for kpi in (active, spend)]

    assert notes() == ["", "sum, 16 without a score"]
    assert notes(n_leaving=12) == ["of 40 selected", "sum, 16 without a score"]
    # Sixteen without an expected spend beside twelve without a churn risk.
    assert notes(n_leaving=12, n_rated=28) == ["", "sum"]


def test_withholding_keeps_nothing_of_the_number():
    kept = {"name", "title", "unit", "reason", "state", "text", "short", "spark", "note", "query"}
    withheld = Kpi("revenue", "Revenue", "currency", reason="fewer", state="withheld")
    others = [f.name for f in fields(Kpi) if f.name not in kept]
    assert {getattr(withheld, name) for name in others} == {None}
    assert replace(withheld) == withheld


# ----------------------------------------------------------------- one selection, one truth

parts = st.fixed_dictionaries(
    {},
    optional={
        "persona": st.sampled_from(["loyal", "!dormant", "champions,at-risk", "none", "new"]),
        "risk_band": st.sampled_from(["low", "high,medium", "!low"]),
        "monetary": st.sampled_from(["30..", "..99.99", "100", "-5..50"]),
        "category": st.sampled_from(["shoes", "books,toys-co", "!shoes"]),
        "city": st.sampled_from(["koln", "!koln", "bonn,wien"]),
        "payment_method": st.sampled_from(["card", "none", "!none"]),
        "consent": st.sampled_from(["yes", "!yes", "none"]),
        "orders_in_period": st.sampled_from(["1..", "0", "!2"]),
        "spend_in_period": st.sampled_from(["0..", "..30", "!0"]),
        "period": st.sampled_from(["7d", "30d", "365d", "2025-06-20..2025-06-28", "2025-06-15.."]),
        "compare": st.sampled_from(["previous", "year"]),
        "q": st.sampled_from(["a", "y", "zzz"]),
        "box": st.sampled_from(["-1,-1,2,0", "-9,-9,9,9"]),
        "sort": st.sampled_from(["-monetary", "name", "churn_risk"]),
    },
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts)
def test_kpi_table_and_export_never_disagree(view, pairs):
    if "period" not in pairs:
        pairs.pop("compare", None)
    query = "&".join(f"{key}={value}" for key, value in pairs.items())
    selection = Selection.parse(query, view.vocabulary, strict=True)
    found = {kpi.name: kpi for kpi in board(view, selection, SETTINGS)}
    columns = ["customer_id", "spend_in_period", "orders_in_period", "expected_spend"]
    lines = b"".join(stream_csv(view, selection, columns=columns)).decode().split("\r\n")[1:-1]
    rows = [line.split(",") for line in lines]
    assert len(rows) == count(view, selection)
    assert len({row[0] for row in rows}) == len(rows)
    assert found["revenue"].value == pytest.approx(sum(float(r[1]) for r in rows), abs=1e-9)
    assert found["active_customers"].value == sum(int(row[2]) > 0 for row in rows)
    if found["expected_spend"].value is not None:
        expected = sum(float(row[3] or 0) for row in rows)
        assert found["expected_spend"].value == pytest.approx(expected, abs=1e-9)
    if found["revenue"].spark:
        assert sum(v or 0 for v in found["revenue"].spark) == pytest.approx(
            found["revenue"].value, abs=1e-9
        )
