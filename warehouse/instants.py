"""From the text of a date to a TIMESTAMP: every wording is first brought to ISO, then cast.

DuckDB's cast drops words behind a time without an error, so that a text is matched as a whole
before it is cast.
"""

from dataclasses import dataclass
from typing import Literal

DateOrder = Literal["day-first", "month-first"]

PLAIN = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
ZONE = r":\d{2}(\.\d+)? ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"
HALVES = r"[0-9] ?[AaPp][Mm]$"
# Seconds, milliseconds or microseconds since 1970; days as workbooks count them.
EPOCH = r"\d{9,10}(\.\d+)?|\d{12,13}|\d{15,16}"
# Ten and twelve digits count since 1970, unless most of a column are an hour or a minute of the
# calendar: counted, hardly any would be one.
CLOCK_DIGITS = r"\d{10}|\d{12}"
CLOCK = r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)?"
SERIAL = r"[1-7]\d{4}(\.\d+)?"
MONTH_NAME = "(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
SHORT_YEAR = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}($|[T ,])"
# What begins so cannot be a day.
SHORT_YEAR_FIRST = r"^(3[2-9]|[4-9]\d|00)[-/.]\d{1,2}[-/.]\d{1,2}($|[T ,])"

_PARTS = r"^(\d{1,2})[-/.](\d{1,2})[-/.]"
_YEAR_FIRST = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})($|[T ])"
_COMPACT_TIME = r"^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})$"
_COMPACT_MINUTE = r"^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$"
_COMPACT_HOUR = r"^(\d{4})(\d{2})(\d{2})(\d{2})$"
_LAST_CENTURY, _ANY = r"(69|[7-9]\d)", r"(\d{2})"
_END = r"($|[T ,])"
_LOCAL = r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_HALF_DAY_FORMATS = [
    f"%Y-%m-%d {time}" for time in ("%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p")
]

_MONTHS = "['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']"
_MONTH = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +)?"
_DAY, _YEAR = r"(\d{1,2})(?:st|nd|rd|th)?\.?", r"(\d{4}|\d{2})"
_REST = r"(?:$|[T ,])(.*)$"
# Patterns of dates with the name of a month, and what stands in their groups.
_NAMED = (
    (f"(?i)^{_WEEKDAY}{_DAY}[ /-]*{_MONTH}[ /,-]*{_YEAR}{_REST}", "d, m, y, rest"),
    (f"(?i)^{_WEEKDAY}{_MONTH}[ /-]*{_DAY}(?:, *|[ /-]+){_YEAR}{_REST}", "m, d, y, rest"),
    (rf"(?i)^(\d{{4}})[ /-]*{_MONTH}[ /-]*{_DAY}{_REST}", "y, m, d, rest"),
)


WITH_MONTH_NAME = "|".join(f"({pattern})" for pattern, _ in _NAMED)
# A date if the column is called one: with a short year, or counted in seconds or in days.
PERHAPS_DATE = (
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}([ T,].*)?|1\d{9}(\.\d+)?|1\d{12}(\d{3})?|[34]\d{4}(\.\d+)?"
    r"|(19|20)\d{6}T?\d{6}"
)


@dataclass(frozen=True)
class DateStyle:
    """What the dates of one file look like. ``order`` is None where no date needs it.

    ``is_told``: something speaks for that order; ``05/05/2024`` is the same day either way.
    ``has_...`` say which wordings occur; ``is_year_first``: short years come first; ``day_zero``,
    an ISO date, is what serials count days from.
    """

    is_plain: bool = True
    order: DateOrder | None = None
    has_zones: bool = False
    has_halves: bool = False
    is_told: bool = False
    has_names: bool = False
    has_short_years: bool = False
    is_year_first: bool = False
    has_epochs: bool = False
    has_serials: bool = False
    has_commas: bool = False
    has_clocks: bool = False
    day_zero: str | None = None


def instant(text: str, style: DateStyle) -> str:
    """SQL of the TIMESTAMP in a text, NULL where it is none; ``$timezone`` is bound.

    Times with a zone are converted to the workspace's, others are local already.
    """
    if style.is_plain:
        # Nothing but plain dates has a value, also where a style was taken for granted: DuckDB's
        # cast reads more. Such texts compare like the days that they name.
        return (
            f"case when {text} >= '1900' and {text} < '2200' and ({text} like '____-__-__ __:__:__'"
            f" or {text} like '____-__-__' or regexp_full_match({text}, '{PLAIN}'))"
            f" then try_cast({text} as timestamp) end"
        )
    found = _with_time(_iso(text, style), text, style)
    # A year beyond these is a slip of the pen, or a code such as 9999 for "open".
    return (
        f"case when {found} >= timestamp '1900-01-01' and {found} < timestamp '2200-01-01'"
        f" then {found} end"
    )


