"""Windows that leave `ceil(size / stride)` places, as TensorFlow pads, and standardised kernels."""

import torch
from torch import Tensor, nn


def pad_same(
    x: Tensor, kernel: list[int], stride: list[int], dilation: list[int], value: float = 0.0
) -> Tensor:
    """What is missing for a window at every `stride`th place, half of it before and half behind."""
    sides: list[int] = []
    for axis in range(len(kernel)):
        size = x.shape[2 + axis]
        last = (size - 1) // stride[axis] * stride[axis]
        missing = max(last + dilation[axis] * (kernel[axis] - 1) + 1 - size, 0)
        sides = [missing // 2, missing - missing // 2] + sides
    return nn.functional.pad(x, sides, value=value)


class SameConv1d(nn.Conv1d):
    """Convolution that leaves `ceil(size / stride)` places."""

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return nn.functional.conv1d(
            x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )


class SameConv2d(nn.Conv2d):
    """Convolution that leaves `ceil(size / stride)` places."""

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return nn.functional.conv2d(
            x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )


class SameConv3d(nn.Conv3d):
    """Convolution that leaves `ceil(size / stride)` places."""

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return nn.functional.conv3d(
            x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )


class StandardizedConv2d(nn.Conv2d):
    """Convolution by kernels of mean 0 and variance 1 (Qiao et al. 2019).

    With `gamma` each is scaled by it, a learned gain and the root of its size (Brock et al. 2021).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        same: bool = False,
        eps: float = 1e-6,
        gamma: float | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.same, self.eps = same, eps
        self.scale = 1.0 if gamma is None else gamma * self.weight[0].numel() ** -0.5
        gain = torch.empty(out_channels, 1, 1, 1)
        self.gain = None if gamma is None else nn.Parameter(gain)
        self.reset_gain()

    def reset_gain(self) -> None:
        if self.gain is not None:
            nn.init.ones_(self.gain)

    def forward(self, x: Tensor) -> Tensor:
        if self.same:
            x = pad_same(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        kernels = self.weight.reshape(1, self.out_channels, -1)
        factor = None if self.gain is None else (self.gain * self.scale).view(-1)
        weight = nn.functional.batch_norm(
            kernels, None, None, weight=factor, training=True, momentum=0.0, eps=self.eps
        ).reshape_as(self.weight)
        return nn.functional.conv2d(
            x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class SameMaxPool(nn.Module):
    """Maximum of windows that leave `ceil(size / stride)` places."""

    def __init__(
        self, kernel_size: list[int], stride: list[int], dilation: list[int] | None = None
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = list(kernel_size), list(stride)
        self.dilation = [1] * len(self.kernel_size) if dilation is None else list(dilation)

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, self.kernel_size, self.stride, self.dilation, -float("inf"))
        if len(self.kernel_size) == 1:
            return nn.functional.max_pool1d(x, self.kernel_size, self.stride, 0, self.dilation)
        if len(self.kernel_size) == 2:
            return nn.functional.max_pool2d(x, self.kernel_size, self.stride, 0, self.dilation)
        return nn.functional.max_pool3d(x, self.kernel_size, self.stride, 0, self.dilation)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, dilation={self.dilation}"


class SameAvgPool(nn.Module):
    """Mean of windows that leave `ceil(size / stride)` places, with the padding or without it."""

    def __init__(
        self, kernel_size: list[int], stride: list[int], count_include_pad: bool = True
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = list(kernel_size), list(stride)
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x)
        return mean if self.count_include_pad else mean / self.mean(torch.ones_like(x[:1, :1]))

    def mean(self, x: Tensor) -> Tensor:
        x = pad_same(x, self.kernel_size, self.stride, [1] * len(self.kernel_size))
        if len(self.kernel_size) == 1:
            return nn.functional.avg_pool1d(x, self.kernel_size, self.stride)
        if len(self.kernel_size) == 2:
            return nn.functional.avg_pool2d(x, self.kernel_size, self.stride)
        return nn.functional.avg_pool3d(x, self.kernel_size, self.stride)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}"
