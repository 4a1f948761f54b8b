"""What is said to who asks for the impossible: what is wrong, and the nearest that is right."""

from typing import Final

from dashboard.querystring import Ignored, shortened
from dashboard.vocabulary import Vocabulary
from warehouse.errors import SelectionError

UNKNOWN_KEY: Final = "is not a key of this workspace"


def refusal(ignored: Ignored, vocabulary: Vocabulary) -> SelectionError:
    """The error that a strict reader raises, with the nearest valid key or value."""
    where = f"selection: {ignored.key[:80]!r} {ignored.reason}"
    key = vocabulary.key(ignored.key)
    if key is not None:
        wrong = ignored.value.partition(",")[0]
        near = vocabulary.nearest_value(key, wrong)
    elif ignored.reason == UNKNOWN_KEY:
        near = vocabulary.nearest(ignored.key)
    else:
        near = None
    fix = f"did you mean: {near}?" if near else "correct it, or leave it out"
    return SelectionError(where, found=shortened(f"{ignored.key}={ignored.value}"), fix=fix)
