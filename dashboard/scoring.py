"""The one door from the dashboard to the models: reasons, what-if, scores of who is typed in.

The model libraries take seconds to import, so they are imported by who first asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dashboard.queries.customer import profile
from dashboard.reader import View
from dashboard.settings import signing_key
from warehouse.errors import (
    CorruptGenerationError,
    NoModelError,
    SpendboardError,
    UnknownCustomerError,
    UsageError,
)
from warehouse.generations import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from analytics.entered import Warned
    from analytics.manual import Prediction, Scorer
    from analytics.reasons import Explained

_COLUMNS: Final = {"spend": "expected_spend", "churn": "churn_risk"}
# How far a score that is made again may lie from the stored one: what rounding explains.
_ROUNDING: Final = {"expected_spend": 0.015, "churn_risk": 1e-6}


@dataclass(frozen=True)
class Reason:
    """What speaks for it in words, and its effect in currency or as a probability.

    ``strength`` says the effect in words where points would exceed what a probability can move.
    """

    words: str
    effect: float
    strength: str | None = None


@dataclass(frozen=True)
class Why:
    """Why one score of a customer is what it is.

    ``base`` is what the model says of a customer with average inputs, ``rest`` the effect of all
    that is not among the reasons; where not ``adds_up``, each reason is what the score loses with
    the typical value instead.
    """

    reasons: tuple[Reason, ...]
    base: float
    rest: Reason
    adds_up: bool


def scorer(view: View, workspace: Workspace) -> "Scorer":
    """The models of a view's generation, loaded once.

    Raises
    ------
    CorruptGenerationError, NoModelError : they cannot be loaded, or there are none.
    """
    from analytics.manual import Scorer

    def load() -> Scorer:
        generation = workspace.open_generation(view.number)
        return Scorer(generation, signing_key(), view.reading())

    return view.fact("scorer", load)


def _asked(
    view: View, workspace: Workspace, customer_id: str
) -> tuple["Scorer", "pd.DataFrame", "Prediction"]:
    """Whom to ask, her inputs, and what is said of her.

    Withheld scores have no reasons; nor have those that were made of other data than there are now.
    """
    asked = scorer(view, workspace)
    frame = asked.customer(customer_id)
    found = _shown(view, asked.predictions(frame)[0])
    if outdated := _outdated(view, customer_id, found):
        found = msgspec.structs.replace(found, reasons={}, notes=[outdated])
    return asked, frame, found


def _outdated(view: View, customer_id: str, found: "Prediction") -> str | None:
    """That the stored scores are others than the models give today; None where they agree.

    A load leaves the scores as they are, and what it brings may change what the models see.
    """
    row = profile(view, customer_id) or {}
    pairs = [(row.get(name), getattr(found, name), most) for name, most in _ROUNDING.items()]
    if all(_agree(*pair) for pair in pairs):
        return None
    day = view.manifest.scores_as_of
    since = f"the scoring of {day.day} {day:%b %Y}" if day else "the scoring"
    return (
        f"What is known of this customer has changed since {since}, and so would the scores;"
        " spendboard refresh makes them anew."
    )


def _agree(stored: Any, made: float | None, most: float) -> bool:  # noqa: ANN401 - float, Decimal
    if stored is None or made is None:
        return stored is made
    return abs(float(stored) - made) <= most


def _shown(view: View, found: "Prediction") -> "Prediction":
    """A prediction without the scores that are withheld; its notes say why."""
    withheld = view.vocabulary.withheld
    reasons = {name: why for name, why in found.reasons.items() if _COLUMNS[name] not in withheld}
    return msgspec.structs.replace(found, reasons=reasons, **dict.fromkeys(withheld))


def reasons(view: View, workspace: Workspace, customer_id: str) -> dict[str, Why] | str:
    """Why a customer scores as she does, by question; a sentence where nobody can say.

    ``spend`` in currency, ``churn`` as a probability.

    Raises
    ------
    CorruptGenerationError : the models cannot be loaded; somebody may put that right.
    """
    try:
        _, _, found = _asked(view, workspace, customer_id)
    except (NoModelError, UnknownCustomerError) as error:
        return error.what
    if not found.reasons:
        # What both questions lack alike is said once, and of neither.
        bare = {note.removeprefix("spend: ").removeprefix("churn: ") for note in found.notes}
        is_alike = len(bare) == 1 < len(found.notes)
        said = " ".join(bare if is_alike else found.notes)
        return said or "No model serves, so there is nothing to explain."
    return {question: _why(question, why) for question, why in found.reasons.items()}


def _why(question: str, why: "Explained") -> Why:
    """An explanation in what the page shows."""
    from analytics.reasons import strengths

    words = [*(each.words.rpartition(": ")[0] for each in why.reasons), "Everything else"]
    effects = [*(each.effect for each in why.reasons), why.rest]
    told: list[str | None] = [*strengths(effects, question)] or [None] * len(effects)
    *reasons, rest = map(Reason, words, effects, told)
    return Why(tuple(reasons), why.base, rest, why.adds_up)


def explained(view: View, workspace: Workspace, customer_id: str) -> dict[str, Any]:
    """The same for machines, with what would change it; notes where there is nothing to say."""
    from analytics.whatif import levers

    try:
        asked, frame, found = _asked(view, workspace, customer_id)
    except SpendboardError as error:
        return {"reasons": {}, "explained": {}, "would_change": [], "notes": [_told(error)]}
    plain = found.as_json()
    moves = levers(asked, frame, found.reasons)
    return {
        **{name: plain[name] for name in ("reasons", "explained")},
        "would_change": [
            {"question": m.question, "feature": m.feature, "title": m.title, "from": m.value,
             "to": m.moved_to, "effect": m.effect, "words": m.words}
            for m in moves
        ],
        "notes": plain["notes"],
    }  # fmt: skip


def _told(error: SpendboardError) -> str:
    """Why there are no reasons, without naming a file of this machine."""
    if isinstance(error, CorruptGenerationError):
        fix = f": {error.fix}" if error.fix else ""
        return f"The saved models cannot be loaded{fix}."
    return error.what


def changed(
    view: View, workspace: Workspace, customer_id: str, changes: Mapping[str, str]
) -> dict[str, Any]:
    """A customer's scores as she is and with some inputs changed; None where they are withheld.

    "As she is" speaks of today's data: where the stored scores are others, the notes say so.

    Raises
    ------
    UsageError : a change names no input, or a value that it cannot have: "no effect" would be
        read from what was never tried.
    NoModelError, UnknownCustomerError, CorruptGenerationError : nothing can be said.
    """
    from analytics.entered import Unusable, inputs
    from analytics.whatif import changed as ask

    asked = scorer(view, workspace)
    found = ask(asked, customer_id, changes)
    unusable = [each for each in found.warnings if isinstance(each, Unusable)]
    if unusable:
        raise UsageError(
            "; ".join(f"{each.column}: {each.what.split('; ')[0]}" for each in unusable),
            found=", ".join(f"{each.column}={each.found}" for each in unusable),
            fix=_inputs_meant(unusable, inputs(asked.reference)),
        )
    both = {"before": _shown(view, found.before), "after": _shown(view, found.after)}
    if outdated := _outdated(view, customer_id, both["before"]):
        both = {
            name: msgspec.structs.replace(each, notes=[outdated, *each.notes])
            for name, each in both.items()
        }
    return msgspec.structs.replace(found, **both).as_json()


def entered(
    view: View, workspace: Workspace, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Predictions for customers that were typed in; raises as :func:`changed`.

    Nothing is said of whom nothing usable is known; where that is everybody, it is refused.
    """
    from analytics.entered import inputs
    from analytics.manual import NOTHING_KNOWN

    asked = scorer(view, workspace)
    found = asked.score(rows)
    if rows and all(NOTHING_KNOWN in each.notes for each in found):
        doubts = [each for each in found[0].warnings if each.found is not None]
        raise UsageError(
            "nothing that was handed in is an input that can be used",
            found=", ".join(f"{each.column}={each.found}" for each in doubts) or "no value",
            fix=_inputs_meant(doubts, inputs(asked.reference)),
        )
    return [_shown(view, each).as_json() for each in found]


def _inputs_meant(doubts: Sequence["Warned"], inputs: Sequence[str]) -> str:
    """What to write instead: the names that were perhaps meant, and those that there are."""
    meant = [
        each.what.rpartition("; did you mean ")[2] for each in doubts if "did you" in each.what
    ]
    near = "".join(f"did you mean {name} " for name in meant)
    return f"{near}inputs are {', '.join(inputs)}"


def purchase(view: View, workspace: Workspace, given: Mapping[str, str]) -> dict[str, Any]:
    """What a purchase at a merchant, in a city, from an account will amount to, for machines.

    Raises
    ------
    UsageError : ``given`` names something else.
    CorruptGenerationError, NoModelError : the model cannot be loaded, or there is none.
    """
    from analytics.keeping import read_amounts

    model = read_amounts(workspace.open_generation(view.number), signing_key())
    if model is None:
        raise NoModelError(
            f"generation {view.number} has no model of amounts that could be asked",
            fix="make it: spendboard refresh --train always",
        )
    found: dict[str, Any] = msgspec.to_builtins(model.expected(given))
    return {"currency": view.manifest.currency, **found}
