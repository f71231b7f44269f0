# From specs/efficientnet.yaml.

from torch import Tensor, nn
from torchvision.ops import StochasticDepth


class ConvNormAct(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel_size: int = 1,
        stride: int = 1,
        groups: int = 1,
        silu: bool = True,
    ) -> None:
        layers: list[nn.Module] = [
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
        ]
        if silu:
            layers.append(nn.SiLU(inplace=True))
        super().__init__(*layers)


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(output_size=1)
        self.fc1 = nn.Conv2d(channels, squeeze, kernel_size=1)
        self.activation = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, channels, kernel_size=1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.avgpool(x)
        out = self.fc1(out)
        out = self.activation(out)
        out = self.fc2(out)
        out = self.scale_activation(out)
        return out * x


class MBConv(nn.Module):
    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        out: int,
        kernel_size: int = 5,
        stride: int = 1,
        drop: float | None = None,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if in_channels != hidden_channels:
            layers.append(ConvNormAct(in_channels, hidden_channels))
        layers += [
            ConvNormAct(
                hidden_channels,
                hidden_channels,
                kernel_size=kernel_size,
                stride=stride,
                groups=hidden_channels,
            ),
            SqueezeExcite(hidden_channels, in_channels // 4),
            ConvNormAct(hidden_channels, out, silu=False),
        ]
        self.block = nn.Sequential(*layers)
        self.stochastic_depth = StochasticDepth(p=drop, mode="row") if drop is not None else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        if self.stochastic_depth is not None:
            out = self.stochastic_depth(out)
            x = out + x
        else:
            x = out
        return x


class EfficientNet(nn.Module):
    """efficientnet: 3×224×224 → 1000."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvNormAct(3, 32, kernel_size=3, stride=2),
            nn.Sequential(MBConv(32, 32, 16, kernel_size=3)),
            nn.Sequential(
                MBConv(16, 96, 24, kernel_size=3, stride=2),
                MBConv(24, 144, 24, kernel_size=3, drop=0.025),
            ),
            nn.Sequential(MBConv(24, 144, 40, stride=2), MBConv(40, 240, 40, drop=0.05)),
            nn.Sequential(
                MBConv(40, 240, 80, kernel_size=3, stride=2),
                MBConv(80, 480, 80, kernel_size=3, drop=0.07500000000000001),
                MBConv(80, 480, 80, kernel_size=3, drop=0.08750000000000001),
            ),
            nn.Sequential(
                MBConv(80, 480, 112),
                MBConv(112, 672, 112, drop=0.1125),
                MBConv(112, 672, 112, drop=0.125),
            ),
            nn.Sequential(
                MBConv(112, 672, 192, stride=2),
                MBConv(192, 1152, 192, drop=0.15000000000000002),
                MBConv(192, 1152, 192, drop=0.1625),
                MBConv(192, 1152, 192, drop=0.17500000000000002),
            ),
            nn.Sequential(MBConv(192, 1152, 320, kernel_size=3)),
            ConvNormAct(320, 1280),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(output_size=1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(nn.Dropout(p=0.2), nn.Linear(1280, 1000))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)
