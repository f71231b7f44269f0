# From specs/mobilenet.yaml.

from torch import Tensor, nn


class ConvNormAct(nn.Sequential):
    def __init__(
        self, in_channels: int, out: int, kernel_size: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel_size=kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    def __init__(self, in_channels: int, hidden_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if in_channels != hidden_channels:
            layers.append(ConvNormAct(in_channels, hidden_channels, kernel_size=1))
        layers += [
            ConvNormAct(hidden_channels, hidden_channels, stride=stride, groups=hidden_channels),
            nn.Conv2d(hidden_channels, out, kernel_size=1, bias=False),
            nn.BatchNorm2d(out),
        ]
        self.conv = nn.Sequential(*layers)
        self.add = stride == 1 and in_channels == out

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        return out + x if self.add else out


class MobileNetV2(nn.Module):
    """mobilenet: 3×224×224 → 1000."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvNormAct(3, 32, stride=2),
            InvertedResidual(32, 32, 16),
            InvertedResidual(16, 96, 24, stride=2),
            InvertedResidual(24, 144, 24),
            InvertedResidual(24, 144, 32, stride=2),
            *(InvertedResidual(32, 192, 32) for _ in range(2)),
            InvertedResidual(32, 192, 64, stride=2),
            *(InvertedResidual(64, 384, 64) for _ in range(3)),
            InvertedResidual(64, 384, 96),
            *(InvertedResidual(96, 576, 96) for _ in range(2)),
            InvertedResidual(96, 576, 160, stride=2),
            *(InvertedResidual(160, 960, 160) for _ in range(2)),
            InvertedResidual(160, 960, 320),
            ConvNormAct(320, 1280, kernel_size=1),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(output_size=1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(nn.Dropout(p=0.2), nn.Linear(1280, 1000))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)
