"""The same elements under another shape. Dimensions are numbered as torch does: 0 is the batch, 1 the channels."""

from abc import ABC
from typing import Annotated

from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Axis, at_least, axis, differ
from archspec.ops.shapes import Dim, Shape, dim_text, known, product, shape_text

Sizes = Annotated[tuple[int, ...], Expects("a list of whole numbers from 1, one of which may be -1: what is left")]


class _Reshaping(Op, ABC):
    """A view of its input."""

    kind = "shape"
    shares_memory = True


def filled(op: str, field: str, sizes: tuple[int, ...], elements: Dim) -> tuple[Dim, ...]:
    """Sizes for so many elements, with -1 replaced; an error where the elements do not fit them.

    >>> filled("reshape", "shape", (16, -1), 400)
    (16, 25)
    """
    message = f"`{op}` cannot arrange {dim_text(elements)} elements as {shape_text(sizes)}"
    if not sizes or any(size < 1 and size != -1 for size in sizes) or sizes.count(-1) > 1:
        raise OpError(
            "sizes",
            message,
            field=field,
            expected="whole numbers from 1, one of which may be -1",
            found=str(list(sizes)),
        )
    given = product(size for size in sizes if size != -1)
    left_over = known(elements) and elements % given
    if left_over or (-1 not in sizes and differ(elements, given)):
        raise OpError("sizes", message, field=field, expected=f"{dim_text(elements)} elements in all", found=str(given))
    return tuple(elements // given if size == -1 else size for size in sizes)


@register
class Flatten(_Reshaping):
    """The dimensions from `start_dim` to `end_dim` as one: torch.nn.Flatten.

    Input `[C, *sizes]`, output `[C·sizes]` by default. Errors: a `start_dim` that is the batch or after `end_dim`.
    """

    name = "flatten"
    main = "start_dim"
    example = "flatten"
    example_inputs = ((512, 7, 7),)

    start_dim: Axis = 1
    end_dim: Axis = -1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        start = axis(self.name, "start_dim", self.start_dim, shape)
        end = axis(self.name, "end_dim", self.end_dim, shape)
        if start > end:
            raise OpError(
                "dim",
                f"`start_dim` (={self.start_dim}) must not be after `end_dim` (={self.end_dim})",
                field="start_dim",
                expected=f"at most {end + 1}",
                found=str(self.start_dim),
            )
        return ((*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :]),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.Flatten", (Argument("start_dim", self.start_dim, 1), Argument("end_dim", self.end_dim, -1)))


@register
class Unflatten(_Reshaping):
    """One dimension as several: torch.nn.Unflatten.

    `dim` becomes `unflattened_size`, one entry of which may be -1. Errors: sizes whose product is not the dimension's.
    """

    name = "unflatten"
    main = "unflattened_size"
    example = "{unflatten: [128, 7, 7], dim: 1}"
    example_inputs = ((6272,),)

    unflattened_size: Sizes
    dim: Axis = 1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        place = axis(self.name, "dim", self.dim, shape)
        sizes = filled(self.name, "unflattened_size", self.unflattened_size, shape[place])
        return ((*shape[:place], *sizes, *shape[place + 1 :]),)

    def module(self, *inputs: Shape) -> Module:
        sizes = Argument("unflattened_size", self.unflattened_size)
        return Module("nn.Unflatten", (Argument("dim", self.dim), sizes))


@register
class Reshape(_Reshaping):
    """All elements of an example in another shape: torch.Tensor.reshape.

    `shape` is without the batch; one entry may be -1. Errors: a shape with another number of elements.
    """

    name = "reshape"
    main = "shape"
    example = "{reshape: [16, 16, -1]}"
    example_inputs = ((256, 14, 14),)

    shape: Sizes

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        return (filled(self.name, "shape", self.shape, product(shape)),)

    def expression(self, *names: str) -> str:
        (x,) = names
        return f"{x}.reshape({x}.shape[0], {', '.join(map(str, self.shape))})"


@register
class Permute(_Reshaping):
    """The dimensions in another order: torch.permute.

    `dims` names all dimensions as torch numbers them and begins with 0, the batch. Errors: a dimension that is missing
    or named twice.
    """

    name = "permute"
    main = "dims"
    example = "{permute: [0, 2, 3, 1]}"
    example_inputs = ((96, 56, 56),)

    dims: Annotated[tuple[int, ...], Expects("the list of all dimensions in their new order, which begins with 0")]

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        count = len(shape) + 1
        places = [dim + count if dim < 0 else dim for dim in self.dims]
        if places[:1] != [0] or sorted(places) != list(range(count)):
            raise OpError(
                "dims",
                f"`dims` of `permute` is no order of the batch and {shape_text(shape)} that begins with the batch",
                field="dims",
                expected=f"0, then the numbers from 1 to {len(shape)} in any order",
                found=str(list(self.dims)),
            )
        return (tuple(shape[place - 1] for place in places[1:]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.permute({', '.join(map(str, self.dims))})"


@register
class Transpose(_Reshaping):
    """Two dimensions in each other's place: torch.transpose.

    Errors: a dimension that is the batch.
    """

    name = "transpose"
    example = "{transpose: , dim0: 1, dim1: 2}"
    example_inputs = ((768, 196),)

    dim0: Axis
    dim1: Axis

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        one, other = axis(self.name, "dim0", self.dim0, shape), axis(self.name, "dim1", self.dim1, shape)
        sizes = list(shape)
        sizes[one], sizes[other] = shape[other], shape[one]
        return (tuple(sizes),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.transpose({self.dim0}, {self.dim1})"


@register
class Squeeze(_Reshaping):
    """Without a dimension of size 1: torch.squeeze.

    Errors: a dimension of another size, which torch leaves as it is without a word.
    """

    name = "squeeze"
    main = "dim"
    example = "{squeeze: -1}"
    example_inputs = ((512, 1),)

    dim: Axis

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        place = axis(self.name, "dim", self.dim, shape)
        if shape[place] != 1:
            raise OpError(
                "sizes",
                f"`squeeze` cannot leave out a dimension of size {dim_text(shape[place])}",
                field="dim",
                expected="a dimension of size 1",
                found=f"dimension {self.dim} of {shape_text(shape)}",
            )
        return ((*shape[:place], *shape[place + 1 :]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.squeeze({self.dim})"


@register
class Unsqueeze(_Reshaping):
    """With one more dimension, of size 1, at `dim`: torch.unsqueeze.

    Errors: a `dim` that would come before the batch.
    """

    name = "unsqueeze"
    main = "dim"
    example = "{unsqueeze: -1}"
    example_inputs = ((512,),)

    dim: Axis

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        place = axis(self.name, "dim", self.dim, (*shape, 1))
        return ((*shape[:place], 1, *shape[place:]),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.unsqueeze({self.dim})"


@register
class LastStep(_Reshaping):
    """The last element of a sequence: `x[:, -1]`.

    Input `[T, *sizes]`, output `[*sizes]`. After bidirectional layers the backward half of it has seen one step only;
    their state `h_n` has seen all. Errors: an input without dimensions.
    """

    name = "last_step"
    example = "last_step"
    example_inputs = ((16, 512),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        at_least(self.name, shape, 1)
        return (shape[1:],)

    def expression(self, *names: str) -> str:
        return f"{names[0]}[:, -1]"
