"""Points are counted as the whole network is: what is left out while counting changes no figure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from archspec.analysis.memory import activation_memory
from archspec.api import zoo
from archspec.api.architecture import read_document, setting_trees
from archspec.api.documents import open_document
from archspec.elaborate import Counting
from archspec.graph.model import Block
from archspec.language.diagnostics import Findings, SpecError
from archspec.language.document import Document, parse_document
from archspec.language.source import Source
from archspec.language.yaml_tree import Scalar, plain
from archspec.search.figures import FIGURES
from archspec.search.points import Points, Settings

POINTS = 2


def in_full(document: Document, variant: str | None, settings: Settings) -> dict[str, Any] | None:
    """The figures of the network as it is built and drawn."""
    try:
        whole = read_document(document, variant, setting_trees(dict(settings)))
    except SpecError:
        return None
    memory = activation_memory(whole.graph)[""]
    return {"params": whole.params, "macs": whole.macs, "memory": memory, "depth": whole.depth}


def drawn_settings(document: Document, chance: random.Random) -> Iterator[Settings]:
    """A few settings: those of its variants, with some numbers moved and some truths turned."""
    variants = [each.settings for each in document.variants.values()] or [{}]
    for _ in range(POINTS):
        settings = {name: plain(tree) for name, tree in chance.choice(variants).items()}
        for name, param in document.params.items():
            default = settings.get(name, param.default.value if isinstance(param.default, Scalar) else None)
            if chance.random() < 0.5:
                settings.update({name: moved} if (moved := other(default, chance)) is not None else {})
        yield tuple(settings.items())


def other(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(1, value + chance.choice([-1, 0, 1, value]))
    return round(value * chance.choice([0.5, 1.0, 1.5]), 6) if isinstance(value, float) else None


def differing(document: Document, variant: str | None, settings: list[Settings]) -> list[Any]:
    """The points whose figures differ from those of the whole network."""
    points = Points(document, variant, {}, ())
    found = []
    for each in settings:
        full = in_full(document, variant, each)
        try:
            graph = points.graph(each)
            counted = {figure: points.figure(figure, graph) for figure in FIGURES}
        except SpecError:
            counted = None
        if counted != full:
            found.append((each, counted, full))
    return found


@pytest.mark.parametrize("name", zoo.documents())
def test_a_point_has_the_figures_of_the_whole_network(name: str) -> None:
    document, variant = open_document(name, None)
    chance = random.Random(name)
    assert differing(document, variant, [(), *drawn_settings(document, chance)]) == []


OWN = """\
archspec: 1
name: own
input: [3, size, size]
params: {width: 8, depth: 2, kernel: 3, wide: 2, rate: 0.2, size: 16, norm: true, kind: {type: op, default: plain}}
let: {rates: [rate, 2 * rate], inner: 2 * width, hidden: [kernel, wide]}
blocks:
  plain:
    params: {out: int, depth: 1, drop: 0.0}   # its `depth` hides the page's
    graph:
      - {conv: out * depth, kernel_size: "hidden[0]", padding: "hidden[0] // 2"}
      - {batch_norm: , when: norm}
      - {stochastic_depth: drop}
  wider:
    params: {out: int, depth: 1, drop: 0.0}
    let: {middle: out * wide}
    graph:
      - {conv: middle, kernel_size: 1}
      - {plain: out, drop: drop}
      - {dropout: "rates[0]"}
  stage:
    params: {out: int, of: int, drop: 0.0}
    graph:
      - use: kind
        out: out
        drop: drop / depth
        repeat: of
      - {conv: inner, kernel_size: 1}
graph:
  - {stage: width, of: depth, drop: "rates[0] / 4"}
  - {stage: 2 * width, of: 1, drop: "rates[1] / 4"}
  - {wider: width, drop: width / 100}
"""
OWN_VALUES: dict[str, list[Any]] = {
    "width": [4, 8],
    "depth": [1, 2],
    "kernel": [1, 3],
    "wide": [1, 2],
    "rate": [0.0, 0.2, 0.5],
    "size": [8, 16],
    "norm": [True, False],
    "kind": ["plain", "wider"],
}


def own_points() -> tuple[Document, list[Settings]]:
    chance = random.Random(1)
    drawn = [tuple((name, chance.choice(values)) for name, values in OWN_VALUES.items()) for _ in range(120)]
    return parse_document(Source("own.yaml", OWN), Findings()), [(), *drawn]


def test_blocks_of_the_page_are_counted_anew_where_anything_that_they_read_differs() -> None:
    document, settings = own_points()
    assert len({repr(in_full(document, None, each)) for each in settings}) > 30
    assert differing(document, None, settings) == []


def test_a_value_that_a_block_reads_and_its_key_lacks_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    document, settings = own_points()
    monkeypatch.setattr(Counting, "_read_around", lambda self, library: ())
    assert differing(document, None, settings) != []


def test_what_is_not_counted_takes_no_elaboration_of_its_own() -> None:
    document, _ = own_points()
    points = Points(document, None, {}, FIGURES)
    first, again, other = (
        points.graph((each,)).root.children[-1] for each in (("rate", 0.1), ("rate", 0.4), ("wide", 3))
    )
    assert isinstance(first, Block)
    assert isinstance(again, Block)
    assert isinstance(other, Block)
    assert first.children is again.children
    assert first.children is not other.children
