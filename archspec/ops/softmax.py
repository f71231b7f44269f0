"""Softmax and its kin: values along a dimension as shares of one."""

from abc import ABC

from archspec.ops.activation import Activation
from archspec.ops.base import register
from archspec.ops.field_types import Axis, axis, spatial_rank
from archspec.ops.shapes import Shape, is_plain, whole
from archspec.ops.whole_tensors import inside, refused, tensor_fault


class _AlongAxis(Activation, ABC):
    """An activation along one dimension; without `dim` the last, which holds the classes of a classifier."""

    main = "dim"
    saves_output = True
    takes = "anything"

    dim: Axis = -1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if fault := tensor_fault(shape):
            raise refused(self.name, fault, shape)
        if is_plain(shape):
            axis(self.name, "dim", self.dim, shape)
        else:
            inside(self.name, "dim", self.dim, whole(shape))
        return inputs


@register
class Softmax(_AlongAxis):
    """`exp(x)` divided by its sum over `dim`: torch.nn.Softmax.

    `dim` counts as torch does, 1 is the channels; without it, the last dimension. Input and output have one shape.
    """

    name = "softmax"
    title = "Softmax"
    functional = "F.softmax"
    example = "softmax"
    example_inputs = ((1000,),)


@register
class LogSoftmax(_AlongAxis):
    """The logarithm of `softmax`: torch.nn.LogSoftmax.

    `dim` counts as torch does, 1 is the channels; without it, the last dimension. Input and output have one shape.
    """

    name = "log_softmax"
    title = "LogSoftmax"
    functional = "F.log_softmax"
    example = "{log_softmax: 1}"
    example_inputs = ((21, 28, 28),)


@register
class Softmin(_AlongAxis):
    """`softmax` of `-x`: torch.nn.Softmin.

    `dim` counts as torch does, 1 is the channels; without it, the last dimension. Input and output have one shape.
    """

    name = "softmin"
    title = "Softmin"
    functional = "F.softmin"
    example = "softmin"
    example_inputs = ((1000,),)


@register
class Softmax2d(Activation):
    """`softmax` over the channels at each place of a map: torch.nn.Softmax2d.

    Input and output `[C, H, W]`. Errors: another rank.
    """

    name = "softmax2d"
    title = "Softmax2d"
    saves_output = True
    example = "softmax2d"
    example_inputs = ((21, 28, 28),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        spatial_rank(self.name, inputs[0], (2,))
        return inputs
