"""Pieces of rows gone through by several threads: numpy lets go of the interpreter meanwhile."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final, TypeVar

from warehouse.connection import default_threads

MOST: Final = 4  # threads; more wait for the memory, not for a processor
ENOUGH: Final = 8  # pieces; fewer are done before another thread is awake
T = TypeVar("T")


def through(pieces: Iterable[tuple[int, int]], go: Callable[[int, int], T]) -> list[T]:
    """What ``go`` makes of each piece, in their order; of many of them by several threads."""
    waiting = list(pieces)
    n_threads = min(MOST, default_threads(), len(waiting) // ENOUGH) or 1
    size = -(-len(waiting) // n_threads) or 1
    shares = [waiting[n : n + size] for n in range(0, len(waiting), size)]

    def do(share: list[tuple[int, int]]) -> list[T]:
        return [go(first, behind) for first, behind in share]

    tasks = [(share, _pool(os.getpid()).submit(do, share)) for share in shares[1:]]
    found = do(shares[0]) if shares else []
    for share, task in tasks:
        # Where all threads are busy with other viewers it is done here, not waited for.
        found += do(share) if task.cancel() else task.result()
    return found


@lru_cache(maxsize=1)
def _pool(pid: int) -> ThreadPoolExecutor:
    """The threads of this process; a forked child has its own."""
    return ThreadPoolExecutor(MOST - 1, thread_name_prefix=f"pieces {pid}")
