"""Every row of every file is accounted for, whatever it looks like and whenever it comes."""

import json
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from loading_desk import Desk, counts

from warehouse.configuration import Cleaning

COLUMNS = ("number", "customer", "day", "paid", "money", "sort", "note")
# What is generated is small already: making it smaller takes longer than reading it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
HEADER = ",".join(COLUMNS) + "\n"
MAP = {
    "transaction_id": "number", "customer_id": "customer", "purchased_at": "day", "amount": "paid",
    "currency": "money", "kind": "sort", "description": "note",
}  # fmt: skip

dirty_row = st.tuples(
    st.sampled_from(["", "", "1", "2", "3", "7.0"]),
    st.sampled_from(["ann", "bob", "", " ann ", "nan"]),
    st.sampled_from(["2024-01-31", "2024-01-31", "2024-02-01 10:00", "2024-02-30", "", "soon"]),
    st.sampled_from(["5", "5.00", "0", "-1", "12.345", "x", "", "1e99", "=1+1"]),
    st.sampled_from(["GBP", "GBP", "", "EUR"]),
    st.sampled_from(["sale", "sale", "refund", "transfer", "gift"]),
    st.sampled_from(["a", "b", "ä ö", "it's", "x" * 300]),
).map(",".join)
broken_line = st.sampled_from(["1,ann", "1,ann,2024-01-31,5,GBP,sale,a,b,c", "lonely"])
lines = st.lists(st.one_of(dirty_row, dirty_row, dirty_row, broken_line), max_size=10)
rules = st.builds(
    Cleaning,
    duplicates=st.sampled_from(["keep", "drop"]),
    zero_amounts=st.sampled_from(["keep", "set_aside"]),
    transfers=st.sampled_from(["keep", "set_aside"]),
)


def in_file(number, lines):
    """A file of these lines behind two good rows of its own, which show what its columns are."""
    own = [f"file{number}-{n},cyd,2024-01-0{n},1{n}.50,GBP,sale,own" for n in (1, 2)]
    return [*own, *lines]


def is_stored(desk, line):
    """Whether a row with these values is in core.transactions."""
    number, customer, day, paid, *_, note = (cell.strip() for cell in line.split(","))
    found = desk.con.execute(
        "select count(*) from core.transactions where abs(amount) = abs($paid::decimal(18, 2))"
        " and purchased_at = $day::timestamp and coalesce(customer_id, '') = $customer"
        " and description = $note and ($number = '' or transaction_id = $number)",
        {"paid": str(Decimal(paid)), "day": day, "note": note, "number": number,
         "customer": "" if customer == "nan" else customer},
    ).fetchall()  # fmt: skip
    return found[0][0] > 0


def left_out(desk):
    """Texts of all records that were rejected or set aside, as lines of a file."""
    texts = set()
    for (text,) in desk.rows("row_text", "core.rejects"):
        cells = json.loads(text)
        texts.add(cells[""] if "" in cells else ",".join(cells[one] or "" for one in COLUMNS))
    return texts


def check(desk, report, files):
    """The sums come out even, per file and in total, and no line of the load is lost."""
    assert [file.read for file in report.files] == [len(lines) for lines in files]
    for file in report.files:
        assert file.read == sum(
            (file.loaded, file.rejected, file.already_loaded, file.set_aside)
        )  # fmt: skip
    assert report.read == sum(counts(report)[1:])
    if report.load_id is not None:
        kept = desk.rows(
            "file, outcome, count(*)",
            f"core.rejects where load_id = {report.load_id} group by file, outcome",
        )
        assert kept == sorted(
            (file.file, outcome, getattr(file, outcome))
            for file in report.files
            for outcome in ("rejected", "set_aside")
            if getattr(file, outcome)
        )
        places = desk.rows("file, record", f"core.rejects where load_id = {report.load_id}")
        assert len(set(places)) == len(places)
    texts = left_out(desk)
    for lines in files:
        for line in lines:
            assert line in texts or is_stored(desk, line), line


@given(
    pool=st.lists(lines, min_size=1, max_size=3),
    loads=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=2), min_size=2, max_size=4),
    cleaning=rules,
    on_conflict=st.sampled_from(["reject", "replace"]),
)
@settings(max_examples=4, deadline=None, phases=PHASES)
def test_read_is_loaded_rejected_already_there_and_set_aside(pool, loads, cleaning, on_conflict):
    files = [in_file(number, lines) for number, lines in enumerate(pool)]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for chosen in loads:
            # The same file twice in one load, and again in a later one, is nothing special.
            texts = [files[number % len(files)] for number in chosen]
            report = desk.load(
                *(HEADER + "\n".join(lines) + "\n" for lines in texts),
                kind="transactions", mapping=MAP, cleaning=cleaning, on_conflict=on_conflict,
            )  # fmt: skip
            if on_conflict == "reject":
                check(desk, report, texts)
            else:  # a row may have given way to another one since
                assert report.read == sum(counts(report)[1:]) == sum(map(len, texts))
        sums = desk.rows("sum(read), sum(loaded + rejected + already_loaded + set_aside)",
                         "core.loads")  # fmt: skip
        assert sums[0][0] == sums[0][1]
        desk.con.close()


def marked(desk):
    """What is known of each customer at the end of her days; her key depends on who came first."""
    return desk.rows(
        "bit_xor(hash(t)), count(*)",
        "(select customers.customer_id, days.* exclude (customer_key)"
        " from core.customer_days as days"
        " join core.customers as customers using (customer_key)) as t",
    )


clean_row = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["2024-01-30", "2024-01-31", "2024-02-01"]),
    st.sampled_from(["lamp", "POST"]),
    st.sampled_from(["2", "-2", "-2", "1"]),
    st.sampled_from(["1.50", "0"]),
    st.sampled_from(["Food", "food", "FO OD", "Rent", ""]),
).map(",".join)


@given(
    days=st.lists(st.lists(clean_row, min_size=1, max_size=8), min_size=2, max_size=3),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=3, deadline=None, phases=PHASES)
def test_with_every_rule_on_the_order_of_files_changes_nothing(days, order):
    header = "customer_id,date,product_id,quantity,unit_price,category\n"
    texts = [header + "\n".join(day) + "\n" for day in days]
    on = {
        "duplicates": "drop", "cancellations": "drop_matched", "non_products": "set_aside",
        "zero_amounts": "set_aside", "category_spelling": "fold", "missing_category": "Unknown",
        "categories": {"rent": "Housing"},
    }  # fmt: skip
    found = []
    again = texts + texts[:1]
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            desk = Desk(Path(folder))
            for text in again:
                desk.load(text, kind="transactions", cleaning=Cleaning(**on))
                desk.settle(**on)
            found.append((desk.content(), marked(desk)))
            desk.con.close()
        order.shuffle(again)
        again = again + texts
    assert found[0] == found[1]