def _iso(text: str, style: DateStyle) -> str:
    """SQL of a text whose date is brought to ISO; what is no date stays as it is."""
    iso = _without_names(text) if style.has_names else text
    iso = f"regexp_replace({iso}, '{_COMPACT_TIME}', '\\1-\\2-\\3 \\4:\\5:\\6')"
    if style.has_clocks:
        iso = f"regexp_replace({iso}, '{_COMPACT_MINUTE}', '\\1-\\2-\\3 \\4:\\5')"
        iso = f"regexp_replace({iso}, '{_COMPACT_HOUR}', '\\1-\\2-\\3 \\4:00')"
    iso = f"regexp_replace({iso}, '{_YEAR_FIRST}', '\\1-\\2-\\3')"
    iso = f"regexp_replace({iso}, '{_COMPACT}', '\\1-\\2-\\3\\4')"
    ours = r"\1-\2" if style.order == "month-first" else r"\2-\1"
    iso = f"regexp_replace({iso}, '{_PARTS}(\\d{{4}})', '\\3-{ours}')"
    if style.has_short_years:
        for century, year in (("19", _LAST_CENTURY), ("20", _ANY)):
            if style.is_year_first:
                pattern = rf"^{year}[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_END}"
                iso = f"regexp_replace({iso}, '{pattern}', '{century}\\1-\\2-\\3\\4')"
            else:
                pattern = f"{_PARTS}{year}{_END}"
                iso = f"regexp_replace({iso}, '{pattern}', '{century}\\3-{ours}\\4')"
    if style.has_commas:
        iso = rf"regexp_replace({iso}, '^(\d{{4}}-\d{{1,2}}-\d{{1,2}}), *', '\1 ')"
    return iso


def _without_names(text: str) -> str:
    """SQL of a text in which a month's name has become its number."""
    cases = ""
    for pattern, groups in _NAMED:
        names = ", ".join(f"'{name}'" for name in groups.split(", "))
        parts = f"regexp_extract({text}, '{pattern}', [{names}])"
        year = f"{parts}.y"
        century = (
            f"case when strlen({year}) = 4 then '' when {year} >= '69' then '19' else '20' end"
        )
        month = f"list_position({_MONTHS}, lower(left({parts}.m, 3)))"
        cases += (
            f" when {parts}.m <> '' then"
            f" rtrim({century} || {year} || '-' || {month} || '-' || {parts}.d || ' '"
            f" || ltrim({parts}.rest))"
        )
    return f"case{cases} else {text} end"


def _with_time(iso: str, text: str, style: DateStyle) -> str:
    """SQL of a timestamp from a text whose date is ISO already, or a number that counts."""
    cases = f"when regexp_full_match({iso}, '{_LOCAL}') then try_cast({iso} as timestamp)"
    if style.has_halves:
        cases += f" when regexp_matches({iso}, '{HALVES}')"
        cases += f" then try_strptime({iso}, {_HALF_DAY_FORMATS})"
    if style.has_zones:
        cases += f" when regexp_matches({iso}, '{ZONE}')"
        joined = rf"regexp_replace({iso}, ' ([+-]\d{{2}}(:?\d{{2}})?)$', '\1')"
        cases += f" then timezone($timezone, try_cast({joined} as timestamptz))"
    if style.has_epochs:
        digits = f"strlen(split_part({text}, '.', 1))"
        number = f"try_cast({text} as decimal(19, 3))"
        factor = f"case when {digits} <= 10 then 1000000 when {digits} <= 13 then 1000 else 1 end"
        moment = f"make_timestamp(cast({number} * {factor} as bigint))"
        cases += f" when regexp_full_match({text}, '{EPOCH}')"
        cases += f" then timezone($timezone, timezone('UTC', {moment}))"
    if style.has_serials:
        # Days as a fraction: to the second, as a fraction of a day is never exact.
        seconds = f"cast(round(try_cast({text} as decimal(30, 9)) * 86400) as bigint)"
        cases += f" when regexp_full_match({text}, '{SERIAL}')"
        cases += f" then timestamp '{style.day_zero}' + to_seconds({seconds})"
    return f"case {cases} end"
