"""How a file writes its numbers: decided from the whole column, never from one value.

Plain numbers such as ``-1234.50`` are cast as they are. Any other wording is taken apart by one
expression into signs, currency and digits, and put together again as text: never through DOUBLE.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import duckdb

from warehouse.currencies import all_known, code_of, meanings

Mark = Literal[".", ","]

# Space, no-break space, thin space, narrow no-break space; apostrophes as in Switzerland.
_SPACES = r" \x{00a0}\x{2009}\x{202f}"
_APOSTROPHES = r"'\x{2019}"
_MINUS = r"\-\x{2212}"
_OTHER = rf"\d\s,()+%{_MINUS}{_APOSTROPHES}{_SPACES}"
_CURRENCY = rf"[^.{_OTHER}][^{_OTHER}]{{0,3}}"
_SIGN = rf"[+{_MINUS}]"
# What a number in any wording is made of; spaces may stand between these.
_PARTS = {
    "opened": r"\(",
    "sign": _SIGN,
    "before": _CURRENCY,
    "also_opened": r"\(",
    "also_sign": _SIGN,
    "digits": rf"\d[\d.,{_APOSTROPHES}{_SPACES}]*|[.,]\d+",
    "behind": _CURRENCY,
    "last_sign": _SIGN,
    "closed": r"\)",
}
_WORDING = rf"[{_SPACES}]*".join(
    f"({pattern}){'' if name == 'digits' else '?'}" for name, pattern in _PARTS.items()
)
_SIGNS = ("sign", "also_sign", "last_sign")
_MOST_CURRENCIES = 40
_EXACT = "decimal(38, 9)"


def _digits(mark: Mark) -> str:
    """Pattern of all digits that a number can have where ``mark`` begins its decimals."""
    # In India 12,34,567.00 is a number too.
    other = r",(\d{2,3},)*" if mark == "." else r"\.(\d{3}\.)*"
    spaces, apostrophes = (f"[{signs}](\\d{{3}}[{signs}])*" for signs in (_SPACES, _APOSTROPHES))
    grouped = rf"[1-9]\d{{0,2}}({other}|{spaces}|{apostrophes})\d{{3}}"
    return rf"({grouped}|\d+)(\{mark}\d*)?|\{mark}\d+"


def _quoted(text: str) -> str:
    """A pattern of this module as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


_NAMES = ", ".join(f"'{name}'" for name in _PARTS)


def taken_apart(text: str) -> str:
    """SQL of the struct of what a text is made of; each part is empty where it is no number."""
    return f"regexp_extract({text}, {_quoted(f'^{_WORDING}$')}, [{_NAMES}])"


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of one column are written in one file.

    ``mark`` begins the decimals; ``currencies`` are signs and codes that stand beside numbers, in
    lower case. ``is_plain``: DuckDB's cast reads all of them. ``open_sign`` stands before three
    digits in every number, as in ``1,234``, so that the column itself does not tell what it is.
    """

    is_plain: bool = True
    mark: Mark = "."
    currencies: tuple[str, ...] = ()
    open_sign: Mark | None = None

    @property
    def has_currency(self) -> bool:
        """Whether a currency stands beside some number."""
        return any(meanings(one) for one in self.currencies)


def as_it_stands(text: str, kind: str) -> str:
    """SQL of a plain number as ``kind``, a type of DuckDB, whose own cast takes ``1_000`` too."""
    return f"case when not contains({text}, '_') then try_cast({text} as {kind}) end"


def number(text: str, kind: str, style: NumberStyle) -> str:
    """SQL of the number in a text as ``kind``, a type of DuckDB; NULL where there is none."""
    if style.is_plain:
        return as_it_stands(text, kind)
    parts = taken_apart(text)
    digits = f"rtrim({parts}.digits)"
    plain = f"replace(regexp_replace({digits}, {_quoted(_GROUPS[style.mark])}, '', 'g'), ',', '.')"
    is_negative = " or ".join(
        [f"{parts}.closed <> ''", *(f"{parts}.{sign} in ('-', '\u2212')" for sign in _SIGNS)]
    )
    put_together = (
        f"case when {_is_number(parts, style)}"
        f" and regexp_full_match({digits}, {_quoted(_digits(style.mark))})"
        f" then try_cast(if({is_negative}, '-', '') || {plain} as {kind}) end"
    )
    # 1e3 is a number too, and 7 in any style.
    as_is = as_it_stands(text, kind)
    if style.mark == ",":
        as_is = f"if(contains({text}, '.'), null, {as_is})"
    # Within a CASE, DuckDB would take a text apart anew for each of its parts.
    return f"coalesce({as_is}, {put_together})"


def is_number(text: str, parts: str | None = None) -> str:
    """SQL: a text is a number in some wording, whichever currency stands beside it.

    ``parts`` is the name of a column that holds :func:`taken_apart` of it.
    """
    parts = parts or taken_apart(text)
    either = f"{_digits('.')}|{_digits(',')}"
    style = NumberStyle(is_plain=False, currencies=all_known())
    return (
        f"(({as_it_stands(text, _EXACT)}) is not null or ({_is_number(parts, style)}"
        f" and regexp_full_match(rtrim({parts}.digits), {_quoted(either)})))"
    )


def may_be_number(text: str) -> str:
    """SQL: worth asking :func:`is_number`, which is dear: it has digits, and they are not apart as
    in a day or a time; its letters could be a currency's.
    """
    begins = {re.sub("^[^a-z]*([a-z]*).*$", r"\1", one) for one in all_known()}
    known = ", ".join(_quoted(one) for one in sorted(begins))
    return (
        f"(regexp_matches({text}, '[0-9]') and not regexp_matches({text}, '[0-9][-/:][0-9]')"
        f" and (lower(regexp_extract({text}, '[A-Za-z]+'))"
        f" in ({known}) or ({as_it_stands(text, _EXACT)}) is not null))"
    )


# What separates groups of digits.
_GROUPS: dict[Mark, str] = {
    ".": f"[,{_APOSTROPHES}{_SPACES}]",
    ",": f"[.{_APOSTROPHES}{_SPACES}]",
}


def _is_number(parts: str, style: NumberStyle) -> str:
    """SQL: signs, brackets and currency stand beside the digits as they may."""
    signs = " + ".join(f"strlen({parts}.{sign})::bool::int" for sign in _SIGNS)
    opened = f"strlen({parts}.opened || {parts}.also_opened)"
    known = ", ".join(_quoted(one) for one in ("", *style.currencies) if not one or meanings(one))
    return (
        f"{opened} = strlen({parts}.closed) and {signs} + {opened} <= 1"
        f" and lower({parts}.before || {parts}.behind) in ({known})"
    )


def currency(text: str, style: NumberStyle) -> str:
    """SQL of the ISO code of the currency beside a number, NULL without one.

    A sign of several currencies, such as ``$``, means the workspace's if that is one of them; it is
    bound as ``$currency``.
    """
    parts = taken_apart(text)
    return code_of(f"lower({parts}.before || {parts}.behind)", style.currencies)


@dataclass(frozen=True)
class _Look:
    """What the cells of one column of one file look like, counted.

    ``points`` and ``commas`` can only be read with that mark; ``open_points`` and ``open_commas``
    with either: ``1.234`` and ``1,234``.
    """

    castable: int
    filled: int
    points: int
    commas: int
    open_points: int
    open_commas: int
    currencies: list[str]

    @property
    def told(self) -> Mark | None:
        """The mark for which more cells speak; None where nothing does."""
        if not self.points and not self.commas:
            return None
        return "." if self.points >= self.commas else ","

    @property
    def open_sign(self) -> Mark | None:
        """What stands before three digits in every number; None where the column tells more."""
        if self.told or not (self.open_points or self.open_commas):
            return None
        return "," if self.open_commas >= self.open_points else "."


# For each column by its position: what its cells are made of, and what that counts to.
_PARSED = """
    case when {text} is not null then {parts} end as parts{n},
    rtrim(struct_extract(parts{n}, 'digits')) as digits{n},
    regexp_full_match(digits{n}, $point) as is_point{n},
    regexp_full_match(digits{n}, $comma) as is_comma{n},
    {text} as cell{n}
