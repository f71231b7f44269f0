"""The modules that Ultralytics' rows name; names of attributes are those of the published weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn


class Conv(nn.Module):
    """A convolution without a bias, a batch norm, and SiLU."""

    def __init__(
        self, before: int, after: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(after, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU() if act else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        return self.act(self.bn(self.conv(x)))  # type: ignore[no-any-return]


class Bottleneck(nn.Module):
    """Two convolutions, over which the input goes where the channels stay."""

    def __init__(
        self, before: int, after: int, shortcut: bool = True, kernels: tuple[int, int] = (3, 3), ratio: float = 0.5
    ) -> None:
        super().__init__()
        hidden = int(after * ratio)
        self.cv1, self.cv2 = Conv(before, hidden, kernels[0]), Conv(hidden, after, kernels[1])
        self.add = shortcut and before == after

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        return x + self.cv2(self.cv1(x)) if self.add else self.cv2(self.cv1(x))  # type: ignore[no-any-return]


class C2f(nn.Module):
    """A split; parts of it run through bottlenecks, and all that comes of them is joined (YOLOv8)."""

    def __init__(self, before: int, after: int, parts: Sequence[nn.Module], hidden: int) -> None:
        super().__init__()
        self.cv1 = Conv(before, 2 * hidden)
        self.cv2 = Conv((2 + len(parts)) * hidden, after)
        self.m = nn.ModuleList(parts)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        values = [*self.cv1(x).chunk(2, 1)]
        for part in self.m:
            values.append(part(values[-1]))
        return self.cv2(torch.cat(values, 1))  # type: ignore[no-any-return]


class C3(nn.Module):
    """Bottlenecks beside a 1×1 convolution (YOLOv5)."""

    def __init__(self, before: int, after: int, parts: Sequence[nn.Module], hidden: int) -> None:
        super().__init__()
        self.cv1, self.cv2, self.cv3 = Conv(before, hidden), Conv(before, hidden), Conv(2 * hidden, after)
        self.m = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        return self.cv3(torch.cat([self.m(self.cv1(x)), self.cv2(x)], 1))  # type: ignore[no-any-return]


class SPP(nn.Module):
    """Max pools of several sizes beside each other (He et al. 2015)."""

    def __init__(self, before: int, after: int, sizes: Sequence[int] = (5, 9, 13)) -> None:
        super().__init__()
        self.cv1, self.cv2 = Conv(before, before // 2), Conv(before // 2 * (len(sizes) + 1), after)
        self.m = nn.ModuleList(nn.MaxPool2d(size, 1, size // 2) for size in sizes)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        x = self.cv1(x)
        return self.cv2(torch.cat([x, *(pool(x) for pool in self.m)], 1))  # type: ignore[no-any-return]


class SPPF(nn.Module):
    """As `SPP`, by one pool three times in a row."""

    def __init__(self, before: int, after: int, size: int = 5) -> None:
        super().__init__()
        self.cv1, self.cv2 = Conv(before, before // 2), Conv(before // 2 * 4, after)
        self.m = nn.MaxPool2d(size, 1, size // 2)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        x = self.cv1(x)
        one = self.m(x)
        two = self.m(one)
        return self.cv2(torch.cat([x, one, two, self.m(two)], 1))  # type: ignore[no-any-return]


class Attention(nn.Module):
    """Self-attention over the positions of maps, with a depthwise convolution for where they are."""

    def __init__(self, channels: int, heads: int, ratio: float = 0.5) -> None:
        super().__init__()
        self.heads, self.value = heads, channels // heads
        self.key = int(self.value * ratio)
        self.qkv = Conv(channels, channels + 2 * self.key * heads, act=False)
        self.proj = Conv(channels, channels, act=False)
        self.pe = Conv(channels, channels, 3, groups=channels, act=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        batch, channels, height, width = x.shape
        joined = self.qkv(x).view(batch, self.heads, 2 * self.key + self.value, height * width)
        query, key, value = joined.split([self.key, self.key, self.value], 2)
        weights = ((query.transpose(-2, -1) @ key) * self.key**-0.5).softmax(-1)
        seen = (value @ weights.transpose(-2, -1)).view(batch, channels, height, width)
        return self.proj(seen + self.pe(value.reshape(batch, channels, height, width)))  # type: ignore[no-any-return]


class PSABlock(nn.Module):
    """Attention and two convolutions, each with the input over it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attn = Attention(channels, channels // 64)
        self.ffn = nn.Sequential(Conv(channels, 2 * channels), Conv(2 * channels, channels, act=False))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        x = x + self.attn(x)
        return x + self.ffn(x)  # type: ignore[no-any-return]


class C2PSA(nn.Module):
    """A split, one part of which goes through attention (YOLO11)."""

    def __init__(self, before: int, after: int, times: int) -> None:
        super().__init__()
        self.hidden = before // 2
        self.cv1, self.cv2 = Conv(before, 2 * self.hidden), Conv(2 * self.hidden, after)
        self.m = nn.Sequential(*(PSABlock(self.hidden) for _ in range(times)))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        one, other = self.cv1(x).split((self.hidden, self.hidden), 1)
        return self.cv2(torch.cat([one, self.m(other)], 1))  # type: ignore[no-any-return]


BINS = 16
"""So many probabilities tell the distance to a side (Li et al. 2020, "Generalized Focal Loss")."""


class DFL(nn.Module):
    """Probabilities of distances → the distances that are to be expected."""

    def __init__(self, bins: int = BINS) -> None:
        super().__init__()
        self.bins = bins
        self.conv = nn.Conv2d(bins, 1, 1, bias=False).requires_grad_(False)
        if not self.conv.weight.is_meta:
            self.conv.weight.data[:] = torch.arange(float(bins)).view(1, bins, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×(4 bins)×A → N×4×A."""
        batch, _, positions = x.shape
        return self.conv(x.view(batch, 4, self.bins, positions).transpose(2, 1).softmax(1)).view(batch, 4, positions)  # type: ignore[no-any-return]


class Detect(nn.Module):
    """A head without anchors: of each position of each map the sides of a box, and the scores of the classes."""

    def __init__(self, classes: int, channels: Sequence[int], light: bool = False) -> None:
        super().__init__()
        box, score = max(16, channels[0] // 4, 4 * BINS), max(channels[0], min(classes, 100))
        self.cv2 = nn.ModuleList(
            nn.Sequential(Conv(each, box, 3), Conv(box, box, 3), nn.Conv2d(box, 4 * BINS, 1)) for each in channels
        )
        self.cv3 = nn.ModuleList(nn.Sequential(*_scores(each, score, classes, light)) for each in channels)
        self.dfl = DFL()

    def forward(self, *maps: Tensor) -> tuple[Tensor, Tensor]:
        """Maps N×C×H×W → distances N×4×A and scores N×K×A, A being all positions."""
        boxes = torch.cat([each(x).flatten(2) for each, x in zip(self.cv2, maps)], 2)
        scores = torch.cat([each(x).flatten(2) for each, x in zip(self.cv3, maps)], 2)
        return self.dfl(boxes), scores.sigmoid()


def _scores(before: int, hidden: int, classes: int, light: bool) -> Iterator[nn.Module]:
    """The layers that tell the classes; since YOLO11 depthwise ones."""
    if light:
        yield nn.Sequential(Conv(before, before, 3, groups=before), Conv(before, hidden))
        yield nn.Sequential(Conv(hidden, hidden, 3, groups=hidden), Conv(hidden, hidden))
    else:
        yield Conv(before, hidden, 3)
        yield Conv(hidden, hidden, 3)
    yield nn.Conv2d(hidden, classes, 1)


class Classify(nn.Module):
    """A head of one label: a convolution, the mean of its maps, and a linear layer."""

    def __init__(self, before: int, classes: int) -> None:
        super().__init__()
        self.conv = Conv(before, 1280)
        self.pool, self.drop, self.linear = nn.AdaptiveAvgPool2d(1), nn.Dropout(0.0), nn.Linear(1280, classes)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W → probabilities N×K."""
        return self.linear(self.drop(self.pool(self.conv(x)).flatten(1))).softmax(1)  # type: ignore[no-any-return]
