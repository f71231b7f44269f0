"""What a network takes of each item, as its graph says."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.graph.model import Graph
from archspec.ops.shapes import Carried, Shape, dtype_of, form_of, known

COLOURS = (1, 3)
"""The numbers of channels that an image has: grey, or red, green and blue."""


@dataclass(frozen=True)
class Wanted:
    """The inputs of a network, the first of which is fed with the images.

    `fields` are the tensors of each target that the network is fed with in training; `takes_label` is true where it is
    fed with the class's number then.
    """

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    fields: tuple[str, ...] = ()
    takes_label: bool = False

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.shapes[0]

    @property
    def listed(self) -> bool:
        """Whether the images of a batch come as a list, so that their sizes may differ."""
        return form_of(self.shape) == "list"

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the inputs that may not be left out."""
        return tuple(name for name, shape in zip(self.names, self.shapes) if not _is_optional(shape))

    @property
    def feeds_target(self) -> bool:
        """Whether the network is fed with the targets in training."""
        return bool(self.fields) or self.takes_label

    @property
    def field_shapes(self) -> dict[str, Shape]:
        """The shapes of the tensors of each target that the network is fed with."""
        return dict(self.shapes[1].fields) if self.fields and isinstance(self.shapes[1], Carried) else {}

    @property
    def time(self) -> int | None:
        """The place of the frames in `[C, T, H, W]` or `[T, C, H, W]`; `None` for what is no clip.

        The dimension that is 1 or 3 is the channels; where both are, they come first, as in torchvision's networks.
        """
        if len(self.shape) != 4:
            return None
        return 0 if self.shape[1] in COLOURS and self.shape[0] not in COLOURS else 1

    @property
    def frames(self) -> int | None:
        """The number of frames of a clip; `None` where the network takes any."""
        return _number(self.shape[self.time]) if self.time is not None else None

    @property
    def channels(self) -> int | None:
        """The number of channels; `None` where the network takes any, or no images."""
        if len(self.shape) not in (3, 4):
            return None
        return _number(self.shape[1 if self.time == 0 else 0])

    @property
    def size(self) -> tuple[int, int] | None:
        """The height and the width; `None` where the network takes any, or no images."""
        if len(self.shape) not in (3, 4) or not known(*self.shape[-2:]):
            return None
        height, width = self.shape[-2:]
        return int(height), int(width)


def wanted_by(graph: Graph) -> Wanted:
    """What a graph's network takes.

    A second input that may be left out is fed with the targets in training where it has their form: a mapping of
    tensors for each image, or a whole number.
    """
    names, shapes = graph.root.input_names, graph.root.input_shapes
    second = shapes[1] if len(shapes) > 1 else None
    if not isinstance(second, Carried) or not second.optional:
        return Wanted(names, shapes)
    fields = tuple(name for name, _ in second.fields) if second.form == "records" else ()
    is_label = second.form == "tensor" and not len(second) and dtype_of(second) == "int64"
    return Wanted(names, shapes, fields, is_label)


def _is_optional(shape: Shape) -> bool:
    return isinstance(shape, Carried) and shape.optional


def _number(dim: object) -> int | None:
    return int(dim) if isinstance(dim, int) else None
