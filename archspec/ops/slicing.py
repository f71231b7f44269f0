"""Slices: parts of a value along a dimension."""

from abc import ABC
from typing import Annotated

from archspec.ops.arithmetic import join_error
from archspec.ops.base import Expects, OpError, register
from archspec.ops.field_types import Axis, Positive, Whole, below, differ, number
from archspec.ops.shapes import Dim, dim_text, known
from archspec.ops.splitting import MAX_PARTS
from archspec.ops.whole_tensors import Dims, WholeOp, inside


class _Sliced(WholeOp, ABC):
    """A view of a part of the input."""

    kind = "shape"
    shares_memory = True
    any_dtype = True


@register
class Select(_Sliced):
    """What stands at one place along `dim`, which is then gone: torch.select.

    `{select: 0}` of tokens `[T, C]` is the class token `[C]`; a negative `index` counts from the end. Errors: a place
    that does not exist, the batch.
    """

    name = "select"
    main = "index"
    example = "{select: 0}"
    example_inputs = ((197, 768),)

    index: Whole
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = inside(self.name, "dim", self.dim, dims)
        least = -self.index if self.index < 0 else self.index + 1
        if below(dims[at], least):
            size = dim_text(dims[at])
            raise OpError(
                "index",
                f"`index` of `select` (={self.index}) is not an index into a dimension of {size}",
                field="index",
                expected=f"from 0 to {dims[at] - 1}, or from -{size} to -1",
                found=str(self.index),
            )
        return ((*dims[:at], *dims[at + 1 :]),)

    def expression(self, *names: str) -> str:
        return subscript(names[0], self.dim, str(self.index))


