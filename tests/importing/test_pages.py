"""A graph → its page → the same graph, for every bundled network; no torch is needed."""

from __future__ import annotations

import pytest

import archspec
from archspec.api import zoo
from archspec.importing.page import write
from tests.samples import read


@pytest.mark.parametrize("name", [name for name, _ in zoo.variants()])
def test_the_page_of_a_bundled_network_is_that_network(name: str) -> None:
    graph = archspec.read(name).graph
    page = read(write(graph))
    assert page.graph.fingerprint == graph.fingerprint
    assert page.graph.counts == graph.counts


def test_under_other_settings_the_page_says_these() -> None:
    small = archspec.read("resnet34", num_classes=10)
    assert read(small.to_yaml()).graph.fingerprint == small.graph.fingerprint
    assert archspec.read("resnet50").to_yaml() == zoo.bundled("resnet").source.text


TWO = "blocks: {two: {params: {n: int}, graph: {a: {linear: n}, b: {linear: n, GIVEN}}}}\ngraph: [{two: 8}, {two: 4}]"
GRAPHS = {
    "tied": "graph: {a: {linear: 8}, b: {linear: 8, tie: {weight: a.weight, bias: a.bias}}}",
    "tied to a parameter": "graph: {s: {parameter: [8, 8]}, b: {linear: 8, tie: {weight: s}}}",
    "tied to what is inside a block": "graph: {a: [{linear: 8}], b: {linear: 8, tie: {weight: a.0.weight}}}",
    "tied in a list": "graph: {x: [{linear: 8}, {linear: 8, tie: {weight: 0.weight}}], y: relu, z: {add: [x, y]}}",
    "tied in a block of several sizes": TWO.replace("GIVEN", "tie: {bias: a.bias}"),
    "parametrized": "graph: [{linear: 8}, {linear: 8, parametrize: weight_norm}, relu]",
    "parametrized in a block of several sizes": TWO.replace("GIVEN", "parametrize: spectral_norm"),
    "as long as the input": "graph: {places: {positions: , from: input}, x: {embedding: 9, embedding_dim: 4}}",
    "as long as the value before": "graph: [{linear: 4}, {positions: , from: previous}, {to: float32}]",
}
"""Pages of one way each to say what a node takes, or what its tensors are."""


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_a_page_says_what_a_node_takes_and_what_its_tensors_are(graph: str) -> None:
    made = read(f"archspec: 1\nname: small\ninput: [8]\n{graph}\n").graph
    page = read(write(made))
    assert page.graph.fingerprint == made.fingerprint
    assert page.graph.counts == made.counts


@pytest.mark.parametrize("rate", [0.1, 0.15, 0.2, 0.4, 0.5])
@pytest.mark.parametrize("steps", [3, 7, 11, 17, 35, 45])
def test_rising_rates_are_the_same_to_the_last_bit_on_a_page(rate: float, steps: int) -> None:
    blocks = "blocks: {drop: {params: {p: float}, graph: [{linear: 8}, {stochastic_depth: p}]}}"
    for say in (f"{rate} * i / {steps}", f"i / {steps} * {rate}", f"{rate / steps} * i"):
        graph = f"{blocks}\ngraph: [{{drop: {say}, repeat: {steps}}}]"
        made = read(f"archspec: 1\nname: small\ninput: [8]\n{graph}\n").graph
        assert read(write(made)).graph.fingerprint == made.fingerprint


def test_a_page_that_would_be_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    another = write(archspec.read("gpt2_large").graph)
    monkeypatch.setattr("archspec.importing.page.write", lambda graph: another)
    with pytest.raises(archspec.SpecError, match="no page can be written of `gpt2_medium`"):
        archspec.read("gpt2_medium").to_yaml()
