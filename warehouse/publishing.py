"""The end of every load and refresh: views, marts, checks, row counts, publication."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import duckdb
import msgspec

from warehouse import growing, marks
from warehouse.build import CheckResult, build_marts, build_views, default_as_of, run_checks
from warehouse.configuration import Settings
from warehouse.custom_proof import prove
from warehouse.custom_views import CustomView
from warehouse.drafts import Draft
from warehouse.errors import CheckFailedError, LoadError, SettingsError
from warehouse.manifest import Generation, ModelFile
from warehouse.progress import Progress, Silent
from warehouse.titles import title_of

_BEYOND_SUMS: Final = {"amounts": 10**16, "quantities": 10**15}  # a sum that must not be reached
# Of so few lines all is made anew sooner than DuckDB has understood how to continue it.
_FEW_LINES: Final = 50_000


def finish(
    draft: Draft,
    settings: Settings,
    *,
    as_of: date | None,
    scores_as_of: date | None,
    horizon_days: int,
    models: Sequence[ModelFile],
    progress: Progress | None = None,
) -> Generation:
    """Build what stands on core and scores, check it, and publish the draft.

    Parameters
    ----------
    draft : its ``core`` and ``scores`` are filled, its model files written.
    as_of : last day that counts; None: :func:`as_of_today`.
    scores_as_of : last day that the scores saw; None without scores. A load passes its parent's.
    horizon_days : length of the horizon, in days.
    models : the files in ``draft.models``. A load passes its parent's.

    Raises
    ------
    CheckFailedError : a check of severity ``stop`` found rows; the draft is not published.
    """
    con, progress = draft.con, progress or Silent()
    day = as_of or as_of_today(con, settings)
    _refuse_other_currency(con, settings)
    prepare_views(draft, settings, day, horizon_days, progress)
    _build(draft, settings, day, horizon_days, progress)
    with progress.step("Publishing"):
        return draft.publish(
            as_of=day,
            scores_as_of=scores_as_of,
            horizon_days=horizon_days,
            currency=settings.currency,
            rows=row_counts(con),
            loads=_loads(con),
            models=models,
        )


def _build(
    draft: Draft, settings: Settings, as_of: date | None, horizon_days: int, progress: Progress
) -> None:
    """Continue the marts that can be and make the others, check all, and sign them."""
    con, since = draft.con, _first_new_load(draft)
    kept = growing.continue_marts(con, as_of, since) if since else ()
    build_marts(
        con, as_of=as_of, horizon_days=horizon_days, currency=settings.currency, progress=progress,
        kept=kept,
    )  # fmt: skip
    _keep_custom_columns(con, draft.custom_views)
    with progress.step("Checking"):
        results = run_checks(con, since=since or 0)
        refuse_failed(results)
        _keep_results(con, results)
    growing.sign(con)


def _first_new_load(draft: Draft) -> int | None:
    """The first load that the parent's marts and checks do not know; None: all is made anew."""
    if draft.parent is None or not marks.only_added(draft.con):
        return None
    if draft.parent.manifest.rows.get("core.transactions", 0) < _FEW_LINES:
        return None
    return growing.first_new_load(draft.con, draft.parent.manifest.loads)


def prepare_views(
    draft: Draft,
    settings: Settings,
    as_of: date | None,
    horizon_days: int,
    progress: Progress | None = None,
) -> None:
    """Build the feature and label macros; prove those of the workspace, once a draft.

    Raises
    ------
    FeatureViewError : a feature view of the workspace breaks a promise.
    LoadError : amounts or quantities are too large to be added up.
    """
    con, views = draft.con, draft.custom_views
    refuse_beyond_sums(con)
    marks.catch_up(con, progress)
    if views and not draft.is_proven:
        # From here on no SQL of this draft reaches another file, whoever wrote it.
        con.execute("set allowed_directories = ?", [[str(draft.folder)]])
        con.execute("set enable_external_access = false")
    build_views(con, custom=views)
    if views and not draft.is_proven:
        prove(
            con,
            views,
            as_of,
            horizon_days=horizon_days,
            seconds=settings.feature_seconds,
            progress=progress,
        )
        draft.is_proven = True


