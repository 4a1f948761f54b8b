"""From text to values: the canonical reading of a cell, and what is wrong where there is none.

A value never passes through DOUBLE. The expressions are SQL over the text columns of a staged
table; all user-given text is bound, never written into them.
"""

from dataclasses import dataclass, field

from warehouse.cells import cell, is_one_of
from warehouse.instants import instant
from warehouse.mapping import FileMapping
from warehouse.numbers import NumberStyle, currency, number
from warehouse.origins import Constant, Picked, Product
from warehouse.styles import NUMBERS, Style, whole_id
from warehouse.synonyms import FALSE_WORDS, FIELDS, KINDS, TRUE_WORDS, Role

REASONS: dict[Role, str] = {
    "money": "not a number",
    "price": "not a number",
    "quantity": "not a number",
    "count": "not a whole number",
    "flag": "not a yes or no",
    "instant": "not a date",
    "kind": "not a known kind of transaction",
}
MISSING_REASON = "missing"
OTHER_CURRENCY = "money in another currency"
# Enough to say exactly what an amount is before it is rounded to cents.
_EXACT = "decimal(38, 9)"
# Factors keep six decimals, so that their product is exact before it is rounded to cents. With 18
# digits DuckDB would multiply within 18 digits, and overflow above 999,999.
_FACTOR = "decimal(19, 6)"


@dataclass
class Reading:
    """SQL of what the columns of a file become, in steps that are each computed once.

    ``positions`` are the columns that are needed; each stands trimmed as ``r<position>``; ``early``
    are values made of cells as they stand, by alias. ``texts`` are trimmed cells by alias, NULL
    where they say that there is no value; ``values`` are our columns, made of texts; ``faults`` are
    (condition on texts and values, reason, position of the column to blame), where a value of ours
    stands as ``v_<ours>``; where one of them holds, one of ``odd`` does, which are fewer.
    ``constants`` are bound. ``currencies`` are those beside numbers, with the position of the
    column; ``rounded`` says whether an amount has more than two decimals.

    The cells of ``bare`` columns are taken as they stand: somebody else looks for those that are
    no values, see :mod:`warehouse.odd_rows`.
    """

    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str, int]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    positions: set[int] = field(default_factory=set)
    early: dict[str, str] = field(default_factory=dict)
    currencies: list[tuple[str, int]] = field(default_factory=list)
    rounded: str = "false"
    bare: frozenset[int] = frozenset()

    def text(self, position: int, role: Role) -> str:
        """Alias of a trimmed cell, or the cell itself of a bare column."""
        if position in self.bare:
            return f"c{position}"
        alias = f"{'x' if role == 'text' else 't'}{position}"
        self.texts[alias] = cell(position, role, f"r{position}")
        self.positions.add(position)
        return alias

    def add(
        self, ours: str, sql: str, text: str, position: int, reason: str | None, *, needed: bool
    ) -> None:
        """Add a value that comes from one text, and what is a fault of it."""
        self.values[ours] = sql
        missing, wrong = (f"v_{ours} is null and {text} is {how}" for how in ("null", "not null"))
        if needed:
            self.faults.append((missing, MISSING_REASON, position))
        if reason:
            self.faults.append((wrong, reason, position))
        if needed and reason:
            self.odd.append(f"v_{ours} is null")
        elif needed or reason:
            self.odd.append(missing if needed else wrong)

    def add_currency(self, text: str, position: int, written: NumberStyle) -> None:
        """Note that a currency may stand beside a number."""
        if written.has_currency:
            self.currencies.append((currency(text, written), position))


def reading(
    mapping: FileMapping, style: Style, bare: frozenset[int] = frozenset()
) -> Reading:  # fmt: skip
    """How a file of that style is read: our columns that the mapping fills."""
    found = Reading(bare=bare)
    needed = {"amount", "purchased_at"} if mapping.kind == "transactions" else {"customer_id"}
    for ours, choice in mapping.choices.items():
        role = FIELDS[mapping.kind][ours].role
        origin = choice.origin
        if isinstance(origin, Constant):
            found.constants[f"constant_{ours}"] = origin.value
            found.values[ours] = _value(f"$constant_{ours}", role, style, is_float_id=False)
        elif isinstance(origin, Product):
            _add_product(found, ours, origin, style)
        else:
            written = style.number(origin.position)
            text, sql = _cell_and_value(found, ours, origin, role, style)
            reason = REASONS.get(role)
            found.add(ours, sql, text, origin.position, reason, needed=ours in needed)
            if role in NUMBERS:
                found.add_currency(text, origin.position, written)
            if ours == "amount":
                raw = f"c{origin.position}" if written.is_plain else text
                found.rounded = _is_rounded(raw, written)
    _compare_currencies(found, mapping)
    return found


