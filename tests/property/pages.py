"""Random pages that use all that the language has: grown node by node, keeping what archspec reads without an error."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import archspec
from archspec.ops.shapes import Shape, known

from .graphs import _flat, _spatial, written

Node = Any
LARGEST = 40_000
"""Elements of a value, at most."""

PART = "part"
BLOCKS: dict[str, object] = {
    "unit": {
        "params": {"width": "int", "step": {"default": 1}, "norm": {"default": True}},
        "let": {"changes": "step != 1 or input.channels != width"},
        "graph": {
            "conv": {"conv": "width", "kernel_size": 3, "padding": 1, "stride": "step"},
            "norm": {"batch_norm": None, "when": "norm"},
            "act": {"relu": None, "inplace": True},
            "side": {"conv": "width", "kernel_size": 1, "stride": "step", "from": "input", "when": "changes"},
            "add": {"add": ["act", "side"]},
        },
    },
    "normed": {
        "params": {"n": "int"},
        "graph": [{"adaptive_avg_pool": "n"}, {"layer_norm": ["n", "n"]}],
    },
    "windows": {
        "params": {"k": "int", "s": {"default": 1}},
        "graph": [{"conv": 4, "kernel_size": ["k", "k"], "stride": [1, "s"], "padding": ["k // 2", 1]}],
    },
    "twice": {
        "params": {"width": "int"},
        "graph": {
            "a": {"conv": "width", "kernel_size": 1},
            "b": {"conv": "width", "kernel_size": 1, "from": "a"},
            "c": {"share": "b"},
            "d": {"relu": None, "inplace": True},
            "e": {"sub": ["d", "a"]},
        },
    },
    "pair": {
        "inputs": ["one", "other"],
        "graph": {
            "sum": {"add": ["one", "other"]},
            "act": {"relu": None, "inplace": True, "from": "one"},
            "out": {"sub": ["sum", "act"]},
        },
    },
}  # fmt: skip
PART_TEXT = written(
    name=PART,
    input=["channels", "size"],
    params={"channels": 4, "size": 8, "width": 4},
    taps={"early": "stem"},
    graph={
        "stem": {"conv": "width", "kernel_size": 3, "padding": 1},
        "body": [{"conv": "previous.channels", "kernel_size": 1, "groups": "previous.channels"}, "relu"],
        "aux": {"mean": 2, "training": True, "from": "stem"},
        "head": {"linear": 3, "from": "body"},
    },
    output={"main": "head", "aux": "aux"},
)


@contextmanager
def saved(text: str) -> Iterator[Path]:
    """The file of a page, beside that of the part that it may use."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.yaml"
        path.write_text(text)
        (path.parent / f"{PART}.yaml").write_text(PART_TEXT)
        yield path


class Page:
    """A page as it grows, and the values that it has by now."""

    def __init__(self, folder: Path, sizes: Mapping[str, list[Any]]) -> None:
        self.path = folder / "page.yaml"
        (folder / f"{PART}.yaml").write_text(PART_TEXT)
        self.inputs, self.graph = dict(sizes), dict[str, Node]()
        self.names: list[str] = []
        self.values: dict[str, Shape] = {}
        self.training: set[str] = set()
        self.groups: dict[str, int] = {}
        """Nodes of several values, with how many."""

    def text(self, output: Mapping[str, str] | None = None) -> str:
        given: object = next(iter(self.inputs.values())) if list(self.inputs) == ["input"] else self.inputs
        outputs = {"output": dict(output)} if output else {}
        used = {name: block for name, block in BLOCKS.items() if f"'{name}':" in repr(self.graph)}
        blocks = {"blocks": used} if used else {}
        return written(name="page", input=given, **blocks, graph=self.graph, **outputs)

    def read(self, output: Mapping[str, str] | None = None) -> archspec.Architecture | None:
        self.path.write_text(self.text(output))
        try:
            return archspec.read(self.path)
        except archspec.SpecError:
            return None

    def add(self, name: str, node: Node) -> bool:
        """Add a node, if archspec reads the page with it and nothing becomes too large."""
        before = dict(self.graph)
        self.graph[name] = node
        output = "input" if "input" in self.inputs else next(iter(self.inputs))
        found = self.read({"kept": output})
        root = found.graph.root if found else None
        if root is None or any(_large(shape) for child in root.children for shape in child.shapes):
            self.graph = before
            return False
        named = [child for child in root.children if child.tied is None or child.name in self.graph]
        singles = [child for child in named if len(child.shapes) == 1]
        self.values = {child.name: child.shapes[0] for child in singles if not child.training}
        self.training = {child.name for child in singles if child.training}
        return True


