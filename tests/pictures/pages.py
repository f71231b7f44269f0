"""Random pages of what pictures fold: blocks that differ in more than numbers, shared weights, joins in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.property.graphs import written

WIDTH = 4
NAMES = ("g1", "g2", "g3", "body", "block_a", "block_b", "stem")
Node = Any


def layer(draw: st.DrawFn, width: object = WIDTH) -> Node:
    """An op that keeps the shape, or gives other channels."""
    kernel = draw(st.sampled_from([1, 3]))
    return draw(
        st.sampled_from(
            [
                {"conv": width, "kernel_size": kernel, "padding": kernel // 2},
                {"conv": width, "kernel_size": 3, "padding": 1, "bias": False},
                "batch_norm",
                "relu",
                "tanh",
                {"max_pool": 3, "stride": 1, "padding": 1},
            ]
        )
    )


def layers(draw: st.DrawFn, most: int = 4) -> list[Node]:
    """Such ops in series."""
    return [layer(draw) for _ in range(draw(st.integers(1, most)))]


def join(draw: st.DrawFn, one: str, other: str) -> Node:
    """Two values of one shape as one, in either order."""
    order = draw(st.permutations([one, other]))
    return draw(st.sampled_from([{"add": order}, {"sub": order}, {"mul": order}, {"matmul": order}]))


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page whose blocks repeat what is in them, share weights, and take and give several values."""
    graph: dict[str, Node] = {"start": {"conv": WIDTH, "kernel_size": 3, "padding": 1}}
    single, last = ["start"], "start"
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True)):
        kind = draw(st.sampled_from(["unit", "plain", "group", "share", "pair", "join"]))
        other = draw(st.sampled_from([*graph]))
        if kind == "unit":
            graph[name] = {"unit": draw(st.integers(1, 3)), "pool": draw(st.booleans()), "from": last}
        elif kind == "plain":
            graph[name] = {"plain": None, "from": last}
        elif kind == "group":
            graph[name] = {"graph": layers(draw), "from": last}
        elif kind == "share":
            graph[name] = {"share": draw(st.sampled_from(single)), "from": last}
        elif kind == "join":
            graph[name] = join(draw, last, other)
        else:
            graph[name] = {"series": draw(st.integers(1, 4)), "from": [last, other]}
        if kind in ("unit", "plain", "group"):
            single.append(name)
        last = name
    return written(name="page", input=[WIDTH, 8, 8], blocks=_blocks(draw), graph=graph)


def _blocks(draw: st.DrawFn) -> Node:
    unit: dict[str, Node] = {
        "rep": [
            {"nodes": layers(draw, 2), "repeat": "reps"},
            {"max_pool": 3, "stride": 1, "padding": 1, "when": "pool"},
        ],
        "skip": {"graph": [layer(draw)], "from": "input"},
    }
    if draw(st.booleans()):
        unit["again"] = {"share": draw(st.sampled_from(["rep", "skip"])), "from": draw(st.sampled_from([*unit]))}
    unit["last"] = join(draw, "again" if "again" in unit else "rep", "skip")
    x_or_y = st.sampled_from(["x", "y"])
    pair: dict[str, Node] = {
        "a": {"conv": WIDTH, "kernel_size": 1, "from": draw(x_or_y)},
        "b": {"conv": WIDTH, "kernel_size": 1, "from": draw(x_or_y)},
        "c": join(draw, "a", draw(st.sampled_from(["b", "x", "y"]))),
        "d": join(draw, "b", draw(st.sampled_from(["c", "x", "y"]))),
    }
    series = {"graph": [{"pair": None, "repeat": "times"}], "from": ["x", "y"]}
    return {
        "unit": {"params": {"reps": {"default": 1}, "pool": {"default": False}}, "graph": unit},
        "plain": {"graph": {f"n{at}": each for at, each in enumerate(layers(draw))}},
        "pair": {"inputs": ["x", "y"], "graph": pair, "output": draw(st.permutations(["c", "d"]))},
        "series": {
            "inputs": ["x", "y"],
            "params": {"times": "int"},
            "graph": {"all": series, "sum": join(draw, "all[0]", "all[1]")},
        },
    }
