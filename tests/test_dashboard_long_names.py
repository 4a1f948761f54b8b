"""Names that a load brought as they were: too long for a table, of several lines, nearly alike."""

import pytest

from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load

LONG = "Spare parts of the " + "very " * 1000 + "old machine"
ROWS = [
    f'ann,2025-0{month}-03,{amount}.00,"{category}","{category}",card'
    for month in range(1, 7)
    for amount, category in ((12, LONG), (7, f"{LONG} again"), (5, "two\nlines"), (3, "[red]gym"))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    header = "customer_id,date,amount,category,merchant,payment_method"
    (folder / "ledger.csv").write_text("\n".join([header, *ROWS, ""]), encoding="utf-8")
    load(Workspace(folder / "workspace"), Settings(threads=1), [str(folder / "ledger.csv")])
    return folder / "workspace"


@pytest.mark.parametrize("name", ["monthly", "recurring"])
def test_a_report_keeps_each_name_in_a_line_and_cuts_it(folder, command, name):
    code, out, err = command(folder, "report", name)
    assert code == 0, err
    lines = out.splitlines()
    assert max(map(len, lines)) <= 200
    cut = [line for line in lines if line.startswith("Spare parts")]
    assert cut
    assert all("…" in line for line in cut)
    # Both stand there with their own amounts, though their beginnings are alike.
    assert any("£12.00" in line for line in cut)
    assert any("£7.00" in line for line in cut)
    assert any(line.startswith("two lines ") and "£5.00" in line for line in lines)
    assert any(line.startswith("[red]gym ") for line in lines)
    assert LONG in command(folder, "report", name, "--json")[1]
