"""Random modules as people write them: classes with an `__init__` and a `forward`, as text, statement by statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, field

MAP = 8
"""The height and width of a map."""
WIDTH = 4
"""The channels of a value; those of a layer inside are a multiple."""
HEAD = "from __future__ import annotations\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"

LAYERS = (
    "nn.Conv2d({c}, {c}, 3, padding=1)",
    "nn.Conv2d({c}, {c}, 1, bias=False)",
    "nn.BatchNorm2d({c})",
    "nn.GroupNorm(2, {c})",
    "nn.ReLU()",
    "nn.GELU()",
    "nn.Identity()",
    "nn.Dropout(0.1)",
    "nn.MaxPool2d(3, 1, 1)",
)
"""Layers that leave a map as large as it is."""
ROW_LAYERS = ("nn.Linear({c}, {c})", "nn.LayerNorm({c})", "nn.GELU()", "nn.Linear({c}, {c}, bias=False)")
"""The same of rows of features, and of a vector of them."""
FUNCTIONS = (
    "F.relu({x})",
    "torch.sigmoid({x}) * {y}",
    "{x} + {y}",
    "1 - {x}",
    "{x} * 0.5 + {y}",
    "({x} + {y}) / 2",
    "-{x}",
    "F.gelu({x}).mul({y})",
    "torch.maximum({x}, {y})",
    "torch.softmax({x}, dim=-1)",
    "torch.stack([{x}, {y}], dim=1).mean(1)",
    "torch.stack([{x}, {y}]).sum(0)",
    "{x}.clamp(-1, 1)",
    "F.dropout({x}, 0.2, self.training)",
    "torch.where({x} > 0, {x}, {y})",
    "sum([{x}, {y}])",
    "{x} if self.training is None else {x}.abs()",
)
"""Functions of values of one shape."""
MAP_FUNCTIONS = (
    "F.avg_pool2d({x}, 3, 1, 1)",
    "F.interpolate(F.max_pool2d({x}, 2), scale_factor=2)",
    "F.interpolate(F.avg_pool2d({x}, 2), size={x}.shape[-2:], mode='bilinear', align_corners=False)",
    "torch.cat({x}.chunk(2, dim=1)[::-1], dim=1)",
    "{x} * {y}.mean((2, 3), keepdim=True).sigmoid()",
    "{x}.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)",
    "{x}.flatten(2).view({x}.shape)",
    "F.pad({x}[:, :, 1:, :-1], (0, 1, 1, 0))",
    "{x}.transpose(2, 3)",
    "torch.cat([{x}[:, :1], {y}[:, 1:]], 1)",
    "torch.roll({x}, (1, -1), (2, 3))",
    "F.normalize({x}, dim=1)",
)
LOOPS = (
    "for layer in self.{name}:\n    {x} = layer({x})",
    "for layer in self.{name}:\n    {x} = {x} + layer({x})",
    "for layer in reversed(self.{name}):\n    {x} = F.relu(layer({x}))",
    "for i, layer in enumerate(self.{name}):\n    {x} = layer({x}) if i % 2 else layer({x}) + {x}",
    "{x} = sum(layer({x}) for layer in self.{name})",
    "parts = [layer({x}) for layer in self.{name}]\n{x} = torch.stack(parts, 1).amax(1)",
    "for layer in self.{name}[1:]:\n    {x} = layer({x})\n{x} = self.{name}[0]({x})",
    "seen = []\nfor layer in self.{name}:\n    {x} = layer({x})\n    seen.append({x})\n{x} = seen[0] + seen[-1]",
)
"""What is done with the items of a list of layers."""
RESULTS = ("{x}", "({x}, {y})", "[{x}, {y}]", "{{'first': {x}, 'second': {y}}}", "{{'out': {x}, 'all': [{x}, {y}]}}")


class Written(Struct):
    """A class that is being written: what `__init__` makes, and what `forward` does with the values that it has."""

    title: str
    inputs: tuple[str, ...]
    made: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    layers: list[tuple[str, bool]] = field(default_factory=list)
    """The layers by name, and whether they are those of maps."""

    def layer(self, call: str, word: str) -> str:
        """The name of a new layer."""
        name = f"{word}{len(self.made) + 1}"
        self.made.append(f"self.{name} = {call}")
        return name

    def text(self, result: str) -> str:
        """The class's source."""
        made = "\n".join(f"        {line}" for line in self.made)
        done = "\n".join(f"        {line}" for each in self.done for line in each.splitlines())
        return (
            f"class {self.title}(nn.Module):\n    def __init__(self, c={WIDTH}, hidden={2 * WIDTH}):\n"
            f"        super().__init__()\n{made}\n\n"
            f"    def forward(self, {', '.join(self.inputs)}):\n{done}\n        return {result}\n"
        )


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, list[tuple[int, ...]]]:
    """The text of a file whose `Net` is a module, and the shapes of its inputs without the batch."""
    blocks = [_block(draw, f"Block{'ABC'[number]}") for number in range(draw(st.integers(0, 2)))]
    net = Written("Net", tuple("xyz"[: draw(st.integers(1, 3))]))
    c = draw(st.sampled_from(["c", "hidden"]))
    for name in net.inputs:
        net.done.append(f"{name} = self.{net.layer(f'nn.Conv2d(3, {c}, 3, padding=1)', 'stem')}({name})")
    for _ in range(draw(st.integers(1, 6))):
        _statement(draw, net, c, [title for title, _ in blocks])
    one, other = draw(st.sampled_from(net.inputs)), draw(st.sampled_from(net.inputs))
    if draw(st.booleans()):
        one = _rows(draw, net, c, one)
    result = draw(st.sampled_from(RESULTS)).format(x=one, y=other)
    return "\n\n".join([HEAD, *(text for _, text in blocks), net.text(result)]), [(3, MAP, MAP)] * len(net.inputs)


