"""Tables of text on screens of any width: nothing of them is cut."""

import io

import pytest
from rich.console import Console

from dashboard.printing import text_table

WORDS = "Above 1,234.00 in all, as a third of the customers spent"
NUMBERS = ("£1,234,567.00", "under 0.1 %", "12,345")
HEADINGS = ("spend", "its largest customer", "held by high exposure")


def printed(width):
    table = text_table("Exposure [gym]", ("band", "what it means", *HEADINGS), left=2)
    table.add_row("medium", WORDS, *NUMBERS)
    table.add_row("in all", "", "£2.00", style="bold")
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_words_wrap_and_numbers_stay_whole(width):
    text = printed(width)
    assert "…" not in text
    assert "Exposure [gym]" in text
    assert max(map(len, text.splitlines())) <= width
    for whole in ("band", "medium", "in all", "£2.00", *NUMBERS):
        assert whole in text
    for word in (*WORDS.split(), *" ".join(HEADINGS).split()):
        assert word in text


def test_a_wide_screen_has_one_line_a_row():
    lines = printed(200).splitlines()
    assert len(lines) == 4
    assert lines[2].split("  ")[0] == "medium"
    assert WORDS in lines[2]


def test_numbers_that_do_not_fit_stand_below_with_the_same_words():
    text = printed(40)
    assert text.count("medium") == 3
    assert text.count("Exposure") == 1
