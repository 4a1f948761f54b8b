"""What a workspace serves, by its manifest: fast, and true while a writer works."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

import duckdb

from dashboard.checking import warned, warned_text
from warehouse.configuration import FILE_NAME, Settings
from warehouse.connection import probe, reading
from warehouse.currencies import is_code
from warehouse.errors import NoGenerationError
from warehouse.generations import Generation, Manifest, Workspace

NO_DATES: Final = "no dates in the data"
ALL_LATER: Final = "all dates lie in the future"
ONLY_REFUNDS: Final = "no purchase with a date so far"


class CurrencyFault(NamedTuple):
    """What is wrong with the currency of the settings, and the way out."""

    state: Literal["warn", "fail"]
    found: str
    fix: str


def as_of_words(generation: Generation) -> str:
    """``as of 2025-06-30``, or why there is no such day."""
    as_of = generation.manifest.as_of
    if as_of:
        return f"as of {as_of}"
    with reading(generation.database, Settings()) as con:
        return _without_as_of(con, generation.manifest)


def _without_as_of(con: duckdb.DuckDBPyConnection, manifest: Manifest) -> str:
    """Why a generation has no as-of date: a purchase of a day that has come would make one."""
    first = con.execute("select min(purchased_on) from marts.orders").fetchall()[0][0]
    if first is None:
        return NO_DATES
    # The day of grace that the data have, where they live ahead of this machine's time zone.
    grace = manifest.created_at.date() + timedelta(days=1)
    return ALL_LATER if first > grace else ONLY_REFUNDS


def currency_fault(settings: Settings, manifest: Manifest | None) -> CurrencyFault | None:
    """Whether refreshes stop for it, or nobody knows it; ``manifest`` of what is served, if any."""
    code = settings.currency
    kept = manifest.currency if manifest and manifest.rows.get("core.transactions") else None
    if kept not in (None, code):
        return CurrencyFault(
            "fail",
            f'the settings say currency = "{code}", the transactions are in {kept}: they are'
            " shown so, and no load or refresh goes through",
            f'write currency = "{kept}" into {FILE_NAME} again, or load {code} into a workspace'
            " of its own",
        )
    if is_code(code):
        return None
    found = f'currency = "{code}" in {FILE_NAME} is no currency of ISO 4217'
    if kept:
        return CurrencyFault("warn", found, "to name another one, load into a new workspace")
    return CurrencyFault("fail", found, 'correct it before the first load: "EUR", "GBP", "USD"')


def _served(generation: Generation, settings: Settings) -> dict[str, object]:
    manifest = generation.manifest
    probe(generation.database)
    with reading(generation.database, settings) as con:
        why_no_as_of = None if manifest.as_of else _without_as_of(con, manifest)
        found = {"not_loaded": _not_loaded(con), "warnings": warned(con)}
    age = (datetime.now(UTC) - manifest.created_at).total_seconds()
    return {
        "generation": generation.number,
        "created_at": manifest.created_at.isoformat(timespec="seconds"),
        "age_seconds": int(age),
        "is_stale": age > settings.max_age_hours * 3600,
        "build": manifest.build,
        "as_of": manifest.as_of.isoformat() if manifest.as_of else None,
        "why_no_as_of": why_no_as_of,
        "scores_as_of": manifest.scores_as_of.isoformat() if manifest.scores_as_of else None,
        "horizon_days": manifest.horizon_days,
        "currency": manifest.currency,
        "rows": manifest.rows,
        "loads": manifest.loads,
        "models": [model.name for model in manifest.models],
        **found,
    }


def _not_loaded(con: duckdb.DuckDBPyConnection) -> dict[str, int] | None:
    """Records that were not loaded, by outcome; None where an older build did not tell them."""
    try:
        rows = con.execute("select outcome, count(*) from marts.rejects group by all").fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):
        return None
    return {"rejected": 0, "set_aside": 0} | dict(rows)


def status(workspace: Workspace, settings: Settings) -> dict[str, object]:
    """The answer of ``spendboard status --json``; ``generation`` is null before the first load.

    Raises
    ------
    CorruptGenerationError : what is served cannot be opened.
    """
    answer: dict[str, object] = {"schema": 1, "workspace": str(workspace.folder)}
    try:
        generation = workspace.current()
        answer |= _served(generation, settings)
        fault = currency_fault(settings, generation.manifest)
    except NoGenerationError:
        answer |= {"generation": None}
        fault = currency_fault(settings, None)
    answer["currency_fault"] = f"{fault.found}; {fault.fix}" if fault else None
    answer["kept"] = workspace.numbers()
    answer["waiting"] = len(workspace.waiting())
    answer["unreadable"] = workspace.inbox.unreadable()
    return answer


def status_text(answer: dict[str, object]) -> str:
    """The same for people."""
    if answer["generation"] is None:
        start = "spendboard load orders.csv, then spendboard refresh"
        if answer["waiting"]:
            start = f"{_waiting(answer)}; spendboard refresh loads them"
        lines = [f"{answer['workspace']}: no generation yet", f"  to start: {start}"]
        if answer["currency_fault"]:
            lines.append(f"  currency: {answer['currency_fault']}")
        return "\n".join(lines)
    pairs = {
        "data to": answer["as_of"] or answer["why_no_as_of"],
        "scores as of": answer["scores_as_of"] or _undated(answer),
        "published": f"{answer['created_at']}{', stale' if answer['is_stale'] else ''}",
        "by build": answer["build"],
        "rows": _rows(answer),
        "loads": ", ".join(map(str, _listed(answer["loads"]))) or "none",
        "models": ", ".join(map(str, _listed(answer["models"]))) or "none",
        "inbox": _waiting(answer),
        "kept generations": ", ".join(map(str, _listed(answer["kept"]))),
    }
    if isinstance(warnings := answer["warnings"], dict) and warnings:
        pairs["checks"] = warned_text(warnings)
    if answer["currency_fault"]:
        pairs["currency"] = answer["currency_fault"]
    width = max(map(len, pairs))
    lines = [f"  {name:<{width}}  {value}" for name, value in pairs.items()]
    return "\n".join([f"{answer['workspace']}: generation {answer['generation']}", *lines])


def _rows(answer: dict[str, object]) -> str:
    """How much is stored, and how much could not be or was left out by a rule."""
    counts, not_loaded = (
        found if isinstance(found := answer[name], dict) else {} for name in ("rows", "not_loaded")
    )
    stored = [f"{counts.get(f'core.{name}', 0):,} {name}" for name in ("transactions", "customers")]
    left = [f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in not_loaded.items()]
    return ", ".join([*stored, *(left or [f"{counts.get('core.rejects', 0):,} rejects"])])


def _undated(answer: dict[str, object]) -> str:
    """Why scores have no day: there are none, or the data know none."""
    no_scores = not answer["models"]
    return (
        "none yet: run spendboard refresh" if no_scores else str(answer["why_no_as_of"] or NO_DATES)
    )


def _waiting(answer: dict[str, object]) -> str:
    """How many logged expenses wait for the next refresh."""
    count, unreadable = answer["waiting"], answer["unreadable"]
    words = f"{count or 'no'} logged expense{'' if count == 1 else 's'} waiting"
    return f"{words}, {unreadable} half-written set aside" if unreadable else words


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
