"""Files of several layouts in one load come out as when each is loaded by itself."""

from loading_desk import Desk, counts

IDS = "transaction_id,customer_id,purchased_at,amount\n" + "".join(
    f"t{n},c{n % 7},2024-01-{n % 28 + 1:02},{n - 2}.50\n" for n in range(30)
)
# No ids, other currencies, and a row that has no number.
CURRENCIES = """\
customer_id,purchased_at,amount,currency,city
ann,2024-02-01,5.00,GBP,Ulm
ann,2024-02-01,5.00,EUR,Ulm
bob,2024-02-02,n/k,GBP,Ulm
bob,2024-02-03,1.005,,Ulm
"""
KINDS = """\
transaction_id,customer_id,purchased_at,amount,kind
k1,ann,2024-03-01,7.00,refund
k2,ann,2024-03-01,7.00,purchase
k3,ann,2024-03-02,70.00,income
,ann,2024-03-02,8.00,purchase
"""
FILES = (IDS, CURRENCIES, KINDS)
EVERYTHING = "* exclude (load_id, customer_key)"
REJECTS = "outcome, record, column_name, value, reason, row_text"


def test_files_of_several_layouts_are_stored_as_each_by_itself(tmp_path):
    apart = Desk(tmp_path)
    alone = [counts(apart.load(file)) for file in FILES]
    assert alone == [(30, 30, 0, 0, 0), (4, 2, 1, 0, 1), (4, 4, 0, 0, 0)]
    for files in (FILES, FILES[::-1]):
        together = Desk(tmp_path)
        told = counts(together.load(*files))
        assert told == tuple(map(sum, zip(*alone, strict=True)))
        assert together.rows(EVERYTHING) == apart.rows(EVERYTHING)
        assert sorted(together.rows(REJECTS, "core.rejects"), key=str) == sorted(
            apart.rows(REJECTS, "core.rejects"), key=str
        )


def test_a_blank_line_above_the_header_changes_no_row_and_no_number_of_a_record(desk):
    assert counts(desk.load(f"\n\n{CURRENCIES}x,y\n")) == (5, 2, 2, 0, 1)
    assert desk.rows("record, reason", "core.rejects")[-1] == (5, "too few columns")


def test_names_of_the_columns_of_parquet_mean_nothing_to_the_reader(tmp_path, desk):
    names = ("file_index", "file_no", "rowid", "c1", "line", "cost$1", "$2")
    others = ", ".join(f'{n} as "{name}"' for n, name in enumerate(names))
    for day in (1, 2):
        desk.con.execute(
            f"copy (select 'ann' as customer_id, date '2024-01-0{day}' as purchased_at,"
            f" {day}.50 as amount, {others}) to '{tmp_path}/{day}.parquet'"
        )
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    report = desk.load_files(*files)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.unused == names
    assert desk.rows("purchased_on::varchar, amount::varchar") == [
        ("2024-01-01", "1.50"), ("2024-01-02", "2.50"),
    ]  # fmt: skip


def test_kinds_follow_from_the_sign_where_no_column_says_them(desk):
    desk.load(IDS)
    kinds = "count(*) filter (kind = 'refund'), count(*) filter (kind = 'purchase')"
    assert desk.rows(kinds) == [(2, 28)]


def test_amounts_that_are_rounded_are_counted_in_the_report(desk):
    report = desk.load(CURRENCIES)
    assert any(note.startswith("1 amounts have more than two decimals") for note in report.notes)
