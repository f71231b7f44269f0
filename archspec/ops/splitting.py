"""Splits: one value becomes several."""

from abc import ABC, abstractmethod
from typing import Annotated

from archspec.ops.base import Expects, OpError, register
from archspec.ops.field_types import Axis, Positive, number
from archspec.ops.whole_tensors import Dims, WholeOp, place

MAX_PARTS = 10_000
"""Outputs of one op."""


class _Splitting(WholeOp, ABC):
    """Parts of one dimension, each a view of the input and an output of its own."""

    kind = "shape"
    shares_memory = True
    any_dtype = True

    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = place(self.name, "dim", self.dim, dims)
        parts = self._parts(number(self.name, dims[at], "the split dimension"))
        return tuple((*dims[:at], part, *dims[at + 1 :]) for part in parts)

    @abstractmethod
    def _parts(self, size: int) -> list[int]:
        """The sizes of the parts, two or more; raises `OpError` where they cannot be had."""


def pieces(size: int, each: int) -> list[int]:
    """A size cut into pieces, the last of which may be smaller.

    Raises `OpError` for more than `MAX_PARTS`.

    >>> pieces(10, 4)
    [4, 4, 2]
    """
    if -(-size // each) > MAX_PARTS:
        raise OpError("too-large", "a value is cut into too many parts", expected=f"at most {MAX_PARTS:,}")
    return [min(each, size - start) for start in range(0, size, each)]


@register
class Chunk(_Splitting):
    """So many parts of equal size along `dim`: torch.chunk.

    Outputs: one for each chunk, the last smaller where the size does not divide. Errors: a size of which torch would
    make fewer chunks than were asked for, as 3 instead of 4 of a size of 6.
    """

    name = "chunk"
    main = "chunks"
    example = "{chunk: 2}"
    example_inputs = ((116, 28, 28),)

    chunks: Annotated[Positive, Expects("a whole number from 2")]

    def expression(self, *names: str) -> str:
        return f"{names[0]}.chunk({self.chunks}, dim={self.dim})"

    def _parts(self, size: int) -> list[int]:
        parts = pieces(size, -(-size // self.chunks))
        if len(parts) != self.chunks or len(parts) < 2:
            raise OpError(
                "chunks",
                f"torch would make {len(parts)} chunks of a size of {size}, not `chunks` (={self.chunks})",
                field="chunks",
                expected="two or more, as many as come out",
                found=str(self.chunks),
            )
        return parts


@register
class Split(_Splitting):
    """Parts of given sizes along `dim`: torch.split.

    `split_size_or_sections` is the size of every part, the last of which may be smaller, or the list of their sizes.
    Outputs: one for each part. Errors: sizes whose sum is not the dimension's, fewer than two parts.
    """

    name = "split"
    main = "split_size_or_sections"
    example = "{split: [16, 48]}"
    example_inputs = ((64, 28, 28),)

    split_size_or_sections: Annotated[
        Positive | tuple[Positive, ...], Expects("a whole number from 1, or the list of the parts' sizes")
    ]

    def expression(self, *names: str) -> str:
        sections = self.split_size_or_sections
        return f"{names[0]}.split({sections if isinstance(sections, int) else list(sections)}, dim={self.dim})"

    def _parts(self, size: int) -> list[int]:
        sections = self.split_size_or_sections
        parts = pieces(size, sections) if isinstance(sections, int) else list(sections)
        if sum(parts) != size or len(parts) < 2:
            raise OpError(
                "sections",
                f"`split` cannot make the parts {parts} of a size of {size}",
                field="split_size_or_sections",
                expected=f"two or more sizes whose sum is {size}",
                found=str(sections if isinstance(sections, int) else list(sections)),
            )
        return parts
