# From specs/densenet.yaml.

from collections import OrderedDict

import torch
from torch import Tensor, nn


class DenseLayer(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 128, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(128, 32, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        conv2 = self.norm1(x)
        conv2 = self.relu1(conv2)
        conv2 = self.conv1(conv2)
        conv2 = self.norm2(conv2)
        conv2 = self.relu2(conv2)
        conv2 = self.conv2(conv2)
        return torch.cat([x, conv2], dim=1)


class Transition(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, kernel_size=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        x = self.relu(x)
        x = self.conv(x)
        return self.pool(x)


class DenseNet(nn.Module):
    """densenet: 3×224×224 → 1000."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(64),
                relu0=nn.ReLU(inplace=True),
                pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
                denseblock1=nn.Sequential(
                    OrderedDict({f"denselayer{i + 1}": DenseLayer(64 + 32 * i) for i in range(6)})
                ),
                transition1=Transition(256),
                denseblock2=nn.Sequential(
                    OrderedDict({f"denselayer{i + 1}": DenseLayer(128 + 32 * i) for i in range(12)})
                ),
                transition2=Transition(512),
                denseblock3=nn.Sequential(
                    OrderedDict({f"denselayer{i + 1}": DenseLayer(256 + 32 * i) for i in range(24)})
                ),
                transition3=Transition(1024),
                denseblock4=nn.Sequential(
                    OrderedDict({f"denselayer{i + 1}": DenseLayer(512 + 32 * i) for i in range(16)})
                ),
                norm5=nn.BatchNorm2d(1024),
            ),
        )
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(output_size=1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(1024, 1000)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.relu(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)
