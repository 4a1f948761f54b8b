"""Taking loads out again: nothing of another load goes with them, what they replaced comes back."""

import itertools

import duckdb
import pytest

from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.unloading import take_out

HEADER = "transaction_id,customer_id,date,amount\n"


def known(desk):
    """Rows and their loads, and who is known."""
    return (
        desk.rows("transaction_id, customer_id, amount::varchar, load_id"),
        desk.rows("customer_id", "core.customers"),
    )


def test_what_a_load_replaced_comes_back_when_it_is_taken_out(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,bob,2024-01-31,1\n")
    before = known(desk)
    desk.load(HEADER + "1,cyd,2024-02-01,9007199254740993.01\n", on_conflict="replace")
    # Nobody is left to whom ann's only row belonged.
    assert known(desk) == (
        [("1", "cyd", "9007199254740993.01", 2), ("2", "bob", "1.00", 1)],
        [("bob",), ("cyd",)],
    )
    take_out(desk.con, 2)
    assert known(desk) == before
    # The customer is told apart by the row's own key, not by one that was given again.
    assert desk.value("count(*)", "core.transactions join core.customers"
                      " using (customer_key, customer_id)") == 2  # fmt: skip


CORRECTIONS = ["1,ann,2024-01-31,5\n", "1,bob,2024-01-31,6\n", "1,cyd,2024-01-31,7\n"]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_loads_that_replaced_each_other_are_taken_out_in_any_order(desk, order):
    for row in CORRECTIONS:
        desk.load(HEADER + row, on_conflict="replace")
    left = {1, 2, 3}
    for load_id in order:
        take_out(desk.con, load_id)
        left.remove(load_id)
        last = [max(left)] if left else []
        assert desk.rows("load_id, amount::integer") == [(n, n + 4) for n in last]
        assert desk.rows("load_id", "core.loads") == [(n,) for n in sorted(left)]
    assert desk.rows("*", "core.replaced") == []
    assert desk.rows("*", "core.customers") == []


def test_a_row_that_a_later_load_holds_too_stays_as_a_row_of_that_load(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,bob,2024-01-31,1\n")
    desk.load(HEADER + "1,ann,2024-01-31,5\n3,cyd,2024-01-31,1\n")
    desk.load(HEADER + "1,ann,2024-01-31,5.00\n4,dan,2024-01-31,1\n")
    take_out(desk.con, 1)
    assert desk.rows("transaction_id, load_id") == [("1", 2), ("3", 2), ("4", 3)]
    take_out(desk.con, 2)
    assert desk.rows("transaction_id, load_id") == [("1", 3), ("4", 3)]
    take_out(desk.con, 3)
    assert known(desk) == ([], [])
    assert desk.rows("*", "core.repeats") == []


def test_rows_without_ids_have_heirs_too(desk):
    day = "customer_id,date,amount\nann,2024-01-31,5\nann,2024-01-31,5\n"
    desk.load(day)
    desk.load(day + "bob,2024-01-31,5\n")
    before = desk.content()
    take_out(desk.con, 1)
    assert desk.content() == before
    assert desk.rows("load_id") == [(2,), (2,), (2,)]


def test_an_heir_gives_back_what_the_row_had_replaced(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n")
    desk.load(HEADER + "1,ann,2024-01-31,6\n", on_conflict="replace")
    desk.load(HEADER + "1,ann,2024-01-31,6\n2,ann,2024-01-31,1\n", on_conflict="replace")
    take_out(desk.con, 2)
    assert desk.rows("transaction_id, amount::integer, load_id") == [("1", 6, 3), ("2", 1, 3)]
    take_out(desk.con, 3)
    assert desk.rows("transaction_id, amount::integer, load_id") == [("1", 5, 1)]


def test_a_load_never_gets_a_number_again_that_a_rollback_took_away(tmp_path):
    workspace, settings = Workspace(tmp_path / "workspace"), Settings(threads=1)

    def load_row(number):
        file = tmp_path / "orders.csv"
        file.write_text(HEADER + f"{number},ann,2024-01-31,5\n", encoding="utf-8")
        return load(workspace, settings, [str(file)]).load_id

    assert [load_row(1), load_row(2)] == [1, 2]
    workspace.rollback()
    assert load_row(3) == 3
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        assert con.execute("select load_id from core.loads order by 1").fetchall() == [(1,), (3,)]
