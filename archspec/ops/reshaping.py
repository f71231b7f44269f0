"""The same elements under another shape. Dimensions are numbered as torch does: 0 is the batch, 1 the channels."""

from abc import ABC
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from archspec.language.symbolic import Symbolic
from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Axis, at_least, differ, leaves_over
from archspec.ops.runtime_sizes import size_texts
from archspec.ops.shapes import Batch, Dim, Shape, dim_text, known, product, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp, place


def _size(value: Any) -> Any:
    """A size as a field takes it: a number, `batch`, or a symbolic size."""
    if value == "batch" and isinstance(value, str):
        return Batch()
    if type(value) is int or isinstance(value, (Batch, Symbolic)):
        return value
    raise ValueError(value)


Size = Annotated[Any, BeforeValidator(_size)]
Sizes = Annotated[
    tuple[Size, ...], Expects("a list of whole numbers from 1, one of which may be -1: what is left; or `batch`")
]


class _View(WholeOp, ABC):
    """A view of its input."""

    kind = "shape"
    shares_memory = True
    any_dtype = True


def filled(op: str, field: str, sizes: Sequence[Dim], elements: Dim) -> Dims:
    """Sizes for so many elements, with -1 replaced; an error where the elements do not fit them.

    >>> filled("reshape", "shape", (16, -1), 400)
    (16, 25)
    """
    message = f"`{op}` cannot arrange {dim_text(elements)} elements as {shape_text(tuple(sizes))}"
    if not sizes or any(known(size) and size < 1 and size != -1 for size in sizes) or sizes.count(-1) > 1:
        raise OpError(
            "sizes",
            message,
            field=field,
            expected="whole numbers from 1, one of which may be -1",
            found=str(list(sizes)),
        )
    given = product(size for size in sizes if not (known(size) and size == -1))
    if leaves_over(elements, given) if -1 in sizes else _are_others(elements, given):
        raise OpError("sizes", message, field=field, expected=f"{dim_text(elements)} elements in all", found=str(given))
    return tuple(elements // given if known(size) and size == -1 else size for size in sizes)


def _are_others(elements: Dim, given: Dim) -> bool:
    """Whether so many elements are certainly not those given, whatever the batch."""
    if isinstance(elements, Batch) and isinstance(given, Batch):
        return elements.power != given.power or differ(elements.count, given.count)
    return differ(elements, given)


@register
class Flatten(_View):
    """The dimensions from `start_dim` to `end_dim` as one: torch.nn.Flatten.

    Input `[C, *sizes]`, output `[C·sizes]` by default. From 0 on, what is flattened is folded into the batch. Errors: a
    `start_dim` after `end_dim`.
    """

    name = "flatten"
    keeps_order = True
    main = "start_dim"
    prepares = True
    unlabelled = ("end_dim",)
    example = "flatten"
    example_inputs = ((512, 7, 7),)

    start_dim: Axis = 1
    end_dim: Axis = -1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        start = place(self.name, "start_dim", self.start_dim, dims)
        end = place(self.name, "end_dim", self.end_dim, dims)
        if start > end:
            raise OpError(
                "dim",
                f"`start_dim` (={self.start_dim}) must not be after `end_dim` (={self.end_dim})",
                field="start_dim",
                expected=f"at most {end}",
                found=str(self.start_dim),
            )
        return ((*dims[:start], product(dims[start : end + 1]), *dims[end + 1 :]),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.Flatten", (Argument("start_dim", self.start_dim, 1), Argument("end_dim", self.end_dim, -1)))


@register
class Unflatten(_View):
    """One dimension as several: torch.nn.Unflatten.

    `dim` becomes `unflattened_size`, one entry of which may be -1. Of dimension 0 items that are folded into the batch
    are unfolded: `[-1, 64]`. Symbolic sizes are read off the input when the network runs, or off a second one that is
    named for its sizes. Errors: sizes whose product is not the dimension's, a size that neither input has.
    """

    name = "unflatten"
    keeps_order = True
    main = "unflattened_size"
    inputs = (1, 2)
    sized_by = (1,)
    example = "{unflatten: [128, 7, 7], dim: 1}"
    example_inputs = ((6272,),)

    unflattened_size: Sizes
    dim: Axis = 1

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        dims = inputs[0]
        at = place(self.name, "dim", self.dim, dims)
        sizes = filled(self.name, "unflattened_size", self.unflattened_size, dims[at])
        if self._is_read(len(inputs)):
            self._texts(["x"] * len(inputs), [*map(shape_of, inputs)])
        return ((*dims[:at], *sizes, *dims[at + 1 :]),)

    def _is_read(self, inputs: int) -> bool:
        """Whether sizes are read when the network runs, which a module cannot do."""
        return inputs > 1 or not known(*self.unflattened_size)

    def _texts(self, names: Sequence[str], shapes: Sequence[Shape]) -> list[str]:
        """Each size as an argument."""
        return size_texts(self.name, "unflattened_size", self.unflattened_size, names, shapes)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        return f"{names[0]}.unflatten({self.dim}, ({', '.join(self._texts(names, shapes))}))"

    def module(self, *inputs: Shape) -> Module | None:
        if self._is_read(len(inputs)):
            return None
        sizes = Argument("unflattened_size", self.unflattened_size)
        return Module("nn.Unflatten", (Argument("dim", self.dim), sizes))


@register
class Reshape(_View):
    """All elements in another shape: torch.Tensor.reshape.

    `shape` is that of one example, the batch staying where it is, in front; one entry may be -1. With `batch` among its
    entries it is the whole shape: `[batch * 64, 49, 96]` folds 64 items of each example into the batch. Symbolic sizes
    are read off the input when the network runs, or off a second one that is named for its sizes. Errors: a shape with
    another number of elements, a size that neither has.
    """

    name = "reshape"
    keeps_order = True
    main = "shape"
    inputs = (1, 2)
    sized_by = (1,)
    example = "{reshape: [16, 16, -1]}"
    example_inputs = ((256, 14, 14),)

    shape: Sizes

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        dims = inputs[0]
        if self._leaves_first(dims):
            sizes = (dims[0], *filled(self.name, "shape", self.shape, product(dims[1:])))
        else:
            sizes = filled(self.name, "shape", self.shape, product(dims))
        self._texts(["x"] * len(inputs), [*map(shape_of, inputs)])
        return (sizes,)

    def _leaves_first(self, dims: Dims) -> bool:
        """Whether the batch stays in front, so that `shape` is that of what is behind it."""
        return type(dims[0]) is Batch and not any(type(size) is Batch for size in self.shape)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        sizes = self._texts(names, shapes)
        if self._leaves_first(whole(shapes[0])):
            sizes = [f"{names[0]}.shape[0]", *sizes]
        return f"{names[0]}.reshape({', '.join(sizes)})"

    def _texts(self, names: Sequence[str], shapes: Sequence[Shape]) -> list[str]:
        """Each size as an argument."""
        return size_texts(self.name, "shape", self.shape, names, shapes)


@register
class Permute(_View):
    """The dimensions in another order: torch.permute.

    `dims` names all dimensions as torch numbers them, 0 being the batch. Errors: a dimension that is missing or named
    twice.
    """

    name = "permute"
    main = "dims"
    example = "{permute: [0, 2, 3, 1]}"
    example_inputs = ((96, 56, 56),)

    dims: Annotated[tuple[int, ...], Expects("the list of all dimensions in their new order, the batch's 0 among them")]

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        count = len(dims)
        places = [dim + count if dim < 0 else dim for dim in self.dims]
        if sorted(places) != list(range(count)):
            raise OpError(
                "dims",
                f"`dims` of `permute` is not an order of the {count} dimensions of its input",
                field="dims",
                expected=f"the numbers from 0 to {count - 1} in any order",
                found=str(list(self.dims)),
            )
        return (tuple(dims[place] for place in places),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.permute({', '.join(map(str, self.dims))})"


@register
class Transpose(_View):
    """Two dimensions in each other's place: torch.transpose. Dimension 0 is the batch."""

    name = "transpose"
    example = "{transpose: , dim0: 1, dim1: 2}"
    example_inputs = ((768, 196),)

    dim0: Axis
    dim1: Axis

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        one, other = place(self.name, "dim0", self.dim0, dims), place(self.name, "dim1", self.dim1, dims)
        sizes = list(dims)
        sizes[one], sizes[other] = dims[other], dims[one]
        return (tuple(sizes),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.transpose({self.dim0}, {self.dim1})"


@register
class Squeeze(_View):
    """Without a dimension of size 1: torch.squeeze.

    Errors: a dimension of another size, which torch leaves as it is without a word.
    """

    name = "squeeze"
    keeps_order = True
    main = "dim"
    example = "{squeeze: -1}"
    example_inputs = ((512, 1),)

    dim: Axis

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = place(self.name, "dim", self.dim, dims)
        if dims[at] != 1:
            raise OpError(
                "sizes",
                f"`squeeze` cannot leave out a dimension of size {dim_text(dims[at])}",
                field="dim",
                expected="a dimension of size 1",
                found=f"dimension {self.dim} of {shape_text(dims)}",
            )
        return ((*dims[:at], *dims[at + 1 :]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.squeeze({self.dim})"


@register
class Unsqueeze(_View):
    """With one more dimension, of size 1, at `dim`: torch.unsqueeze."""

    name = "unsqueeze"
    keeps_order = True
    main = "dim"
    example = "{unsqueeze: -1}"
    example_inputs = ((512,),)

    dim: Axis

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = place(self.name, "dim", self.dim, (*dims, 1))
        return ((*dims[:at], 1, *dims[at:]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.unsqueeze({self.dim})"


@register
class LastStep(Op):
    """The last element of a sequence: `x[:, -1]`.

    Input `[T, *sizes]`, output `[*sizes]`. After bidirectional layers the backward half of it has seen one step only;
    their state `h_n` has seen all. Errors: an input without dimensions.
    """

    name = "last_step"
    kind = "shape"
    shares_memory = True
    example = "last_step"
    example_inputs = ((16, 512),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        at_least(self.name, shape, 1)
        return (shape[1:],)

    def expression(self, *names: str) -> str:
        return f"{names[0]}[:, -1]"
