"""How plain routes answer: JSON with its schema, errors as one sentence, defects with an id."""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final

from flask import Response

from dashboard.reader import GenerationGone
from warehouse.errors import SpendboardError, UsageError

logger = logging.getLogger(__name__)

SCHEMA: Final = 1
Refuse = Callable[[str, int], Response]


def json_answer(document: Mapping[str, object], status: int = 200) -> Response:
    """``document`` with ``"schema"`` in front; numbers that JSON does not know are a defect."""
    body = json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, allow_nan=False)
    return Response(body, status, mimetype="application/json")


def json_error(sentence: str, status: int) -> Response:
    """``{"schema": 1, "error": ...}``."""
    return json_answer({"error": sentence}, status)


def text_error(sentence: str, status: int) -> Response:
    """One sentence as plain text, for what people open in a browser."""
    return Response(f"{sentence}\n", status, mimetype="text/plain")


def answering(refuse: Refuse) -> Callable[[Callable[[], Response]], Callable[[], Response]]:
    """Turn the errors of a route into answers: 400, 409, 503, or 500 with an id for the log."""

    def decorate(route: Callable[[], Response]) -> Callable[[], Response]:
        @wraps(route)
        def answer() -> Response:
            try:
                return route()
            except SpendboardError as error:
                return refuse(sentence_of(error), status_of(error))
            except Exception as error:
                identifier = secrets.token_hex(4)
                logger.exception("%s failed, error %s", route.__name__, identifier, exc_info=error)
                return refuse(f"This answer could not be made. Error {identifier}.", 500)

        return answer

    return decorate


def status_of(error: SpendboardError) -> int:
    """400 for a wrong question, 409 for a page that is out of date, 503 while there are no data."""
    if isinstance(error, GenerationGone):
        return 409
    return 400 if isinstance(error, UsageError) else 503


def sentence_of(error: SpendboardError) -> str:
    """What went wrong and what to do, on one line."""
    return f"{error.what}; {error.fix}" if error.fix else error.what
