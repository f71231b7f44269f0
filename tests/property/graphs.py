"""Random valid specs: grown node by node, keeping what archspec's own rules allow; torch is the judge afterwards."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from archspec.ops import OpError, ops

Shape = tuple[int, ...]
Node = Any

_SMALL = st.integers(1, 3)
_ACTIVATIONS = ("relu", "gelu", "silu", "tanh", "sigmoid", "hardswish", "elu", "mish", "leaky_relu", "relu6", "prelu")


def _conv(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "conv": draw(st.sampled_from([4, 6, 8])),
        "kernel_size": draw(st.one_of(_SMALL, st.lists(_SMALL, min_size=len(shape) - 1, max_size=len(shape) - 1))),
        "stride": draw(st.integers(1, 2)),
        "padding": draw(st.integers(0, 2)),
        "dilation": draw(st.integers(1, 2)),
        "groups": draw(st.sampled_from([1, 1, 2])),
        "bias": draw(st.booleans()),
    }
    return {name: value for name, value in fields.items() if draw(st.booleans()) or name in ("conv", "kernel_size")}


def _pool(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    kind = draw(st.sampled_from(["max_pool", "avg_pool"]))
    return {
        kind: draw(_SMALL),
        "stride": draw(_SMALL),
        "padding": draw(st.integers(0, 1)),
        "ceil_mode": draw(st.booleans()),
    }


def _recurrent(draw: st.DrawFn) -> Node:
    return {
        draw(st.sampled_from(["rnn", "gru", "lstm"])): draw(st.sampled_from([2, 4])),
        "num_layers": draw(st.integers(1, 2)),
        "bidirectional": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }


def _spatial(draw: st.DrawFn, shape: Shape) -> Node:
    kinds = ["conv", "pool", "batch_norm", "activation", "transpose", "norm", "pad", "upsample", "adaptive"]
    kind = draw(st.sampled_from([*kinds, *(["recurrent"] * 3 if len(shape) == 2 else [])]))
    if kind == "recurrent":
        return _recurrent(draw)
    if kind == "conv":
        return _conv(draw, shape)
    if kind == "pool":
        return _pool(draw, shape)
    if kind == "transpose":
        return {
            "conv_transpose": draw(st.sampled_from([2, 4])),
            "kernel_size": draw(_SMALL),
            "stride": draw(st.integers(1, 2)),
        }
    if kind == "norm":
        return draw(
            st.sampled_from([{"group_norm": 2}, {"group_norm": 1}, {"local_response_norm": 3}, "instance_norm"])
        )
    if kind == "pad":
        return {"pad": [draw(st.integers(0, 2)) for _ in range(2)]}
    if kind == "upsample":
        return {"upsample": None, "scale_factor": 2}
    if kind == "adaptive":
        return {draw(st.sampled_from(["adaptive_avg_pool", "adaptive_max_pool"])): draw(_SMALL)}
    return draw(st.sampled_from(_ACTIVATIONS)) if kind == "activation" else "batch_norm"


def _flat(draw: st.DrawFn, shape: Shape) -> Node:
    kind = draw(st.sampled_from(["linear", "activation", "layer_norm", "dropout", "softmax"]))
    if kind == "linear":
        return {"linear": draw(st.integers(1, 9)), "bias": draw(st.booleans())}
    return draw(st.sampled_from(_ACTIVATIONS)) if kind == "activation" else {"softmax": {"softmax": -1}}.get(kind, kind)


def _after(node: Node, shape: Shape) -> Shape | None:
    """The shape after a node, or `None` where the op refuses it."""
    name, fields = (node, {}) if isinstance(node, str) else (next(iter(node)), dict(node))
    op = ops()[name]
    if not isinstance(node, str):
        main = fields.pop(name)
        if main is not None and op.main:
            fields[op.main] = main
    try:
        result = op.of(fields).infer(shape)[0]
    except OpError:
        return None
    return result if all(0 < size <= 64 for size in result) else None


def _step(draw: st.DrawFn, shape: Shape) -> tuple[Node, Shape] | None:
    node = _spatial(draw, shape) if len(shape) > 1 else _flat(draw, shape)
    after = _after(node, shape)
    return (node, after) if after else None


def _chain(draw: st.DrawFn, shape: Shape, most: int) -> tuple[list[Node], Shape]:
    nodes: list[Node] = []
    for _ in range(draw(st.integers(1, most))):
        step = _step(draw, shape)
        if step:
            nodes.append(step[0])
            shape = step[1]
    return nodes or ["identity"], shape


def _residual(draw: st.DrawFn, shape: Shape) -> tuple[Node, Shape]:
    """A body that ends in the shape it began with, and the sum."""
    body: list[Node] = [
        {"conv": shape[0], "kernel_size": 3, "padding": 1},
        "batch_norm",
        draw(st.sampled_from(_ACTIVATIONS)),
    ]
    return {"add": {"body": body, "skip": "identity"}}, shape


def _branches(draw: st.DrawFn, shape: Shape) -> tuple[Node, Shape]:
    """Branches of one spatial size, side by side."""
    widths = draw(st.lists(st.sampled_from([2, 4]), min_size=2, max_size=3))
    branches = {f"b{number}": [{"conv": width, "kernel_size": 1}, "relu"] for number, width in enumerate(widths)}
    return {"concat": branches}, (sum(widths), *shape[1:])


def _gate(draw: st.DrawFn, shape: Shape) -> tuple[Node, Shape]:
    """Squeeze and excitation: a product that broadcasts."""
    gate: list[Node] = [{"adaptive_avg_pool": 1}, {"conv": shape[0], "kernel_size": 1}, "sigmoid"]
    return {"mul": {"gate": gate, "body": "identity"}}, shape


@st.composite
def specs(draw: st.DrawFn) -> str:
    """A spec's text: chains, nested graphs, sums, concatenations, gates, copies of a block, a flat tail."""
    rank = draw(st.integers(1, 3))
    shape: Shape = (draw(st.sampled_from([2, 4, 6])), *(draw(st.integers(5, 10)) for _ in range(rank)))
    start, graph = shape, {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["step", "step", "nested", "residual", "branches", "gate", "copies"]))
        name: str = f"n{number}"
        if kind == "step":
            step = _step(draw, shape)
            if step:
                graph[name], shape = step
        elif kind == "nested":
            graph[name], shape = _chain(draw, shape, 4)
        elif kind == "copies":
            graph[name + "_{i}"] = {"unit": shape[0], "repeat": draw(st.integers(0, 3))}
        else:
            join, shape = {"residual": _residual, "branches": _branches, "gate": _gate}[kind](draw, shape)
            graph[name] = {"nodes": {f"{name}_join": _prefixed(join, name)}}
    if draw(st.booleans()):
        tail, _ = _chain(draw, (_size(shape),), 3)
        graph |= {"flatten": "flatten", "tail": tail}
    unit = {
        "params": {"width": "int"},
        "graph": {
            "conv": {"conv": "width", "kernel_size": 3, "padding": 1},
            "act": "relu",
            "add": {"add": ["act", "input"]},
        },
    }
    return written(name="random", input=list(start), blocks={"unit": unit}, graph=graph or {"n": "identity"})


