"""Checks of inputs that are more than plain tensors, each with the error that says what was wanted."""

from collections.abc import Sequence

from archspec.ops.base import OpError
from archspec.ops.field_types import differ
from archspec.ops.shapes import Carried, Dim, Shape, dtype_of, form_of, is_plain, items, shape_text

FEATURES = "a feature map `[channels, height, width]`"


def refuse(op: str, what: str, shape: Shape, expected: str) -> OpError:
    """The error of an input that is not what the op takes in its place."""
    return OpError("inputs", f"`{op}` cannot take this as {what}", expected=expected, found=shape_text(shape) or "()")


def boxes(op: str, what: str, shape: Shape) -> Dim:
    """The number of boxes of each example, from a list of `[N, 4]`.

    >>> from archspec.ops.shapes import listed
    >>> boxes("roi_pool", "boxes", listed(128, 4))
    128
    """
    if form_of(shape) != "list" or len(shape) != 2 or differ(shape[1], 4):
        raise refuse(op, what, shape, "a list with the corners of each example's boxes, N×4")
    return shape[0]


def images(op: str, shape: Shape) -> Shape:
    """The size of each image, from a list of `[channels, height, width]`."""
    if form_of(shape) != "list" or len(shape) != 3:
        raise refuse(op, "images", shape, "a list with one image for each example, such as 3×600×800")
    return tuple(shape)


def image_sizes(op: str, shape: Shape) -> Shape:
    """The height and width of each image."""
    if form_of(shape) != "sizes" or len(shape) != 2:
        raise refuse(op, "image sizes", shape, "each image's height and width, from `detection_transform`")
    return tuple(shape)


def feature_map(op: str, shape: Shape) -> Shape:
    """A plain feature map `[channels, height, width]`."""
    if not is_plain(shape) or len(shape) != 3:
        raise refuse(op, "a feature map", shape, FEATURES)
    return shape


def feature_maps(op: str, shapes: Sequence[Shape]) -> Dim:
    """The channels of feature maps that all have equally many."""
    for shape in shapes:
        if differ(feature_map(op, shape)[0], shapes[0][0]):
            raise refuse(op, "a feature map beside the others", shape, f"the {shapes[0][0]} channels of the first")
    return shapes[0][0]


def per_region(op: str, what: str, shape: Shape, regions: Dim, dims: int, layout: str) -> Shape:
    """The size of what was computed for each of `regions` regions of an example."""
    if form_of(shape) != "folded" or len(shape) != dims:
        raise refuse(op, what, shape, f"{layout} for each region")
    if differ(items(shape), regions):
        raise refuse(op, what, shape, f"as many items of each example as it has regions, {regions}")
    return tuple(shape)


def records(op: str, what: str, shape: Shape, *names: str) -> dict[str, Shape]:
    """The tensors of each example by name, of which some must be there."""
    fields = dict(shape.fields) if isinstance(shape, Carried) and shape.form == "records" else {}
    missing = [name for name in names if name not in fields]
    if missing or not fields:
        wanted = ", ".join(f"`{name}`" for name in names)
        raise refuse(op, what, shape, f"a list with one mapping for each example, with {wanted}")
    return fields


def targets(op: str, shape: Shape, *more: str) -> Carried:
    """Targets with the boxes and labels of each example's objects, and `more`."""
    fields = records(op, "targets", shape, "boxes", "labels", *more)
    if len(fields["boxes"]) != 2 or differ(fields["boxes"][1], 4):
        raise refuse(op, "the boxes of targets", fields["boxes"], "the corners of each box, N×4")
    if len(fields["labels"]) != 1 or dtype_of(fields["labels"]) != "int64":
        raise refuse(op, "the labels of targets", fields["labels"], "a whole number for each box, int64")
    assert isinstance(shape, Carried)
    return shape


def losses(op: str, shape: Shape) -> tuple[str, ...]:
    """The names of the losses."""
    if not isinstance(shape, Carried) or shape.form != "scalars":
        raise refuse(op, "losses", shape, "the losses that another op of detection gives")
    return tuple(name for name, _ in shape.fields)
