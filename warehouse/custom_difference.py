"""Where two answers of one feature view differ."""

import duckdb

from warehouse.custom_views import CustomView
from warehouse.headers import Column

# Sums of DOUBLE differ in their last digits from run to run; this much does not matter to anybody.
_TOLERANCE = 1e-9


def _differs(column: Column, a: str, b: str) -> str:
    """Whether two values of a column do; the last digits of a DOUBLE do not matter."""
    differs = f"{a} is distinct from {b}"
    if column.type not in ("DOUBLE", "FLOAT"):
        return differs
    near = f"abs({a} - {b}) <= {_TOLERANCE} * greatest(abs({a}), abs({b}), 1)"
    return f"{differs} and not coalesce({near}, false)"


def first_difference(
    cursor: duckdb.DuckDBPyConnection, view: CustomView, left: str, right: str, among: str = "true"
) -> tuple[str, str, str, str] | None:
    """The first customer in whom two tables of one view differ, the column, and both values.

    Parameters
    ----------
    left, right : tables that hold what the view returned.
    among : condition on the rows of each that are compared.

    Returns
    -------
    Customer, column, and both values as text, ``no row`` where there is none; None where all agree.
    """
    columns = view.columns
    whens = "".join(
        f""" when {_differs(column, f'a."{name}"', f'b."{name}"')} then {place}"""
        for place, (name, column) in enumerate(columns.items())
    )
    pairs = (
        f"(from {left} where {among}) as a"
        f" full join (from {right} where {among}) as b on a.customer_id = b.customer_id"
    )
    found = cursor.execute(
        "select coalesce(a.customer_id, b.customer_id) as customer, case"
        f" when (a.customer_id is null) != (b.customer_id is null) then 0{whens} end as place"
        f" from {pairs} where place is not null order by customer limit 1"
    ).fetchall()
    if not found:
        return None
    customer, place = found[0]
    name = list(columns)[place]
    values = cursor.execute(
        f"select if(a.customer_id is null, 'no row', coalesce(a.\"{name}\"::varchar, 'NULL')),"
        f" if(b.customer_id is null, 'no row', coalesce(b.\"{name}\"::varchar, 'NULL'))"
        f" from {pairs} where coalesce(a.customer_id, b.customer_id) = $customer",
        {"customer": customer},
    ).fetchall()
    return str(customer), name, str(values[0][0]), str(values[0][1])
