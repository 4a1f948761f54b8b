"""Which columns of core.transactions take place: no reader sees a difference."""

from tests.loading_desk import Desk
from warehouse import transaction_table
from warehouse.build import build_core
from warehouse.unloading import take_out

NARROW = "transaction_id,customer_id,date,amount,merchant\n1,a,2024-01-05,7,m\n2,b,2024-01-06,8,n\n"
WIDE = "transaction_id,customer_id,date,amount,city,quantity\n3,a,2024-01-07,9,Ulm,2\n"
COLUMNS = "* exclude (load_id, customer_key)"


def stored(desk):
    """Columns that take place."""
    return set(transaction_table.hold(desk.con, []))


def test_a_column_that_no_load_has_filled_is_there_and_takes_no_place(tmp_path):
    desk = Desk(tmp_path)
    before = desk.con.execute("describe core.transactions").fetchall()
    desk.load(NARROW)
    assert desk.con.execute("describe core.transactions").fetchall() == before
    assert {"merchant", "amount", "load_id"} <= stored(desk)
    assert stored(desk).isdisjoint({"city", "quantity", "category_written"})
    assert desk.rows("transaction_id, city, quantity") == [("1", None, None), ("2", None, None)]


def test_a_column_that_a_later_load_fills_keeps_its_place_and_the_rows_before_it(tmp_path):
    one, other = Desk(tmp_path), Desk(tmp_path)
    one.load(NARROW)
    one.load(WIDE)
    other.load(WIDE)
    other.load(NARROW)
    assert one.rows(COLUMNS) == other.rows(COLUMNS)
    assert one.con.execute("describe core.transactions").fetchall() == (
        other.con.execute("describe core.transactions").fetchall()
    )
    assert one.rows("transaction_id, city, merchant") == [
        ("1", None, "m"), ("2", None, "n"), ("3", "Ulm", None),
    ]  # fmt: skip


def test_what_stood_before_a_replacement_comes_back_with_all_its_columns(tmp_path):
    desk = Desk(tmp_path)
    desk.load(WIDE)
    before = desk.rows(COLUMNS)
    # No row is left that has a city: the column takes no place any more.
    desk.load("transaction_id,customer_id,date,amount\n3,a,2024-01-07,1\n", on_conflict="replace")
    assert "city" not in stored(desk)
    take_out(desk.con, 2)
    assert desk.rows(COLUMNS) == before


def test_a_table_of_an_earlier_build_goes_on_as_it_is(tmp_path):
    desk, new = Desk(tmp_path), Desk(tmp_path)
    # Earlier builds stored every column.
    desk.con.execute(
        "insert into core.transactions by name select 'x' as transaction_id, 'default' as source,"
        " 'GBP' as currency, date '2024-01-01' as purchased_on"
    )
    desk.load(NARROW)
    assert {"city", "quantity", "category_written"} <= stored(desk)
    desk.con.execute("delete from core.transactions where transaction_id = 'x'")
    new.load(NARROW)
    assert desk.rows(COLUMNS) == new.rows(COLUMNS)
    build_core(desk.con)
    desk.load(WIDE)
    new.load(WIDE)
    assert desk.rows(COLUMNS) == new.rows(COLUMNS)


def test_a_rule_may_fill_a_column_that_no_file_fills(tmp_path):
    desk = Desk(tmp_path)
    desk.load("customer_id,date,amount,category\na,2024-01-05,7,food\nb,2024-01-06,8,FOOD\n"
              "c,2024-01-07,9,food\n")  # fmt: skip
    desk.settle(category_spelling="fold")
    assert desk.rows("category, category_written") == [
        ("food", "FOOD"), ("food", None), ("food", None),
    ]  # fmt: skip
