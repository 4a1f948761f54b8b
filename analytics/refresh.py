"""Features, models, scores, marts, checks, publication: one refresh, from beginning to end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from analytics import grouping, keeping
from analytics.backtest import Frames, plan
from analytics.clusters import Clustering
from analytics.frames import attribute_titles, customer_table_frame, read_scores, write_scores
from analytics.keeping import Kept, Train
from analytics.runs import backtests, model_runs
from analytics.scoring import Scores, score
from analytics.situation import QUESTIONS, Situation, horizon, look
from analytics.training import Answer, answer, unanswered
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.connection import default_threads
from warehouse.drafts import Draft
from warehouse.expenses import take_in
from warehouse.generations import Generation, Workspace
from warehouse.manifest import ModelFile
from warehouse.progress import Progress, Silent
from warehouse.publishing import finish, prepare_views

# Written by a training, and kept with its models.
ABOUT_TRAINING = ("model_runs", "backtests", "cluster_scan")
# Written by every refresh.
ABOUT_CUSTOMERS = (
    *QUESTIONS, "thresholds", "personas", "cluster_profiles", "pca_axes", "pca_loadings",
)  # fmt: skip


@dataclass
class _Work:
    """What every step of one refresh works on.

    ``frame`` are the features of everybody, ``answers`` and ``found`` what a training left.
    """

    draft: Draft
    settings: Settings
    situation: Situation
    progress: Progress
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: list[Answer] = field(default_factory=list)
    found: Clustering | None = None


def refresh(
    workspace: Workspace,
    settings: Settings,
    *,
    as_of: date | None = None,
    horizon_days: int | None = None,
    train: Train = "auto",
    key: bytes,
    progress: Progress | None = None,
) -> Generation:
    """Score everybody as of a day and publish the next generation.

    Parameters
    ----------
    as_of : last day that features may see; None: the last day with a purchase.
    horizon_days : how far the scores look ahead; None: as the settings say.
    train : ``auto`` makes new models when there are none, when the features, the settings or the
        horizon changed, or when the last training is older than the horizon; ``never`` uses the
        saved ones.
    key : signs the models that are saved, and verifies those that are loaded.

    Raises
    ------
    UsageError : an impossible horizon or as-of date.
    NoGenerationError, NoDataError : nothing was loaded yet.
    NoModelError : ``train`` is ``never`` and no saved model fits.
    CorruptGenerationError : a saved model was altered or comes from elsewhere.
    CheckFailedError : a data check failed; nothing is published.
    """
    days = horizon(settings, horizon_days)
    # Logged expenses alone are enough to begin with.
    if workspace.numbers() or not workspace.waiting():
        workspace.current()
    with workspace.writing("refresh", settings) as draft, threadpool_limits(limits=1):
        build_core(draft.con)
        take_in(draft, settings, workspace.inbox, progress)
        situation = look(draft.con, settings, as_of, days)
        prepare_views(draft, settings, situation.as_of, days, progress)
        work = _Work(draft, settings, situation, progress or Silent())
        work.frame = _read(work)
        kept = _trained_or_kept(work, train, key)
        _score(work, kept)
        return _publish(work, keeping.save(draft.models, kept, key))


def _publish(work: _Work, files: Sequence[ModelFile]) -> Generation:
    """Marts, checks and publication, as after every load."""
    situation = work.situation
    return finish(
        work.draft,
        work.settings,
        as_of=situation.as_of,
        scores_as_of=situation.as_of,
        horizon_days=situation.horizon_days,
        models=files,
        progress=work.progress,
    )


def _read(work: _Work) -> pd.DataFrame:
    """Features of everybody, as of the day of the refresh."""
    con, situation = work.draft.con, work.situation
    with work.progress.step("Reading the features"):
        if situation.kind == "table":
            return customer_table_frame(con)
        return Frames(con, situation.horizon_days).scoring(situation.as_of)


def _trained_or_kept(work: _Work, train: Train, key: bytes) -> Kept:
    """Models that fit the data: the saved ones, or new ones where those do not serve."""
    features = [str(name) for name in work.frame.columns]
    # Asked to train, it does not even look at the old files: they may be what is broken.
    before = Kept() if train == "always" else keeping.read(work.draft.parent, key)
    if not keeping.why_train(before, work.situation, features, work.settings, train):
        return before
    kept = Kept()
    for each in _answers(work):
        work.answers.append(each)
        if each.model is not None:
            kept.models[each.question] = each.model
    with work.progress.step("Finding groups of customers"):
        work.found = grouping.find(
            grouping.clustered(work.frame, work.situation),
            work.situation,
            work.settings,
            grouping.before(work.draft.con),
        )
    kept.clusters = work.found.model if work.found else None
    champions = {each.question: each.champion for each in work.answers if each.champion}
    kept.origin = keeping.origin_of(work.situation, features, work.settings, champions)
    return kept


def _answers(work: _Work) -> list[Answer]:
    """The questions about the horizon, tested and trained."""
    situation, settings = work.situation, work.settings
    past = situation.history
    windows = plan(past.first_day, past.last_day, situation.horizon_days)
    frames = Frames(work.draft.con, situation.horizon_days)
    found = []
    for question in keeping.questions(situation.horizon_days):
        if not situation.answers(question.name):
            found.append(unanswered(question.name, situation.missing))
            continue
        found.append(
            answer(
                question,
                frames,
                windows,
                history=past,
                settings=settings,
                workers=settings.threads or default_threads(),
                progress=work.progress,
            )
        )
    return found


def _score(work: _Work, kept: Kept) -> None:
    """Score everybody as of the day of the refresh, and write every table of ``scores``."""
    con, situation, settings = work.draft.con, work.situation, work.settings
    with work.progress.step("Scoring"):
        scores = Scores()
        if situation.answers("risk"):
            scores = score(work.frame, kept.models, situation, settings)
        tables = dict(scores.tables)
        grouped = grouping.clustered(work.frame, situation)
        if kept.clusters is not None:
            tables |= grouping.described(
                kept.clusters, grouped, scores, attribute_titles(con), grouping.before(con)
            )
        if work.answers:
            tables["backtests"] = backtests(work.answers)
            tables["cluster_scan"] = work.found.scan if work.found else pd.DataFrame()
            tables["model_runs"] = model_runs(
                work.answers,
                work.found,
                situation,
                settings,
                number=work.draft.number,
                n_grouped=len(grouped),
            )
        tables["thresholds"] = pd.concat([pd.DataFrame(), *scores.thresholds])
        _write(work, tables)


def _write(work: _Work, tables: dict[str, pd.DataFrame]) -> None:
    """Replace the score tables; what a training says stays where there was none."""
    con = work.draft.con
    if "model_runs" in tables:
        for name in ABOUT_TRAINING:
            write_scores(con, name, tables[name])
    runs = read_scores(con, "model_runs").set_index("question")["model_id"].to_dict()
    for name in ABOUT_CUSTOMERS:
        rows = tables.get(name, pd.DataFrame())
        if name in QUESTIONS and not rows.empty:
            rows = rows.assign(model_id=runs[name], as_of=work.situation.as_of)
        write_scores(con, name, rows)
