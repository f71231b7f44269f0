"""The Python types of values in `forward`."""

from __future__ import annotations

from archspec.ops.shapes import Carried, Shape

TYPES = {
    "list": "list[Tensor]",
    "records": "list[dict[str, Tensor]]",
    "scalars": "dict[str, Tensor]",
    "sizes": "list[tuple[int, int]]",
}


def annotation(shape: Shape) -> str:
    """The type of a value of this shape; `None` is part of it where the value may be left out.

    >>> annotation((3, 224, 224)), annotation(Carried((4,), "list", optional=True))
    ('Tensor', 'list[Tensor] | None')
    """
    if not isinstance(shape, Carried):
        return "Tensor"
    types = [TYPES.get(shape.form, "Tensor")]
    if shape.in_training is not None:
        types.append(annotation(shape.in_training))
    return " | ".join([*types, "None"] if shape.optional else types)


def argument(name: str, shape: Shape, *, may_be_left_out: bool) -> str:
    """An argument of `forward` with its type, and its default where the caller may leave it out."""
    optional = isinstance(shape, Carried) and shape.optional and may_be_left_out
    return f"{name}: {annotation(shape)}{' = None' if optional else ''}"
