"""Darknet's `.cfg`: sections in order, each a layer that takes the one before it, or others by number.

The format is that of J. Redmon's Darknet (https://pjreddie.com/darknet/) with the layers that YOLOv4 added.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct
from torch import Tensor, nn

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.formats import Described
from archspec.importing.formats.modules.wired import Add, Concat, wired
from archspec.importing.targets import page_name
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import read_source
from archspec.language.source import Source, Span

ENDING = ".cfg"
ABOUT = "a Darknet configuration"
SIGNS = (r"^\s*\[(net|network)\]",)


def read(path: Path, settings: Mapping[str, Any]) -> Described:
    """The network of a `.cfg`; `settings` replace values of its `[net]`, such as `width`."""
    network, *sections = _sections(read_source(path))
    size = {name: int(settings.get(name, network.values.get(name, 0))) for name in ("channels", "height", "width")}
    if not all(size.values()):
        _fail(network.span, f"`[net]` needs {', '.join(f'`{name}`' for name, each in size.items() if not each)}")
    name = page_name(path.stem)
    table = _Table(size["channels"], sections)
    return Described(table.module(name), name, (ExampleInput((*size.values(),)),))


class _Section(Struct, frozen=True):
    kind: str
    values: Mapping[str, str]
    span: Span

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; raises where there is none and it must be."""
        text = self.values.get(name, None if default is None else str(default))
        try:
            return int(text or "")
        except ValueError:
            _fail(self.span, f"`[{self.kind}]` needs a whole number `{name}`", found=text)

    def numbers(self, name: str) -> list[int]:
        """Whole numbers with commas between."""
        try:
            return [int(each) for each in self.values[name].split(",") if each.strip()]
        except (KeyError, ValueError):
            _fail(self.span, f"`[{self.kind}]` needs whole numbers `{name}`", found=self.values.get(name))


def _sections(source: Source) -> Iterator[_Section]:
    kind, values, span = "", dict[str, str](), None
    for number, line in enumerate(source.lines, 1):
        text = line.split("#")[0].split(";")[0].strip()
        if text.startswith("["):
            if span is not None:
                yield _Section(kind, values, span)
            kind, values = text.strip("[] "), {}
            span = Span(source, number, 1, number, len(line.rstrip()) + 1)
        elif "=" in text:
            name, _, value = text.partition("=")
            values[name.strip()] = value.strip()
    if span is not None:
        yield _Section(kind, values, span)


class _Table:
    """The layers with their channels, by number."""

    def __init__(self, channels: int, sections: list[_Section]) -> None:
        self.channels: list[int] = []
        self.layers: dict[str, nn.Module] = {}
        self.takes: dict[str, list[str]] = {}
        self.gives: list[str] = []
        self.image = channels
        for section in sections:
            self._add(section)

    def module(self, name: str) -> nn.Module:
        """The network: it gives what its heads take, or the last layer where it has none."""
        gives = self.gives or [str(len(self.channels) - 1)]
        return wired(name, self.layers, self.takes, ["image"], gives, within="layers")

    def _add(self, section: _Section) -> None:
        number = len(self.channels)
        make = _LAYERS.get(section.kind)
        if make is None:
            _fail(section.span, f"no layer `[{section.kind}]` is known", help=did_you_mean(section.kind, _LAYERS))
        before = self.channels[-1] if number else self.image
        taken = [number - 1]
        if section.kind == "route":
            taken = [self._earlier(section, each) for each in section.numbers("layers")]
            before = sum(self.channels[each] for each in taken)
        elif section.kind == "shortcut":
            taken = [number - 1, *(self._earlier(section, each) for each in section.numbers("from"))]
        layer, channels = make(section, before)
        self.layers[str(number)] = layer
        self.takes[str(number)] = [str(each) if each >= 0 else "image" for each in taken]
        self.channels.append(channels)
        if section.kind in _HEADS:
            self.gives.append(str(number))

    def _earlier(self, section: _Section, place: int) -> int:
        """The number of a layer, told from the start or back from here."""
        number = place if place >= 0 else len(self.channels) + place
        if not 0 <= number < len(self.channels):
            _fail(section.span, f"there is no layer {place} before layer {len(self.channels)}")
        return number


_ACTIVATIONS: Mapping[str, Callable[[], nn.Module] | None] = {
    "leaky": lambda: nn.LeakyReLU(0.1),
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "mish": nn.Mish,
    "swish": nn.SiLU,
    "logistic": nn.Sigmoid,
    "tanh": nn.Tanh,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "linear": None,
}


