"""A network with symbolic sizes is, at every size, the network with that size written in, or is not legal there."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archspec.api.architecture import read_document
from archspec.graph.model import Graph
from archspec.graph.size_rules import size_rules, trial_sizes
from archspec.language.diagnostics import Findings, SpecError
from archspec.language.document import parse_document
from archspec.language.source import Source
from archspec.ops.shapes import Shape, known

from .graphs import specs, written

SIZES = st.lists(st.integers(1, 150), min_size=6, max_size=6)


def elaborated(text: str) -> Graph | None:
    """The graph of a spec; `None` where it is refused, other than for a size that it needs as a number."""
    try:
        return read_document(parse_document(Source("net.yaml", text), Findings()), None, {}).graph
    except SpecError as error:
        assume(all(each.code != "symbolic" for each in error.diagnostics))
        return None


def with_input(text: str, *dims: int | str) -> str:
    data = yaml.safe_load(text)
    return yaml.safe_dump({**data, "input": [data["input"][0], *dims]}, sort_keys=False, default_flow_style=None)


def at(shape: Shape, sizes: dict[str, int]) -> Shape:
    return tuple(dim if known(dim) else dim.at(sizes) for dim in shape)


def hold(text: str, symbols: list[str], numbers: list[int]) -> None:
    graph = elaborated(with_input(text, *symbols))
    for turn, number in enumerate(numbers):
        sizes = {
            name: number if turn % 2 else numbers[(turn + place) % len(numbers)] for place, name in enumerate(symbols)
        }
        plain = elaborated(with_input(text, *sizes.values()))
        if graph is None:
            assert plain is None, f"refused for all sizes, and right for {sizes}"
            continue
        rules = size_rules(graph)
        assert rules.hold(sizes) == (plain is not None), (sizes, [rule.text for rule in rules.rules])
        if plain is not None:
            shapes = {node.address: node.shapes for node in plain.walk()}
            assert {node.address: tuple(at(s, sizes) for s in node.shapes) for node in graph.walk()} == shapes
            macs = graph.counts.macs
            assert (macs if known(macs) else macs.at(sizes)) == plain.counts.macs
    for sizes in trial_sizes(graph, size_rules(graph)) if graph is not None else ():
        assert elaborated(with_input(text, *map(sizes.get, symbols))) is not None, "what is tried is legal"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(), SIZES)
def test_random_graphs(text: str, numbers: list[int]) -> None:
    rank = len(yaml.safe_load(text)["input"]) - 1
    hold(text, ["H", "W", "D"][:rank], numbers)


@st.composite
def forks(draw: st.DrawFn) -> str:
    """Paths of other strides and scales that join, side by side or one in another."""
    graph: dict[str, Any] = {"stem": {"conv": 4, "kernel_size": draw(st.sampled_from([1, 2, 3]))}}
    count = draw(st.integers(1, 3))
    for level in range(count):
        stride = draw(st.sampled_from([2, 2, 3, 4]))
        down = draw(
            st.sampled_from(
                [
                    {"max_pool": stride, "ceil_mode": draw(st.booleans())},
                    {"conv": 4, "kernel_size": 3, "stride": stride, "padding": 1},
                    {"avg_pool": stride, "stride": stride},
                ]
            )
        )
        graph[f"down{level}"] = down
    for level in reversed(range(count)):
        up = draw(st.sampled_from([2, 2, 3, 4, 0.5, 1.5, 0.7]))
        graph[f"up{level}"] = draw(
            st.sampled_from([{"upsample": up}, {"conv_transpose": 4, "kernel_size": 2, "stride": 2}])
        )
        beside = f"down{level - 1}" if level else "stem"
        join = draw(st.sampled_from(["add", "concat", "mul"]))
        graph[f"join{level}"] = {join: [f"up{level}", beside]}
        graph[f"conv{level}"] = {"conv": 4, "kernel_size": 1}
    if draw(st.booleans()):
        graph["tail"] = {"reshape": [draw(st.sampled_from([2, 4, 6])), -1]}
    return written(name="forks", input=[3, 8], graph=graph)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(forks(), SIZES)
def test_forks(text: str, numbers: list[int]) -> None:
    hold(text, ["H"], numbers)
    hold(text, ["H", "W"], numbers)
