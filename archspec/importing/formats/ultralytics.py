"""Ultralytics' model YAML: a backbone and a head as rows of `[from, repeats, module, arguments]`.

The rows, their scaling by depth and width, and what the modules compute are facts of the format and of the papers of
YOLOv3, v5, v8 and 11; names of attributes are those of the published weights. A head gives, of each position, the four
distances to the sides of a box in strides, and the scores of the classes: anchors are no layer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from torch import nn

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.formats import Described
from archspec.importing.formats.modules.ultralytics_modules import (
    C2PSA,
    C3,
    SPP,
    SPPF,
    Bottleneck,
    C2f,
    Classify,
    Conv,
    Detect,
)
from archspec.importing.formats.modules.wired import Concat, wired
from archspec.importing.targets import page_name
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import read_source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as YamlMapping
from archspec.language.yaml_tree import Sequence as YamlSequence
from archspec.language.yaml_tree import Tree, plain

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
