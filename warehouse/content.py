"""What a transaction holds beside its id, and what two rows have in common if they are one."""

from collections.abc import Collection

# In the order in which it is hashed: another order would make every row without an id a new one.
CONTENT = {
    "order_id": "varchar",
    "customer_id": "varchar",
    "purchased_at": "timestamp",
    "amount": "decimal(18, 2)",
    "kind": "varchar",
    "currency": "varchar",
    "quantity": "decimal(18, 3)",
    "unit_price": "decimal(18, 6)",
    "n_products": "integer",
    "is_promotion": "boolean",
    "product_id": "varchar",
    "product": "varchar",
    "merchant": "varchar",
    "category": "varchar",
    "subcategory": "varchar",
    "payment_method": "varchar",
    "city": "varchar",
    "country": "varchar",
    "channel": "varchar",
    "account_id": "varchar",
    "description": "varchar",
}


def content_hash(table: str = "", filled: Collection[str] = tuple(CONTENT)) -> str:
    """SQL of the MD5 of a row's canonical values, as UHUGEINT.

    A column that a file does not have reads like one that is empty. An order that is the
    transaction itself is what a row without an order gets, and counts as none.

    Parameters
    ----------
    table : alias of a relation with the columns of ``CONTENT`` and ``transaction_id``.
    filled : columns that may hold a value; the others are known to be empty.
    """
    alias = f"{table}." if table else ""
    sql = {name: f"{alias}{name}" for name in CONTENT}
    sql["order_id"] = f"nullif({alias}order_id, {alias}transaction_id)"
    cells = ", ".join(
        f"coalesce(cast({sql[name]} as varchar), '')" if name in filled else "''"
        for name in CONTENT
    )
    return f"md5_number(concat_ws(chr(31), {cells}))"