def refuse_beyond_sums(con: duckdb.DuckDBPyConnection, lines: str = "core.transactions") -> None:
    """No sum has more digits before the point than its column: beyond that none could be told.

    Parameters
    ----------
    lines : SQL of the transactions that there are, or are going to be.

    Raises
    ------
    LoadError : amounts or quantities are too large to be added up.
    """
    found = con.execute(
        f"""
        select
            sum(abs(amount::decimal(38, 2))), max(abs(amount)),
            sum(abs(quantity::decimal(38, 3))), max(abs(quantity))
        from {lines}
        """
    ).fetchall()[0]
    for name, total, largest in zip(_BEYOND_SUMS, found[::2], found[1::2], strict=True):
        beyond = _BEYOND_SUMS[name]
        if total is not None and total >= beyond:
            raise LoadError(
                f"the {name} are too large: together they reach {total:,.2f}",
                found=f"the largest is {largest:,.2f}",
                fix=f"correct or take out what is none: sums must stay below {beyond:,}",
            )


def _keep_custom_columns(con: duckdb.DuckDBPyConnection, views: Sequence[CustomView]) -> None:
    """Write where the dashboard reads what the workspace's own columns are called."""
    for view in views:
        for name, column in view.columns.items():
            con.execute(
                "insert into marts.custom_columns values ($name, $view, $title, $unit, $text)",
                {
                    "name": view.column(name),
                    "view": view.name,
                    "title": title_of(view.column(name))[0],
                    "unit": column.unit or "",
                    "text": column.description,
                },
            )


def _refuse_other_currency(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Amounts keep the currency they were loaded in: a setting must not rename them."""
    found = con.execute("select distinct currency from core.transactions order by currency")
    others = [name for (name,) in found.fetchall() if name and name != settings.currency]
    if others:
        raise SettingsError(
            f'spendboard.toml says currency = "{settings.currency}", the transactions do not',
            found=", ".join(others),
            fix=f'put currency = "{others[0]}" back, or load into a workspace of its own',
        )


def _loads(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Ids of the loads that the warehouse contains, ascending."""
    found = con.execute("select load_id from core.loads order by load_id").fetchall()
    return [row[0] for row in found]


def as_of_today(con: duckdb.DuckDBPyConnection, settings: Settings) -> date | None:
    """The default as-of date, where today is today in the workspace's time zone."""
    return default_as_of(con, datetime.now(settings.zone).date())


def refuse_failed(results: Sequence[CheckResult]) -> None:
    """Raise CheckFailedError for the checks of severity ``stop`` that found rows."""
    failed = [result for result in results if result.severity == "stop" and result.rows]
    if not failed:
        return
    lines = [
        f"  {result.name}: {result.rows:,} row{'s' if result.rows > 1 else ''}; {result.summary}"
        for result in failed
    ]
    raise CheckFailedError(
        "\n".join(
            [f"{len(failed)} of {len(results)} checks failed; nothing was published", *lines]
        ),
        found="; ".join(f"{name} = {value}" for name, value in failed[0].sample[0].items()),
        fix="put the source right and load again, or `spendboard unload` the load that brought it",
    )


def _keep_results(con: duckdb.DuckDBPyConnection, results: Sequence[CheckResult]) -> None:
    """Write the results where the data page reads them."""
    con.execute(
        "insert into marts.checks by name select unnest($results, recursive := true)",
        {
            "results": [
                {
                    "name": result.name.removeprefix("checks."),
                    "severity": result.severity,
                    "summary": result.summary,
                    "n_rows": result.rows,
                    "sample": msgspec.json.encode(result.sample).decode(),
                }
                for result in results
            ]
        },
    )


def row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of core, scores and marts, by ``schema.table``."""
    names = con.execute(
        """
        select schema_name || '.' || table_name as name
        from duckdb_tables()
        where schema_name in ('core', 'scores', 'marts')
        order by name
        """
    ).fetchall()
    if not names:
        return {}
    counted = " union all ".join(f"select '{name}', count(*) from {name}" for (name,) in names)
    return {name: int(count) for name, count in con.execute(counted).fetchall()}
