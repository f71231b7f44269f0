"""What is kept from one elaboration to the next never stands in for what another would be."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.api import zoo
from archspec.api.architecture import read_document
from archspec.elaborate import elaborate
from archspec.elaborate.memo import memo
from archspec.graph.model import Block, Graph, Leaf
from archspec.language.diagnostics import Findings
from archspec.language.document import Document
from archspec.ops.regularization import StochasticDepth
from tests.elaborate.reading import errors

SPEC = """
archspec: 1
name: net
input: [3, 16, 16]
params: {slope: 0.1, width: 8}
variants: {net: {}, steep: {slope: 0.5}, wide: {width: 12}}
blocks:
  leaky:
    graph:
      act: {leaky_relu: slope}
graph:
  - {conv_norm_act: width, act: leaky, repeat: 2}
  - {conv_norm_act: width, act: relu, repeat: 2}
  - {basic_block: width, repeat: 2}
"""


def form(graph: Graph) -> list[object]:
    return [
        (node.address, node.inputs, node.shapes, node.counts, node.op if isinstance(node, Leaf) else node.arguments)
        for node in graph.walk()
    ]


def alone(document: Document, variant: str | None) -> list[object]:
    """A variant with nothing kept from before."""
    memo.KEPT.forget()
    return form(read_document(document, variant, {}).graph)


def sizes() -> list[int]:
    """How many blocks, ops and leaves are kept."""
    return [len(memo.KEPT._blocks), len(memo.KEPT._ops), len(memo.KEPT._leaves)]


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    whole = alone(document, "net")
    monkeypatch.setattr(memo, "MOST", 3)
    assert alone(document, "net") == whole
    assert len(memo.KEPT._blocks) <= 3


def test_what_is_too_much_goes_before_the_next_network_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    wide, kept = alone(document, "wide"), sizes()
    alone(document, "net")
    monkeypatch.setattr(memo, "MOST", 3)
    assert form(read_document(document, "wide", {}).graph) == wide
    assert sizes() == kept


WEIGHED = """
archspec: 1
name: net
input: [8, 16, 16]
blocks:
  projection: {graph: {act: tanh}}
graph: [{bottleneck: 8, repeat: 3}, {bottleneck: 8, shortcut: padding}, {bottleneck: 16, shortcut: padding}]
"""


def test_a_word_that_only_decides_what_is_there_calls_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(WEIGHED)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    graph = read_document(document, None, {}).graph
    _, second, third, *_ = (child for child in graph.root.children if isinstance(child, Block))
    assert second.children[0].inputs is third.children[0].inputs, "the third is the second under another address"
    assert "4.downsample" not in graph.nodes
    assert "4.pad" in graph.nodes
    assert form(graph) == alone(document, None)


def test_what_is_wrong_inside_a_standard_block_is_told_every_time(tmp_path: Path) -> None:
    text = "graph: [{mbconv: 3, drop: 2}]"
    assert errors(text, tmp_path) == errors(text, tmp_path) != []


@pytest.mark.parametrize("order", [("net", "steep", "wide"), ("wide", "steep", "net"), ("steep", "steep")])
def test_variants_that_share_a_memo_come_out_as_alone(order: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    together = [form(read_document(document, variant, {}).graph) for variant in order]
    assert together == [alone(document, variant) for variant in order]


def test_a_block_that_is_found_again_has_its_own_addresses(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    graph = read_document(document, "net", {}).graph
    assert len(graph.nodes) == len(list(graph.walk()))
    assert all(graph.nodes[node.address.rpartition(".")[0]] for node in graph.walk() if "." in node.address)


@pytest.mark.parametrize("family", zoo.documents())
def test_bundled_variants_share_a_memo_unharmed(family: str) -> None:
    document = zoo.bundled(family)
    variants = list(document.variants)[:4] or [None]
    together = [form(read_document(document, variant, {}).graph) for variant in variants]
    assert together == [alone(document, variant) for variant in variants]


DROPS = """
archspec: 1
name: net
input: [8, 16, 16]
graph:
  - {mbconv: 8, drop: 0.1 * i, repeat: 3}
  - {mbconv: 8, drop: 0.5 + 0.4 * i, repeat: 3}
"""


def test_blocks_that_differ_in_what_is_filled_last_keep_their_own_values(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(DROPS.replace("0.4", "0.2"))
    graph = archspec.read(tmp_path / "net.yaml").graph
    drops = [node.op.p for node in graph.walk() if isinstance(node, Leaf) and isinstance(node.op, StochasticDepth)]
    assert drops == pytest.approx([0, 0.1, 0.2, 0.5, 0.7, 0.9])
    assert [child.arguments["drop"] for child in graph.root.children if isinstance(child, Block)] == drops
    addresses = [node.address for node in graph.walk()]
    assert len(set(addresses)) == len(addresses)


def test_a_wrong_value_that_would_be_filled_last_is_told(tmp_path: Path) -> None:
    assert errors(DROPS.lstrip(), tmp_path) == [("wrong-type", "`p` of `stochastic_depth` cannot be `1.3`")]


def test_a_module_that_is_called_again_keeps_its_addresses_when_found_again() -> None:
    document, variant = zoo.open_spec("fasterrcnn_resnet50_fpn")
    assert alone(document, variant) == form(read_document(document, variant, {}).graph)


def test_a_memo_of_ones_own_is_filled_and_read_in_place_of_the_processs(tmp_path: Path) -> None:
    """So a server can hold many documents, each with what it needs, and let go of one of them."""
    (tmp_path / "net.yaml").write_text(SPEC)
    document, _ = zoo.open_spec(tmp_path / "net.yaml")
    memo.KEPT.forget()
    own = memo.Memo()
    graphs = [elaborate(document, "net", {}, Findings(), zoo.find, own) for _ in range(2)]
    assert own._blocks and sizes() == [0, 0, 0]
    assert form(graphs[0]) == form(graphs[1]) == alone(document, "net")
    first, again = ({id(node.op) for node in graph.walk() if isinstance(node, Leaf)} for graph in graphs)
    assert first == again, "the second time every op is one that was kept"
