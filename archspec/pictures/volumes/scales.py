"""From sizes to lengths: so that 224 and 7, and 3 channels and 2048, are told apart in one picture."""

from __future__ import annotations

from math import log2, sqrt

from msgspec import Struct

from archspec.ops.shapes import Dim, Shape, known

TALLEST = 170.0
"""The height of the largest map; others have theirs by the square root of the size."""
LOWEST = 8.0
THIN, THICK = 4.0, 64.0
"""The bounds of a map's width, which follows the square root of the channels."""
WIDE = 1.2
"""The width of one channel; less where a column of boxes would be too wide."""
SHORTEST, LONGEST = 22.0, 190.0
"""The bounds of a vector's length, which follows the logarithm of its units."""
NOMINAL = 224
"""What stands for a symbolic size."""
LEAN, RISE = 0.34, 0.24
"""How far the oblique edges go to the right and up, of their length."""
BAR = 9.0
"""The width of a vector."""


BACK = 5.0
"""How far each box of a stack looks out to the right behind the one before it, along the oblique edges."""
UP = BACK * RISE / LEAN
MOST_BEHIND = 4
BEHIND = 2
"""How many boxes stand behind the one that is drawn of a sequence."""


class Solid(Struct, frozen=True):
    """A box in oblique projection: the front is `width` × `height`, the side goes off by `lean` and `rise`.

    So many boxes as `behind` says look out behind it: one drawn of several.
    """

    width: float
    height: float
    lean: float
    rise: float
    behind: int = 0

    @property
    def across(self) -> float:
        """Its width with all that goes off to the right."""
        return self.width + self.lean + self.behind * BACK

    @property
    def above(self) -> float:
        """How far it stands out over its front."""
        return self.rise + self.behind * UP


class Scale(Struct, frozen=True):
    """Lengths for the maps of one picture: `largest` is its largest spatial size, `wide` the width of one channel."""

    largest: int
    wide: float = WIDE

    def solid(self, shape: Shape, vector: bool, steps: Dim | None = None) -> Solid:
        """The box of a map: its height and depth by its spatial sizes, its width by its channels.

        Time, the first of three sizes, is a stack, and so is a sequence or a set of regions of `steps`.
        """
        units = nominal(shape[0]) if shape else 1
        behind = BEHIND if steps not in (None, 1) else 0
        if vector:
            return Solid(BAR, min(max(15 * log2(units + 1), SHORTEST), LONGEST), BAR * 0.5, BAR * 0.35, behind)
        depth = self.length(shape[-1])
        height = self.length(shape[-2]) if len(shape) > 2 else depth
        depth = depth if len(shape) > 2 else BAR
        if len(shape) == 4:
            behind = min(round(log2(nominal(shape[1]))), MOST_BEHIND)
        return Solid(self.width(units), height, depth * LEAN, depth * RISE, behind)

    def length(self, size: Dim) -> float:
        """The height of a spatial size, and of a kernel in it."""
        return max(TALLEST * sqrt(nominal(size) / self.largest), LOWEST)

    def width(self, channels: int) -> float:
        """The width of so many channels."""
        return min(max(2 + self.wide * sqrt(channels), THIN), THICK)


def nominal(dim: Dim) -> int:
    """A size as a number: a symbolic one as if each symbol were 224."""
    if known(dim):
        return int(dim)
    return max(1, int(dim.at(dict.fromkeys(dim.names, NOMINAL))))
