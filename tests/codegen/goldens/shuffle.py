# From specs/shuffle.yaml.

import torch
from torch import Tensor, nn


class Unit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(8, 8, kernel_size=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, dim=1)
        second = self.branch(second)
        return torch.cat([first, second], dim=1)


class SqueezeExcite(nn.Module):
    def __init__(self, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(output_size=1)
        self.fc1 = nn.Conv2d(16, squeeze, kernel_size=1)
        self.activation = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, 16, kernel_size=1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.avgpool(x)
        out = self.fc1(out)
        out = self.activation(out)
        out = self.fc2(out)
        out = self.scale_activation(out)
        return out * x


class Residual(nn.ModuleDict):
    def __init__(self, squeeze: int) -> None:
        super().__init__(
            {"0": SqueezeExcite(squeeze), "1": nn.Conv2d(16, 16, kernel_size=3, padding=1)}
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self["0"](x)
        out = self["1"](out)
        return out + x


class ShuffleNet(nn.Module):
    """shuffle: 3×32×32 and 3×32×32 → 2."""

    def __init__(self) -> None:
        super().__init__()
        self.tower_left = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=3, stride=2, padding=1), Unit(), Residual(8), Residual(4)
        )
        self.pool = nn.AdaptiveAvgPool2d(output_size=1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(16, 2)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        left = self.tower_left(left)
        right = self.tower_left(right)
        x = left - right
        x = self.pool(x)
        x = self.flatten(x)
        return self.fc(x)
