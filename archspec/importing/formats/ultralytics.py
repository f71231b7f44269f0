"""Ultralytics' model YAML: a backbone and a head as rows of `[from, repeats, module, arguments]`.

The rows, their scaling by depth and width, and what the modules compute are facts of the format and of the papers of
YOLOv3, v5, v8 and 11; names of attributes are those of the published weights. A head gives, of each position, the four
distances to the sides of a box in strides, and the scores of the classes: anchors are no layer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.formats import Described
from archspec.importing.formats._wired import Concat, wired
from archspec.importing.targets import page_name
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.reading import read_source
from archspec.language.yaml_tree import Mapping as YamlMapping
from archspec.language.yaml_tree import Sequence as YamlSequence
from archspec.language.yaml_tree import Tree, parse, plain

ENDING = ".yaml"
ABOUT = "an Ultralytics model"
SIGNS = (r"^backbone:", r"^head:")


def read(path: Path, settings: Mapping[str, Any]) -> Described:
    """The network of a model YAML. `settings` are `scale`, one of its `scales`, and values of its own, such as `nc`."""
    tree = parse(read_source(path))
    if not isinstance(tree, YamlMapping):
        _fail(tree, "a model is a mapping with `backbone` and `head`")
    values = {**_values(tree), **{name: value for name, value in settings.items() if name != "scale"}}
    name, scale, (depth, width, most) = _scale(path.stem, values, settings.get("scale"), tree)
    table = _Table(values, scale, depth, width, most)
    for part in ("backbone", "head"):
        rows = tree.get(part)
        if not isinstance(rows, YamlSequence):
            _fail(tree, f"`{part}` is a list of rows")
        for row in rows.items:
            table.add(row)
    size = 224 if isinstance(table.layers[-1], Classify) else 640
    name = page_name(name)
    return Described(table.module(name), name, (ExampleInput((int(values.get("ch", 3)), size, size)),))


def _values(tree: YamlMapping) -> dict[str, Any]:
    given = plain(tree)
    assert isinstance(given, dict), "a mapping was read"
    return {"nc": 80, **given}


def _scale(
    stem: str, values: Mapping[str, Any], asked: str | None, tree: YamlMapping
) -> tuple[str, str, Sequence[float]]:
    """The model's name, its scale, and the depth, width and most channels of that.

    It is the scale that was asked for, else that of the file's name, or the first.
    """
    scales: dict[str, Sequence[float]] = values.get("scales") or {}
    if not scales:
        return stem, "", (values.get("depth_multiple", 1.0), values.get("width_multiple", 1.0), math.inf)
    match = re.fullmatch(r"(\D*\d+(?:\.\d+)?)([a-z])?(.*)", stem)
    base, said, rest = match.groups() if match else (stem, None, "")
    scale = asked or (said if said in scales else next(iter(scales)))
    if scale not in scales:
        _fail(tree.get("scales") or tree, f"there is no scale `{scale}`", help=did_you_mean(str(scale), scales))
    return f"{base}{scale}{rest if said in scales else f'{said or str()}{rest}'}", scale, scales[scale]


class _Table:
    """The layers with their channels, row by row."""

    def __init__(self, values: Mapping[str, Any], scale: str, depth: float, width: float, most: float) -> None:
        self.values, self.scale, self.depth, self.width, self.most = values, scale, depth, width, most
        self.light = False
        self.layers: list[nn.Module] = []
        self.channels: list[int] = []
        self.takes: list[list[int]] = []

    def module(self, name: str) -> nn.Module:
        """The network; it gives what its last layer does."""
        names = [*map(str, range(len(self.layers)))]
        taken = ([str(each) if each >= 0 else "image" for each in given] for given in self.takes)
        layers = dict(zip(names, self.layers))
        return wired(name, layers, dict(zip(names, taken)), ["image"], names[-1:], within="model")

    def add(self, row: Tree) -> None:
        """One row of the table."""
        if not isinstance(row, YamlSequence) or len(row.items) != 4:
            _fail(row, "a row is `[from, repeats, module, arguments]`")
        given: Any = plain(row)
        places, repeats, name, arguments = given
        taken = [self._earlier(each, row) for each in (places if isinstance(places, list) else [places])]
        name = str(name).removeprefix("torch.").removeprefix("nn.")
        if name not in MODULES:
            _fail(row.items[2], f"no module `{name}` is known", help=did_you_mean(name, MODULES))
        times = max(round(repeats * self.depth), 1) if repeats > 1 else repeats
        before = [self.channels[each] if each >= 0 else int(self.values.get("ch", 3)) for each in taken]
        try:
            layer, channels = MODULES[name](self, before, times, [self._value(each) for each in arguments])
        except (TypeError, ValueError, IndexError) as error:
            _fail(row, f"`{name}` takes other arguments", found=str(plain(row.items[3])), cause=error)
        self.layers.append(layer)
        self.channels.append(channels)
        self.takes.append(taken)

    def wide(self, channels: int) -> int:
        """Channels as this scale has them: a multiple of 8."""
        if channels == self.values["nc"]:
            return channels
        return math.ceil(min(channels, self.most) * self.width / 8) * 8

    def _value(self, argument: Any) -> Any:
        """An argument; a name stands for a value of the file."""
        if isinstance(argument, str):
            return None if argument == "None" else self.values.get(argument, argument)
        return argument

    def _earlier(self, place: Any, row: Tree) -> int:
        number = place if isinstance(place, int) and place >= 0 else len(self.layers) + int(place)
        if number >= len(self.layers) or number < -1:
            _fail(row, f"there is no layer {place} before layer {len(self.layers)}")
        return number


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


Made = tuple[nn.Module, int]
Make = Callable[[_Table, list[int], int, list[Any]], Made]


def _repeated(make: Callable[[], nn.Module], times: int) -> nn.Module:
    return make() if times == 1 else nn.Sequential(*(make() for _ in range(times)))


def _conv(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after, *more = given
    after = table.wide(after)
    return _repeated(lambda: Conv(before[0], after, *more[:2]), times), after


def _depthwise(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after, *more = given
    after = table.wide(after)
    kernel, stride = [*more, *(1, 1)[len(more) :]][:2]
    return _repeated(lambda: Conv(before[0], after, kernel, stride, math.gcd(before[0], after)), times), after


def _bottleneck(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after, *more = given
    after = table.wide(after)
    return _repeated(lambda: Bottleneck(before[0], after, *more[:1]), times), after


def _c2f(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after, shortcut = table.wide(given[0]), bool(given[1]) if len(given) > 1 else False
    hidden = after // 2
    parts = [Bottleneck(hidden, hidden, shortcut, ratio=1.0) for _ in range(times)]
    return C2f(before[0], after, parts, hidden), after


def _c3(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after, shortcut = table.wide(given[0]), bool(given[1]) if len(given) > 1 else True
    hidden = after // 2
    parts = [Bottleneck(hidden, hidden, shortcut, (1, 3), 1.0) for _ in range(times)]
    return C3(before[0], after, parts, hidden), after


def _c3k2(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    """`[channels, deep, ratio]`: its parts are bottlenecks, or C3s of two where it is deep, as at the larger scales."""
    channels = given[0]
    deep, ratio = given[1] if len(given) > 1 else False, given[2] if len(given) > 2 else 0.5
    after = table.wide(channels)
    hidden, inner = int(after * ratio), int(after * ratio) // 2

    def part() -> nn.Module:
        if not deep and table.scale not in ("m", "l", "x"):
            return Bottleneck(hidden, hidden)
        return C3(hidden, hidden, [Bottleneck(inner, inner, ratio=1.0) for _ in range(2)], inner)

    table.light = True
    return C2f(before[0], after, [part() for _ in range(times)], hidden), after


def _c2psa(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after = table.wide(given[0])
    return C2PSA(before[0], after, times), after


def _spp(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after = table.wide(given[0])
    return SPP(before[0], after, *given[1:]), after


def _sppf(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    after = table.wide(given[0])
    return SPPF(before[0], after, *given[1:]), after


def _upsample(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    size, scale, mode = given
    return nn.Upsample(size, None if scale is None else float(scale), mode), before[0]


def _max_pool(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    return nn.MaxPool2d(*given), before[0]


def _zero_pad(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    (sides,) = given
    return nn.ZeroPad2d(sides if isinstance(sides, int) else tuple(sides)), before[0]


def _concat(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    return Concat(*given), sum(before)


def _detect(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    return Detect(given[0], before, table.light), 0


def _classify(table: _Table, before: list[int], times: int, given: list[Any]) -> Made:
    return Classify(before[0], given[0]), given[0]


MODULES: Mapping[str, Make] = {
    "Conv": _conv,
    "DWConv": _depthwise,
    "Bottleneck": _bottleneck,
    "C2f": _c2f,
    "C3": _c3,
    "C3k2": _c3k2,
    "C2PSA": _c2psa,
    "SPP": _spp,
    "SPPF": _sppf,
    "Upsample": _upsample,
    "MaxPool2d": _max_pool,
    "ZeroPad2d": _zero_pad,
    "Concat": _concat,
    "Detect": _detect,
    "Classify": _classify,
}
"""What a row may name, and what makes it."""


def _fail(tree: Tree, message: str, *, cause: Exception | None = None, **details: str | None) -> NoReturn:
    raise SpecError([Diagnostic("model-file", message, tree.span, **details)]) from cause  # type: ignore[arg-type]