def _block(draw: st.DrawFn, title: str) -> tuple[str, str]:
    """A class of a block that leaves maps as they are, and its text; other copies of it have other numbers inside."""
    block = Written(title, ("x",))
    inner = block.layer("nn.Conv2d(c, hidden, 1)", "conv")
    outer = block.layer("nn.Conv2d(hidden, c, 1)", "conv")
    block.done.append(f"y = self.{outer}(F.relu(self.{inner}(x)))")
    block.inputs = ("x", "y")
    for _ in range(draw(st.integers(1, 3))):
        _statement(draw, block, "c", [])
    block.inputs = ("x",)
    return title, block.text("x + y")


def _statement(draw: st.DrawFn, to: Written, c: str, blocks: Sequence[str]) -> None:
    """One more statement, of one of the kinds."""
    x, y = (draw(st.sampled_from(to.inputs)) for _ in range(2))
    kinds = ["layer", "function", "loop", "sequence", "parameter", "buffer", "share", "rows_within"]
    kind = draw(st.sampled_from([*kinds, *(["block", "blocks"] if blocks else [])]))
    if kind == "layer":
        to.layers.append((to.layer(_one(draw, LAYERS, c), "layer"), True))
        to.done.append(f"{x} = self.{to.layers[-1][0]}({x})")
    elif kind == "function":
        to.done.append(f"{x} = {draw(st.sampled_from(FUNCTIONS + MAP_FUNCTIONS)).format(x=x, y=y)}")
    elif kind == "loop":
        items = ", ".join(_one(draw, LAYERS, c) for _ in range(draw(st.integers(2, 4))))
        name = to.layer(f"nn.ModuleList([{items}])", "layers")
        to.done.append(draw(st.sampled_from(LOOPS)).format(name=name, x=x))
    elif kind == "sequence":
        items = ", ".join(_one(draw, LAYERS, c) for _ in range(draw(st.integers(1, 4))))
        to.done.append(f"{x} = self.{to.layer(f'nn.Sequential({items})', 'body')}({x})")
    elif kind == "parameter":
        to.done.append(f"{x} = {x} * self.{to.layer(f'nn.Parameter(torch.rand({c}, 1, 1))', 'gamma')}")
    elif kind == "buffer":
        name = f"scale{len(to.made)}"
        to.made.append(f"self.register_buffer('{name}', torch.rand({c}, 1, 1))")
        to.done.append(f"{x} = {x} + self.{name}")
    elif kind == "share":
        if to.layers:
            to.done.append(f"{x} = self.{draw(st.sampled_from(to.layers))[0]}({y})")
    elif kind == "rows_within":
        name = to.layer(_one(draw, ROW_LAYERS, c), "rows")
        to.done.append(f"{x} = self.{name}({x}.flatten(2).transpose(1, 2)).transpose(1, 2).reshape({x}.shape)")
    elif kind == "block":
        call = f"{draw(st.sampled_from(blocks))}({c}, {draw(st.sampled_from(['hidden', '2 * hidden', '6']))})"
        to.done.append(f"{x} = self.{to.layer(call, 'block')}({y})")
    else:
        call = f"{draw(st.sampled_from(blocks))}({c}, {draw(st.sampled_from(['hidden', '4 * (i + 1)']))})"
        name = to.layer(f"nn.Sequential(*[{call} for i in range({draw(st.integers(2, 3))})])", "stage")
        to.done.append(f"{x} = self.{name}({x})")


def _one(draw: st.DrawFn, calls: Sequence[str], c: str) -> str:
    return draw(st.sampled_from(calls)).format(c=c)


def _rows(draw: st.DrawFn, to: Written, c: str, x: str) -> str:
    """The map as rows of features, a few layers, and perhaps one vector or scores in the end; the value's name."""
    ways = (f"{x}.flatten(2).transpose(1, 2)", f"{x}.mean((2, 3))", f"{x}.permute(0, 2, 3, 1)")
    to.done.append(f"rows = {draw(st.sampled_from(ways))}")
    for _ in range(draw(st.integers(0, 3))):
        to.done.append(f"rows = self.{to.layer(_one(draw, ROW_LAYERS, c), 'fc')}(rows)")
    if draw(st.booleans()):
        to.done.append(f"rows = self.{to.layer(f'nn.Linear({c}, 10)', 'head')}(rows)")
    return "rows"


def module_of(text: str) -> Any:
    """The module that a file's text defines, with random numbers in all of its tensors."""
    import torch

    space: dict[str, Any] = {}
    exec(compile(text, "net.py", "exec"), space)
    torch.manual_seed(0)
    module = space["Net"]()
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    return module
