"""Currencies as people write them beside an amount: signs, abbreviations and ISO codes."""

from collections.abc import Iterable
from functools import cache

_DOLLARS = "USD AUD CAD NZD SGD HKD TWD MXN BRL ARS CLP COP JMD BSD BBD TTD FJD NAD LRD XCD"
# A sign of several currencies means the workspace's if that is one of them, else the first.
_SIGNS = {
    "€": "EUR", "£": "GBP EGP LBP GIP FKP SHP", "$": _DOLLARS, "¥": "JPY CNY", "￥": "JPY CNY",
    "₹": "INR", "rs": "INR PKR LKR NPR MUR", "rs.": "INR PKR LKR NPR MUR", "₨": "INR PKR LKR NPR",
    "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH",
    "₦": "NGN", "₱": "PHP", "₡": "CRC", "₲": "PYG", "₸": "KZT", "₼": "AZN", "₾": "GEL",
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD",
    "s$": "SGD", "hk$": "HKD", "nt$": "TWD", "mx$": "MXN", "r$": "BRL", "r": "ZAR",
    "kr": "SEK NOK DKK ISK", "kr.": "DKK SEK NOK ISK", "zł": "PLN", "kč": "CZK", "ft": "HUF",
    "lei": "RON", "лв": "BGN", "лв.": "BGN", "руб": "RUB", "руб.": "RUB", "fr.": "CHF",
    "sfr.": "CHF", "元": "CNY", "円": "JPY", "원": "KRW",
}  # fmt: skip


@cache
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def is_code(text: str) -> bool:
    """Whether a text is the code of a currency: those of ISO 4217, past ones too, by CLDR."""
    return text in _codes()


def meanings(written: str) -> tuple[str, ...]:
    """ISO codes that a sign, an abbreviation or a code may mean; none where it means nothing."""
    if written.lower() in _SIGNS:
        return tuple(_SIGNS[written.lower()].split())
    return (written.upper(),) if written.upper() in _codes() else ()


@cache
def all_known() -> tuple[str, ...]:
    """Every sign, abbreviation and code, in lower case."""
    return (*_SIGNS, *sorted(code.lower() for code in _codes()))


def code_of(sign: str, written: Iterable[str]) -> str:
    """SQL of the ISO code that the text ``sign`` means; ``$currency`` is bound.

    Parameters
    ----------
    sign : SQL of a text in lower case.
    written : what stands there, in lower case; anything else gives NULL.
    """
    cases = []
    for one in sorted(written):
        codes = meanings(one)
        named = one.replace("'", "''")
        if len(codes) == 1:
            cases.append(f"when '{named}' then '{codes[0]}'")
        elif codes:
            listed = ", ".join(f"'{code}'" for code in codes)
            cases.append(
                f"when '{named}' then if($currency in ({listed}), $currency, '{codes[0]}')"
            )
    return f"case {sign} {' '.join(cases)} end" if cases else "cast(null as varchar)"
