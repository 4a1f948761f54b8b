"""Who is meant is the same from columns in memory as from the warehouse."""

import numpy as np
import pytest
from small_shop import PEOPLE, SETTINGS, publish

from dashboard.queries.held_who import _narrow, flags_of
from dashboard.queries.selected import Compiler
from dashboard.reader import Reader
from dashboard.selection import Selection

FROM_MEMORY = {
    "monetary=..8": {"dan", "eve", "fay"},
    "monetary=8": {"fay"},
    "monetary=7.999..8.001": {"fay"},
    "monetary=8.001..59.999": {"bob"},
    "monetary=!..8": {"ann", "bob", "cyd"},
    "frequency=1..1.5": None,
    "frequency=0.5": set(),
    "recency_days=none": None,
    "recency_days=..10,40..": None,
    "churn_risk=0.6..0.9": {"bob", "cyd"},
    "churn_risk=!0.6..0.9": {"ann", "dan", "eve", "fay"},
    "churn_risk=none": {"dan", "eve"},
    "churn_risk=!none,0.1": {"bob", "cyd", "fay"},
    "page_attribute=0.000001": {"eve"},
    "page_attribute=7.25,100": {"ann", "cyd"},
    "expected_spend=5.55": {"cyd"},
    "last_purchased_on=2025-06-30..": {"ann"},
    "first_purchased_on=..2025-05-31": None,
    "consent=no": {"cyd"},
    "consent=none": {"dan", "eve"},
    "consent=!yes": {"cyd", "dan", "eve"},
    "reachable=yes": None,
    "persona=loyal,dormant": {"bob", "dan", "fay"},
    "persona=!dormant": {"ann", "bob", "cyd", "eve"},
    "persona=none": {"eve"},
    "persona=new": set(),
    "risk_band=!none&churn_band=high": {"bob", "cyd", "fay"},
    "box=-1,-1,2,0": {"bob", "cyd", "dan"},
    "box=2.000001,-1,4,1&monetary=60..": {"ann"},
}
FROM_THE_WAREHOUSE = (
    "q=bob",
    "lasso=0,0,4,0,4,4",
    "home_city=köln",
    "monetary=123456789012.0000001",
)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return Reader(publish(tmp_path_factory.mktemp("who") / "workspace"), SETTINGS).view()


def asked(view, selection):
    """Ids of who is meant, as the warehouse says."""
    compiler = Compiler(selection, view.vocabulary)
    sql = f"select customer_id from marts.customers where customer_key in ({compiler.who()})"
    return {row["customer_id"] for row in view.rows(sql, compiler.values)}


def compared(view, selection):
    """The same from memory."""
    flags = flags_of(view, selection, view.held())
    names = view.rows("select customer_key, customer_id from marts.customers")
    assert not flags[0]
    return {row["customer_id"] for row in names if flags[row["customer_key"]]}


@pytest.mark.parametrize(("query", "expected"), FROM_MEMORY.items())
def test_columns_in_memory_mean_whom_the_warehouse_means(view, query, expected):
    selection = Selection.parse(query, view.vocabulary, strict=True)
    found = compared(view, selection)
    assert found == asked(view, selection)
    assert expected is None or found == expected


@pytest.mark.parametrize("query", FROM_THE_WAREHOUSE)
def test_texts_and_outlines_are_left_to_the_warehouse(view, query):
    assert flags_of(view, Selection.parse(query, view.vocabulary, strict=True), view.held()) is None


def test_a_column_with_what_is_no_number_is_left_to_the_warehouse(tmp_path):
    people = PEOPLE.replace("7.25", "nan")
    view = Reader(publish(tmp_path / "w", people=people), SETTINGS).view()
    selection = Selection.parse("page_attribute=50..", view.vocabulary, strict=True)
    assert flags_of(view, selection, view.held()) is None


@pytest.mark.parametrize("most", [-(2**63), -(2**31) - 1, 2**31, 2**63 - 1])
def test_numbers_that_need_their_width_keep_it(most):
    assert _narrow(np.array([0, most])).tolist() == [0, most]
    assert _narrow(np.array([-(2**31), 2**31 - 1])).dtype == np.int32


def test_few_columns_are_kept(view):
    held = view.held()
    names = ["monetary", "frequency", "recency_days", "churn_risk", "page_attribute"]
    names += ["expected_spend", "spend_30d", "orders_30d", "spend_60d", "orders_60d"]
    for name in names:
        flags_of(view, Selection.parse(f"{name}=1..", view.vocabulary, strict=True), held)
    assert len(held.columns._kept) == 8
