"""Shapes: tuples of dimensions without the batch, where a dimension is a number or a symbolic expression.

A symbolic dimension (`H` in `input: [3, H, W]`) takes part in arithmetic as a number does, so that shape rules are
written once and hold for both; what a rule asks of a symbolic size is noted in `conditions.py`.

Most values are tensors of floats with the batch as their first dimension. `Carried` shapes say what others are. Where
an op sees the batch among the dimensions, a `Batch` stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod as _product
from typing import Any, Literal, TypeAlias

from archspec.language.batch import Batch as Batch
from archspec.language.symbolic import Symbolic
from archspec.language.symbolic import larger as larger
from archspec.language.symbolic import scaled as scaled
from archspec.language.symbolic import symbol as symbol

Dim: TypeAlias = Any
"""An `int`, or a `Symbolic` size."""

Count: TypeAlias = Any
"""A whole number of things; symbolic where it depends on a symbolic dimension."""

Shape: TypeAlias = tuple[Dim, ...]
"""The size of each dimension but the batch: `(channels, height, width)`."""

FLOAT = "float32"


Form = Literal["tensor", "folded", "whole", "list", "records", "scalars", "sizes"]
"""How the examples of a batch are carried.

`tensor`: the first dimension; `folded`: the first dimension too, with several items for each example; `whole`: a tensor
whose dimensions are all written out, since the batch is not the first of them, or in none at all; `list`: a list
with one tensor for each example, so that sizes may differ; `records`: a list with one mapping of tensors for each
example; `scalars`: one mapping of single numbers for the whole batch; `sizes`: a list with the height and width of each
example's image.
"""


class Carried(tuple[Any, ...]):
    """The shape of a value that is more than a tensor of floats with one example in each row.

    As a tuple it has the dimensions of one item, and of a `whole` tensor all, the batch among them. `count` is the
    number of items of one example where they are folded into the batch; `fields` are the shapes by name of `records`
    and `scalars`; `dtype` is torch's word for the elements; `optional` is true where the value may be left out, and
    `None` stands for it; `in_training` is the shape of what comes instead in training mode, such as losses.
    """

    form: Form
    count: Dim
    fields: tuple[tuple[str, Shape], ...]
    dtype: str
    optional: bool
    in_training: Shape | None

    def __new__(
        cls,
        dims: Iterable[Dim] = (),
        form: Form = "tensor",
        *,
        count: Dim = 1,
        fields: Mapping[str, Shape] | Iterable[tuple[str, Shape]] = (),
        dtype: str = FLOAT,
        optional: bool = False,
        in_training: Shape | None = None,
    ) -> Carried:
        self = super().__new__(cls, dims)
        self.in_training = in_training
        self.form, self.count, self.dtype, self.optional = form, count, dtype, optional
        self.fields = tuple(fields.items() if isinstance(fields, Mapping) else fields)
        return self

    @property
    def _key(self) -> tuple[Any, ...]:
        return tuple(self), self.form, self.count, self.fields, self.dtype, self.optional, self.in_training

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Carried) and self._key == other._key

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Carried{self._key}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _carried, self._key


def _carried(
    dims: Shape, form: Form, count: Dim, fields: Any, dtype: str, optional: bool, in_training: Shape | None
) -> Carried:
    return Carried(dims, form, count=count, fields=fields, dtype=dtype, optional=optional, in_training=in_training)


def is_plain(shape: Shape) -> bool:
    """Whether a value is a tensor of floats with one example in each row."""
    return type(shape) is tuple


def form_of(shape: Shape) -> Form:
    """How the examples of a batch are carried."""
    return shape.form if isinstance(shape, Carried) else "tensor"


def dtype_of(shape: Shape) -> str:
    """torch's word for what the elements are."""
    return shape.dtype if isinstance(shape, Carried) else FLOAT


def items(shape: Shape) -> Count:
    """The number of items of one example that stand in the batch dimension."""
    return shape.count if isinstance(shape, Carried) else 1


def whole(shape: Shape) -> tuple[Dim, ...]:
    """All dimensions of a tensor, the batch in its place.

    >>> whole((64, 56, 56))
    (B, 64, 56, 56)
    """
    if not isinstance(shape, Carried):
        return (Batch(), *shape)
    return tuple(shape) if shape.form == "whole" else (Batch(shape.count), *shape)


