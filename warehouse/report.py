"""What a load did, row by row: read = loaded + rejected + already loaded + set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from warehouse.dates import DateOrder
from warehouse.errors import LoadError
from warehouse.synonyms import Kind, Signs

OUTCOMES = ("loaded", "rejected", "already_loaded", "set_aside")


@dataclass(frozen=True)
class FileCount:
    """Rows of one file, by what became of them."""

    file: str
    loaded: int = 0
    rejected: int = 0
    already_loaded: int = 0
    set_aside: int = 0

    @property
    def read(self) -> int:
        """All rows of the file."""
        return self.loaded + self.rejected + self.already_loaded + self.set_aside

    def as_json(self) -> dict[str, object]:
        """One entry of the report's ``files``."""
        return {"file": self.file, "read": self.read} | {
            outcome: getattr(self, outcome) for outcome in OUTCOMES
        }


@dataclass(frozen=True)
class RejectReason:
    """How many rows were rejected for one reason, and the first of them."""

    reason: str
    column: str | None
    rows: int
    file: str
    record: int
    value: str | None

    def __str__(self) -> str:
        of = f"{self.column}: " if self.column else ""
        shown = f" ({self.value!r})" if self.value else ""
        return f"{self.rows} x {of}{self.reason}, first in {self.file}, record {self.record}{shown}"


@dataclass(frozen=True)
class RuleCount:
    """How many rows of a load a cleaning rule speaks of, and what it does with them."""

    rule: str
    rows: int
    action: str

    def as_json(self) -> dict[str, object]:
        """One entry of the report's ``rules``."""
        return {"rule": self.rule, "rows": self.rows, "action": self.action}

    def __str__(self) -> str:
        return f"{self.rows:,} x {self.rule.replace('_', ' ')}: {self.action}"


@dataclass(frozen=True)
class LoadReport:
    """The answer of a load; :meth:`as_json` is what ``load --json`` prints.

    ``load_id`` is None where nothing was stored: a dry run, or every row was there already.
    ``generation`` is the one that is served afterwards, None in a workspace without any.
    ``ids_in_transactions`` counts the ids of a customers file that occur in transactions,
    and ``has_transactions`` says whether there are any.
    ``notes`` are sentences for people; ``date_orders`` and ``signs`` say for each layout which
    of day and month comes first, and which sign spending has. ``currency`` is that of the amounts
    of transactions: from the settings, from this first load, or the default that nobody chose.
    """

    kind: Kind
    load_id: int | None
    files: tuple[FileCount, ...]
    mapping: Mapping[str, str]
    unused: tuple[str, ...]
    reasons: tuple[RejectReason, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    notes: tuple[str, ...] = ()
    generation: int | None = None
    dry_run: bool = False
    ids_in_transactions: int | None = None
    has_transactions: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    date_orders: tuple[DateOrder | None, ...] = ()
    signs: tuple[Signs | None, ...] = ()
    currency: str | None = None
    currency_from: Literal["settings", "load", "default"] = "settings"

    @property
    def read(self) -> int:
        """Rows in all files."""
        return sum(file.read for file in self.files)

    @property
    def loaded(self) -> int:
        """Rows that were stored, new or changed."""
        return sum(file.loaded for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows that could not be stored."""
        return sum(file.rejected for file in self.files)

    @property
    def already_loaded(self) -> int:
        """Rows that were there before."""
        return sum(file.already_loaded for file in self.files)

    @property
    def set_aside(self) -> int:
        """Rows that a rule leaves out."""
        return sum(file.set_aside for file in self.files)

    def as_json(self) -> dict[str, object]:
        """The report for machines; keys are only ever added."""
        answer: dict[str, object] = {"schema": 1, "load_id": self.load_id, "read": self.read}
        answer |= {outcome: getattr(self, outcome) for outcome in OUTCOMES}
        answer |= {
            "files": [file.as_json() for file in self.files],
            "mapping": dict(self.mapping),
            "unused": list(self.unused),
            "rules": [rule.as_json() for rule in self.rules],
            "as": self.kind,
            "generation": self.generation,
            "dry_run": self.dry_run,
            "notes": list(self.notes),
        }
        if self.currency is not None:
            is_assumed = self.currency_from == "default"
            answer |= {"currency": self.currency, "currency_assumed": is_assumed}
        if self.kind == "customers":
            answer["ids_in_transactions"] = self.ids_in_transactions
            answer["attributes"] = dict(self.attributes)
        return answer


def refuse(report: LoadReport, max_reject_pct: float) -> None:
    """Raise where the load as a whole must not happen.

    Raises
    ------
    LoadError : more rows are rejected than the setting allows, or none could be stored.
    """
    if report.read and 100 * report.rejected > max_reject_pct * report.read:
        raise LoadError(
            f"nothing was loaded: {report.rejected:,} of {report.read:,} rows cannot be,"
            f" more than max_reject_pct = {max_reject_pct:g} allows",
            found=_listed(report.reasons),
            fix=_advice(report.reasons),
            report=report,
        )
    if not report.loaded and not report.already_loaded:
        raise LoadError(
            f"nothing was loaded: none of {report.read:,} rows could be",
            found="; ".join(filter(None, [_listed(report.reasons), *report.notes])),
            fix="see what was found; otherwise check the file and the mapping",
            report=report,
        )


def _listed(reasons: Sequence[RejectReason]) -> str:
    return "; ".join(str(reason) for reason in reasons[:4])


def _advice(reasons: Sequence[RejectReason]) -> str:
    """What helps against the most frequent reason."""
    if reasons and reasons[0].reason == "conflict":
        return (
            f"where {reasons[0].column} names an order of several lines, say"
            f" --map order_id={reasons[0].column} --map transaction_id=none;"
            " for corrected rows say --on-conflict replace"
        )
    return "correct the file or the mapping, or raise max_reject_pct in spendboard.toml"
