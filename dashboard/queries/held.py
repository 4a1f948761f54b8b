"""What a server holds of a generation in memory: its orders and customers as arrays.

At fifty thousand customers two thirds of a statement's time are its planning, and at half a
million its hash tables; over dense keys and days in order, the same rows are counted, not hashed.
So a change of filter compares and adds up what is here, and asks the warehouse only for what
needs its texts. The statements stay for what arrays do not hold (purchase filters, totals, very
large shops) and answer until the arrays are read; both give the same numbers to the cent.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import numpy as np

from dashboard.period import Days
from dashboard.queries.held_arrays import Held, counted
from dashboard.queries.held_calendar import Flags
from dashboard.queries.held_lines import Lines, rankable, read_lines
from dashboard.queries.held_places import keys, places
from dashboard.queries.held_reading import read
from dashboard.queries.held_sums import Group, customers
from dashboard.queries.held_tally import Tally, tally
from dashboard.queries.held_who import flags_of
from dashboard.queries.parts import edges_of
from dashboard.queries.selected import Compiler, selected
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.reader import View

logger = logging.getLogger(__name__)

AT_ONCE: Final = 1_000_000  # so many lines are read by who asks first, more beside the statements
FEW: Final = 1_000  # customers whose keys a statement is given
READING: Final = "reading arrays"  # name of the thread
T = TypeVar("T")


@dataclass
class Shelf(Generic[T]):
    """Where a view keeps arrays; read by who asks first, or beside her.

    Parameters
    ----------
    read : reads them; None where there are none.
    """

    read: Callable[["View"], T | None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: bool = False
    _kept: T | None = None

    def of(self, view: "View") -> T | None:
        """The arrays; None where there are none, or not yet."""
        with self._lock:
            begins, self._begun = not self._begun, True
            n_lines = view.vocabulary.about.n_transactions
            if begins and n_lines <= AT_ONCE:
                self._kept = self._tried(view)
            elif begins:
                threading.Thread(target=self._fill, args=(view,), name=READING, daemon=True).start()
            return self._kept

    def _fill(self, view: "View") -> None:
        kept = self._tried(view)
        with self._lock:
            self._kept = kept

    def _tried(self, view: "View") -> T | None:
        """The arrays; None where they cannot be read: statements need less memory than arrays."""
        try:
            return self.read(view)
        except Exception:
            logger.exception("generation %s is not held in memory: statements answer", view.number)
            return None


def orders_and_customers() -> Shelf[Held]:
    """An empty shelf for what key figures, trends and facets are made of."""
    return Shelf(_read)


def purchase_lines() -> Shelf[Lines]:
    """An empty shelf for what rankings are made of."""
    return Shelf(lambda view: read_lines(view, rankable(view)))


def _read(view: "View") -> Held | None:
    return read(view) if view.vocabulary.about.has_transactions else None


def meant(view: "View", selection: Selection) -> Flags:
    """Of each customer, by place, whether the who half means her; 0 never."""
    who = selection.who_half
    size = view.vocabulary.about.n_customers + 1
    if not who.narrows_who:
        everybody = np.ones(size, np.bool_)
        everybody[0] = False
        return everybody

    def ask() -> bytes:
        held = view.held()
        flags = None if held is None else flags_of(view, who, held)
        if flags is None:
            compiler = Compiler(who, view.vocabulary)
            keys = view.arrays(compiler.who(), compiler.values)["customer_key"]
            flags = np.zeros(size, np.bool_)
            flags[places(view, keys)] = True
        return np.packbits(flags).tobytes()

    # Kept as bits: two million customers take a quarter of a megabyte.
    bits = view.cached(("who", who.meaning()), ask)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=size).view(np.bool_)


def few(view: "View", selection: Selection) -> list[int] | None:
    """Keys of whom a search means, if these are few; None where the warehouse has to look anew.

    All words are gone through for a search, which takes longer than all else of a page of the
    list; so that is done once for the page and its next ones.
    """
    if not selection.q:
        return None
    at = np.flatnonzero(meant(view, selection))
    return keys(view, at).tolist() if len(at) <= FEW else None


def known(view: "View", selection: Selection) -> Held | None:
    """The arrays, where they can answer ``selection``."""
    lens = selection.lens
    return None if lens.filters or lens.totals else view.held()


def known_lines(view: "View", selection: Selection, dimension: str) -> Lines | None:
    """The purchase lines, where they can answer ``selection`` by ``dimension``."""
    lens = selection.lens
    lines = None if lens.filters or lens.totals else view.lines()
    return lines if lines is not None and dimension in lines.values else None


def tallied(view: "View", selection: Selection, held: Held, days: Days | None) -> Tally:
    """What those who are meant bought within some days; asked once by all that are made of it."""
    who = selection.who_half

    def ask() -> Tally:
        edges = edges_of(days, view.vocabulary.about)
        return tally(held, meant(view, selection), days, edges)

    return held.tallies.get((who.meaning(), days), ask)


def known_of(view: "View", selection: Selection, held: Held) -> tuple[dict[str, Any], list[Group]]:
    """What is known of those who are meant, whatever they bought and whenever."""
    who = selection.who_half

    def ask() -> tuple[dict[str, Any], list[Group]]:
        return customers(held, meant(view, selection))

    keep = view.cached if who.narrows_who else view.fact
    return keep(("known of", who.meaning()), ask)


def count(view: "View", selection: Selection) -> int:
    """How many customers the selection means."""

    def ask() -> int:
        if known(view, selection) is not None:
            return counted(meant(view, selection))
        statement = selected(selection, view)
        sql = f"{statement.ctes}\nselect count(*) as n from {statement.customers}"
        return int(str(view.rows(sql, statement.parameters)[0]["n"]))

    return view.cached(("count", selection.meaning()), ask)
