"""What each column is called where people read it, and its unit: one name for all rooms."""

import re
from typing import Final

# name: (title, unit). Windows such as spend_30d are named by rule.
COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "persona": ("Persona", ""),
    "risk_band": ("Risk band (exposure)", ""),
    "churn_band": ("Churn band", ""),
    "value_band": ("Value band", ""),
    "customer_id": ("Customer", ""),
    "name": ("Name", ""),
    "email": ("E-mail", ""),
    "phone": ("Phone", ""),
    "age": ("Age", "years"),
    "gender": ("Gender", ""),
    "home_city": ("Home city", ""),
    "home_country": ("Home country", ""),
    "location": ("Location", ""),
    "consent": ("Consent", ""),
    "suppressed": ("Suppressed", ""),
    "opening_balance": ("Opening balance", "currency"),
    "credit_limit": ("Credit limit", "currency"),
    "support_tickets": ("Support tickets", "tickets"),
    "recency_days": ("Days since last purchase", "days"),
    "frequency": ("Orders", "orders"),
    "monetary": ("Total spend", "currency"),
    "first_purchased_on": ("First purchase", "date"),
    "last_purchased_on": ("Last purchase", "date"),
    "avg_order_value": ("Average order", "currency"),
    "max_order_value": ("Largest order", "currency"),
    "std_order_value": ("Spread of orders", "currency"),
    "first_order_value": ("First order", "currency"),
    "last_order_value": ("Last order", "currency"),
    "total_quantity": ("Units bought", "units"),
    "avg_quantity": ("Units an order", "units"),
    "refund_ratio": ("Refunded share", "ratio"),
    "avg_products_per_order": ("Products an order", "products"),
    "promo_usage_ratio": ("Bought on promotion", "ratio"),
    "n_merchants": ("Merchants", "merchants"),
    "n_categories": ("Categories", "categories"),
    "n_products": ("Products", "products"),
    "top_category": ("Top category", ""),
    "top_category_share": ("Share of top category", "ratio"),
    "customer_lifetime_days": ("Days since first purchase", "days"),
    "mean_gap_days": ("Days between orders", "days"),
    "std_gap_days": ("Spread of days between orders", "days"),
    "n_timed_orders": ("Orders with a time of day", "orders"),
    "spend_trend": ("Spend trend", "trend"),
    "weekend_share": ("Bought at weekends", "ratio"),
    "evening_share": ("Bought in the evening", "ratio"),
    "expected_spend": ("Expected spend", "currency"),
    "churn_risk": ("Churn risk", "ratio"),
    "cluster": ("Cluster", "number"),
    "pca_1": ("Map, across", "coordinate"),
    "pca_2": ("Map, up", "coordinate"),
    "spend_in_period": ("Spend in the period", "currency"),
    "orders_in_period": ("Orders in the period", "orders"),
}
DIMENSIONS: Final[dict[str, str]] = {
    "category": "Category",
    "subcategory": "Subcategory",
    "merchant": "Merchant",
    "product": "Product",
    "payment_method": "Payment method",
    "city": "City",
    "country": "Country",
    "channel": "Channel",
}
# Who may continue the months of a ledger, within a sentence; the plain ones are no models.
FORECASTER_TITLES: Final[dict[str, str]] = {
    "historic_average": "the average of all months",
    "trailing_median": "the median of twelve months",
    "seasonal_naive": "the same month a year ago",
    "exponential_smoothing": "exponential smoothing",
    "linear": "the linear model",
    "random_forest": "the random forest",
    "gradient_boosting": "gradient boosting (scikit-learn)",
    "lightgbm": "LightGBM",
    "sum_of_categories": "the sum of the categories",
}
PLAIN_FORECASTERS: Final = ("historic_average", "trailing_median", "seasonal_naive")
# Who may foretell what a customer will spend, within a sentence; the last window names its days.
SPEND_MODEL_TITLES: Final[dict[str, str]] = {
    "zero": "nothing at all",
    "mean": "the mean",
    "last_window": "spend of the last days",
    "linear": "least squares",
    "ridge": "ridge regression",
    "random_forest": "the random forest",
    "gradient_boosting": "gradient boosting (scikit-learn)",
    "lightgbm": "LightGBM",
    "lightgbm_l2": "LightGBM (squared)",
    "lightgbm_tweedie": "LightGBM (Tweedie)",
    "lightgbm_hurdle": "LightGBM (hurdle)",
    "bgnbd_gamma_gamma": "BG/NBD with Gamma-Gamma",
    "linear_hurdle": "the linear hurdle",
    "blend": "the blend of BG/NBD and two hurdles",
}
_WINDOW: Final = re.compile(r"(orders|spend)_(\d+)d")


def title_of(name: str) -> tuple[str, str]:
    """Title and unit of a column of ours; of any other, its name made readable and no unit."""
    if name in COLUMNS:
        return COLUMNS[name]
    window = _WINDOW.fullmatch(name)
    if window:
        what, days = window.groups()
        return f"{what.capitalize()}, {days} days", "orders" if what == "orders" else "currency"
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:], ""
