"""What others call our columns. One table for transactions, one for customers.

``words`` name a column beyond doubt; ``perhaps`` only where nothing better is there. Names are
compared in snake case: ``CustomerID``, ``customer id`` and ``CUSTOMER_ID`` are one.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["transactions", "customers"]
# The sign that spending has in a ledger.
Signs = Literal["positive", "negative"]
Role = Literal[
    "id", "text", "money", "price", "quantity", "count", "flag", "instant", "kind", "currency"
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One of our columns that a source can fill: what it holds and what it may be called."""

    name: str
    role: Role
    words: frozenset[str]
    perhaps: frozenset[str]


def _field(name: str, role: Role, words: str = "", perhaps: str = "") -> Field:
    return Field(name, role, frozenset(words.split()), frozenset(perhaps.split()))


def _table(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_CUSTOMER = (
    "cust_id customer customer_no customer_number customer_code customer_key client_id user_id"
    " member_id shopper_id buyer_id household_key"
)
_CUSTOMER_PERHAPS = "client user member cust household_id card_id"

TRANSACTIONS = _table(
    _field(
        "transaction_id", "id",
        "trans_id txn_id transaction_no transaction_number transaction_ref transaction_reference",
        "id uuid",
    ),
    _field(
        "order_id", "id",
        "order order_no order_number invoice invoice_no invoice_id invoice_number basket_id"
        " receipt_id receipt_no receipt_number bill_no bill_id",
        "cart_id document_no",
    ),
    _field("customer_id", "id", _CUSTOMER, _CUSTOMER_PERHAPS),
    _field(
        "purchased_at", "instant",
        "purchase_date purchase_timestamp purchase_datetime purchased_on transaction_date"
        " transaction_timestamp transaction_datetime trans_date txn_date invoice_date order_date"
        " order_timestamp order_datetime sale_date sales_date",
        "date timestamp datetime date_time event_time created_at booking_date posting_date"
        " transaction_time",
    ),
    _field(
        "amount", "money",
        "total_amount transaction_amount purchase_amount order_amount sales_amount amount_spent"
        " spend_amount net_amount total_price line_total order_total order_value grand_total"
        " total_sales transaction_value payment_value amt",
        "total sales revenue value spend spending paid dollars",
    ),
    _field("quantity", "quantity", "qty units n_units units_sold quantity_sold", "pieces"),
    _field("unit_price", "price", "price_per_unit item_price price_each", "price"),
    _field(
        "n_products", "count",
        "num_products number_of_products product_count n_items num_items number_of_items"
        " item_count",
    ),
    _field(
        "is_promotion", "flag",
        "promotion promotion_used promotion_applied promo promo_used promo_applied is_promo"
        " on_promotion discount_applied coupon_used",
    ),
    _field(
        "product_id", "id",
        "product_code product_no stock_code sku item_id item_code article_id article_no"
        " article_code",
        "asin ean upc",
    ),
    _field("product", "text", "product_name product_title item item_name article article_name"),
    _field(
        "merchant", "text",
        "merchant_name vendor vendor_name seller retailer payee store store_name shop shop_name",
        "supplier",
    ),
    _field(
        "category", "text",
        "product_category category_name item_category merchant_category expense_category",
        "department product_line product_type",
    ),
    _field("subcategory", "text", "sub_category product_subcategory"),
    _field(
        "payment_method", "text",
        "payment_mode payment_type pay_method mode_of_payment",
        "payment mode tender",
    ),
    _field("city", "text", "store_city purchase_city city_of_purchase", "town"),
    _field("country", "text", "store_country country_of_purchase country_name", "country_code"),
    _field("channel", "text", "sales_channel purchase_channel order_channel", "platform"),
    _field("account_id", "id", "account account_no account_number", "account_name"),
    _field("description", "text", "note notes memo", "details comment remarks"),
    _field("kind", "kind", "transaction_type income_expense debit_credit credit_debit", "type"),
    _field("currency", "currency", "currency_code iso_currency ccy"),
)  # fmt: skip

CUSTOMERS = _table(
    _field("customer_id", "id", _CUSTOMER, f"{_CUSTOMER_PERHAPS} id account_id"),
    _field("name", "text", "customer_name full_name"),
    _field("email", "text", "e_mail email_address mail"),
    _field("phone", "text", "phone_number mobile telephone tel"),
    _field("age", "count", "customer_age"),
    _field("gender", "text", "sex"),
    _field("city", "text", "home_city customer_city", "town"),
    _field("country", "text", "home_country customer_country"),
    _field("location", "text"),
    _field("consent", "flag", "marketing_consent email_consent marketing_opt_in opt_in"),
    _field("suppressed", "flag", "is_suppressed do_not_contact opt_out unsubscribed"),
    _field("opening_balance", "money"),
    _field("credit_limit", "money"),
    _field("support_tickets", "count", "n_support_tickets", "tickets"),
)

FIELDS: dict[Kind, dict[str, Field]] = {"transactions": TRANSACTIONS, "customers": CUSTOMERS}


def snake(name: str) -> str:
    """``CustomerID``, ``customer id`` and ``CUSTOMER-ID`` as ``customer_id``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.strip())
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced)
    return re.sub(r"[^0-9a-z]+", "_", spaced.lower()).strip("_")


def called(name: str, *, like: Field) -> bool:
    """Whether a column of this name is, or may be, that field."""
    return snake(name) in {like.name} | like.words | like.perhaps


# Wordings of a type column, in snake case, and the kind of transaction that they mean.
KINDS = {
    **dict.fromkeys(
        ("purchase", "sale", "debit", "dr", "expense", "expenses", "spending", "withdrawal"),
        "purchase",
    ),
    **dict.fromkeys(("refund", "return", "reversal", "chargeback"), "refund"),
    **dict.fromkeys(("income", "credit", "cr", "deposit", "salary"), "income"),
    **dict.fromkeys(("transfer", "transfer_in", "transfer_out"), "transfer"),
}
# These say how something was paid just as well.
WAYS_TO_PAY = frozenset({"debit", "dr", "credit", "cr", "deposit", "withdrawal", "transfer"})
# A shop sells and takes back; who writes these keeps a ledger of an own account.
LEDGER_WORDS = frozenset(KINDS) - {"purchase", "sale", "refund", "return", "reversal", "chargeback"}

# Columns of a file of rejects that say why a record is in it; no data of the user's.
OWN_COLUMNS = frozenset({"rejected_because", "rejected_file", "rejected_record", "rejected_text"})

TRUE_WORDS = ("1", "true", "yes", "y", "t", "1.0")
FALSE_WORDS = ("0", "false", "no", "n", "f", "0.0")
# No value: in every column, and in columns that are not free text.
MISSING = ("", "null", "nan", "\\n")
MISSING_UNLESS_TEXT = (*MISSING, "none", "n/a", "na", "-")
