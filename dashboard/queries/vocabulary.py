"""Reads the vocabulary of a generation: which keys its columns and purchase dimensions make."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from dashboard.slugs import Choice, choices_of
from dashboard.vocabulary import (
    RESERVED,
    About,
    Column,
    Key,
    Kind,
    More,
    Vocabulary,
)
from warehouse.titles import COLUMNS, DIMENSIONS, title_of

Rows = Callable[[str, Mapping[str, object]], list[dict[str, object]]]

PERSONAL: Final = frozenset({"name", "email", "phone"})
# The named groups of buyers, in the order of their marks.
PERSONAS: Final = {
    "champions": "Champions",
    "loyal": "Loyal",
    "promising": "Promising",
    "new": "New",
    "at-risk": "At risk",
    "dormant": "Dormant",
}
# Names of groups in between, which few shops have: a menu offers those that there are.
IN_BETWEEN: Final = {
    "steady": "Steady",
    "big-baskets": "Big baskets",
    "occasional": "Occasional",
}
# A text column with more distinct values than this is asked for by value, not from a menu.
MOST_CHOICES: Final = 20_000
# Values of a purchase dimension that a server holds; the others are asked for by name.
MOST_AT_HAND: Final = 1_000
BANDS: Final = {
    "risk_band": ("low", "medium", "high"),
    "churn_band": ("low", "high"),
    "value_band": ("low", "medium", "high"),
}
FIRST: Final = ("persona", "risk_band", "churn_band", "value_band")
SCORES: Final = {
    "spend": ("expected_spend", "upper_95", "value_band"),
    "churn": ("churn_risk", "churn_band"),
}
REACHABLE: Final = (
    "(coalesce(customers.consent, false) and not coalesce(customers.suppressed, false)"
    " and (customers.email is not null or customers.phone is not null))"
)


def read_vocabulary(rows: Rows) -> Vocabulary:
    """The vocabulary of the generation that ``rows`` asks."""
    about = _about(rows)
    withheld = _withheld(rows)
    columns = [column for column in _columns(rows, about) if column.name not in withheld]
    keys = {key.name: key for key in _dimension_keys(rows)}
    empty: dict[str, Key] = {}
    known = _columns_with_values(rows, columns)
    for column in columns:
        key = _customer_key(rows, column, taken=keys)
        (keys if column.name in known else empty)[key.name] = key
    reach = Key("reachable", "Reachable", "flag", "who", "", REACHABLE)
    (keys if "consent" in known else empty)["reachable"] = reach
    ordered = [keys[name] for name in FIRST if name in keys]
    ordered += [key for name, key in keys.items() if name not in FIRST]
    if about.has_transactions:
        ordered += _period_keys()
        columns += _period_columns()
    absent = {name: title for name, title in DIMENSIONS.items() if name not in keys}
    return Vocabulary(ordered, columns, about, empty.values(), absent, withheld=withheld)


def _withheld(rows: Rows) -> dict[str, str]:
    """Columns of scores whose models had too little to learn from, and what they lacked.

    No number is better than a guess: they are shown nowhere, and nobody is chosen by them.
    """
    found = rows("select question, note from marts.model_runs where not enough_history", {})
    return {
        name: str(row["note"] or "too little to judge")
        for row in found
        for name in SCORES.get(str(row["question"]), ())
    }


def _period_keys() -> list[Key]:
    """What the lens makes of each customer, so that an active customer can be asked for."""
    return [
        Key(name, COLUMNS[name][0], "range", "lens", COLUMNS[name][1], f"totals.{name}")
        for name in ("spend_in_period", "orders_in_period")
    ]


def _period_columns() -> list[Column]:
    types = {"spend_in_period": "DECIMAL(38,2)", "orders_in_period": "BIGINT"}
    return [
        Column(name, *COLUMNS[name], data_type, f"selected.{name}")
        for name, data_type in types.items()
    ]


def _about(rows: Rows) -> About:
    names = [name for name in About.__dataclass_fields__ if name != "n_later"]
    found = rows(f"select {', '.join(names)} from marts.about", {})[0]
    later = "select count(*) as n from marts.purchases where purchased_on > $last_day"
    n_later = rows(later, {"last_day": found["last_day"]})[0]["n"]
    return About(**found, n_later=n_later)  # type: ignore[arg-type]


def _columns(rows: Rows, about: About) -> list[Column]:
    described = rows("describe marts.customers", {})
    titles = {
        str(row["attribute"]): str(row["title"])
        for row in rows("select attribute, title from marts.attributes", {})
    }
    custom = {
        str(row["column_name"]): (str(row["title"]), str(row["unit"]))
        for row in rows("select column_name, title, unit from marts.custom_columns", {})
    }
    columns = []
    for row in described:
        name = str(row["column_name"])
        if name == "customer_key":
            continue
        title, unit = custom.get(name) or _title(name, titles, about)
        columns.append(
            Column(
                name,
                title,
                unit,
                str(row["column_type"]),
                f"customers.{quoted(name)}",
                is_personal=name in PERSONAL,
                is_attribute=name in titles,
            )
        )
    return columns


def _title(name: str, attributes: Mapping[str, str], about: About) -> tuple[str, str]:
    """Title and unit of a column of marts.customers."""
    if name in attributes:
        return attributes[name], ""
    title, unit = title_of(name)
    if name == "expected_spend":
        title = f"{title}, next {about.horizon_days} days"
    return title, unit


def _dimension_keys(rows: Rows) -> list[Key]:
    """Keys of the purchase dimensions, with their largest values."""
    found = rows(
        """
        select dimension, value, slug, count(*) over (partition by dimension) as n_values
        from marts.dimensions
        qualify row_number() over (partition by dimension order by revenue desc, value) <= $most
        order by dimension, revenue desc, value
        """,
        {"most": MOST_AT_HAND},
    )
    values: dict[str, list[Choice]] = {}
    sizes: dict[str, int] = {}
    for row in found:
        name = str(row["dimension"])
        values.setdefault(name, []).append(_choice(row))
        sizes[name] = int(str(row["n_values"]))
    return [
        Key(
            name, DIMENSIONS[name], "choice", "lens", "", f"lines.{name}", tuple(values[name]),
            _more(rows, name, sizes[name]) if sizes[name] > MOST_AT_HAND else None,
        )
        for name in DIMENSIONS
        if name in values
    ]  # fmt: skip


def _choice(row: Mapping[str, object]) -> Choice:
    value = str(row["value"])
    return Choice(value, str(row["slug"]), value)


def _more(rows: Rows, dimension: str, n_values: int) -> More:
    """The way to the values of a dimension that has too many to hold."""
    where = "select value, slug from marts.dimensions where dimension = $dimension"
    bound: dict[str, object] = {"dimension": dimension}

    def by(column: Literal["slug", "value"], text: str) -> Choice | None:
        found = rows(f"{where} and {column} = $text", bound | {"text": text})
        return _choice(found[0]) if found else None

    def like(text: str, most: int) -> tuple[Choice, ...]:
        found = rows(
            f"{where} and contains(lower(value), lower($text))"
            " order by revenue desc, value limit $most",
            bound | {"text": text, "most": most},
        )
        return tuple(_choice(row) for row in found)

    def near(text: str) -> list[str]:
        found = rows(
            f"{where} order by jaro_winkler_similarity(slug, $text) desc, slug limit 20",
            bound | {"text": text},
        )
        return [str(row["slug"]) for row in found]

    return More(n_values, by, like, near)


def _columns_with_values(rows: Rows, columns: Sequence[Column]) -> set[str]:
    """Names of the columns in which something is known of somebody."""
    counts = ", ".join(f"count({column.expression})" for column in columns)
    found = rows(f"select [{counts}] as known from marts.customers as customers", {})[0]["known"]
    assert isinstance(found, list)
    return {column.name for column, known in zip(columns, found, strict=True) if known}


def _customer_key(rows: Rows, column: Column, taken: Mapping[str, Key]) -> Key:
    """The key that asks for ``column``."""
    name = column.name
    if name in taken or name.lower() in RESERVED or name == "reachable":
        name = f"{name}_attribute"
    kind = _kind(column)
    choices: tuple[Choice, ...] = ()
    if kind == "choice":
        choices = _choices(rows, column)
        if len(choices) > MOST_CHOICES:
            kind, choices = "text", ()
    unlisted = _absent_today(choices) if column.name == "persona" else ()
    return Key(
        name, column.title, kind, "who", column.unit, column.expression, choices, unlisted=unlisted
    )


def _kind(column: Column) -> Kind:
    """How a column of this type is asked for."""
    if column.is_personal or column.name == "customer_id":
        return "text"
    if column.data_type == "BOOLEAN":
        return "flag"
    if column.data_type == "DATE" or column.data_type.startswith("TIMESTAMP"):
        return "date"
    if column.data_type == "VARCHAR":
        return "choice"
    return "range"


def _choices(rows: Rows, column: Column) -> tuple[Choice, ...]:
    """Distinct values of a text column; personas and bands in their own order."""
    if column.name == "persona":
        return _personas(rows)
    found = rows(
        f"select distinct {column.expression} as value from marts.customers as customers"
        f" where {column.expression} is not null order by value limit {MOST_CHOICES + 1}",
        {},
    )
    values = [str(row["value"]) for row in found]
    if column.name in BANDS:
        # All of them, so that a link to a band that is empty today is not refused.
        bands = BANDS[column.name] if values else ()
        return choices_of(bands, {band: band.capitalize() for band in bands})
    return choices_of(values)


def _personas(rows: Rows) -> tuple[Choice, ...]:
    """Personas in the order of their marks.

    Where they are those of buyers, all six of them: a link to a group that the last clustering
    did not find means nobody, and is not refused.
    """
    found = rows("select persona, title from marts.personas order by mark, cluster", {})
    titles = {str(row["persona"]): str(row["title"]) for row in found}
    # Cardholders may be dormant too.
    if titles.keys() & (PERSONAS.keys() | IN_BETWEEN.keys()) - {"dormant"}:
        titles = {slug: titles.get(slug, title) for slug, title in PERSONAS.items()} | titles
    return tuple(Choice(slug, slug, title) for slug, title in titles.items())


def _absent_today(personas: Sequence[Choice]) -> tuple[Choice, ...]:
    """Names of groups in between that the last clustering did not give, where buyers have any."""
    found = {choice.slug for choice in personas}
    absent = IN_BETWEEN.items() if PERSONAS.keys() <= found else ()
    return tuple(Choice(slug, slug, title) for slug, title in absent if slug not in found)


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it; only ever one that DESCRIBE named."""
    return '"' + identifier.replace('"', '""') + '"'
