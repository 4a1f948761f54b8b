"""History: what was said is kept by month, sums and moves for ever; numbers checked by hand."""

from datetime import date
from decimal import Decimal

import pytest
from small_warehouse import rows, small_warehouse

from analytics.history import Refreshed, keep, remember

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 31)


@pytest.fixture
def con():
    con = small_warehouse()
    yield con
    con.close()


def score(con, as_of, number, people, model="clusters-000001"):
    """One refresh: ``people`` are lines of customer, expected spend, churn risk, persona, band."""
    remember(con)
    for table in ("spend", "churn", "risk", "clusters"):
        con.execute(f"delete from scores.{table}")
    for line in people.strip().splitlines():
        customer, spend, churn, persona, band = line.split()
        key = ord(customer[0])
        if spend != "-":
            con.execute(
                "insert into scores.spend by name select ? as customer_key, ? as customer_id,"
                " ? as expected_spend, 'low' as value_band, 'spend-000001' as model_id, ? as as_of",
                [key, customer, spend, as_of],
            )
            con.execute(
                "insert into scores.churn by name select ? as customer_key, ? as customer_id,"
                " ? as churn_risk, 'low' as churn_band, 'churn-000001' as model_id, ? as as_of",
                [key, customer, churn, as_of],
            )
            con.execute(
                "insert into scores.clusters by name select ? as customer_key, ? as customer_id,"
                " ? as persona, 1 as cluster, ? as model_id, ? as as_of",
                [key, customer, persona, model, as_of],
            )
        con.execute(
            "insert into scores.risk by name select ? as customer_key, ? as customer_id,"
            " ? as risk_band, 'risk-000001' as model_id, ? as as_of",
            [key, customer, band, as_of],
        )
    keep(con, Refreshed(number, number - 1, as_of, 30))


FIRST = """
    ann 10.00 0.25 loyal high
    bob 20.50 0.50 loyal low
    cyd -     -    -     low
    dan 5.00  0.75 new   low
"""
SECOND = """
    ann 10.00 0.25 loyal high
    bob 20.50 0.50 new   low
    dan 5.00  0.75 new   high
    eve 1.00  1.00 new   low
"""


def moves(con, dimension, to=2):
    found = rows(
        con,
        "from scores.migration where dimension = ? and to_generation = ?"
        " order by from_value nulls last, to_value nulls last",
        dimension, to,
    )  # fmt: skip
    return [
        (row["from_value"], row["to_value"], row["change"], row["n_customers"],
         round(row["share_of_from"], 3), round(row["share"], 3))
        for row in found
    ]  # fmt: skip


def test_moves_between_two_refreshes_are_counted(con):
    score(con, JUNE, 1, FIRST)
    assert rows(con, "from scores.migration") == []
    score(con, JULY, 2, SECOND)
    assert moves(con, "persona") == [
        ("loyal", "loyal", "stayed", 1, 0.5, 0.25),
        ("loyal", "new", "moved", 1, 0.5, 0.25),
        ("new", "new", "stayed", 1, 1.0, 0.25),
        (None, "new", "appeared", 1, 1.0, 0.25),
    ]
    # Cyd is no longer scored at all: she left her risk band.
    assert moves(con, "risk_band") == [
        ("high", "high", "stayed", 1, 1.0, 0.2),
        ("low", "high", "moved", 1, 0.333, 0.2),
        ("low", "low", "stayed", 1, 0.333, 0.2),
        ("low", None, "left", 1, 0.333, 0.2),
        (None, "low", "appeared", 1, 1.0, 0.2),
    ]
    between = "select distinct from_generation, to_generation, from_as_of, to_as_of"
    assert rows(con, f"{between} from scores.migration") == [
        {"from_generation": 1, "to_generation": 2, "from_as_of": JUNE, "to_as_of": JULY}
    ]


def test_moves_say_whether_another_model_may_be_the_reason(con):
    score(con, JUNE, 1, FIRST)
    score(con, JULY, 2, SECOND, model="clusters-000002")
    found = rows(con, "select distinct dimension, is_same_model from scores.migration")
    assert {row["dimension"]: row["is_same_model"] for row in found} == {
        "persona": False, "cluster": False, "risk_band": True, "value_band": True,
        "churn_band": True,
    }  # fmt: skip


