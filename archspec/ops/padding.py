"""Padding; the rank (1, 2 or 3) comes from the data."""

from typing import Annotated, Literal

from archspec.language.plural import plural
from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Extended, Real, Wholes, below, plain, spatial_rank
from archspec.ops.shapes import Dim, Shape
from archspec.ops.whole_tensors import Dims, WholeOp, check_fits, inside

MODES = {"constant": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}


def padded(op: str, size: Dim, before: int, after: int, mode: str) -> Dim:
    """The size of one dimension after padding; an error where torch cannot pad so far.

    >>> padded("pad", 5, before=4, after=0, mode="reflect")
    9
    """
    if before >= 0 and after >= 0 and mode not in ("reflect", "circular"):
        return size + before + after
    if mode == "circular" and min(before, after) < 0:
        # torch takes some of these and then reads memory that it never wrote
        raise _too_far(f"`{op}` cannot crop in the mode `circular`", "whole numbers from 0")
    beyond = {"reflect": 1, "circular": 0}.get(mode)
    if beyond is not None and below(size, max(before, after) + beyond):
        message = f"`{op}` cannot pad a size of {size} by {max(before, after)} in the mode `{mode}`"
        raise _too_far(message, f"at most {size - beyond}")
    cropped = size + min(before, 0) + min(after, 0)
    if below(size + before + after, 1) or (mode == "constant" and below(cropped, 0)):
        raise _too_far(f"`{op}` leaves nothing of a size of {size}", f"to keep at least 1 of {size}")
    return size + before + after


def _too_far(message: str, expected: str) -> OpError:
    return OpError("padding", message, field="padding", expected=expected)


@register
class Pad(Op):
    """Padding of the spatial dimensions: torch.nn.ZeroPad, ConstantPad, ReflectionPad, ReplicationPad or CircularPad.

    `padding` is one number for all sides or, in the order of torch.nn.functional.pad, two for each spatial dimension
    from the last to the first: `[left, right, top, bottom]`; a negative number crops. Input `[C, *sizes]`, output
    `[C, *sizes']` with each size grown by its two. Errors: `reflect` by as much as the size or more, `circular` by more
    than the size or with a crop, a crop that leaves nothing.
    """

    name = "pad"
    main = "padding"
    kind = "shape"
    example = "{pad: [0, 1, 0, 1]}"
    example_inputs = ((3, 32, 32),)

    padding: Annotated[int | tuple[int, ...], Expects("a whole number, or a list with two for each spatial dimension")]
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: Real = 0.0

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        sides = (self.padding,) * (2 * rank) if isinstance(self.padding, int) else self.padding
        if len(sides) != 2 * rank:
            raise OpError(
                "rank",
                f"`padding` of `pad` has {plural(len(sides), 'value')} for {plural(rank, 'spatial dimension')}",
                field="padding",
                expected=f"one whole number, or a list of {2 * rank}",
                found=str(list(sides)),
            )
        if self.value and self.mode != "constant":
            message = f"`value` has no meaning in the mode `{self.mode}`"
            raise OpError("value", message, field="value", expected="`mode: constant`")
        pairs = reversed(list(zip(sides[::2], sides[1::2])))
        return ((shape[0], *(padded(self.name, size, *pair, self.mode) for size, pair in zip(shape[1:], pairs))),)

    def module(self, *inputs: Shape) -> Module:
        rank = len(inputs[0]) - 1
        padding = Argument("padding", self.padding)
        if self.value:
            return Module(f"nn.ConstantPad{rank}d", (padding, Argument("value", self.value)))
        return Module(f"nn.{MODES[self.mode]}Pad{rank}d", (padding,))


@register
class ConstantPad(WholeOp):
    """A constant around the last dimensions of any tensor: torch.nn.functional.pad.

    `padding` has two numbers for each dimension from the last one on, those before and behind; a negative one crops.
    `value` may be `inf` or `-inf`, as before a maximum. (`pad` is for maps, and knows other modes.) Errors: an odd
    number of entries, more than there are dimensions, a crop that leaves nothing, the batch, a
    value that the dtype cannot hold.
    """

    name = "constant_pad"
    main = "padding"
    kind = "shape"
    any_dtype = True
    example = "{constant_pad: [0, 1], value: -inf}"
    example_inputs = ((196, 64),)

    padding: Wholes
    value: Extended = 0.0

    def dtype(self, *inputs: Shape) -> str:
        dtype = super().dtype(*inputs)
        check_fits(self.name, float(self.value), dtype, "value")
        return dtype

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        if len(self.padding) % 2 or not 0 < len(self.padding) <= 2 * len(dims):
            expected = f"two for each of up to {len(dims)} dimensions"
            found = str(list(self.padding))
            raise OpError("rank", "`padding` does not fit the input", field="padding", expected=expected, found=found)
        sizes = [*dims]
        for place, sides in enumerate(zip(self.padding[::2], self.padding[1::2]), start=1):
            if any(sides):
                at = inside(self.name, "padding", -place, dims)
                sizes[at] = padded(self.name, dims[at], *sides, "constant")
        return (tuple(sizes),)

    def expression(self, *names: str) -> str:
        value = f", value={plain(float(self.value))}" if self.value else ""
        return f"F.pad({names[0]}, {list(self.padding)}{value})"
