"""What is known of the customers who are meant, whatever they bought within some days.

Whether each has a score, a consent, an order ... is one small number, so that whoever is meant is
counted once for all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from dashboard.queries.held_calendar import Flags, Ints, Places


@dataclass(frozen=True)
class Counts:
    """How many customers there are of each kind.

    Parameters
    ----------
    names : of the traits.
    table : one axis a trait.
    """

    names: tuple[str, ...]
    table: Ints

    def by(self, name: str, **only: int) -> list[int]:
        """Customers by place of one trait, of those alone whose other traits are given."""
        found = self.table[tuple(only.get(each, slice(None)) for each in self.names)]
        left = [each for each in self.names if each not in only]
        rest = tuple(at for at, each in enumerate(left) if each != name)
        counts: list[int] = found.sum(axis=rest).tolist()
        return counts

    def having(self, name: str) -> int:
        """Customers of whom a trait is true."""
        return self.by(name)[1]


@dataclass(frozen=True)
class Traits:
    """Traits of each customer as one number.

    Parameters
    ----------
    sizes : how many places each trait has.
    kind : one item a customer, at her key.
    """

    sizes: Mapping[str, int]
    kind: Places

    @classmethod
    def of(cls, traits: Mapping[str, tuple[Places | Flags, int]]) -> "Traits":
        """From the place of each customer by trait, and how many places there are."""
        sizes = {name: size for name, (_, size) in traits.items()}
        kind = np.ravel_multi_index(
            tuple(places.astype(np.int32) for places, _ in traits.values()), tuple(sizes.values())
        )
        return cls(sizes, kind.astype(np.min_scalar_type(prod(sizes.values()))))

    def counts(self, whose: Ints) -> Counts:
        """Of the customers at some places."""
        shape = tuple(self.sizes.values())
        found = np.bincount(self.kind.take(whose), minlength=prod(shape))
        return Counts(tuple(self.sizes), found.reshape(shape))
