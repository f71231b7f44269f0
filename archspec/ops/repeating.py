"""The same values more than once, or in another order along dimensions."""

from abc import ABC
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from archspec.ops.base import Expects, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import broadcast as broadcastable
from archspec.ops.field_types import Axis, Extended, Positive, differ, plain
from archspec.ops.reshaping import Sizes
from archspec.ops.runtime_sizes import size_texts
from archspec.ops.shapes import Batch, Carried, Dim, Shape, known, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp, place, several

AxesField = Annotated[int | tuple[int, ...], Expects("a dimension as torch numbers them, or a list of them")]


class _Rearranged(WholeOp, ABC):
    """Values of any kind in new places."""

    kind = "shape"
    any_dtype = True


@register
class Expand(_Rearranged):
    """Dimensions of 1 repeated without a copy: torch.Tensor.expand.

    `size` is that of one example, the batch staying in front; -1 keeps a size. With `batch` among its entries it is the
    whole size: `{expand: [batch, -1, -1], from: [token, input]}` gives a token without a batch to each example, the
    second input saying how many there are, or how large a symbolic size is. Errors: a dimension of another size than 1.
    """

    name = "expand"
    main = "size"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    sized_by = (1,)
    shares_memory = True
    saves_output = True
    example = "{expand: [64, 56, 56]}"
    example_inputs = ((64, 1, 1),)

    size: Sizes

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        dims, wanted = inputs[0], self._whole(inputs[0])
        more = len(wanted) - len(dims)
        if more < 0 or not wanted:
            raise self._misfit(dims, f"at least {len(dims)} sizes")
        padded = (1,) * more + tuple(dims)
        sizes = tuple(map(self._sized, padded, wanted, [number < more for number in range(len(wanted))]))
        if None in sizes or sum(type(size) is Batch for size in sizes) > 1:
            raise self._misfit(dims, "the sizes that it has but where they are 1")
        if any(type(size) is Batch for size in set(sizes) - set(dims)) and len(inputs) < 2:
            raise OpError(
                "inputs",
                "`expand` cannot tell how large the batch is",
                help="name a value that has it: `from: [token, x]`",
            )
        self._texts(["x"] * len(inputs), [*map(shape_of, inputs)])
        return (sizes,)

    def _whole(self, dims: Dims) -> Dims:
        """The size of all dimensions: -1 for the batch that stays in front."""
        stays = type(dims[0]) is Batch and not any(type(size) is Batch for size in self.size)
        return (-1, *self.size) if stays else self.size

    def _sized(self, dim: Dim, wanted: Dim, new: bool) -> Dim | None:
        """The size that a dimension gets; `None` where it cannot."""
        if known(wanted) and wanted == -1:
            return None if new else dim
        if known(wanted) and wanted < 1:
            return None
        if known(dim) and dim == 1:
            return wanted
        if known(dim) or type(dim) is Batch or type(wanted) is Batch or wanted == 1:
            return None if differ(dim, wanted) else dim
        return wanted if possible(broadcastable(dim, wanted)) else None

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        return f"{names[0]}.expand({', '.join(self._texts(names, shapes))})"

    def _texts(self, names: Sequence[str], shapes: Sequence[Shape]) -> list[str]:
        """Each size as an argument: -1 for the batch that the value has already."""
        sizes = [-1 if type(size) is Batch and len(names) < 2 else size for size in self._whole(whole(shapes[0]))]
        return size_texts(self.name, "size", sizes, names, shapes)

    def _misfit(self, dims: Dims, expected: str) -> OpError:
        message = f"`expand` cannot give {shape_text(shape_of(dims))} the size {shape_text(self.size)}"
        return OpError("sizes", message, field="size", expected=expected)


