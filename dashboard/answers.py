"""Answers that are kept: bounded, and equal questions at one time asked once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Final, TypeVar

MOST_ANSWERS: Final = 512
MOST_BYTES: Final = 64 * 1024**2
T = TypeVar("T")

# Who makes which answer, and who waits for which, over all caches: one may ask another.
_turn = threading.Lock()
_makers: dict[Future[object], int] = {}
_waiting: dict[int, Future[object]] = {}


class AskedInCircle(RuntimeError):
    """The making of an answer needs that answer: a defect, which would otherwise wait for ever."""


class Answers:
    """Answers by question, the least recently used forgotten first.

    Equal questions at the same time are asked once: the first asks, the others wait for it.

    Parameters
    ----------
    most : so many are kept.
    most_bytes : answers of type ``bytes`` take up at most so much together.
    """

    def __init__(self, most: int = MOST_ANSWERS, most_bytes: int = MOST_BYTES) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Future[object]] = OrderedDict()
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The kept answer to ``key``, or what ``make`` says; a failure is not kept.

        Raises
        ------
        AskedInCircle : making this answer asks for it, directly or through another thread.
        """
        with self._lock:
            future = self._kept.get(key)
            mine = future is None
            if future is None:
                future = self._kept[key] = Future()
                with _turn:
                    _makers[future] = threading.get_ident()
                while len(self._kept) > self._most:
                    self._drop(next(iter(self._kept)))
            else:
                self._kept.move_to_end(key)
        try:
            if mine:
                self._answer(key, future, make)
            elif not future.done():
                return _waited(key, future)  # type: ignore[return-value]
            return future.result()  # type: ignore[return-value]
        finally:
            del future  # an error knows this frame, and must not be known from it

    def forget(self, key: Hashable) -> None:
        """Keep the answer to ``key`` no longer."""
        with self._lock:
            self._drop(key)

    def _answer(self, key: Hashable, future: Future[object], make: Callable[[], T]) -> None:
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is future:
                    del self._kept[key]
            _finished(future)
            future.set_exception(error)
            del future  # see get
            return
        _finished(future)
        with self._lock:
            future.set_result(made)
            if self._kept.get(key) is future:
                self._bytes += _size(future)
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        future = self._kept.pop(key, None)
        if future is not None:
            self._bytes -= _size(future)


def _size(future: Future[object]) -> int:
    """Bytes of an answer that is made."""
    if not future.done() or future.exception() is not None:
        return 0
    answer = future.result()
    return len(answer) if isinstance(answer, bytes) else 0


def _finished(future: Future[object]) -> None:
    with _turn:
        del _makers[future]


def _waited(key: Hashable, future: Future[object]) -> object:
    """Wait for the thread that makes an answer, unless it waits for us."""
    me = threading.get_ident()
    with _turn:
        wanted: Future[object] | None = future
        while wanted is not None:
            maker = _makers.get(wanted)
            if maker == me:
                raise AskedInCircle(f"the answer to {str(key)[:200]} needs itself")
            wanted = _waiting.get(maker) if maker is not None else None
        _waiting[me] = future
    try:
        return future.result()
    finally:
        with _turn:
            del _waiting[me]
        del future  # see get