def _cell_and_value(
    found: Reading, ours: str, origin: Picked, role: Role, style: Style
) -> tuple[str, str]:
    """SQL of a cell without spaces, NULL where it is empty, and of the value in it.

    A plain number or date is read as it stands. Only where that gives nothing is the cell looked
    at for spaces and for words that mean nothing, which takes longer than reading it.
    """
    written = style.number(origin.position)
    is_plain = style.dates.is_plain if role == "instant" else written.is_plain
    if role not in NUMBERS | {"instant"} or not is_plain or origin.position in found.bare:
        text = found.text(origin.position, role)
        return text, _value(text, role, style, written, is_float_id=ours in style.float_ids)
    text, early = cell(origin.position, role), f"p_{ours}"
    found.early[early] = _value(f"c{origin.position}", role, style, written, is_float_id=False)
    late = _value(text, role, style, written, is_float_id=False)
    # DuckDB works out the parts of a COALESCE for every row, those of a CASE only where needed.
    return text, f"case when {early} is null then {late} else {early} end"


def _is_rounded(text: str, style: NumberStyle) -> str:
    """SQL: an amount has more than two decimals."""
    if not style.is_plain:
        return rf"regexp_matches({text}, '[{style.mark}]\d\d\d*[1-9]')"
    rounded = f"{number(text, _EXACT, style)} <> v_amount"
    # Most amounts are too short for that, which is seen at once.
    return f"strpos({text}, '.') > 0 and strlen({text}) - strpos({text}, '.') > 2 and {rounded}"


def _compare_currencies(found: Reading, mapping: FileMapping) -> None:
    """Let a currency beside a number count like one in a column of its own."""
    if mapping.kind == "customers":
        others = [(f"{code} <> $currency", position) for code, position in found.currencies]
        found.faults += [(condition, OTHER_CURRENCY, position) for condition, position in others]
        found.odd += [condition for condition, _ in others]
    elif found.currencies:
        cases = " ".join(f"when {code} <> $currency then {code}" for code, _ in found.currencies)
        named = found.values.get("currency", "null")
        found.values["currency"] = f"case {cases} else {named} end"


def _add_product(found: Reading, ours: str, origin: Product, style: Style) -> None:
    """Two columns multiplied, rounded half away from zero to cents."""
    factors = []
    for factor in (origin.left, origin.right):
        text = found.text(factor.position, "money")
        written = style.number(factor.position)
        sql = number(text, _FACTOR, written)
        factors.append(sql)
        found.add_currency(text, factor.position, written)
        found.faults += [
            (f"v_{ours} is null and {text} is null", MISSING_REASON, factor.position),
            (f"v_{ours} is null and {sql} is null", REASONS["money"], factor.position),
        ]
    product = f"{factors[0]} * {factors[1]}"
    found.values[ours] = f"try_cast({product} as decimal(18, 2))"
    found.rounded = f"{product} <> v_{ours}"
    found.faults.append((f"v_{ours} is null", "too large", origin.left.position))
    found.odd.append(f"v_{ours} is null")


def _value(
    text: str,
    role: Role,
    style: Style,
    written: NumberStyle = NumberStyle(),  # noqa: B008
    *,
    is_float_id: bool,
) -> str:
    """SQL of a text as the type of its role."""
    if role == "id":
        return whole_id(text) if is_float_id else text
    if role == "count":
        count = number(text, "decimal(18, 3)", written)
        return f"if({count} = trunc({count}), try_cast({count} as integer), null)"
    if role == "kind":
        return _kind(text)
    return {
        "text": text,
        "currency": f"upper({text})",
        "money": number(text, "decimal(18, 2)", written),
        "price": number(text, "decimal(18, 6)", written),
        "quantity": number(text, "decimal(18, 3)", written),
        "flag": flag(text),
        "instant": instant(text, style.dates),
    }[role]


def flag(text: str) -> str:
    """SQL of a yes or no, NULL for anything else."""
    return (
        f"case when {is_one_of(f'lower({text})', TRUE_WORDS)} then true"
        f" when {is_one_of(f'lower({text})', FALSE_WORDS)} then false end"
    )


def _kind(text: str) -> str:
    """SQL of the kind that a wording means, NULL for an unknown one."""
    snake = f"trim(regexp_replace(lower({text}), '[^a-z0-9]+', '_', 'g'), '_')"
    cases = " ".join(
        f"when {is_one_of(snake, (word for word in KINDS if KINDS[word] == kind))} then '{kind}'"
        for kind in dict.fromkeys(KINDS.values())
    )
    return f"case {cases} end"