def test_totals_are_kept_of_everybody_and_of_every_group(con):
    score(con, JUNE, 1, FIRST)
    found = rows(
        con,
        "select dimension, value, n_customers, expected_spend, expected_quiet"
        " from scores.history_totals where dimension in ('everybody', 'persona') order by all",
    )
    assert [tuple(row.values()) for row in found] == [
        ("everybody", None, 4, Decimal("35.50"), 1.5),
        ("persona", "loyal", 2, Decimal("30.50"), 0.75),
        ("persona", "new", 1, Decimal("5.00"), 0.75),
    ]


def test_customers_are_kept_as_they_were_said_to_be(con):
    score(con, JUNE, 1, FIRST)
    score(con, JULY, 2, SECOND)
    found = rows(
        con,
        "select as_of, expected_spend, churn_risk, persona, risk_band, model_id, generation"
        " from scores.history where customer_id = 'bob' order by as_of",
    )
    said = (Decimal("20.50"), 0.5)
    assert [tuple(row.values()) for row in found] == [
        (JUNE, *said, "loyal", "low", "spend-000001", 1),
        (JULY, *said, "new", "low", "spend-000001", 2),
    ]


def kept(con):
    found = rows(con, "select distinct as_of from scores.history order by as_of")
    return [row["as_of"] for row in found]


def test_of_a_month_the_last_day_is_kept_and_thirteen_months_in_all(con):
    for number in range(1, 17):
        month = date(2024 + (number - 1) // 12, (number - 1) % 12 + 1, 10)
        score(con, month, 2 * number - 1, FIRST)
        score(con, month.replace(day=25), 2 * number, FIRST)
    assert len(kept(con)) == 13
    assert kept(con)[0] == date(2024, 4, 25)
    assert kept(con)[-1] == date(2025, 4, 25)
    # Sums and counts stay: 32 refreshes, and a move between each and the next.
    count = "select count(distinct {}) as n from scores.{}"
    assert rows(con, count.format("generation", "history_totals")) == [{"n": 32}]
    assert rows(con, count.format("to_generation", "migration")) == [{"n": 31}]


def test_the_day_that_is_served_is_kept_though_it_is_no_month_end(con):
    score(con, JUNE, 1, FIRST)
    early = date(2025, 6, 1)
    score(con, early, 2, SECOND)
    assert kept(con) == [early, JUNE]
    score(con, JULY, 3, SECOND)
    assert kept(con) == [JUNE, JULY]


def test_scoring_a_day_again_replaces_what_was_said_of_it(con):
    score(con, JUNE, 1, FIRST)
    score(con, JUNE, 2, SECOND)
    assert {row["generation"] for row in rows(con, "from scores.history")} == {2}
    assert moves(con, "persona")[1] == ("loyal", "new", "moved", 1, 0.5, 0.25)


def test_a_ledger_without_dates_keeps_its_last_scores_only(con):
    score(con, None, 1, FIRST)
    score(con, None, 2, SECOND)
    assert len(rows(con, "from scores.history")) == 4
    assert moves(con, "persona")


def test_who_has_only_a_chance_to_leave_or_only_a_group_is_kept_once(con):
    """Labels of a customers table speak of some, its groups of others, and nobody has a total."""
    remember(con)
    con.execute(
        "insert into scores.churn by name"
        " select 1 as customer_key, 'ann' as customer_id, 0.25 as churn_risk, 'low' as churn_band,"
        " 'churn-000001' as model_id, date '2025-06-30' as as_of"
    )
    con.execute(
        "insert into scores.clusters by name"
        " select unnest([1, 2]) as customer_key, unnest(['ann', 'bob']) as customer_id,"
        " 1 as cluster, 'loyal' as persona, 'clusters-000001' as model_id,"
        " date '2025-06-30' as as_of"
    )
    keep(con, Refreshed(1, None, JUNE, 30))
    found = con.execute(
        "select customer_key, customer_id, churn_risk, persona, model_id from scores.history"
        " order by 1"
    ).fetchall()
    assert found == [
        (1, "ann", 0.25, "loyal", "churn-000001"), (2, "bob", None, "loyal", "clusters-000001"),
    ]  # fmt: skip
