"""Downsampling after a blur, against aliasing."""

from collections.abc import Sequence
from typing import Literal

from archspec.ops.base import MODULES, Module, Op, register
from archspec.ops.field_types import Positive, channels, spatial_rank, window
from archspec.ops.padding import padded
from archspec.ops.shapes import Count, Dim, Shape, product


@register
class BlurPool(Op):
    """A binomial blur of each channel, of which every `stride`th place is kept: no torch class (Zhang 2019).

    Input `[C, H, W]`, output `[C, H', W']`, padded by `(stride + kernel_size - 2) // 2` on each side; no parameters.
    MACs: output elements × kernel elements. Errors: another rank, a padding that its mode cannot give.
    """

    name = "blur_pool"
    main = "kernel_size"
    kind = "pooling"
    unlabelled = ("padding_mode",)
    example = "{blur_pool: 3, stride: 2}"
    example_inputs = ((64, 56, 56),)

    kernel_size: Positive = 3
    stride: Positive = 2
    padding_mode: Literal["reflect", "replicate", "constant"] = "reflect"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        spatial_rank(self.name, shape, (2,))
        channels(self.name, shape)
        return ((shape[0], *map(self._size, shape[1:])),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return product(outputs[0]) * self.kernel_size**2

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.blur.BlurPool2d", self.settings())

    def _size(self, size: Dim) -> Dim:
        side = (self.stride + self.kernel_size - 2) // 2
        return window(self.name, padded(self.name, size, side, side, self.padding_mode), self.kernel_size, self.stride)