def written(**parts: object) -> str:
    """A document of such parts, in their order, as YAML."""
    return yaml.safe_dump({"archspec": 1, **parts}, sort_keys=False, default_flow_style=None)


def _prefixed(join: Node, name: str) -> Node:
    (op, branches), *_ = join.items()
    return {op: {f"{name}_{key}": value for key, value in branches.items()}}


def _size(shape: Shape) -> int:
    size = 1
    for each in shape:
        size *= each
    return size


@st.composite
def foldable(draw: st.DrawFn) -> str:
    """Calls of a block that differ in numbers and in what is switched off, in copies, by themselves and in a block."""
    flag = st.booleans()
    stride = draw(st.sampled_from(["step", [1, "step"], ["step", 1]]))
    kernel, padding = draw(st.sampled_from([(3, 1), ("3 if norm else [1, 3]", "1 if norm else [0, 1]")]))
    cell: dict[str, object] = {
        "params": {"width": "int", "step": {"default": 1}, "norm": {"default": True}, "deep": {"default": False}},
        "let": {"changes": "step != 1 or input.channels != width"},
        "graph": {
            "first": {"conv": "width", "kernel_size": kernel, "padding": padding, "stride": stride},
            "norm": {"batch_norm": None, "when": "norm"},
            "act": draw(st.sampled_from(["relu", "gelu"])),
            "more": {"graph": [{"conv": "width", "kernel_size": 1}, "relu"], "when": "deep"},
            "side": {"conv": "width", "kernel_size": 1, "stride": stride, "from": "input", "when": "changes"},
            "join": {"add": ["more", "side"]} if draw(flag) else {"concat": ["more", "side"]},
        },
    }
    pair = {"params": {"width": "int"}, "graph": [{"cell": "width", "step": 2}, {"cell": "width", "deep": True}]}
    call = st.fixed_dictionaries(
        {"cell": st.sampled_from([4, 6, 8])},
        optional={"step": st.just(2), "norm": st.just(False), "deep": st.just(True)},
    )
    graph: dict[str, object] = {"stem": {"conv": 4, "kernel_size": 3}}
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["one", "copies", "rows", "pair", "pool"]))
        if kind == "pool":
            graph[f"n{number}"] = {"max_pool": 2, "ceil_mode": True}
        elif kind == "pair":
            graph[f"n{number}"] = {"pair": draw(st.sampled_from([4, 8]))}
        else:
            extra = {"copies": {"repeat": draw(st.integers(1, 4))}, "rows": {"each": [{"w": w} for w in (4, 8, 8)]}}
            name = f"n{number}" if kind == "one" else f"n{number}_{{i}}"
            graph[name] = draw(call) | ({"cell": "w"} if kind == "rows" else {}) | extra.get(kind, {})
    return written(name="folds", input=[3, 64, 64], blocks={"cell": cell, "pair": pair}, graph=graph)
