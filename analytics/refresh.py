"""Features, models, scores, marts, checks, publication: one refresh, from beginning to end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from analytics import cards, drift, grouping, history, keeping, labelled, realised
from analytics.backtest import Frames, Plan, plan
from analytics.candidates import Question
from analytics.clusters import Clustering
from analytics.forecasting import Circumstances, keep_forecast
from analytics.frames import Keys, attribute_titles, key_ranges
from analytics.keeping import Kept, Train
from analytics.label_frames import table_frame, with_table
from analytics.reconciliation import reconcile
from analytics.risk_models import keep_risk, kept_thresholds
from analytics.runs import backtests, model_runs
from analytics.sample import RELATION, Sample, draw
from analytics.scoring import BATCH, Models, banded, buyers, predicted
from analytics.situation import Situation, horizon, look
from analytics.tables import read_scores, write_predictions, write_scores
from analytics.training import Answer, answer, unanswered
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.connection import default_threads
from warehouse.custom_views import digest
from warehouse.drafts import Draft
from warehouse.expenses import take_in
from warehouse.generations import Generation, Workspace
from warehouse.manifest import ModelFile
from warehouse.progress import Progress, Silent
from warehouse.publishing import finish, prepare_views
from warehouse.settling import as_it_was_known, settle

# Written by a training, and kept with its models.
ABOUT_TRAINING = ("model_runs", "backtests", "cluster_scan")
# Written by every refresh.
ABOUT_CUSTOMERS = ("thresholds", "personas", "cluster_profiles", "pca_axes", "pca_loadings")


@dataclass
class _Work:
    """What every step of one refresh works on.

    ``frame`` are the features of whom to learn from, ``frames`` those of other days;
    ``of_purchases`` are its columns that an undated ledger brings beside a labelled table;
    ``answers`` and ``found`` are what a training left.
    """

    draft: Draft
    settings: Settings
    situation: Situation
    progress: Progress
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    frames: Frames | None = None
    of_purchases: frozenset[str] = frozenset()
    sample: Sample | None = None
    answers: list[Answer] = field(default_factory=list)
    found: Clustering | None = None

    @property
    def among(self) -> str | None:
        """Relation of the customers to learn from; None is everybody."""
        return RELATION if self.sample else None

    @property
    def workers(self) -> int:
        """Fits and predictions that run at the same time: more than processors only wait."""
        processors = default_threads()
        return min(self.settings.threads or processors, processors)


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
        settle(draft.con, settings.cleaning)
        situation = look(draft.con, settings, as_of, days, digest(draft.custom_views))
        prepare_views(draft, settings, situation.as_of, days, progress)
        work = _Work(draft, settings, situation, progress or Silent())
        work.frame = _read(work)
        with as_it_was_known(draft.con, settings.cleaning, progress):
            kept = _trained_or_kept(work, train, key)
        _score(work, kept)
        now = Circumstances(situation.as_of, draft.number, settings.seed)
        keep_forecast(draft.con, now, anew=bool(work.answers), progress=work.progress)
        anew = bool(work.answers) or kept.amounts is None
        # Without dates a training follows the customers alone, and nothing ever is too old: what
        # purchases tell is learnt from those that there are now.
        anew = anew or (situation.as_of is None and train != "never")
        learnt = keep_risk(draft.con, work.frame, now, settings, anew=anew, progress=work.progress)
        kept.amounts = learnt or kept.amounts
        cards.keep(draft.con, kept, situation)
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
    """Features as of the day of the refresh, of whom to learn from: in a large shop not of all."""
    con, situation, settings = work.draft.con, work.situation, work.settings
    with work.progress.step("Reading the features"):
        work.sample = draw(con, situation, settings.train_customers, settings.seed)
        if situation.kind == "table":
            return table_frame(con, situation.labels, among=work.among)
        work.frames = Frames(con, situation.horizon_days, work.among)
        frame = work.frames.scoring(situation.as_of)
        if situation.labels.labels:
            work.of_purchases = frozenset(map(str, frame.columns))
            return with_table(frame, con, situation.labels, among=work.among)
        return frame


def _batches(work: _Work, ranges: Sequence[Keys]) -> Iterator[pd.DataFrame]:
    """The features of everybody, some customers at a time."""
    if work.sample is None and len(ranges) <= 1:
        yield work.frame
        return
    for keys in ranges:
        if work.frames is None:
            yield table_frame(work.draft.con, work.situation.labels, keys=keys)
            continue
        frame = work.frames.batch(work.situation.as_of, keys)
        labels = work.situation.labels
        yield with_table(frame, work.draft.con, labels, keys=keys) if labels.labels else frame


def _trained_or_kept(work: _Work, train: Train, key: bytes) -> Kept:
    """Models that fit the data: the saved ones, or new ones where those do not serve."""
    features = [str(name) for name in work.frame.columns]
    # Asked to train, it does not even look at the old files: they may be what is broken.
    before = Kept() if train == "always" else keeping.read(work.draft.parent, key)
    rows = keeping.digest_of(work.frame, work.situation)
    if not keeping.why_train(before, work.situation, features, work.settings, train, rows=rows):
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
            grouping.before(work.draft.con, work.among),
        )
    kept.clusters = work.found.model if work.found else None
    kept.reference = drift.learnt_from(work.frame, work.frames, work.situation, kept.models)
    champions = {each.question: each.champion for each in work.answers if each.champion}
    kept.origin = keeping.origin_of(work.situation, features, work.settings, champions, rows)
    return kept


def _answers(work: _Work) -> list[Answer]:
    """The questions about the horizon, tested and trained."""
    situation, past = work.situation, work.situation.history
    windows = plan(past.first_day, past.last_day, situation.horizon_days)
    found: list[Answer] = []
    for question in keeping.questions(situation.horizon_days):
        if not situation.answers(question.name):
            found.append(unanswered(question.name, situation.lacks(question.name)))
        elif question.name in situation.labels.labels:
            found.append(_from_labels(work, question.name))
        else:
            found += _from_windows(work, question, windows)
    return found


def _from_labels(work: _Work, question: str) -> Answer:
    """An answer that a table of customers brings labels for."""
    return labelled.answer(
        question,
        work.frame,
        work.situation.labels,
        of_purchases=work.of_purchases,
        settings=work.settings,
        workers=work.workers,
        progress=work.progress,
    )


def _from_windows(work: _Work, question: Question, windows: Plan) -> Sequence[Answer]:
    """An answer that dated purchases hold; to that of spend belongs the one of its total."""
    situation = work.situation
    frames = work.frames or Frames(work.draft.con, situation.horizon_days, work.among)
    found = answer(
        question,
        frames,
        windows,
        history=situation.history,
        settings=work.settings,
        workers=work.workers,
        progress=work.progress,
        sample=work.sample,
    )
    if question.name != "spend":
        return [found]
    return reconcile(found, frames, windows, buyers(work.frame))


def _score(work: _Work, kept: Kept) -> None:
    """Score everybody as of the day of the refresh, and write every table of ``scores``."""
    con, situation = work.draft.con, work.situation
    history.remember(con)
    ranges = key_ranges(con, BATCH)
    with work.progress.step("Scoring", max(1, len(ranges))) as advance:
        models = Models(kept.models, kept.clusters)
        batches = _batches(work, ranges)
        predictions = predicted(batches, models, situation, work.workers, advance)
        bands, thresholds = banded(predictions, situation, work.settings)
        tables = {"thresholds": pd.concat([*thresholds, kept_thresholds(con)])}
        grouped = grouping.clustered(work.frame, situation)
        if kept.clusters is not None:
            past = grouping.before(con, work.among)
            tables |= grouping.described(
                kept.clusters, grouped, predictions, attribute_titles(con), past
            )
            bands["clusters"] = grouping.persona_sql(tables["personas"])
        if work.answers:
            tables |= _about_training(work, len(grouped))
        _write(work, tables)
        runs = read_scores(con, "model_runs")
        model_ids = dict(zip(runs["question"], runs["model_id"], strict=True))
        write_predictions(con, predictions, bands, model_ids, situation.as_of)
        history.keep(con, history.Refreshed.of(work.draft, situation))
        scored = work.frame if situation.labels.labels else grouped
        drift.keep(con, situation, kept.reference, scored, predictions)
        realised.keep(con, situation.as_of)


def _about_training(work: _Work, n_grouped: int) -> dict[str, pd.DataFrame]:
    """Rows of the tables that a training leaves."""
    runs = model_runs(
        work.answers,
        work.found,
        work.situation,
        work.settings,
        number=work.draft.number,
        n_grouped=n_grouped,
        sample=work.sample,
    )
    scan = work.found.scan if work.found else pd.DataFrame()
    return {"backtests": backtests(work.answers), "cluster_scan": scan, "model_runs": runs}


def _write(work: _Work, tables: Mapping[str, pd.DataFrame]) -> None:
    """Replace the score tables; what a training says stays where there was none."""
    for name in (*(ABOUT_TRAINING if work.answers else ()), *ABOUT_CUSTOMERS):
        write_scores(work.draft.con, name, tables.get(name, pd.DataFrame()))
