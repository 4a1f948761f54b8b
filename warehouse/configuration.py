"""``spendboard.toml``: every setting, its default, and what a bad one is told."""

import difflib
import tomllib
from collections.abc import Collection
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, field

from warehouse.errors import SettingsError
from warehouse.settings_faults import first_fault, place
from warehouse.synonyms import FIELDS, Kind, Signs

FILE_NAME = "spendboard.toml"

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Target = Annotated[float, Meta(ge=0, le=1e15, description="a number from 0 to 10^15")]
Currency = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{3}$",
        description="the three capital letters of a currency",
        examples=["EUR"],
    ),
]
MemorySize = Annotated[
    str,
    Meta(
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$",
        description="a number with MB, GB, MiB or GiB",
        examples=["4GB"],
    ),
]
Screen = Literal["kpi", "trend"]
Screens = Annotated[
    tuple[Screen, ...], Meta(min_length=1, description='a list of "kpi", "trend" or both')
]
KpiName = Literal[
    "revenue", "active_customers", "average_order", "repeat_rate", "expected_spend",
    "revenue_at_risk", "leaving_customers", "reachable", "revenue_without_customer",
]  # fmt: skip


class Risk(Struct, frozen=True, forbid_unknown_fields=True):
    """Quantiles of total spend at which the risk bands low, medium and high meet.

    ``high_purchase`` is the quantile of amounts above which a single purchase counts as high.
    """

    low: Share = 0.33
    high: Share = 0.66
    high_purchase: Share = 0.75


class Churn(Struct, frozen=True, forbid_unknown_fields=True):
    """Probability from which a customer's churn band is ``high``."""

    high: Share = 0.5


class Clusters(Struct, frozen=True, forbid_unknown_fields=True):
    """How many clusters, and which columns they are made from (empty: the built-in list)."""

    k: Annotated[int, Meta(ge=2, le=12)] | Literal["auto"] = "auto"
    features: tuple[str, ...] = ()


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of a customers table that say what became of a customer, as the file calls them.

    Unset: they are recognised; ``none``: there is no such label. ``leave_out`` names columns that
    no model may learn from.
    """

    churn: str | None = None
    spend: str | None = None
    leave_out: tuple[str, ...] = ()


class Kpi(Struct, frozen=True, forbid_unknown_fields=True):
    """Target of one KPI, in its own unit: currency, a count, or a ratio in [0, 1].

    With a period, such as ``90d``, it is shown for that period only.
    """

    target: Target | None = None
    period: Literal["7d", "30d", "90d", "365d", "all"] | None = None


class Wall(Struct, frozen=True, forbid_unknown_fields=True):
    """The wall screen: seconds between checks, and which screens rotate."""

    refresh: Annotated[int, Meta(ge=5, le=3600)] = 60
    every: Annotated[int, Meta(ge=5, le=3600)] = 30
    screens: Screens = ("kpi", "trend")


KeepOrSetAside = Literal["keep", "set_aside"]


class Cleaning(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of rows that are doubtful but not faulty. The defaults keep each of them.

    ``non_product_codes`` are product codes that stand for no product, without regard to case; a
    ``*`` at the end stands for anything. ``bad_debt_words`` are parts of a description.
    ``categories`` says how a category is to be spelled: theirs = ours.
    """

    duplicates: Literal["keep", "drop"] = "keep"
    cancellations: Literal["keep", "drop_matched"] = "keep"
    non_products: KeepOrSetAside = "keep"
    non_product_codes: tuple[str, ...] = (
        "POST", "DOT", "C2", "M", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "ADJUST*", "TEST*",
    )  # fmt: skip
    bad_debt: KeepOrSetAside = "keep"
    bad_debt_words: tuple[str, ...] = ("bad debt",)
    transfers: KeepOrSetAside = "keep"
    zero_amounts: KeepOrSetAside = "keep"
    missing_category: str | None = None
    missing_merchant: str | None = None
    category_spelling: Literal["keep", "fold"] = "keep"
    categories: dict[str, str] = field(default_factory=dict)

    @property
    def changes_values(self) -> bool:
        """Whether a stored row may say something else than its source wrote."""
        words = (self.missing_category, self.missing_merchant)
        spellings = self.category_spelling != "keep" or bool(self.categories)
        cancelled = self.cancellations != "keep"
        return spellings or cancelled or any(word is not None for word in words)


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of one named source: ours = theirs; and the encoding of its files of text."""

    map: dict[str, str] = field(default_factory=dict)
    encoding: str | None = None


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """How files with a certain header are read: ours = theirs, as a load has confirmed it."""

    map: dict[str, str]
    kind: Kind = "transactions"
    source: str = "default"
    date_order: Literal["day-first", "month-first"] | None = None
    signs: Signs | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that ``spendboard.toml`` may say. All of it is optional."""

    horizon_days: Positive = 30
    currency: Currency = "GBP"
    timezone: str = "UTC"
    keep_generations: Positive = 3
    threads: Positive | None = None
    memory_limit: MemorySize | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    max_age_hours: Positive = 26
    max_reject_pct: Annotated[float, Meta(ge=0, le=100)] = 5.0
    min_buyers: Positive = 500
    min_history_days: Positive = 180
    train_customers: Annotated[int, Meta(ge=1000)] = 200_000
    feature_seconds: Positive = 120
    risk: Risk = Risk()
    churn: Churn = Churn()
    clusters: Clusters = Clusters()
    labels: Labels = Labels()
    kpis: dict[KpiName, Kpi] = field(default_factory=dict)
    wall: Wall = Wall()
    sources: dict[str, Source] = field(default_factory=dict)
    presets: dict[str, Preset] = field(default_factory=dict)
    save_presets: bool = True
    cleaning: Cleaning = Cleaning()

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)


