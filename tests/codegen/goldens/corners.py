# From specs/corners.yaml.

from typing import NamedTuple

import torch
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """The squashing function amplitude·tanh(slope·x) (LeCun et al. 1998, equation 6)."""

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3) -> None:
        super().__init__()
        self.amplitude, self.slope = amplitude, slope

    def forward(self, x: Tensor) -> Tensor:
        return self.amplitude * torch.tanh(self.slope * x)

    def extra_repr(self) -> str:
        return f"{self.amplitude}, {self.slope}"


class CornersOutput(NamedTuple):
    logits: Tensor
    early: Tensor
    aux: Tensor | None


class CornersEvalOutput(NamedTuple):
    logits: Tensor
    early: Tensor


class Unit(nn.Module):
    def __init__(self, in_channels: int, act: type[nn.Module], gate: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 8, kernel_size=3, padding=1)
        self.act = act(inplace=True)
        self.squeeze = nn.AdaptiveAvgPool2d(output_size=1) if gate else None
        self.weigh = nn.Sigmoid() if gate else None

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.act(x)
        if self.squeeze is not None:
            out = self.squeeze(x)
            out = self.weigh(out)
            x = out * x
        return x


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Conv2d(8, 8, kernel_size=1)
        self.right = nn.Conv2d(8, 8, kernel_size=1).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        left = self.left(x)
        right = self.right(x)
        return left + right


class Listed(nn.ModuleDict):
    def __init__(self, last: bool = False) -> None:
        super().__init__({"0": nn.Conv2d(8, 8, kernel_size=1)})
        if last:
            self["2"] = nn.ReLU(inplace=True)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        out = self["0"](x)
        x = out + x
        if self.last:
            x = self["2"](x)
        return x


class Hourglass(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.MaxPool2d(kernel_size=2)
        self.inner = nn.Sequential(nn.Conv2d(8, 8, kernel_size=3, padding=1))
        self.up = nn.Upsample(scale_factor=2.0)

    def forward(self, x: Tensor) -> Tensor:
        out = self.down(x)
        out = self.inner(out)
        out = self.up(out)
        return out + x


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(8, 8, kernel_size=1)
        self.b = nn.Conv2d(8, 8, kernel_size=1)
        self.aux = nn.Conv2d(8, 2, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first = self.a(x)
        x = self.b(first)
        if self.training:
            self.aux(first)
        return first, x


class Corners(nn.Module):
    """corners: 3×32×32 → logits 2, early 2, aux 2."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, act=nn.ReLU, gate=False)
        self.mid = Unit(8, act=nn.SiLU)
        self.wide = Unit(8, act=nn.Hardswish)
        self.squash = ScaledTanh()
        self.nested = Nested()
        self.list1 = Listed(last=True)
        self.list2 = Listed()
        self.body = Hourglass()
        self.pair = Pair()
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(output_size=1), nn.Flatten(), nn.Linear(16, 2)
        ).requires_grad_(False)
        self.aux = nn.Sequential(nn.Flatten(), nn.Linear(8192, 2))
        self.early = nn.Sequential(nn.Flatten(), nn.Linear(8192, 2))

    def forward(self, x: Tensor) -> CornersEvalOutput | CornersOutput:
        x = self.stem(x)
        mid = self.mid(x)
        x = self.wide(mid)
        x = self.squash(x)
        x = self.nested(x)
        x = self.list1(x)
        x = self.list2(x)
        x = self.body(x)
        first, second = self.pair(x)
        first = self.nested(first)
        x = torch.cat([second, first], dim=1)
        x = self.head(x)
        aux = self.aux(mid) if self.training else None
        early = self.early(mid)
        if self.training:
            return CornersOutput(x, early, aux)
        return CornersEvalOutput(x, early)
