"""Addresses of tables in databases, as a user writes them: ``mysql://ann@host/shop?table=orders``.

An address never holds a password. What cannot be understood is never repeated in a message, because
it might hold one.
"""

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal
from urllib.parse import unquote, unquote_plus

from warehouse.errors import UsageError

Dialect = Literal["mysql", "postgresql"]

SCHEMES: dict[str, Dialect] = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
PORTS: dict[Dialect, int] = {"mysql": 3306, "postgresql": 5432}
# The environment variables that may hold a password; the first that is set wins.
VARIABLES: dict[Dialect, tuple[str, ...]] = {
    "mysql": ("SPENDBOARD_MYSQL_PASSWORD", "MYSQL_PWD"),
    "postgresql": ("SPENDBOARD_POSTGRESQL_PASSWORD", "PGPASSWORD"),
}
OPTIONS = ("table", "query", "watermark", "tls")
FORM = "mysql://user@host:3306/database?table=transactions"

_ADDRESS = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://")
_PARTS = re.compile(r"([^/?]*)(?:/([^?]*))?(?:\?(.*))?", re.DOTALL)
_SERVER = re.compile(r"(?:([^@:]*)@)?(\[[0-9A-Fa-f:.]+\]|[^:@\[\]]*)(?::(\d{1,5}))?")
_OPTION = re.compile(rf"(?:^|&)({'|'.join(OPTIONS)})=", re.IGNORECASE)
_SHOWN_QUERY = 40


@dataclass(frozen=True)
class DatabaseUrl:
    """One table or query of one database; ``table`` or ``query`` is set.

    ``user`` and ``host`` are empty where the driver's own default holds. ``watermark`` names the
    column by which later loads read only what is new. ``is_verified``: only a server whose
    certificate is trusted may be asked.
    """

    dialect: Dialect
    user: str
    host: str
    port: int
    database: str
    table: str | None = None
    query: str | None = None
    watermark: str | None = None
    is_verified: bool = False

    @property
    def server(self) -> str:
        """Host and port, for messages."""
        return f"{self._host}:{self.port}"

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host or "localhost"

    @property
    def label(self) -> str:
        """How reports call it: without the user, and a long query cut."""
        port = "" if self.port == PORTS[self.dialect] else f":{self.port}"
        what = self.table
        if what is None:
            query = " ".join((self.query or "").split())
            what = query if len(query) <= _SHOWN_QUERY else query[: _SHOWN_QUERY - 3] + "..."
        return f"{self.dialect}://{self._host}{port}/{self.database} {what}"

    @property
    def identity(self) -> str:
        """The whole of what is read, in one spelling, without the user: what a watermark is of."""
        what = f"table={self.table}" if self.table is not None else f"query={self.query}"
        return f"{self.dialect}://{self.server}/{self.database}?{what}"


def is_address(argument: str) -> bool:
    """Whether an argument of a load is an address, and not a file."""
    return bool(_ADDRESS.match(argument))


def parse(argument: str) -> DatabaseUrl:
    """Read an address.

    ``table`` and ``watermark`` may be percent-encoded. A ``query`` that holds a space or a line
    break is taken as it stands, any other is percent-encoded.

    Raises
    ------
    UsageError : another scheme, a password inside, an unknown option, neither table nor query.
    """
    scheme = _ADDRESS.match(argument)
    assert scheme is not None
    dialect = SCHEMES.get(scheme[1].lower())
    if dialect is None:
        raise UsageError(
            f"{scheme[1]}://: not an address that Spendboard reads",
            found=f"it reads {', '.join(f'{name}://' for name in SCHEMES)} and files",
            fix=f"for example {FORM}",
        )
    parts = _PARTS.fullmatch(argument[scheme.end() :].strip())
    assert parts is not None
    authority, database, options = parts[1], parts[2] or "", parts[3] or ""
    user, host, port = _server(dialect, authority, database)
    if not database:
        raise _unclear(dialect, "it names no database")
    named = _options(dialect, options)
    tls = named.pop("tls", None)
    if tls not in (None, "verify"):
        raise _unclear(dialect, "tls= can only be verify; without it, TLS is used where offered")
    return DatabaseUrl(
        dialect, user, host, port, unquote(database), is_verified=tls is not None, **named
    )


def _server(dialect: Dialect, authority: str, database: str) -> tuple[str, str, int]:
    """User, host and port."""
    before, at, _ = authority.rpartition("@")
    # A password that holds a slash or a question mark ends the authority too early.
    if (at and ":" in before) or "@" in database:
        raise UsageError(
            f"{dialect}://: a password does not belong into the address",
            found="the shell keeps it in its history, and others see it in the list of processes",
            fix=f"leave it out, and set {VARIABLES[dialect][0]} or type it when asked",
        )
    found = _SERVER.fullmatch(authority)
    if found is None:
        raise _unclear(dialect, "its part between // and / is not user@host:port")
    port = int(found[3]) if found[3] else PORTS[dialect]
    return unquote(found[1] or ""), found[2].strip("[]"), port


def _options(dialect: Dialect, text: str) -> dict[str, str]:
    """Options by name; a query may hold signs that stand between options elsewhere."""
    starts = list(_OPTION.finditer(text))
    if text and (not starts or starts[0].start() != 0):
        raise _unclear(dialect, f"it has an option other than {', '.join(OPTIONS)}")
    named: dict[str, str] = {}
    for start, after in zip_longest(starts, starts[1:]):
        end = after.start() if after else len(text)
        name, value = start[1].lower(), text[start.end() : end]
        if name in named:
            raise _unclear(dialect, f"it gives {name} twice")
        if name != "query" and "&" in value:
            raise _unclear(dialect, f"it has an option other than {', '.join(OPTIONS)}")
        is_plain = name == "query" and bool(re.search(r"\s", value))
        decode = unquote_plus if name == "query" else unquote
        named[name] = value if is_plain else decode(value)
        if not named[name].strip():
            raise _unclear(dialect, f"its {name} is empty")
    if ("table" in named) == ("query" in named):
        raise _unclear(dialect, "it needs either table= or query=")
    if "query" in named:
        named["query"] = one_select(named["query"])
    return named


def one_select(query: str) -> str:
    """The query without the semicolon at its end.

    Raises
    ------
    UsageError : it does not begin like a SELECT. That it is only one the server sees.
    """
    text = query.strip().rstrip(";").rstrip()
    if not re.match(r"(select|with)\b", text, re.IGNORECASE):
        raise UsageError(
            "query= must be one SELECT",
            found=text[:_SHOWN_QUERY],
            fix="begin it with SELECT, or with WITH and end it in a SELECT",
        )
    return text


def _unclear(dialect: Dialect, found: str) -> UsageError:
    return UsageError(
        f"{dialect}://: the address cannot be understood",
        found=found,
        fix=f"for example {FORM.replace('mysql', dialect).replace('3306', str(PORTS[dialect]))}"
        ', or "...?query=select ..."; quote it, as & and ? mean something to the shell',
    )