def _activation(section: _Section, default: str = "linear") -> nn.Module | None:
    name = section.values.get("activation", default)
    if name not in _ACTIVATIONS:
        _fail(section.span, f"no activation `{name}` is known", help=did_you_mean(name, _ACTIVATIONS))
    make = _ACTIVATIONS[name]
    return make() if make else None


def _named(**layers: nn.Module | None) -> nn.Sequential:
    return nn.Sequential(OrderedDict((name, each) for name, each in layers.items() if each is not None))


def _convolutional(section: _Section, channels: int) -> tuple[nn.Module, int]:
    filters, size = section.number("filters", 1), section.number("size", 1)
    normalised = section.number("batch_normalize", 0) > 0
    padding = size // 2 if section.number("pad", 0) else section.number("padding", 0)
    stride, groups, dilation = (section.number(name, 1) for name in ("stride", "groups", "dilation"))
    conv = nn.Conv2d(channels, filters, size, stride, padding, dilation, groups, bias=not normalised)
    norm = nn.BatchNorm2d(filters) if normalised else None
    return _named(conv=conv, bn=norm, act=_activation(section, "logistic")), filters


def _maxpool(section: _Section, channels: int) -> tuple[nn.Module, int]:
    """Darknet pads by size - 1 in all, the odd one behind."""
    stride = section.number("stride", 1)
    size = section.number("size", stride)
    if size % 2:
        return nn.MaxPool2d(size, stride, size // 2), channels
    if size == stride == 2:
        return nn.MaxPool2d(size, stride, ceil_mode=True), channels
    before, behind = (size - 1) // 2, size // 2
    pad = nn.ConstantPad2d((before, behind, before, behind), float("-inf"))
    return _named(pad=pad, pool=nn.MaxPool2d(size, stride)), channels


def _shortcut(section: _Section, channels: int) -> tuple[nn.Module, int]:
    act = _activation(section)
    return (Add() if act is None else _Then(Add(), act)), channels


class _Then(nn.Module):
    """A join of several values, and an activation behind it."""

    def __init__(self, join: nn.Module, act: nn.Module) -> None:
        super().__init__()
        self.join, self.act = join, act

    def forward(self, *values: Tensor) -> Tensor:
        """As the join takes."""
        return self.act(self.join(*values))  # type: ignore[no-any-return]


class _Part(nn.Module):
    """One of equal parts of the channels."""

    def __init__(self, parts: int, number: int) -> None:
        super().__init__()
        self.parts, self.number = parts, number

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W → N×(C / parts)×H×W."""
        return x.chunk(self.parts, 1)[self.number]


def _route(section: _Section, channels: int) -> tuple[nn.Module, int]:
    parts = section.number("groups", 1)
    alone = len(section.numbers("layers")) == 1
    if parts > 1:
        part = _Part(parts, section.number("group_id", 0))
        return (part if alone else _Then(Concat(), part)), channels // parts
    return (nn.Identity() if alone else Concat()), channels


def _upsample(section: _Section, channels: int) -> tuple[nn.Module, int]:
    return nn.Upsample(scale_factor=float(section.number("stride", 2))), channels


def _avgpool(section: _Section, channels: int) -> tuple[nn.Module, int]:
    return nn.AdaptiveAvgPool2d(1), channels


def _dropout(section: _Section, channels: int) -> tuple[nn.Module, int]:
    return nn.Dropout(float(section.values.get("probability", 0.5))), channels


def _softmax(section: _Section, channels: int) -> tuple[nn.Module, int]:
    return nn.Softmax(1), channels


def _head(section: _Section, channels: int) -> tuple[nn.Module, int]:
    """What Darknet does behind a head has no weights: boxes of anchors. The head's maps are given as they are."""
    return nn.Identity(), channels


_HEADS = frozenset({"yolo", "region", "detection"})
_LAYERS: Mapping[str, Callable[[_Section, int], tuple[nn.Module, int]]] = {
    "convolutional": _convolutional,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "shortcut": _shortcut,
    "route": _route,
    "upsample": _upsample,
    "dropout": _dropout,
    "softmax": _softmax,
    **dict.fromkeys(_HEADS, _head),
}


def _fail(span: Span, message: str, **details: str | None) -> NoReturn:
    raise SpecError([Diagnostic("model-file", message, span, **details)])  # type: ignore[arg-type]
