# From specs/unet.yaml.

import torch
from torch import Tensor, nn


class DoubleConv(nn.Sequential):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
        )


class UNet(nn.Module):
    """unet: 1×64×64 → 2×64×64."""

    def __init__(self) -> None:
        super().__init__()
        self.enc1 = DoubleConv(1, 16)
        self.pool1 = nn.MaxPool2d(kernel_size=2)
        self.enc2 = DoubleConv(16, 32)
        self.pool2 = nn.MaxPool2d(kernel_size=2)
        self.bottom = DoubleConv(32, 64)
        self.up2 = nn.ConvTranspose2d(64, 32, kernel_size=2, stride=2)
        self.dec2 = DoubleConv(64, 32)
        self.up1 = nn.ConvTranspose2d(32, 16, kernel_size=2, stride=2)
        self.dec1 = DoubleConv(32, 16)
        self.head = nn.Conv2d(16, 2, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        enc1 = self.enc1(x)
        x = self.pool1(enc1)
        enc2 = self.enc2(x)
        x = self.pool2(enc2)
        x = self.bottom(x)
        x = self.up2(x)
        x = torch.cat([enc2, x], dim=1)
        x = self.dec2(x)
        x = self.up1(x)
        x = torch.cat([enc1, x], dim=1)
        x = self.dec1(x)
        return self.head(x)
