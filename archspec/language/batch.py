"""The batch as a size: what the first dimension of nearly every value is, and other dimensions may be."""

from __future__ import annotations

from typing import Any


class Batch:
    """A dimension that holds the batch: `count` items of each example. A `power` of 2 is a product of two of these.

    >>> Batch() * 64, Batch(128) // 64, 64 * Batch(2) // Batch(2)
    (64B, 2B, 64)
    """

    __slots__ = ("count", "power")

    count: Any
    power: int

    def __init__(self, count: Any = 1, power: int = 1) -> None:
        self.count, self.power = count, power

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Batch):
            return Batch(self.count * other.count, self.power + other.power)
        return Batch(self.count * other, self.power)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        if not isinstance(other, Batch):
            return Batch(self.count // other, self.power)
        power = self.power - other.power
        return Batch(self.count // other.count, power) if power else self.count // other.count

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Batch) or other.power != self.power:
            return NotImplemented
        return Batch(self.count + other.count, self.power)

    def __mod__(self, other: Any) -> Any:
        """What is left over where it is divided for every size of the batch; of another batch's, of the items."""
        return self.count % (other.count if isinstance(other, Batch) else other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Batch) and (self.count, self.power) == (other.count, other.power)

    def __hash__(self) -> int:
        return hash((Batch, self.count, self.power))

    def __repr__(self) -> str:
        text = "B" if self.power == 1 else f"B**{self.power}"
        if type(self.count) is int:
            return text if self.count == 1 else f"{self.count}{text}"
        return f"({self.count}){text}"
