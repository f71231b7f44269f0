"""Comparisons of random networks, held against torch's state_dicts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

import archspec
from archspec.analysis.comparison import compare

from .graphs import specs


def read(text: str) -> archspec.Architecture:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(text)
        return archspec.read(path)


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
