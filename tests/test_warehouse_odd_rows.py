"""Files are read as if no cell needed care; what does need it comes out as if all had got it."""

from decimal import Decimal

from loading_desk import Desk, counts

from warehouse import odd_rows

# More rows than the look at the beginning of a file sees.
PLAIN = "".join(
    f"t{n},c{n % 7},2024-01-{n % 28 + 1:02},{n}.50,{n % 3 + 1},shoes\n" for n in range(1100)
)
HEADER = "transaction_id,customer_id,purchased_at,amount,quantity,category\n"
ODD = """\
 x1 , ann ,2024-02-01,5.00,1, shoes
x2,\u00a0bob\u3000,2024-02-01,5.00,1,sh\u00f6es\u2009
x3,N/A,2024-02-01,5.00,1,Null
n/a,-,2024-02-01,5.00,1,none
"",None,2024-02-01,5.00,1,
x6,cyd, 2024-02-01 , 5.005 , 2 ,n/a
x7,cyd,,5.00,1,hats
x8,cyd,2024-02-30,5.00,1,hats
x9,cyd,2024-02-01,n/k,1,hats
x10,cyd,2024-02-01,nan,1,hats
x11,cyd,2024-02-01,7,many, hats
x12,cyd,2024-02-01,8,-,hats
,cyd,2024-02-01,9,1, hats
"""
EVERYTHING = "* exclude (load_id)"
REJECTS = "record, column_name, value, reason, row_text"


def test_odd_cells_are_read_as_in_a_file_that_is_read_with_all_care(tmp_path, monkeypatch):
    quick, careful = Desk(tmp_path), Desk(tmp_path)
    told = [counts(quick.load(HEADER + PLAIN + ODD))]
    monkeypatch.setattr(odd_rows, "bare_columns", lambda con, sample, mapping: frozenset())
    told.append(counts(careful.load(HEADER + PLAIN + ODD)))
    assert told == [(1113, 1108, 5, 0, 0)] * 2
    assert quick.rows(EVERYTHING) == careful.rows(EVERYTHING)
    assert quick.rows(REJECTS, "core.rejects") == careful.rows(REJECTS, "core.rejects")


def test_texts_are_trimmed_and_words_for_nothing_are_nothing(desk):
    desk.load(HEADER + PLAIN + ODD)
    found = desk.rows("transaction_id, customer_id, amount, category", "core.transactions")
    late = [row for row in found if row[0].startswith("x")]
    assert late == [
        ("x1", "ann", Decimal("5.00"), "shoes"),
        ("x12", "cyd", Decimal("8.00"), "hats"),
        ("x2", "bob", Decimal("5.00"), "sh\u00f6es"),
        ("x3", None, Decimal("5.00"), None),
        ("x6", "cyd", Decimal("5.01"), "n/a"),
    ]


def test_a_file_with_many_odd_cells_behind_its_first_rows_is_read_with_care(desk):
    spaced = "".join(f"s{n}, ann ,2024-03-01,1.00,1,shoes\n" for n in range(1200))
    report = desk.load(HEADER + PLAIN + spaced)
    assert report.loaded == 2300
    assert desk.value("count(*) filter (customer_id = 'ann')") == 1200


def test_one_file_read_again_leaves_the_rows_of_another_alone(desk):
    """Rows of the second file come after gaps that the first one left."""
    late = "".join(f"a{n},ann,31/01/2024,1.00,1,shoes\n" for n in range(5))
    other = "id,customer,date,amount,quantity,category,city\n" + "".join(
        f"b{n},bob,{'2024-01-05' if n < 1100 else '31/01/2024'},2.00,1,shoes,Ulm\n"
        for n in range(1105)
    )
    report = desk.load(HEADER + PLAIN + late, other)
    assert counts(report) == (2210, 2210, 0, 0, 0)
    assert desk.value("count(*)") == 2210
    assert desk.value("count(*) filter (purchased_at = '2024-01-31')") == 10


def test_ids_with_and_without_a_decimal_are_kept_apart_and_told(desk):
    mixed = desk.load(HEADER + "1,17850.0,2024-01-31,5,1,hats\n2,17850,2024-01-31,5,1,hats\n")
    assert any("17850.0 is another customer than 17850" in note for note in mixed.notes)
    alike = desk.load(HEADER + "3,12346.0,2024-01-31,5,1,hats\n")
    assert not any("another customer" in note for note in alike.notes)
    assert desk.rows("distinct customer_id") == [("12346",), ("17850",), ("17850.0",)]


def test_late_numbers_with_separators_are_read_where_no_column_is_read_as_it_stands(desk):
    """Quantity and price make the amount, and half of the customers are not known."""
    plain = "".join(
        f"{'NA' if n % 4 == 0 else 'none' if n % 4 == 2 else n % 7},{n % 3 + 1},2.50\n"
        for n in range(1500)
    )
    late = '5,1,"1,234.50"\n6,1,"2,345.75"\n'
    report = desk.load(
        "CustomerID,Quantity,UnitPrice\n" + plain + late, mapping={"amount": "Quantity*UnitPrice"}
    )
    assert counts(report) == (1502, 1502, 0, 0, 0)
    assert desk.value("max(amount)") == Decimal("2345.75")