def shape_of(dims: Sequence[Dim], dtype: str = FLOAT) -> Shape:
    """The shape of a tensor of which all dimensions are given, the batch in its place.

    >>> [shape_text(shape_of(dims)) for dims in ((Batch(), 3, 12), (1, 197, 768), (3, Batch(), 4))]
    ['3×12', '1×197×768', '3×B×4']
    """
    first, *rest = dims or (0,)
    if type(first) is not Batch or first.power > 1 or any(type(dim) is Batch for dim in rest):
        return Carried(dims, "whole", dtype=dtype)
    if known(first.count) and first.count == 1:
        return tuple(rest) if dtype == FLOAT else Carried(rest, dtype=dtype)
    return Carried(rest, "folded", count=first.count, dtype=dtype)


def one_example(shape: Shape) -> tuple[Dim, ...]:
    """The dimensions of a value where the batch is one example."""
    return tuple(map(per_example, shape)) if isinstance(shape, Carried) else shape


def per_example(count: Count) -> Count:
    """What a count that the batch may be a factor of is for one example."""
    return count.count if type(count) is Batch else count


def folded(dims: Iterable[Dim], count: Dim) -> Shape:
    """The shape of items of which each example has `count` in the batch dimension.

    >>> shape_text(folded((256, 7, 7), 1000))
    '1000 of 256×7×7'
    """
    return Carried(dims, "folded", count=count)


def listed(*dims: Dim, dtype: str = FLOAT) -> Shape:
    """The shape of one tensor of a list that has one for each example.

    >>> shape_text(listed(1000, 4))
    'list of 1000×4'
    """
    return Carried(dims, "list", dtype=dtype)


def records(**fields: Shape) -> Shape:
    """The shape of a list that has one mapping of tensors for each example.

    >>> shape_text(records(boxes=(100, 4), labels=(100,)))
    'boxes 100×4, labels 100'
    """
    return Carried((), "records", fields=fields)


def scalars(*names: str) -> Shape:
    """The shape of a mapping of single numbers, such as losses, for the whole batch."""
    return Carried((), "scalars", fields=[(name, ()) for name in names])


def image_sizes(height: Dim, width: Dim) -> Shape:
    """The shape of a list with the height and width of each example's image.

    >>> shape_text(image_sizes(600, 800))
    'size 600×800'
    """
    return Carried((height, width), "sizes")


def known(*dims: Dim) -> bool:
    """Whether every dimension is a number.

    >>> known(3, 224, 224)
    True
    """
    return _NUMBERS.issuperset(map(type, dims))


_NUMBERS = frozenset({int, bool})


def symbolic_dims(shape: Shape) -> Iterator[Symbolic]:
    """The symbolic sizes of a shape: its dimensions, the items in its batch, and those of its fields."""
    for dim in shape:
        size = dim.count if type(dim) is Batch else dim
        if isinstance(size, Symbolic):
            yield size
    if isinstance(shape, Carried):
        if isinstance(shape.count, Symbolic):
            yield shape.count
        for _, each in shape.fields:
            yield from symbolic_dims(each)


def product(dims: Iterable[Dim]) -> Count:
    """The number of elements.

    >>> product((3, 2, 2))
    12
    """
    return _product(dims)


def dim_text(dim: Dim) -> str:
    """A dimension as it is shown to a reader."""
    return str(dim)


def shape_text(shape: Shape) -> str:
    """A shape as papers write it.

    >>> shape_text((64, 112, 112))
    '64×112×112'
    """
    text = "×".join(map(_factor_text, shape))
    if not isinstance(shape, Carried):
        return text
    if shape.fields:
        return ", ".join(f"{name} {shape_text(each)}".rstrip() for name, each in shape.fields)
    if shape.form == "folded":
        return f"{_factor_text(shape.count)} of {text or 'one number'}"
    word = {"list": "list of ", "sizes": "size "}.get(shape.form, "")
    return word + text


def _factor_text(dim: Dim) -> str:
    if not isinstance(dim, Symbolic):
        return dim_text(dim)
    text = str(dim) if len(str(dim)) <= _LONGEST else f"{str(dim)[: _LONGEST - 1]}…"
    return text if dim.is_factor else f"({text})"


_LONGEST = 80
"""So much of a symbolic size is shown in a shape."""
