"""What follows from contents where names do not say it; a guess that could be wrong is asked."""

from collections.abc import Iterator, Mapping, Sequence

from warehouse.detection import Column, by_name
from warehouse.errors import MappingError
from warehouse.origins import Constant, Origin, Picked, Product
from warehouse.synonyms import CUSTOMERS, FIELDS, LEDGER_WORDS, TRANSACTIONS, Kind, snake

# The one customer of a ledger that names none.
OWNER = "owner"
# Columns that a shop has and an account has not.
OF_A_SHOP = frozenset({"order_id", "product_id", "product", "quantity", "unit_price"})
_DATED = 0.9
_MOSTLY = 0.5
_TRANSACTIONS_ONLY = frozenset(TRANSACTIONS) - frozenset(CUSTOMERS)
_CUSTOMERS_ONLY = frozenset(CUSTOMERS) - frozenset(TRANSACTIONS)


def kind_of(
    columns: Sequence[Column], mapped: set[str], *, has_header: bool, where: str
) -> Kind:  # fmt: skip
    """Whether rows are transactions or customers.

    Customers: one row for each, and neither an amount nor a date of purchase. ``mapped`` are our
    columns that the user named.

    Raises
    ------
    MappingError : it could be either, or there are no names to tell it from.
    """
    if mapped & _TRANSACTIONS_ONLY:
        return "transactions"
    if mapped & _CUSTOMERS_ONLY:
        return "customers"
    if not has_header:
        raise _no_header(columns, where)
    found = by_name(TRANSACTIONS, columns, set())
    clear = {
        ours
        for ours, ones in found.items()
        if snake(ones[0].name) in {ours} | TRANSACTIONS[ours].words
    }
    customer = by_name(CUSTOMERS, columns, set()).get("customer_id")
    if customer is None or not customer[0].is_unique:
        return "transactions"
    has_amount = "amount" in clear or {"quantity", "unit_price"} <= found.keys()
    has_date = "purchased_at" in found or any(column.dates >= _DATED for column in columns)
    if has_amount and not has_date:
        raise MappingError(
            f"{where}: could be customers or transactions",
            found=f"an amount, no date, and each {customer[0].name} once",
            fix="say --as customers, or --as transactions",
        )
    return "transactions" if has_amount or "purchased_at" in clear else "customers"


def products(origins: Mapping[str, Origin]) -> Iterator[tuple[str, Origin, str]]:
    """Beside a product code, a description describes the product."""
    if "product_id" in origins and "product" not in origins and "description" in origins:
        yield "product", origins["description"], "by name, beside a product code"


def amount(
    origins: Mapping[str, Origin],
    free: Sequence[Column],
    columns: Sequence[Column],
    *,
    has_header: bool,
    where: str,
) -> tuple[Origin, str]:
    """The amount where no name says it: quantity times price, or the only column of money.

    Raises
    ------
    MappingError : no column is money, or several could be.
    """
    quantity, price = origins.get("quantity"), origins.get("unit_price")
    if isinstance(quantity, Picked) and isinstance(price, Picked):
        return Product(quantity, price), "computed"
    if isinstance(price, Picked):
        return price, "a price without a quantity"
    money = [column for column in free if column.numbers >= 0.9 and column.decimals >= 0.5]
    if has_header and len(money) == 1:
        return Picked(money[0].position, money[0].name), "by content, the only column of money"
    raise missing("amount", [one for one in columns if one.numbers >= _MOSTLY] or columns, where)


def dated(free: Sequence[Column], where: str) -> tuple[Origin, str] | None:
    """The only column of dates; None where there is none: an undated ledger is legal.

    Raises
    ------
    MappingError : several columns hold dates.
    """
    dates = [column for column in free if column.filled and column.dates >= _DATED]
    if len(dates) > 1:
        raise MappingError(
            f"{where}: {len(dates)} columns hold dates",
            found="; ".join(column.label for column in dates),
            fix=f"choose with --map purchased_at={dates[0].name},"
            " or --map purchased_at=none for a ledger without dates",
        )
    if not dates:
        return None
    return Picked(dates[0].position, dates[0].name), "by content, the only column of dates"


def owner(
    origins: Mapping[str, Origin], columns: Sequence[Column], where: str
) -> tuple[Origin, str]:  # fmt: skip
    """The customer of a ledger in which nobody is named: its owner.

    Such a ledger has types such as income and expense; or it has none, most of its amounts are
    negative, and nothing speaks of a shop.

    Raises
    ------
    MappingError : nothing says that this is a ledger of one person.
    """
    kinds, amounts = origins.get("kind"), origins.get("amount")
    if isinstance(kinds, Picked):
        words = {snake(value) for value in columns[kinds.position - 1].few}
        if words & LEDGER_WORDS:
            return Constant(OWNER), "a ledger of one person"
    is_account = not origins.keys() & {"kind", *OF_A_SHOP}
    if (
        is_account
        and isinstance(amounts, Picked)
        and columns[amounts.position - 1].negatives > _MOSTLY
    ):
        return Constant(OWNER), "a ledger of one person, whose spending is negative"
    raise missing("customer_id", columns, where)


def missing(ours: str, candidates: Sequence[Column], where: str) -> MappingError:
    """One of our columns is needed, and no column of the file says that it is this one."""
    fix = f"name it with --map {ours}=<name or position>"
    if ours == "amount":
        fix += ", or --map amount=<quantity>*<unit price>; or say --as customers"
        if not any(column.numbers >= _MOSTLY for column in candidates):
            fix = f"write amounts as 1234.50; {fix}"
    if ours == "customer_id":
        fix += ", or say --map customer_id=none where nobody is known"
    return MappingError(
        f"{where}: no column could be found for {ours}",
        found="; ".join(column.label for column in candidates),
        fix=fix,
    )


def _no_header(columns: Sequence[Column], where: str) -> MappingError:
    """Positions must be given; what the contents suggest is told as an example."""
    guesses: dict[str, int] = {}
    for column in columns:
        if column.dates + column.compact_dates >= _DATED:
            guesses.setdefault("purchased_at", column.position)
        elif column.decimals >= 0.5:
            guesses.setdefault("amount", column.position)
        else:
            guesses.setdefault("customer_id", column.position)
    example = " ".join(
        f"--map {ours}={guesses[ours]}" for ours in FIELDS["transactions"] if ours in guesses
    )
    return MappingError(
        f"{where}: has no header, so its columns are mapped by position",
        found="; ".join(f"{column.position}: {column.example}" for column in columns),
        fix=f"for instance {example}",
    )
