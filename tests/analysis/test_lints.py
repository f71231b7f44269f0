# ruff: noqa: E501
"""What is probably not meant is told once, at its place; what is meant is left alone, as all bundled networks are."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.api.catalogue import listed
from archspec.graph.dataflow import Flow
from archspec.graph.model import Block, Leaf, NodeType
from archspec.language.diagnostics import Findings
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping
from archspec.training.recipe.loss_terms import read_terms
from archspec.training.recipe.softmax_twice import warn_softmax_twice

MAP = "graph: [{conv: 8, kernel_size: 3}, relu, {max_pool: 2}, {linear: 10}]"
PAIR = "graph: [{conv: 8, kernel_size: 3}, {conv: 8, kernel_size: 3}]"
TOLD = {
    "channels-last": [
        ("[224, 224, 3]", "graph: [{conv: 8, kernel_size: 3}]"),
        ("[28, 28, 1]", "graph: [{max_pool: 1}]"),
        ("{image: {shape: [32, 48, 3], dtype: float32}}", "graph: [batch_norm]"),
        ("[8, 32, 32, 3]", "graph: [{conv: 8, kernel_size: 3}]"),
        ("{x: [5], image: [64, 64, 3]}", "graph: [{conv: 8, kernel_size: 3, from: image}]"),
    ],
    "batched-input": [
        ("[1, 3, 32, 32]", "graph: [{conv: 8, kernel_size: 3, padding: 1}]"),
        ("[32, 1, 28, 28]", "graph: [{conv: 8, kernel_size: 1}]"),
        ("[1, 784]", "graph: [{linear: 10}]"),
    ],
    "linear-on-map": [
        ("[3, 32, 32]", MAP),
        ("[3, 32, 32]", "graph: [{linear: 10}]"),
        ("[3, 32, 32]", "graph: [{adaptive_avg_pool: 1}, dropout, {linear: 10}]"),
        ("[3, 32]", "graph: [{conv: 8, kernel_size: 3}, batch_norm, {linear: 10}]"),
        ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, {mlp_head: 10, hidden: 20}]"),
        ("[3, 32, 32]", "graph: {body: [{conv: 8, kernel_size: 3}, relu], head: [{linear: 10}]}"),
    ],
    "softmax-on-map": [
        ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, softmax]"),
        ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, batch_norm, relu, log_softmax]"),
        ("[3, 9, 9, 9]", "graph: [{conv: 8, kernel_size: 3}, {softmin: , from: previous}]"),
        ("[3, 32, 32]", "graph: [{max_pool: 2}, softmax]"),
        ("[3, 32, 32]", "graph: [softmax]"),
        ("[3, 32, 32]", "blocks: {u: {graph: [softmax]}}\ngraph: [{conv: 8, kernel_size: 3}, u]"),
    ],
    "two-convolutions": [
        ("[3, 32, 32]", PAIR),
        ("[3, 32, 32]", "graph: {a: [{conv: 8, kernel_size: 3}], b: {conv: 8, kernel_size: [3, 3]}}"),
        ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3, repeat: 5}]"),
    ],
    "joined-with-itself": [
        ("[3, 8, 8]", "graph: {a: relu, b: {add: [a, a]}}"),
        ("[3, 8, 8]", "graph: {a: relu, b: {sub: [a, a]}}"),
        ("[3, 8, 8]", "graph: {a: relu, b: {maximum: [a, a, a]}}"),
        ("[3, 8, 8]", "graph: [relu, {div: [previous, previous]}, relu, {minimum: [previous, previous]}]"),
        ("[3, 8, 8]", 'graph: [relu, {add: [previous, "0"]}]'),
        ("[3, 8, 8]", "blocks: {u: {graph: {a: relu, b: {add: [a, a]}}}}\ngraph: [{u: , repeat: 3}]"),
    ],
    "no-effect": [
        ("[3, 8, 8]", "graph: [relu, gelu, {add: [previous, 0]}]"),
        ("[3, 8, 8]", "graph: [relu, {mul: 1}]"),
        ("[3, 8, 8]", "graph: [relu, {add: [0.0, previous]}]"),
        ("[3, 8, 8]", "graph: [relu, {sub: [previous, 0]}]"),
        ("[3, 8, 8]", "graph: [relu, {div: [previous, 1]}, {pow: [previous, 1.0]}]"),
        ("[3, 8, 8]", "graph: {a: relu, b: gelu, c: {add: [a, b, 0]}}"),
    ],
    "item-number": [
        ("[3, 8, 8]", "graph: [relu, gelu, relu, {add: [previous, 1]}]"),
        ("[3, 8, 8]", "graph: [relu, {conv_norm_act: 3, kernel_size: 1}, relu, {add: [1, previous]}]"),
        ("[3, 8, 8]", "graph: {body: [relu, gelu, relu, {add: [previous, 1]}]}"),
    ],
    "inplace": [
        ("[3, 8, 8]", "graph: [{relu: , inplace: true}]"),
        ("[3, 8, 8]", "graph: {c: {conv: 3, kernel_size: 1}, r: {relu: , inplace: true}, d: {sub: [r, c]}}"),
        ("[3, 8, 8]", "graph: [{conv: 3, kernel_size: 1}, relu, {dropout: 0.5, inplace: true}]"),
    ],
}  # fmt: skip
SILENT = [
    ("[3, 8, 8]", "graph: {a: relu, b: {mul: [a, a]}}"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, {softmax: 1}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, {log_softmax: -1}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, {softmax: , dim: -1}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, softmax2d]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, flatten, {linear: 10}, softmax]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 3}, {flatten: 2}, softmax]"),
    ("[12, 20, 20]", "graph: [softmax]"),
    ("{q: [4, 20, 8], k: [4, 8, 20]}", "graph: {s: {matmul: [q, k]}, p: softmax}"),
    ("[3, 8, 8]", "graph: {a: relu, b: {concat: [a, a]}}"),
    ("[3, 8, 8]", "graph: [relu, {add: [previous, input]}]"),
    ("[3, 8, 8]", "graph: [relu, {sub: [0, previous]}]"),
    ("[3, 8, 8]", "graph: [relu, {div: [1, previous]}]"),
    ("[3, 8, 8]", "graph: [relu, {mul: 0}]"),
    ("[3, 8, 8]", "graph: [relu, {add: [previous, 3]}, relu6]"),
    ("[3, 8, 8]", "graph: [relu, {conv: 5, kernel_size: 1}, relu, {conv: 3, kernel_size: 1}, {add: [previous, 1]}]"),
    ("[3, 8, 8]", "graph: [relu, gelu, relu, {add: [previous, 1.5]}]"),
    ("[3, 8, 8]", "graph: {a: relu, b: gelu, c: {add: [b, 1]}}"),
    ("[3, 224, 224]", "graph: [{conv: 8, kernel_size: 3}]"),
    ("[16, 3, 3]", "graph: [{conv: 8, kernel_size: 3}]"),
    ("[224, 224, 3]", "graph: [{permute: [0, 3, 1, 2]}, {conv: 8, kernel_size: 3}]"),
    ("[3, 16, 112, 112]", "graph: [{conv: 8, kernel_size: 3}]"),
    ("[1, 32, 32, 32]", "graph: [{conv: 8, kernel_size: 3}]"),
    ("[1, 28, 28]", "graph: [flatten, {linear: 10}]"),
    ("[20, 64]", "graph: [{linear: 10}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 4}, {flatten: 2}, {transpose: , dim0: 1, dim1: 2}, {linear: 10}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 4, stride: 4}, {permute: [0, 2, 3, 1]}, layer_norm, {linear: 10}]"),
    ("[3, 32, 32]", "graph: [{conv: 9, kernel_size: 3, groups: 3}, {conv: 8, kernel_size: 1}]"),
    ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: [1, 7]}, {conv: 8, kernel_size: [7, 1]}]"),
    ("[3, 8, 8]", "graph: {a: {conv: 8, kernel_size: 3}, b: {conv: 8, kernel_size: 3}}\noutput: {a: a, b: b}"),
    ("[3, 8, 8]", "graph: [{conv: 3, kernel_size: 1}, {relu: , inplace: true}]"),
    ("[3, 8, 8]", "graph: [{conv: 3, kernel_size: 1}, flatten, {relu: , inplace: true}]"),
]  # fmt: skip


def codes(shape: str, graph: str, folder: Path) -> list[str]:
    path = folder / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: {shape}\n{graph}\n")
    return [warning.code for warning in archspec.read(path).warnings]


@pytest.mark.parametrize(("code", "shape", "graph"), [(code, *each) for code, pages in TOLD.items() for each in pages])
def test_what_is_probably_not_meant_is_told_once(code: str, shape: str, graph: str, tmp_path: Path) -> None:
    assert codes(shape, graph, tmp_path).count(code) == 1


@pytest.mark.parametrize(("shape", "graph"), SILENT)
def test_what_is_probably_meant_is_left_alone(shape: str, graph: str, tmp_path: Path) -> None:
    assert codes(shape, graph, tmp_path) == []


@pytest.mark.parametrize("code", TOLD)
def test_a_comment_allows_it(code: str, tmp_path: Path) -> None:
    shape, graph = TOLD[code][0]
    comment = f"   # allow: {code}"
    place = (f"{shape}{comment}", graph) if code in ("channels-last", "batched-input") else (shape, graph + comment)
    assert code not in codes(*place, tmp_path)


@pytest.mark.parametrize(
    ("shape", "graph", "note"),
    [
        ("[1, 3, 32, 32]", "graph: [{conv: 8, kernel_size: 5}, {linear: 10}]", "the first size of 1×3×32×32"),
        ("[3, 32, 32]", "graph: [{conv: 8, kernel_size: 40}]", ""),
        ("[32, 32, 3]", "graph: [{conv: 8, kernel_size: 5}]", "the input is read as 32 channels of 32×3"),
        ("{x: [8, 4], image: [28, 28, 1]}", "graph: [{max_pool: 2, from: image}]", "the input is read as 28"),
        ("[28, 28, 1]", "graph: [{linear: 8, bais: true}]", ""),
    ],
)
def test_an_error_of_sizes_names_an_input_of_another_layout(shape: str, graph: str, note: str, tmp_path: Path) -> None:
    with pytest.raises(archspec.SpecError) as raised:
        codes(shape, graph, tmp_path)
    notes = raised.value.diagnostics[0].notes
    assert (notes[0].message.startswith(note) and notes[0].span) if note else notes == ()


UNIT = "blocks:\n  u:\n    graph:\n      - {conv: 8, kernel_size: 3}\n"
HEAD = "blocks:\n  u: {graph: [{linear: 8}]}\n"
PLACES = {
    "- {conv: 8, kernel_size: 3}  # here": "graph:\n  - {conv: 8, kernel_size: 3}\n  - {conv: 8, kernel_size: 3}  # here",
    "the second call of a block": UNIT + "graph:\n  - u\n  - u  # here",
    "the call that comes after another convolution": UNIT + "graph:\n  - {conv: 8, kernel_size: 3}\n  - [u]  # here",
    "copies of a block": UNIT + "graph:\n  - relu\n  - {u: , repeat: 3}  # here",
    "inside a block": UNIT + "      - {conv: 8, kernel_size: 3}  # here\ngraph:\n  - u\n  - relu\n  - u",
    "a block around it": UNIT + "  v:\n    graph:\n      - u\n      - u  # here\ngraph:\n  - v\n  - relu\n  - v",
    "a standard block": "graph:\n  - {conv: 8, kernel_size: 3}\n  - {conv_norm_act: 8, kernel_size: 3}  # here",
    "a part": "graph:\n  - {conv: 3, kernel_size: 3}\n  - {use: ./part.yaml}  # here",
    "an else": "graph:\n  - {conv: 3, kernel_size: 3}\n  - {relu: , when: false, else: {conv: 3, kernel_size: 3}} # here",
    "a graph in place": "graph:\n  a: {conv: 3, kernel_size: 3}\n  b:\n    graph:\n      - {linear: 3}  # here",
    "a block with a linear layer": HEAD + "graph:\n  - {conv: 8, kernel_size: 3}\n  - u  # here",
    "the image's linear layer": HEAD + "graph:\n  - u  # here",
    "a standard head": "graph:\n  - {conv: 8, kernel_size: 3}\n  - {mlp_head: 10, hidden: 20}  # here",
    "one value twice": "blocks:\n  u: {inputs: [a, b], graph: {s: {add: [a, b]}}}\ngraph:\n  - {u: , from: [input, input]}  # here",
    "a block's own join": "blocks:\n  u:\n    graph:\n      - relu\n      - {add: [previous, previous]}  # here\ngraph: [u, relu, u]",
    "a number of a block": "blocks:\n  u:\n    graph:\n      - {add: [input, 0]}  # here\ngraph: [u, relu, u]",
    "in place": "blocks:\n  u:\n    graph:\n      r: {relu: , inplace: true}  # here\n      d: {add: [r, input]}\ngraph: [{conv: 3, kernel_size: 1}, u]",
    "a size by its param": "params: {n: 1}\ngraph:\n  - {conv: 3, kernel_size: 3}",
}  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
def test_it_is_told_at_the_line_that_one_would_change(where: str, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        "archspec: 1\nname: part\ninput: [3, 9, 9]\ngraph: [{conv: 8, kernel_size: 3}]\n"
    )
    shape = "[n, 3, 32, 32]  # here" if "n: 1" in PLACES[where] else "[3, 32, 32]"
    path = tmp_path / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: {shape}\n{PLACES[where]}\n")
    (found,) = archspec.read(path).warnings
    assert found.span is not None and found.span.source.path == path and found.notes == ()
    assert found.span.source.line(found.span.line).endswith("# here"), str(found)
    path.write_text(path.read_text().replace("# here", f"# allow: {found.code}"))
    assert archspec.read(path).warnings == ()


def test_what_a_part_says_is_told_where_the_part_is_checked(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(f"archspec: 1\nname: part\ninput: [3, 32, 32]\n{PAIR}\n")
    assert codes("[3, 32, 32]", "graph: [{use: ./part.yaml}]", tmp_path) == []
    assert [each.code for each in archspec.read(tmp_path / "part.yaml").warnings] == ["two-convolutions"]


def test_a_number_that_changes_something_in_another_copy_is_left_alone(tmp_path: Path) -> None:
    graph = "blocks: {u: {params: {k: 0}, graph: [relu, {add: [previous, k]}]}}\ngraph: [u, {u: 1}]"
    assert codes("[3, 8, 8]", graph, tmp_path) == []


def test_another_place_than_the_allowed_one_is_told(tmp_path: Path) -> None:
    lines = ["graph:", "  - {conv: 8, kernel_size: 3}", "  - {conv: 8, kernel_size: 3}   # allow: two-convolutions"]
    assert codes("[3, 32, 32]", "\n".join(lines), tmp_path) == []
    assert codes("[3, 32, 32]", "\n".join([*lines, "  - {conv: 8, kernel_size: 3}"]), tmp_path) == ["two-convolutions"]


def test_every_bundled_network_is_silent() -> None:
    assert {each.architecture.name: each.architecture.warnings for each in listed() if each.architecture.warnings} == {}


@pytest.mark.parametrize(
    ("graph", "loss", "told"),
    [
        ("[flatten, {linear: 5}, softmax]", "cross_entropy", True),
        ("[flatten, {linear: 5}, softmax, {unsqueeze: 2}]", "cross_entropy", True),
        ("[flatten, {linear: 5}, sigmoid]", "binary_cross_entropy_with_logits", True),
        ("[flatten, {linear: 5}]", "cross_entropy", False),
        ("[flatten, {linear: 5}, log_softmax]", "nll_loss", False),
        ("[flatten, {linear: 5}, softmax]", "mse_loss", False),
        ("[flatten, {linear: 5}, softmax, {linear: 5}]", "cross_entropy", False),
    ],
)
def test_a_loss_that_applies_softmax_again_is_told(graph: str, loss: str, told: bool, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: {graph}\n")
    for comment, expected in (("", ["softmax-twice"] if told else []), ("   # allow: softmax-twice", [])):
        findings = Findings()
        tree = parse(Source("recipe.yaml", f"loss: {loss}{comment}\n"))
        assert isinstance(tree, Mapping)
        warn_softmax_twice(read_terms(tree, False, findings), archspec.read(path).graph, findings)
        assert [each.code for each in findings] == expected


def test_no_bundled_network_applies_softmax_before_cross_entropy() -> None:
    tree = parse(Source("recipe.yaml", "loss: cross_entropy\n"))
    assert isinstance(tree, Mapping)
    for each in listed():
        findings = Findings()
        warn_softmax_twice(read_terms(tree, False, findings), each.architecture.graph, findings)
        assert not findings.items, each.architecture.name


def test_the_flow_of_a_network_is_its_ops_without_walls() -> None:
    for each in listed():
        graph = each.architecture.graph
        flow = Flow.of(graph)
        assert len(flow.calls) == _ops(graph.root)
        for call in flow.calls:
            given = [(flow.producer(origin), origin.output) for origin in call.inputs]
            shapes = [call.leaf.shapes[at] if call else graph.root.input_shapes[at] for call, at in given]
            assert tuple(shapes) == call.leaf.input_shapes


def _ops(node: NodeType | Block) -> int:
    return 1 if isinstance(node, Leaf) else sum(map(_ops, node.children))