def _large(shape: Shape) -> bool:
    size = 1
    for dim in shape:
        size *= dim if known(dim) else 16
    return size > LARGEST or not shape


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A page's text, and some addresses whose activations may be tapped."""
    with tempfile.TemporaryDirectory() as folder:
        return _grown(draw, Page(Path(folder), _inputs(draw)))


def _inputs(draw: st.DrawFn) -> dict[str, list[Any]]:
    rank = draw(st.integers(1, 3))
    shape: list[Any] = [draw(st.sampled_from([2, 4, 6])), *(draw(st.integers(5, 10)) for _ in range(rank))]
    if rank < 3 and draw(st.integers(0, 4)) == 0:
        shape = [shape[0], *("HW"[place] for place in range(rank))]
    return {"x": shape, "y": shape} if draw(st.integers(0, 4)) == 0 else {"input": shape}


def _grown(draw: st.DrawFn, page: Page) -> tuple[str, list[str]]:
    for number in range(draw(st.integers(2, 7))):
        kind = draw(st.sampled_from(sorted(KINDS)))
        found = KINDS[kind](draw, page, f"n{number}")
        for name, node in found.items():
            if not page.add(name, node):
                break
    if not page.values:
        page.add("last", "identity")
    last = list(page.values)[-1]
    others = [name for name in page.values if name != last]
    outputs = {"main": last} | {name: name for name in sorted(page.training)}
    outputs |= {"more": draw(st.sampled_from(others))} if others and draw(st.booleans()) else {}
    taps = draw(st.lists(st.sampled_from(list(page.values)), max_size=2, unique=True))
    return page.text(outputs), taps


def _any(draw: st.DrawFn, page: Page) -> str:
    return draw(st.sampled_from([*page.values, *page.inputs]))


def _shape(page: Page, name: str) -> tuple[int, ...]:
    shape = page.values.get(name) or page.inputs.get(name) or next(iter(page.inputs.values()))
    return tuple(dim if known(dim) and not isinstance(dim, str) else 9 for dim in shape)


def _last(page: Page) -> str:
    return list(page.values)[-1] if page.values else next(iter(page.inputs))


def _op(draw: st.DrawFn, shape: tuple[int, ...]) -> Node:
    node = _spatial(draw, shape) if len(shape) > 1 else _flat(draw, shape)
    return {"relu": None} if node == "dropout" else {node: None} if isinstance(node, str) else dict(node)


