"""Files into the warehouse: one load, from its arguments to the published generation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from warehouse import label_columns, outcomes, watermarks
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.dates import DateOrder
from warehouse.examining import Options, examine, store
from warehouse.expenses import expenses_note, recount, take_in
from warehouse.generations import Draft, Generation, Workspace
from warehouse.identity import OnConflict
from warehouse.inbox import Inbox
from warehouse.mapping import MappingTable, Wishes
from warehouse.planning import Memory, Plan, make_plan
from warehouse.polling import watched
from warehouse.presets import confirmed, keep
from warehouse.progress import Progress, Silent
from warehouse.publishing import finish
from warehouse.report import LoadReport, refuse
from warehouse.row_steps import Rules
from warehouse.settling import settle
from warehouse.sources.database import Passwords
from warehouse.sources.tables import Databases, TableRead, shown
from warehouse.synonyms import Kind
from warehouse.unloading import take_out


def load(
    workspace: Workspace,
    settings: Settings,
    sources: Sequence[str],
    *,
    kind: Kind | None = None,
    mapping: Mapping[str, str] | None = None,
    source_name: str | None = None,
    on_conflict: OnConflict = "reject",
    date_order: DateOrder | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    announce: Callable[[MappingTable], None] | None = None,
    presets: Literal["use", "save", "ignore"] = "use",
    passwords: Passwords | None = None,
    full: bool = False,
) -> LoadReport:
    """Load files into the workspace and publish the next generation.

    Loading the same rows again adds nothing: then nothing is published either. Nor is anything
    changed by a load that raises.

    Parameters
    ----------
    sources : paths and globs of files, and addresses of tables in databases, all of one kind.
    mapping : ours to theirs, see :func:`~warehouse.origins.parse_origin`; wins over the settings.
    source_name : whose ids these are; the same id in two sources is two transactions. None: the
        source of the preset for such files, or else ``default``.
    on_conflict : what happens to a known id with other content.
    date_order : how to read ``03/04/2024`` where the column does not tell.
    dry_run : report, and change nothing.
    announce : told the mapping of each layout before anything is read.
    presets : whether mappings in the settings are used for files of their header, and whether this
        one is saved for the next file once it is published.
    passwords : those of databases.
    full : read tables from their start, whatever their watermark.

    Raises
    ------
    SourceError, MappingError : see :func:`warehouse.planning.make_plan`.
    LoadError : too many rejects, nothing to store, or what is there speaks against it.
    """
    progress = progress or Silent()
    known = settings.presets if presets != "ignore" else {}
    memory = Memory(known, settings.sources, source_name)
    with Databases(passwords, watermarks.known(workspace, settings, full=full)) as databases:
        plan = make_plan(sources, Wishes(kind, mapping or {}), announce, memory, databases)
        databases.finish(progress)
    rules = Rules(plan.kind, settings.currency, settings.timezone, date_order, settings.cleaning)
    with workspace.writing(f"load {shown(sources[0])}", settings) as draft:
        options = Options(rules, plan.source, on_conflict)
        report = _load_into(
            draft,
            plan,
            options,
            settings,
            progress,
            tables=databases.tables,
            inbox=workspace.inbox,
            dry_run=dry_run,
        )
        if presets == "save" and settings.save_presets and report.load_id and not dry_run:
            saved = keep(workspace.folder, confirmed(plan.learned, report, settings.presets))
            report = replace(report, notes=(*report.notes, *saved))
    return replace(report, dry_run=dry_run)


def _load_into(
    draft: Draft,
    plan: Plan,
    options: Options,
    settings: Settings,
    progress: Progress,
    *,
    tables: Sequence[TableRead],
    inbox: Inbox,
    dry_run: bool,
) -> LoadReport:
    """Examine, and publish the draft if that found anything new."""
    build_core(draft.con)
    watermarks.check(draft.con, tables, plan)
    report = examine(draft.con, plan, options, progress)
    if report.read or not tables:  # a table may hold nothing beyond its watermark
        refuse(report, settings.max_reject_pct)
    if dry_run or not report.loaded:
        return replace(report, generation=draft.parent.number if draft.parent else None)
    with watched(draft.con, progress, "Storing"):
        report = store(draft.con, plan, options, report)
        watermarks.keep(draft.con, report.load_id, tables)
    logged = take_in(draft, settings, inbox, progress)
    counts = settle(draft.con, settings.cleaning)
    if counts:
        report = replace(report, rules=(*report.rules, *counts))
        outcomes.keep_rules(draft.con, report)
    notes = [*report.notes, *([expenses_note(logged)] if logged and logged.loaded else [])]
    if plan.kind == "customers":
        notes += label_columns.remarks(draft.con, settings.labels)
    report = replace(report, notes=tuple(notes))
    return replace(report, generation=_publish(draft, settings, progress).number)


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
