"""Comparisons of random networks, held against torch's state_dicts."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archspec
from archspec.analysis.comparison import compare
from archspec.analysis.comparison.alignment import matches
from archspec.analysis.comparison.likeness import Likeness
from archspec.graph.model import Graph, NodeType
from tests.samples import read

from .graphs import specs


def state(architecture: archspec.Architecture) -> dict[str, tuple[int, ...]]:
    module = architecture.build(device="meta")
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs())
def test_a_network_does_not_differ_from_itself(text: str) -> None:
    comparison = compare(read(text).graph, read(text).graph)
    assert comparison.empty
    assert {pair.status for pair in comparison.walk()} <= {"unchanged"}
    assert not (comparison.weights.misshapen or comparison.weights.missing or comparison.weights.extra)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(), specs())
def test_the_weights_that_carry_over_are_those_that_torch_would_load(one: str, other: str) -> None:
    old, new = read(one), read(other)
    comparison = compare(old.graph, new.graph)
    before, now = state(old), state(new)
    fits = comparison.weights
    assert set(fits.fitting) == {name for name in before.keys() & now.keys() if before[name] == now[name]}
    assert set(fits.misshapen) == before.keys() & now.keys() - set(fits.fitting)
    assert set(fits.missing) == now.keys() - before.keys()
    assert set(fits.extra) == before.keys() - now.keys()
    for theirs, mine in comparison.renamed.items():
        assert theirs != mine and before[mine] == now[theirs]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(), specs())
def test_every_node_of_both_stands_in_one_pair(one: str, other: str) -> None:
    old, new = read(one).graph, read(other).graph
    pairs = list(compare(old, new).walk())
    assert sorted(pair.old.address for pair in pairs if pair.old) == sorted(old.nodes)
    assert sorted(pair.new.address for pair in pairs if pair.new) == sorted(new.nodes)
    assert all(pair.old or pair.new for pair in pairs)


LAYERS = st.sampled_from(
    [
        "{conv: 4, kernel_size: 1}",
        "{conv: 6, kernel_size: 3, padding: 1}",
        "relu",
        "batch_norm",
        "{max_pool: 1}",
        "gelu",
    ]
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LAYERS, max_size=4), st.lists(LAYERS, min_size=1, max_size=6), st.lists(LAYERS, max_size=4))
def test_a_plain_group_around_layers_moves_them_and_changes_nothing(
    before: list[str], grouped: list[str], after: list[str]
) -> None:
    """Whichever layers in a row an author puts into a group, each is paired with itself."""
    layers = [
        f"l{number}: {layer}" for number, layer in enumerate([*before, "{conv: 5, kernel_size: 1}", *grouped, *after])
    ]
    start, end = len(before), len(before) + 1 + len(grouped)
    group = f"features: {{graph: {{{', '.join(layers[start:end])}}}}}"
    flat, nested = (
        read(f"archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: {{{', '.join(each)}}}\n").graph
        for each in (layers, [*layers[:start], group, *layers[end:]])
    )
    for old, new in ((flat, nested), (nested, flat)):
        comparison = compare(old, new)
        pairs = list(comparison.root.walk())[1:]
        assert {pair.status for pair in pairs} <= {"unchanged", "moved"}
        assert all(pair.old and pair.new and leaf(pair.old.address) == leaf(pair.new.address) for pair in pairs)
        assert [pair.node.address for pair in comparison.opened] == ["features"]
        walked = list(comparison.walk())
        assert sorted(pair.old.address for pair in walked if pair.old) == sorted(old.nodes)
        assert sorted(pair.new.address for pair in walked if pair.new) == sorted(new.nodes)


def leaf(address: str) -> str:
    return address.rpartition(".")[2]


def chain(name: str, layers: list[str]) -> Graph:
    nodes = ", ".join(f"{name}{number}: {layer}" for number, layer in enumerate(layers))
    return read(f"archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: {{{nodes}}}\n").graph


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LAYERS, min_size=1, max_size=8), st.lists(LAYERS, min_size=1, max_size=8))
def test_layers_with_weights_are_paired_as_if_there_were_no_others(one: list[str], other: list[str]) -> None:
    old, new, likeness = chain("a", one).root.children, chain("b", other).root.children, Likeness()
    mine, theirs = ([node for node in nodes if node.counts.params] for nodes in (old, new))
    pairs = [(old[here], new[there]) for here, there in matches(old, new, likeness)]
    scores = [likeness.score(*pair) for pair in pairs if all(node.counts.params for node in pair)]
    assert sum(scores) == most(mine, theirs, likeness)


def most(old: Sequence[NodeType], new: Sequence[NodeType], likeness: Likeness) -> int:
    """The most points of an alignment in order."""
    if not old or not new:
        return 0
    score = likeness.score(old[0], new[0])
    return max(most(old[1:], new, likeness), most(old, new[1:], likeness), score + most(old[1:], new[1:], likeness))