@register
class Slice(_Sliced):
    """The places from `start` to before `end` along `dim`, each `step`th of them: `x[:, start:end:step]`.

    Negative numbers count from the end, as in Python; without `end` it goes to the end. `{slice: 1}` of tokens is all
    but the first. Errors: places that do not exist, nothing left, the batch.
    """

    name = "slice"
    main = "start"
    example = "{slice: 1}"
    example_inputs = ((197, 768),)

    start: Whole = 0
    end: Annotated[int | None, Expects("a whole number, negative from the end, or null")] = None
    step: Positive = 1
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = inside(self.name, "dim", self.dim, dims)
        size = dims[at]
        for field, place in (("start", self.start), ("end", self.end)):
            if place is not None and below(size, abs(place)):
                raise self._fault(field, place, size)
        start = size + self.start if self.start < 0 else self.start
        end = size if self.end is None else size + self.end if self.end < 0 else self.end
        if below(end - start, 1):
            raise OpError(
                "sizes",
                f"`slice` leaves nothing of a dimension of {dim_text(size)}",
                field="start" if self.end is None else "end",
                expected="an end after the start",
                found=f"{self.start} to {dim_text(end) if self.end is None else self.end}",
            )
        return ((*dims[:at], (end - start - 1) // self.step + 1, *dims[at + 1 :]),)

    def expression(self, *names: str) -> str:
        end = "" if self.end is None else str(self.end)
        step = "" if self.step == 1 else f":{self.step}"
        return subscript(names[0], self.dim, f"{self.start or ''}:{end}{step}")

    def _fault(self, field: str, place: int, size: Dim) -> OpError:
        return OpError(
            "index",
            f"`{field}` of `slice` (={place}) is not an index into a dimension of {dim_text(size)}",
            field=field,
            expected=f"from -{dim_text(size)} to {dim_text(size)}" if known(size) else "a place that is there",
            found=str(place),
        )


@register
class SlidingWindows(_Sliced):
    """Windows along `dim`, each `step` further, as a new last dimension: torch.Tensor.unfold.

    Input `[*, size, *]`, output `[*, (size - window) // step + 1, *, window]`. (`unfold` is torch.nn.Unfold, which
    takes both dimensions of a map.) Errors: a window larger than the size, the batch.
    """

    name = "sliding_windows"
    main = "size"
    example = "{sliding_windows: 14, step: 8, dim: 2}"
    example_inputs = ((64, 38, 38),)

    size: Positive
    step: Positive = 1
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = inside(self.name, "dim", self.dim, dims)
        if below(dims[at], self.size):
            message = f"a window of {self.size} is larger than a dimension of {dim_text(dims[at])}"
            raise OpError("window", message, field="size", expected=f"at most {dim_text(dims[at])}")
        return ((*dims[:at], (dims[at] - self.size) // self.step + 1, *dims[at + 1 :], self.size),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.unfold({self.dim}, {self.size}, {self.step})"


@register
class SliceScatter(_Sliced):
    """A value with another in place of what `slice` takes: torch.slice_scatter.

    Inputs: a value, and one of the shape that `slice` would give of it with the same fields. Output as the first.
    Errors: those of `slice`, a second value of another shape.
    """

    name = "slice_scatter"
    main = "start"
    shares_memory = False
    inputs = (2, 2)
    example = "{slice_scatter: 1, from: [tokens, patches]}"
    example_inputs = ((197, 768), (196, 768))

    start: Whole = 0
    end: Annotated[int | None, Expects("a whole number, negative from the end, or null")] = None
    step: Positive = 1
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, part = inputs
        (taken,) = Slice(start=self.start, end=self.end, step=self.step, dim=self.dim).arrange(value)
        _check_part(self.name, taken, part)
        return (value,)

    def expression(self, *names: str) -> str:
        step = "" if self.step == 1 else f", step={self.step}"
        end = "" if self.end is None else f", end={self.end}"
        return f"torch.slice_scatter({names[0]}, {names[1]}, {self.dim}, start={self.start}{end}{step})"


@register
class SelectScatter(_Sliced):
    """A value with another in place of what `select` takes: torch.select_scatter.

    Inputs: a value, and one of the shape that `select` would give of it with the same fields. Output as the first.
    Errors: those of `select`, a second value of another shape.
    """

    name = "select_scatter"
    main = "index"
    shares_memory = False
    inputs = (2, 2)
    example = "{select_scatter: 0, from: [tokens, token]}"
    example_inputs = ((197, 768), (768,))

    index: Whole
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, part = inputs
        (taken,) = Select(index=self.index, dim=self.dim).arrange(value)
        _check_part(self.name, taken, part)
        return (value,)

    def expression(self, *names: str) -> str:
        return f"torch.select_scatter({names[0]}, {names[1]}, {self.dim}, {self.index})"


def _check_part(op: str, taken: Dims, part: Dims) -> None:
    if len(taken) != len(part) or any(map(differ, taken, part)):
        raise join_error(op, taken, part, 2, "the same sizes")


def subscript(name: str, dim: int, text: str) -> str:
    """A value with something said of one of its dimensions in square brackets.

    >>> subscript("x", 2, "0"), subscript("x", -1, "::2"), subscript("x", -2, "1:")
    ('x[:, :, 0]', 'x[..., ::2]', 'x[..., 1:, :]')
    """
    parts = [":"] * dim + [text] if dim >= 0 else ["...", text] + [":"] * (-1 - dim)
    return f"{name}[{', '.join(parts)}]"


@register
class Unbind(_Sliced):
    """Each place along `dim` by itself, without that dimension: torch.unbind.

    Outputs: one for each place. `dim` is 0 as in torch, which is the batch where nothing moved it. Errors: the batch, a
    dimension of one place.
    """

    name = "unbind"
    main = "dim"
    example = "{unbind: 2}"
    example_inputs = ((196, 3, 384),)

    dim: Axis = 0

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = inside(self.name, "dim", self.dim, dims)
        count = number(self.name, dims[at], "the dimension that is taken apart")
        if not 2 <= count <= MAX_PARTS:
            raise OpError(
                "parts",
                f"`unbind` cannot take a dimension of {count} apart",
                field="dim",
                expected=f"2 to {MAX_PARTS:,} places",
                help="`squeeze` leaves out a dimension of 1" if count == 1 else None,
            )
        return ((*dims[:at], *dims[at + 1 :]),) * count

    def expression(self, *names: str) -> str:
        return f"{names[0]}.unbind({self.dim})"