"""
_COUNTED = """
    count({exact}),
    count(cell{n}),
    count(*) filter (is_point{n} and not is_comma{n}),
    count(*) filter (is_comma{n} and not is_point{n}),
    count(*) filter (is_point{n} and is_comma{n} and contains(digits{n}, '.')),
    count(*) filter (is_point{n} and is_comma{n} and contains(digits{n}, ',')),
    list(distinct lower(parts{n}.before || parts{n}.behind))
        filter (parts{n}.before || parts{n}.behind <> '')
"""


def number_styles(
    con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[int, str]
) -> dict[int, dict[int, NumberStyle]]:
    """Styles of the columns of numbers in each file of a staged table.

    A column that only has numbers such as ``1,234`` or ``1.234`` takes the mark of the other
    columns of its file; if they do not tell, a comma there separates thousands, and a point begins
    decimals.

    Parameters
    ----------
    table : has ``file_no`` and text columns.
    texts : SQL of the text of each column of numbers, by position.

    Returns
    -------
    file number to position to style; what is not there is plain.
    """
    if _are_plain(con, table, texts):
        return {}
    parsed = ",".join(
        _PARSED.format(n=n, text=text, parts=taken_apart(text)) for n, text in texts.items()
    )
    counted = ",".join(_COUNTED.format(n=n, exact=as_it_stands(f"cell{n}", _EXACT)) for n in texts)
    rows = con.execute(
        f"select file_no, {counted} from (select file_no, {parsed} from {table})"
        " group by file_no order by file_no",
        {"point": _digits("."), "comma": _digits(",")},
    ).fetchall()
    width = len(fields(_Look))
    return {
        file_no: _styles({n: _Look(*row[i * width : (i + 1) * width]) for i, n in enumerate(texts)})
        for file_no, *row in rows
    }


def _are_plain(con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[int, str]) -> bool:
    """Whether DuckDB's cast reads every number."""
    if not texts:
        return True
    cells = ", ".join(f"{text} as cell{n}" for n, text in texts.items())
    counts = ", ".join(f"count(cell{n}) = count({as_it_stands(f'cell{n}', _EXACT)})" for n in texts)
    return all(con.execute(f"select {counts} from (select {cells} from {table})").fetchall()[0])


def _styles(columns: Mapping[int, _Look]) -> dict[int, NumberStyle]:
    """The style of each column of one file."""
    told = [look.told for look in columns.values() if look.told]
    usual: Mark = "," if told.count(",") > told.count(".") else "."
    styles = {}
    for position, look in columns.items():
        mark = look.told or usual
        is_plain = mark == "." and look.castable == look.filled
        found = tuple(sorted(look.currencies or [])[:_MOST_CURRENCIES])
        styles[position] = NumberStyle(is_plain, mark, found, look.open_sign)
    return styles
