"""RoI pooling: features of regions, each a patch of one size, all of them folded into the batch."""

from typing import Annotated

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Flag, Natural, Positive, PositiveReal, Whole
from archspec.ops.shapes import Shape, folded, image_sizes, listed

OutputSize = Annotated[
    Positive | tuple[Positive, Positive], Expects("a whole number from 1, or a list of the height and the width")
]


def _patch(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


@register
class RoIPool(Op):
    """The maxima of each region's cells: torchvision.ops.RoIPool (Girshick 2015, section 2.1).

    Inputs: a feature map `[C, H, W]` and the boxes of each example in pixels of the image, a list of `[N, 4]`;
    `spatial_scale` is the feature map's size over the image's. Output: `[C, *output_size]` for each box. Errors: boxes
    that are no list of `[N, 4]`.
    """

    name = "roi_pool"
    main = "output_size"
    per_dimension = ("output_size",)
    kind = "pooling"
    label = "RoI pool"
    inputs = (2, 2)
    takes = "anything"
    example = "{roi_pool: 7, spatial_scale: 0.0625, from: [features, boxes]}"
    example_inputs = ((64, 14, 14), listed(20, 4))

    output_size: OutputSize
    spatial_scale: PositiveReal

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        features, boxes = inputs
        channels = carried_checks.feature_map(self.name, features)[0]
        return (folded((channels, *_patch(self.output_size)), carried_checks.boxes(self.name, "boxes", boxes)),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"torchvision.ops.{type(self).__name__}", self.settings())


@register
class RoIAlign(Op):
    """The averages of each region's cells, interpolated: torchvision.ops.RoIAlign (He et al. 2017, section 3).

    Inputs: a feature map `[C, H, W]` and the boxes of each example in pixels of the image, a list of `[N, 4]`;
    `spatial_scale` is the feature map's size over the image's. Each cell averages `sampling_ratio`² points; -1 takes as
    many as the cell has pixels. Output: `[C, *output_size]` for each box. Errors: boxes that are no list of `[N, 4]`.
    """

    name = "roi_align"
    main = "output_size"
    per_dimension = ("output_size",)
    kind = "pooling"
    label = "RoIAlign"
    unlabelled = ("sampling_ratio",)
    inputs = (2, 2)
    takes = "anything"
    example = "{roi_align: 7, spatial_scale: 0.0625, sampling_ratio: 2, from: [features, boxes]}"
    example_inputs = ((64, 14, 14), listed(20, 4))

    output_size: OutputSize
    spatial_scale: PositiveReal
    sampling_ratio: Whole
    aligned: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        features, boxes = inputs
        channels = carried_checks.feature_map(self.name, features)[0]
        return (folded((channels, *_patch(self.output_size)), carried_checks.boxes(self.name, "boxes", boxes)),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"torchvision.ops.{type(self).__name__}", self.settings())


@register
class MultiScaleRoIAlign(Op):
    """RoIAlign of each box on the feature map that fits its size: torchvision.ops.MultiScaleRoIAlign (Lin et al. 2017).

    Inputs: the boxes of each example in pixels of the image, a list of `[N, 4]`, the sizes of the images, then the
    feature maps `[C, H, W]` from fine to coarse, each half as large as the one before. Output: `[C, *output_size]` for
    each box. Errors: maps of different channels, boxes that are no list of `[N, 4]`.
    """

    name = "multi_scale_roi_align"
    main = "output_size"
    kind = "pooling"
    label = "multi-scale RoIAlign"
    unlabelled = ("sampling_ratio",)
    inputs = (3, None)
    takes = "anything"
    example = "{multi_scale_roi_align: 7, sampling_ratio: 2, from: [boxes, sizes, p2, p3]}"
    example_inputs = (listed(20, 4), image_sizes(64, 64), (16, 16, 16), (16, 8, 8))

    output_size: OutputSize
    sampling_ratio: Whole

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        boxes, sizes, *maps = inputs
        count = carried_checks.boxes(self.name, "boxes", boxes)
        carried_checks.image_sizes(self.name, sizes)
        return (folded((carried_checks.feature_maps(self.name, maps), *_patch(self.output_size)), count),)

    def module(self, *inputs: Shape) -> Module:
        levels = Argument("featmap_names", tuple(map(str, range(len(inputs) - 2))))
        return Module("torchvision.ops.MultiScaleRoIAlign", (levels, *self.settings()))

    def arguments(self, *names: str) -> tuple[str, ...]:
        boxes, sizes, *maps = names
        levels = ", ".join(f'"{level}": {name}' for level, name in enumerate(maps))
        return f"{{{levels}}}", boxes, sizes


@register
class WarpRegions(Op):
    """Regions of images warped to one size: torchvision.ops.roi_align on pixels (Girshick et al. 2014, appendix A).

    The box is widened so that `context` pixels of the result around it show what surrounds it; what lies outside of
    the image is 0, its mean where the mean was subtracted. Inputs: the batch of images `[C, H, W]` and the boxes in
    each, a list of `[N, 4]`. Output: `[C, output_size, output_size]` for each box. Errors: a `context` that leaves no
    room for the region.
    """

    name = "warp_regions"
    main = "output_size"
    kind = "detection"
    label = "warp"
    inputs = (2, 2)
    takes = "anything"
    example = "{warp_regions: 48, context: 4, from: [images, boxes]}"
    example_inputs = ((3, 80, 100), listed(20, 4))

    output_size: Positive
    context: Natural = 0

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        images, boxes = inputs
        channels = carried_checks.feature_map(self.name, images)[0]
        if 2 * self.context >= self.output_size:
            raise OpError(
                "context",
                f"`context` (={self.context}) on both sides leaves nothing of `output_size` (={self.output_size})",
                field="context",
                expected=f"less than {self.output_size / 2:g}",
            )
        count = carried_checks.boxes(self.name, "boxes", boxes)
        return (folded((channels, self.output_size, self.output_size), count),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.regions.WarpRegions", self.settings())
