"""How long work reports that it moves. The command line draws it; tests stay silent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]


class Progress(Protocol):
    """One step after the other, each with a title and, where known, a number of units."""

    def step(self, title: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Open a step; the value it yields advances it by so many units."""
        ...


class Silent:
    """Progress that nobody watches."""

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Advance]:
        """Do nothing, for the length of one step."""
        yield lambda units: None