@register
class Tile(_Rearranged):
    """The whole value so many times along each dimension: torch.tile, which is torch.Tensor.repeat.

    `dims` has a number for each of the last dimensions, or for all with a 1 for the batch. Errors: the batch. (The word
    `repeat` makes copies of nodes.)
    """

    name = "tile"
    main = "dims"
    example = "{tile: [1, 2, 2]}"
    example_inputs = ((64, 7, 7),)

    dims: Annotated[tuple[Positive, ...], Expects("a list of whole numbers from 1, the last for the last dimension")]

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if not self.dims:
            raise OpError("dims", "`tile` needs a number", field="dims", expected="one for each of the last dimensions")
        rank = max(len(inputs[0]), len(self.dims))
        sizes = (1,) * (rank - len(inputs[0])) + tuple(inputs[0])
        times = (1,) * (rank - len(self.dims)) + self.dims
        if any(count > 1 and type(size) is Batch for size, count in zip(sizes, times)):
            message = "`tile` cannot repeat the batch"
            raise OpError("dims", message, field="dims", expected="a 1 for the batch", found=str(list(self.dims)))
        return (tuple(size if count == 1 else size * count for size, count in zip(sizes, times)),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.tile({', '.join(map(str, self.dims))})"


@register
class RepeatInterleave(_Rearranged):
    """Each place along `dim` so many times, one beside the other: torch.repeat_interleave.

    Along dimension 0 each example becomes so many items of the batch. Errors: a dimension that does not exist.
    """

    name = "repeat_interleave"
    main = "repeats"
    example = "{repeat_interleave: 4, dim: 1}"
    example_inputs = ((8, 196, 64),)

    repeats: Positive
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = place(self.name, "dim", self.dim, dims)
        return ((*dims[:at], dims[at] * self.repeats, *dims[at + 1 :]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.repeat_interleave({self.repeats}, dim={self.dim})"


@register
class Roll(_Rearranged):
    """Values moved along dimensions, those that leave at one end coming in at the other: torch.roll.

    `shifts` is by how many places, with one for each of `dims`. Input and output have one shape. Errors: lists of
    unlike lengths, the batch.
    """

    name = "roll"
    main = "shifts"
    example = "{roll: [-3, -3], dims: [1, 2]}"
    example_inputs = ((56, 56, 96),)

    shifts: Annotated[int | tuple[int, ...], Expects("a whole number, or a list with one for each dimension")]
    dims: AxesField = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        several(self.name, "dims", self.dims, inputs[0])
        counts = [1 if isinstance(each, int) else len(each) for each in (self.shifts, self.dims)]
        if counts[0] != counts[1]:
            raise OpError(
                "dims",
                "`roll` needs a shift for each dimension",
                field="shifts",
                expected=f"as many as `dims`: {counts[1]}",
                found=str(counts[0]),
            )
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.roll({self.shifts}, {self.dims})"


@register
class Flip(_Rearranged):
    """The other way round along one or more dimensions: torch.flip.

    Input and output have one shape. Errors: a dimension named twice, the batch.
    """

    name = "flip"
    main = "dims"
    example = "{flip: -1}"
    example_inputs = ((3, 32, 32),)

    dims: AxesField

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        several(self.name, "dims", self.dims, inputs[0])
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.flip({self.dims})"


@register
class FullLike(WholeOp):
    """One number everywhere, in the shape of a value: torch.full_like.

    `value` may be `inf` or `-inf`. Output as the input, of the `type` named, or of a `size` whose `batch` is
    the input's. Errors: a fraction of whole numbers, a size that the input does not tell.
    """

    name = "full_like"
    main = "value"
    kind = "other"
    any_dtype = True
    sized_by = (0,)
    example = "{full_like: 0}"
    example_inputs = ((196, 64),)

    value: Extended
    type: Literal["float32", "int64", "bool"] = "float32"
    size: Sizes | None = None

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        if self.type != "float32" and float(self.value) != round(float(self.value)):
            raise OpError(
                "wrong-type", f"{self.value} is not a value of {self.type}", field="value", expected="a whole number"
            )
        return self.type

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if self.size is None:
            return inputs
        size_texts(self.name, "size", self.size, ["x"], [shape_of(inputs[0])])
        return (self.size,)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value = plain(float(self.value)) if self.type != "bool" else str(bool(self.value))
        if self.size is None:
            return f"torch.full_like({names[0]}, {value}, dtype=torch.{self.type})"
        size = ", ".join(size_texts(self.name, "size", self.size, names, shapes))
        return f"{names[0]}.new_full(({size},), {value}, dtype=torch.{self.type})"


@register
class Meshgrid(WholeOp):
    """The coordinates of a grid, one tensor for each of its sides: torch.meshgrid with `indexing="ij"`.

    Inputs: one or more of a single dimension, without a batch; outputs: as many, each of all their sizes. Errors: an
    input of more dimensions.
    """

    name = "meshgrid"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    any_dtype = True
    shares_memory = True
    saves_output = True
    example = "{meshgrid: [rows, columns]}"
    example_inputs = (Carried((7,), "whole"), Carried((9,), "whole"))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if any(len(dims) != 1 or type(dims[0]) is Batch for dims in inputs):
            raise OpError("rank", "`meshgrid` takes lines of places", expected="one dimension each, without a batch")
        return (tuple(dims[0] for dims in inputs),) * len(inputs)

    def expression(self, *names: str) -> str:
        return f'torch.meshgrid({", ".join(names)}, indexing="ij")'