def parse_settings(text: str, where: str = FILE_NAME) -> Settings:
    """Read settings from the text of a ``spendboard.toml``.

    Raises
    ------
    SettingsError : not TOML, an unknown key (the nearest one is named) or a value out of range.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML: {error}", fix="correct that line") from None
    fault = first_fault(document, Settings)
    if fault:
        at = f"{where}{place(text, fault.path)}"
        raise SettingsError(f"{at}: {fault.what}", found=fault.found, fix=fault.fix)
    return _checked(msgspec.convert(document, Settings), where, text)


def _checked(settings: Settings, where: str, text: str) -> Settings:
    """``settings`` if the rules across keys hold."""
    if settings.risk.low >= settings.risk.high:
        raise SettingsError(
            f"{where}{place(text, ('risk',))}: risk.low must be below risk.high",
            found=f"low = {settings.risk.low}, high = {settings.risk.high}",
            fix="choose two quantiles such as low = 0.33, high = 0.66",
        )
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"{where}{place(text, ('timezone',))}: unknown timezone {settings.timezone!r}",
            fix='use a name such as "UTC" or "Europe/Berlin"',
        ) from None
    for name, source in settings.sources.items():
        at = f"{where}{place(text, ('sources', name, 'map'))}"
        ours = {**FIELDS["transactions"], **FIELDS["customers"]}
        _check_map(source.map, ours, f"{at}: sources.{name}.map")
    for name, preset in settings.presets.items():
        at = f"{where}{place(text, ('presets', name, 'map'))}"
        _check_map(preset.map, FIELDS[preset.kind], f"{at}: presets.{name}.map")
    return settings


def _check_map(mapping: dict[str, str], ours: Collection[str], where: str) -> None:
    """Raise for a column that is none of ours, with the one it is nearest to."""
    for key in mapping:
        if key not in ours:
            near = difflib.get_close_matches(key, ours, n=1, cutoff=0.5)
            raise SettingsError(
                f"{where}: no column {key!r} of ours",
                found=", ".join(ours),
                fix=f"did you mean: {near[0]}?" if near else "name one of these",
            )


def read_settings(workspace: Path) -> Settings:
    """Settings of a workspace folder; the defaults where it has no ``spendboard.toml``."""
    file = workspace / FILE_NAME
    if file.is_dir():
        raise SettingsError(f"{file}: is a folder", fix="settings are a file of text; move it away")
    if not file.is_file():
        return Settings()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file}: cannot be read: {error}",
            fix="write it as UTF-8 text that you may read, or remove it: each has a default",
        ) from None
    return parse_settings(text, str(file))
