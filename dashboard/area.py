"""An area drawn on the map, in the coordinates of ``pca_1`` and ``pca_2``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dashboard.grammar import edge_text, parse_number

MOST_POINTS: Final = 20
_STEP: Final = Decimal("0.000001")


@dataclass(frozen=True)
class Box:
    """A rectangle, edges included."""

    left: Decimal
    bottom: Decimal
    right: Decimal
    top: Decimal

    def text(self) -> str:
        """``left,bottom,right,top``."""
        return ",".join(edge_text(n) for n in (self.left, self.bottom, self.right, self.top))


@dataclass(frozen=True)
class Lasso:
    """A polygon of 3 to 20 corners; a point is inside by the even-odd rule."""

    corners: tuple[tuple[Decimal, Decimal], ...]

    def text(self) -> str:
        """``x1,y1,x2,y2,...``."""
        return ",".join(edge_text(n) for corner in self.corners for n in corner)


def _numbers(text: str) -> list[Decimal]:
    if text.count(",") >= 2 * MOST_POINTS:
        raise ValueError(f"has more than {MOST_POINTS} corners")
    return [_rounded(item.strip()) for item in text.split(",")]


def _rounded(item: str) -> Decimal:
    number = parse_number(item)
    if abs(number) > 1_000_000:
        raise ValueError(f"{item} lies far outside the map")
    return number.quantize(_STEP) + 0


def parse_box(text: str) -> Box:
    """Read ``box=``: two opposite corners, in any order; six decimals count.

    Raises
    ------
    ValueError : in words, what is wrong.
    """
    numbers = _numbers(text)
    if len(numbers) != 4:
        raise ValueError("needs four numbers: left, bottom, right, top")
    x1, y1, x2, y2 = numbers
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def parse_lasso(text: str) -> Lasso:
    """Read ``lasso=``; the same polygon drawn from another corner or the other way round is equal.

    Raises
    ------
    ValueError : in words, what is wrong.
    """
    numbers = _numbers(text)
    if len(numbers) % 2 or len(numbers) < 6:
        raise ValueError("needs at least three corners, each as x,y")
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    kept = [c for i, c in enumerate(corners) if c != corners[i - 1]]
    if len(kept) < 3:
        raise ValueError("needs at least three corners that differ")
    ways = (kept, kept[::-1])
    turned = [tuple(way[i:] + way[:i]) for way in ways for i in range(len(way))]
    return Lasso(min(turned))
