"""Networks that a lock tells apart never compare as the same."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from archspec.analysis.comparison import compare
from archspec.graph.fingerprint import digest
from archspec.graph.model import Graph
from archspec.reports.difference import Difference
from archspec.reports.difference_json import difference_data
from tests.elaborate.reading import read

LAYERS = "a: {linear: 4}, b: {linear: 4}, c: {linear: 4REST}"
PAGES = {
    "plain": f"input: [4]\ngraph: {{{LAYERS.replace('REST', '')}}}\n",
    **{
        rest: f"input: [4]\ngraph: {{{LAYERS.replace('REST', f', {rest}')}}}\n"
        for rest in (
            "tie: {weight: a.weight}",
            "tie: {weight: b.weight}",
            "tie: {weight: b.weight, bias: a.bias}",
            "parametrize: weight_norm",
            "parametrize: spectral_norm",
            "freeze: true",
            "bias: false",
        )
    },
    **{
        f"init {rule}": f"input: [4]\ninit: {{{rule}}}\ngraph: {{{LAYERS.replace('REST', '')}}}\n"
        for rule in ("linear: zeros", "linear: ones", "c: ones", "linear: {normal: , std: 0.1}")
    },
    **{
        f"output {output}": f"input: [4]\noutput: {output}\ngraph: {{{LAYERS.replace('REST', '')}}}\n"
        for output in ("{x: a, y: b}", "{y: a, x: b}", "{x: b, y: a}", "[a, b]", "[b, a]", "{x: a}")
    },
    **{
        f"input {names}": f"input: {{{names}}}\ngraph: {{c: {{sub: [a, b]}}}}\n"
        for names in ("a: [4], b: [4]", "b: [4], a: [4]", "a: [4], b: {shape: [4], dtype: int64}")
    },
    **{
        f"wires {c}": f"input: [4]\ngraph: {{a: relu, b: relu, c: {c}}}\n"
        for c in ("{tanh: , from: a}", "{tanh: , from: b}", "{tanh: , from: a, training: true}")
    },
}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graph]:
    folder: Path = tmp_path_factory.mktemp("pages")
    return {name: read(f"archspec: 1\nname: net\n{text}", folder).graph for name, text in PAGES.items()}


def test_what_a_lock_tells_apart_is_never_told_to_be_the_same(graphs: dict[str, Graph]) -> None:
    for one, other in permutations(graphs, 2):
        old, new = graphs[one], graphs[other]
        comparison = compare(old, new)
        data = difference_data(comparison)
        assert digest(old) != digest(new), f"{one}, {other}"
        assert "nothing differs" not in str(Difference(comparison)), f"{one}, {other}"
        assert data["network"] or data["nodes"], f"{one}, {other}"
        assert "fingerprint" not in data["network"], f"{one}, {other}: it is not said what differs"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("tie: {weight: a.weight}", "tie: {weight: b.weight}", "tie [weight: a.weight] → [weight: b.weight]"),
        ("parametrize: weight_norm", "plain", "parametrize weight_norm → none"),
        ("init linear: zeros", "init linear: ones", "init  [linear weight: zeros] → [linear weight: ones]"),
        ("output {x: a, y: b}", "output {y: a, x: b}", "outputs  [x: a, y: b] → [y: a, x: b]"),
        ("input a: [4], b: [4]", "input b: [4], a: [4]", "inputs  [a: 4, b: 4] → [b: 4, a: 4]"),
    ],
)
def test_it_is_said_what_differs(graphs: dict[str, Graph], one: str, other: str, told: str) -> None:
    assert told in str(Difference(compare(graphs[one], graphs[other])))


def test_a_network_is_the_same_as_itself(graphs: dict[str, Graph]) -> None:
    assert all(compare(graph, graph).empty for graph in graphs.values())