def _step(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    source = _any(draw, page)
    node = _op(draw, _shape(page, source)) | {"from": source}
    return {name: node | ({"freeze": True} if draw(st.integers(0, 5)) == 0 else {})}


def _in_place(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    act = draw(st.sampled_from(["relu", "hardswish", "elu", "leaky_relu", "silu", "relu6"]))
    return {name: {act: None, "inplace": True, "from": _any(draw, page)}}


def _share(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    mode = {"training": True} if draw(st.integers(0, 4)) == 0 else {}
    shared = draw(st.sampled_from([*page.values, *page.training, "none"]))
    return {name: {"share": shared, "from": _any(draw, page), **mode}}


def _over(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    source = _any(draw, page)
    node = draw(st.sampled_from([{"conv": 4, "kernel_size": 1}, {"relu": None, "inplace": True}, {"unit": 4}]))
    over = [source, draw(st.sampled_from([source, _any(draw, page)]))]
    join = draw(st.sampled_from(["add", "concat", "mul"]))
    if draw(st.booleans()):
        return {name: node | {"over": over}, f"{name}_j": {join: [f"{name}[0]", f"{name}[1]"]}}
    wider = {"conv": "4 + 2 * i"} if "conv" in node else {}
    return {f"{name}_{{i}}": node | wider | {"over": over}, f"{name}_j": {"concat": [f"{name}_0", f"{name}_1"]}}


def _join(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    one = _any(draw, page)
    alike = [other for other in (*page.values, *page.inputs) if _shape(page, other) == _shape(page, one)]
    join = draw(st.sampled_from(["add", "sub", "mul", "concat"]))
    when = {"when": draw(st.booleans())} if draw(st.integers(0, 4)) == 0 else {}
    return {name: {join: [one, draw(st.sampled_from(alike))], **when}}


def _branches(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    copies: dict[str, Any] = draw(
        st.sampled_from([{"repeat": 2}, {"repeat": {"j": 3}}, {"each": [{"w": 2}, {"w": 4}]}])
    )
    index = "j" if copies == {"repeat": {"j": 3}} else "i"
    body: Node = draw(st.sampled_from([{"conv": "w" if "each" in copies else 4, "kernel_size": 1}, {"unit": 4}]))
    branches = {f"{name}_a": "identity", f"{name}_b{{{index}}}": body | copies}
    return {f"{name}_g": {"nodes": {name: {"concat": branches}}, "from": _any(draw, page)}}


def _calls(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    """Two calls of one block with different numbers."""
    calls: list[Node] = draw(
        st.sampled_from(
            [
                [{"unit": 4}, {"unit": 6, "step": 2}, {"unit": 4, "norm": False}],
                [{"normed": 4}, {"normed": 3}, {"normed": 2}],
                [{"windows": 3}, {"windows": 1, "s": 2}, {"windows": 2}],
                [{"twice": 4}, {"twice": 6}],
            ]
        )
    )
    chosen = [draw(st.sampled_from(calls)) for _ in range(2)]
    return {f"{name}_{number}": call | {"from": _any(draw, page)} for number, call in enumerate(chosen)}


def _copies(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    """Copies in series of copies in series, whose indices have names."""
    inner = {"conv": "2 * (i + 1) + j", "kernel_size": 1, "repeat": {"j": draw(st.integers(0, 2))}}
    group: list[Node] = [{"nodes": [inner, {"relu": None, "when": "i == 0"}], "repeat": draw(st.integers(1, 3))}]
    return {name: {"graph": group, "from": _any(draw, page)}}


def _depthwise(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    node = {"conv": "previous.channels", "kernel_size": 3, "padding": 1, "groups": "previous.channels"}
    return {name: {"graph": ["identity", node], "from": _any(draw, page)}}


def _training(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    source = _any(draw, page)
    return {name: _op(draw, _shape(page, source)) | {"from": source, "training": True}}


def _pair(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    one = _any(draw, page)
    return {name: {"pair": None, "from": [one, draw(st.sampled_from([one, _any(draw, page)]))]}}


def _part(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    source = _any(draw, page)
    shape = _shape(page, source)
    settings = {"channels": shape[0], "size": shape[-1], "width": draw(st.sampled_from([2, 4]))}
    taps = {"taps": ["early", "body"]} if draw(st.booleans()) else {}
    part = {name: {"use": f"./{PART}.yaml", **settings, **taps, "from": source}}
    return part | ({f"{name}_j": {"mul": [f"{name}.early", f"{name}.body"]}} if taps else {})


def _split(draw: st.DrawFn, page: Page, name: str) -> dict[str, Node]:
    act = {"relu": None, "inplace": True, "from": f"{name}[0]"}
    chunk = {"chunk": 2, "from": _any(draw, page)}
    return {name: chunk, f"{name}_r": act, f"{name}_j": {"concat": [f"{name}[1]", f"{name}_r", f"{name}[0]"]}}


KINDS: Mapping[str, Callable[[st.DrawFn, Page, str], dict[str, Node]]] = {
    "step": _step, "another step": _step, "in place": _in_place, "share": _share, "over": _over, "join": _join,
    "branches": _branches, "calls": _calls, "more calls": _calls, "copies": _copies, "depthwise": _depthwise,
    "training": _training, "pair": _pair, "part": _part, "split": _split,
}  # fmt: skip
