"""Files into the warehouse: one load, from its arguments to the published generation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict, Unpack

import msgspec

from warehouse import first_currency, label_columns, outcomes, watermarks
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.dates import DateOrder
from warehouse.errors import LoadError
from warehouse.examining import Options, examine, store
from warehouse.expenses import expenses_note, recount, take_in
from warehouse.generations import Draft, Generation, Workspace
from warehouse.identity import OnConflict
from warehouse.mapping import MappingTable, Wishes
from warehouse.planning import Memory, Plan, make_plan
from warehouse.polling import watched
from warehouse.presets import confirmed, keep
from warehouse.progress import Progress, Silent
from warehouse.publishing import finish, refuse_beyond_sums
from warehouse.rejects import keep_refused
from warehouse.report import LoadReport, refuse
from warehouse.row_steps import Rules
from warehouse.settling import settle
from warehouse.sources.database import Passwords
from warehouse.sources.tables import Databases, TableRead, shown
from warehouse.storing import lines_after
from warehouse.synonyms import Kind
from warehouse.unloading import refuse_unknown, take_out


class LoadOptions(TypedDict, total=False):
    """How a load is done; all of it may be left out.

    Keys
    ----
    kind : what the rows are; told from the columns without.
    mapping : ours to theirs, see :func:`~warehouse.origins.parse_origin`; wins over the settings.
    encoding : that of the files of text; found without.
    source_name : whose ids these are; the same id in two sources is two transactions. None: the
        source of the preset for such files, or else ``default``.
    on_conflict : what happens to a known id with other content; ``reject`` without.
    date_order : how to read ``03/04/2024`` where the column does not tell.
    dry_run : report, and change nothing.
    announce : told the mapping of each layout before anything is read.
    presets : whether mappings in the settings are used for files of their header, and whether this
        one is saved for the next file once it is published; ``use`` without.
    passwords : those of databases.
    full : read tables from their start, whatever their watermark.
    """

    kind: Kind | None
    mapping: Mapping[str, str] | None
    encoding: str | None
    source_name: str | None
    on_conflict: OnConflict
    date_order: DateOrder | None
    dry_run: bool
    announce: Callable[[MappingTable], None] | None
    presets: Literal["use", "save", "ignore"]
    passwords: Passwords | None
    full: bool


def load(
    workspace: Workspace,
    settings: Settings,
    sources: Sequence[str],
    *,
    progress: Progress | None = None,
    **options: Unpack[LoadOptions],
) -> LoadReport:
    """Load files into the workspace and publish the next generation.

    Loading the same rows again adds nothing: then nothing is published either. Nor is anything
    changed by a load that raises; of one with too many rejects, these are kept in a file.

    Parameters
    ----------
    sources : paths and globs of files, and addresses of tables in databases, all of one kind.
    options : see :class:`LoadOptions`.

    Raises
    ------
    SourceError, MappingError : see :func:`warehouse.planning.make_plan`.
    LoadError : too many rejects, nothing to store, or what is there speaks against it.
    """
    progress = progress or Silent()
    plan, tables = _planned(workspace, settings, sources, options, progress)
    asked = _Asked(workspace, shown(sources[0]), plan, tables, options, progress)
    with workspace.writing(f"load {asked.name}", settings) as draft:
        try:
            return _carried_out(asked, draft, settings)
        except first_currency.AnotherCurrency as other:
            # On the same draft, which holds nothing yet: the first generation keeps number 1.
            named = msgspec.structs.replace(settings, currency=other.code)
            report = _carried_out(asked, draft, named, is_currency_new=True)
            said = first_currency.sentence(other.code, settings.currency)
            return replace(report, notes=(*report.notes, said))


@dataclass(frozen=True)
class _Asked:
    """What a load was asked to do, planned and not yet begun."""

    workspace: Workspace
    name: str
    plan: Plan
    tables: Sequence[TableRead]
    options: LoadOptions
    progress: Progress


def _carried_out(
    asked: _Asked, draft: Draft, settings: Settings, *, is_currency_new: bool = False
) -> LoadReport:
    """Load what was planned, and publish it.

    Parameters
    ----------
    is_currency_new : the settings of the workspace do not name their currency yet.

    Raises
    ------
    AnotherCurrency : these settings would set every row aside, and nobody has chosen them.
    """
    plan, options = asked.plan, asked.options
    rules = Rules(
        plan.kind,
        settings.currency,
        settings.timezone,
        options.get("date_order"),
        settings.cleaning,
    )
    rows = Options(rules, plan.source, options.get("on_conflict", "reject"))
    is_dry = options.get("dry_run", False)
    loading = _Loading(asked.workspace, settings, draft, asked.progress, is_dry, is_currency_new)
    report = _load_into(loading, plan, rows, asked.tables)
    if options.get("presets") == "save":
        report = _with_presets(loading, plan, report)
    return replace(report, dry_run=loading.dry_run)


@dataclass(frozen=True)
class _Loading:
    """Where a load goes to, and how."""

    workspace: Workspace
    settings: Settings
    draft: Draft
    progress: Progress
    dry_run: bool
    is_currency_new: bool


def _planned(
    workspace: Workspace,
    settings: Settings,
    sources: Sequence[str],
    options: LoadOptions,
    progress: Progress,
) -> tuple[Plan, Sequence[TableRead]]:
    """What is going to be read and how, and the tables among it, copied already."""
    known = settings.presets if options.get("presets", "use") != "ignore" else {}
    memory = Memory(known, settings.sources, options.get("source_name"))
    wishes = Wishes(
        options.get("kind"), options.get("mapping") or {}, encoding=options.get("encoding")
    )
    marks = watermarks.known(workspace, settings, full=options.get("full", False))
    with Databases(options.get("passwords"), marks) as databases:
        plan = make_plan(sources, wishes, options.get("announce"), memory, databases)
        databases.finish(progress)
    return plan, databases.tables


def _load_into(
    loading: _Loading, plan: Plan, rows: Options, tables: Sequence[TableRead]
) -> LoadReport:
    """Examine, and publish the draft if that found anything new."""
    draft, settings, progress = loading.draft, loading.settings, loading.progress
    build_core(draft.con)
    watermarks.check(draft.con, tables, plan)
    report = examine(draft.con, plan, rows, progress)
    _look_for_another_currency(loading, report)
    report = _with_currency(loading, report)
    if report.read or not tables:  # a table may hold nothing beyond its watermark
        _refuse(loading, report)
    if loading.dry_run and plan.kind == "transactions":
        refuse_beyond_sums(draft.con, lines_after(plan.source))
    if loading.dry_run or not report.loaded:
        if report.rejected and not loading.dry_run:
            # No generation holds them: without a file of their own they would be gone.
            report = replace(report, notes=(*report.notes, _kept_rejects(loading)))
        return replace(report, generation=draft.parent.number if draft.parent else None)
    with watched(draft.con, progress, "Storing"):
        report = store(draft.con, plan, rows, report)
        watermarks.keep(draft.con, report.load_id, tables)
    logged = take_in(draft, settings, loading.workspace.inbox, progress)
    counts = settle(draft.con, settings.cleaning)
    if counts:
        report = replace(report, rules=(*report.rules, *counts))
        outcomes.keep_rules(draft.con, report)
    notes = [*report.notes, *([expenses_note(logged)] if logged and logged.loaded else [])]
    if plan.kind == "customers":
        notes += label_columns.remarks(draft.con, settings.labels)
    report = replace(report, notes=tuple(notes))
    if not loading.is_currency_new:
        return replace(report, generation=_publish(draft, settings, progress).number)
    with first_currency.kept(loading.workspace.folder, draft, settings.currency):
        return replace(report, generation=_publish(draft, settings, progress).number)


def _look_for_another_currency(loading: _Loading, report: LoadReport) -> None:
    """Raise where only a currency that nobody has chosen keeps every row out."""
    if report.kind != "transactions" or report.loaded or not report.set_aside:
        return
    con, folder = loading.draft.con, loading.workspace.folder
    code = first_currency.only_other(con)
    if code and first_currency.is_open(con, folder, loading.settings):
        raise first_currency.AnotherCurrency(code)


def _with_currency(loading: _Loading, report: LoadReport) -> LoadReport:
    """Say which currency the amounts are taken in, and who has named it."""
    if report.kind != "transactions":
        return report
    con, folder, settings = loading.draft.con, loading.workspace.folder, loading.settings
    if loading.is_currency_new:
        return replace(report, currency=settings.currency, currency_from="load")
    is_open = "currency" not in report.mapping and first_currency.is_open(con, folder, settings)
    return replace(
        report, currency=settings.currency, currency_from="default" if is_open else "settings"
    )


def _refuse(loading: _Loading, report: LoadReport) -> None:
    """Raise where the load must not happen, and keep its rejects where the user can see them."""
    try:
        refuse(report, loading.settings.max_reject_pct)
    except LoadError as error:
        if not report.rejected or loading.dry_run:
            raise
        raise LoadError(
            f"{error.what}; {_kept_rejects(loading)}",
            found=error.found, fix=error.fix, report=report,
        ) from None  # fmt: skip


def _kept_rejects(loading: _Loading) -> str:
    """Write the rejected records of a load that is not published, and say where they are."""
    try:
        path = keep_refused(loading.draft.con, loading.workspace.folder)
    except OSError as failure:
        return f"its rejected records could not be written: {failure}"
    return f"its rejected records are in {path}"


def _with_presets(loading: _Loading, plan: Plan, report: LoadReport) -> LoadReport:
    """Save the mappings that the load has confirmed, where it was published."""
    settings = loading.settings
    if not settings.save_presets or not report.load_id or loading.dry_run:
        return report
    learned = confirmed(plan.learned, report, settings.presets)
    saved = keep(loading.workspace.folder, learned)
    return replace(report, notes=(*report.notes, *saved))


def unload(
    workspace: Workspace, settings: Settings, load_id: int, *, progress: Progress | None = None
) -> Generation:
    """Take one load out again and publish the next generation.

    Raises
    ------
    UsageError : there is no such load.
    """
    progress = progress or Silent()
    with workspace.writing(f"unload {load_id}", settings) as draft:
        build_core(draft.con)
        refuse_unknown(draft.con, load_id)
        with progress.step(f"Taking out load {load_id}"):
            take_out(draft.con, load_id)
            recount(draft, workspace.inbox)
            settle(draft.con, settings.cleaning)
        return _publish(draft, settings, progress)


def _publish(draft: Draft, settings: Settings, progress: Progress) -> Generation:
    """Publish with the scores and models of the parent: a load never trains."""
    parent = draft.parent.manifest if draft.parent else None
    horizon_days = settings.horizon_days
    if parent and parent.scores_as_of:
        horizon_days = parent.horizon_days
    return finish(
        draft,
        settings,
        as_of=None,
        scores_as_of=parent.scores_as_of if parent else None,
        horizon_days=horizon_days,
        models=parent.models if parent else [],
        progress=progress,
    )
