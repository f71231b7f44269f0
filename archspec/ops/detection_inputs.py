"""Images of any size as one batch, with their targets, as detectors take them."""

import math
from typing import Annotated

from pydantic import Field

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Positive, PositiveReal, Reals, differ
from archspec.ops.shapes import Carried, Dim, Shape, image_sizes, known, listed, symbol


@register
class DetectionTransform(Op):
    """Images as one batch: torchvision.models.detection's GeneralizedRCNNTransform.

    Each image is normalised and resized so that its shorter side is `min_size`, or its longer side `max_size` where
    that is smaller; then all are padded to a common size that `size_divisible` divides. In training `min_size` is
    drawn from a list, in evaluation it is the last; `null` leaves the images as large as they are, and `fixed_size`,
    a height and a width, is that of all. Inputs: a list of images `[C, H, W]` with values from 0 to 1, and the
    targets, which training needs. Outputs: the batch `[C, H', W']`, the images' sizes in it, their sizes before, and
    the targets, resized. With symbolic sizes the batch has new ones. Errors: targets without `boxes` or `labels`.
    """

    name = "detection_transform"
    main = "min_size"
    kind = "detection"
    inputs = (2, 2)
    outputs = ("images", "sizes", "original_sizes", "targets")
    takes = "anything"
    example = "{detection_transform: 64, max_size: 96, from: [images, targets]}"
    example_inputs = (
        listed(3, 80, 100),
        Carried((), "records", fields={"boxes": (5, 4), "labels": Carried((5,), dtype="int64")}, optional=True),
    )

    min_size: Annotated[
        Positive | Annotated[tuple[Positive, ...], Field(min_length=1)] | None,
        Expects("a whole number from 1, a list to draw from in training, or null for no resizing"),
    ] = 800
    max_size: Positive = 1333
    image_mean: Reals = (0.485, 0.456, 0.406)
    image_std: Annotated[tuple[PositiveReal, ...], Expects("a list of numbers above 0")] = (0.229, 0.224, 0.225)
    size_divisible: Positive = 32
    fixed_size: Annotated[tuple[Positive, Positive] | None, Expects("a height and a width, or null")] = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels, *size = carried_checks.images(self.name, inputs[0])
        targets = carried_checks.targets(self.name, inputs[1])
        for field in ("image_mean", "image_std"):
            if differ(channels, len(getattr(self, field))):
                raise OpError(
                    "channels",
                    f"`{field}` has {len(getattr(self, field))} values for {channels} channels",
                    field=field,
                    expected="one for each channel",
                )
        resized, padded = zip(*self._resized(*size))
        return (channels, *padded), image_sizes(*resized), image_sizes(*size), targets

    def _resized(self, height: Dim, width: Dim) -> list[tuple[Dim, Dim]]:
        """The height and the width, each as resized and as padded after that."""
        if self.fixed_size is not None:
            return [(size, self._padded(size)) for size in self.fixed_size]
        if not known(height, width):
            free = [each if known(each) else symbol(f"{str(each).lower()}") for each in (height, width)]
            return [(self.size_divisible * each, self.size_divisible * each) for each in free]
        least = self.min_size[-1] if isinstance(self.min_size, tuple) else self.min_size
        scale = 1.0 if least is None else min(least / min(height, width), self.max_size / max(height, width))
        sizes = [math.floor(float(size) * scale) for size in (height, width)]
        return [(size, self._padded(size)) for size in sizes]

    def _padded(self, size: int) -> int:
        return math.ceil(size / self.size_divisible) * self.size_divisible

    def module(self, *inputs: Shape) -> Module:
        fields = tuple(carried_checks.records(self.name, "targets", inputs[1]))
        needed = Argument("fields", fields, ("boxes", "labels"))
        return Module(f"{MODULES}.detection_inputs.DetectionTransform", (*self.settings(), needed))


@register
class ResizeBoxes(Op):
    """Boxes given with images, where the images were resized: torchvision.models.detection.transform.resize_boxes.

    Inputs: the boxes of each image, a list of `[N, 4]` in its pixels, the images' sizes as they were given, and their
    sizes as they were resized. Output: the boxes in pixels of the resized images. Errors: boxes that are no list of
    `[N, 4]`.
    """

    name = "resize_boxes"
    kind = "detection"
    inputs = (3, 3)
    takes = "anything"
    example = "{resize_boxes: , from: [boxes, transform.original_sizes, transform.sizes]}"
    example_inputs = (listed(20, 4), image_sizes(80, 100), image_sizes(64, 80))

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        boxes, *sizes = inputs
        carried_checks.boxes(self.name, "boxes", boxes)
        for each in sizes:
            carried_checks.image_sizes(self.name, each)
        return (boxes,)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.detection_inputs.ResizeBoxes")
