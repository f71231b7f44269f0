"""The picture of a comparison: every op of either network is drawn once, with what became of it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import archspec
from archspec.analysis.comparison import Comparison, Pair, compare
from archspec.graph.model import Block, Graph, Leaf
from archspec.pictures.drawing import Box, Drawing
from archspec.pictures.drawing.legend import legend
from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.layout.measure import box_size, line_width
from archspec.pictures.overlay import overlay
from archspec.pictures.overlay_picture import Overlay
from archspec.pictures.render.outlines import strokes
from tests.analysis.comparison import pairs
from tests.analysis.comparison.pairs import compared

PAIRS = [
    *pairs.PAIRS,
    ("retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2"),
    ("fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2"),
    ("cnn_lstm", "lrcn"),
    ("resnet50", "resnet50"),
]
SIGNS = {"added": "+ ", "removed": "− ", "changed": "~ "}


def leaves(graph: Graph, address: str) -> list[str]:
    node = graph.nodes[address]
    return (
        [each for child in node.children for each in leaves(graph, child.address)]
        if isinstance(node, Block)
        else [address]
    )


def shown(drawing: Drawing, comparison: Comparison, side: int) -> Counter[str]:
    """How often each op of one network is drawn; what a block holds is drawn on its sheet or with it."""
    graph = (comparison.old, comparison.new)[side]
    instances = {sheet.key: {*sheet.instances} for sheet in drawing.sheets}
    drawn = Counter[str]()
    for box in drawing.boxes():
        for both in zip(box.members[::2], box.members[1::2]):
            on_its_sheet = box.inside is not None and all(
                address in instances[box.inside] or comparison.new.nodes[address].tied is not None
                for address in both[1]
            )
            if not (on_its_sheet and both[1]):
                drawn.update(leaf for address in both[side] for leaf in leaves(graph, address))
    return drawn


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_every_op_of_either_network_is_drawn_once(old: str, new: str) -> None:
    comparison = compared(old, new)
    drawing = overlay(comparison)
    for side, graph in enumerate((comparison.old, comparison.new)):
        everything = [address for address, node in graph.nodes.items() if not isinstance(node, Block)]
        assert shown(drawing, comparison, side) == Counter(everything)


def status(pair: Pair) -> str:
    """What became of a node past the shapes that it is given: its op, its tensors, its wires, and all inside it."""
    if pair.old is None or pair.new is None:
        return pair.status
    wired = not {"inputs", "outputs", "share"} & {change.what for change in pair.changes}
    if isinstance(pair.old, Leaf) and isinstance(pair.new, Leaf):
        tensors = [{**leaf.parameters, **leaf.buffers} for leaf in (pair.old, pair.new)]
        ops = [(leaf.op.name, leaf.op, leaf.training, leaf.frozen) for leaf in (pair.old, pair.new)]
        same = ops[0] == ops[1] and tensors[0] == tensors[1]
    else:
        kinds = [isinstance(node, Block) and (node.kind or node.title) for node in (pair.old, pair.new)]
        same = kinds[0] == kinds[1] and all(status(child) == "unchanged" for child in pair.children)
    return "unchanged" if wired and same else "changed"


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_every_box_has_the_status_of_what_it_stands_for(old: str, new: str) -> None:
    comparison = compared(old, new)
    pairs = list(comparison.walk())
    statuses = (
        {pair.old.address: status(pair) for pair in pairs if pair.old},
        {pair.new.address: status(pair) for pair in pairs if pair.new},
    )
    for box in overlay(comparison).boxes():
        found = {statuses[number % 2][address] for number, row in enumerate(box.members) for address in row}
        if box.members:
            assert box.status == (found.pop() if len(found) == 1 else "changed")
            assert signed(box)


def signed(box: Box) -> bool:
    """Whether a box says in words what became of it, and not by colour alone."""
    texts = [str(line) for line in box.lines if line.rank == "main"]
    return any(text.startswith(SIGNS.get(box.status or "", "")) for text in texts)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_an_edge_that_only_one_network_has_says_so(old: str, new: str) -> None:
    drawing = overlay(compared(old, new))
    boxes = {box.id: box for box in drawing.boxes()}
    assert len(boxes) == len(list(drawing.boxes()))
    for sheet in drawing.sheets:
        assert len({(edge.source, edge.target) for edge in sheet.edges}) == len(sheet.edges)
        for edge in sheet.edges:
            ends = {boxes[edge.source].status, boxes[edge.target].status}
            if edge.status == "unchanged":
                assert not ends & {"added", "removed"}
            for status, other in (("added", "removed"), ("removed", "added")):
                assert edge.status != status or other not in ends


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_legend_tells_what_became_of_boxes_and_of_edges(old: str, new: str) -> None:
    drawing = overlay(compared(old, new))
    drawn = [*drawing.boxes(), *(edge for sheet in drawing.sheets for edge in sheet.edges)]
    told = {entry.status for entry in legend(drawing) if entry.status}
    assert told == {each.status for each in drawn if each.status}


def test_what_was_put_in_between_has_its_way_around() -> None:
    drawing = overlay(compared("resnet50", "resnet101"))
    (box,) = (box for box in drawing.boxes() if box.status == "added")
    assert [str(line) for line in box.lines] == ["layer3.6–22", "+ Bottleneck ×17"]
    edges = {(edge.source, edge.target): edge.status for edge in drawing.main.edges}
    assert edges["layer3.0", "layer3.6"] == edges["layer3.6", "layer4.0"] == "added"
    assert edges["layer3.0", "layer4.0"] == "removed"


def test_blocks_to_which_the_same_happened_share_a_sheet_with_a_table() -> None:
    drawing = overlay(compared("resnet50", "resnext50_32x4d"))
    (sheet,) = drawing.insets
    assert (sheet.title, len(sheet.instances)) == ("Bottleneck", 16)
    texts = [str(line) for box in sheet.boxes() for line in box.lines]
    assert {"~ 3×3 conv", "a, b, + 32 groups", "1×1 conv, c, b"} <= {*texts}
    assert sheet.table is not None
    assert [header.text for header in sheet.table.headers] == ["block", "×", "a", "b", "c", "1×1 conv"]
    rows = [(row.name, *(cell.text for cell in row.cells)) for row in sheet.table.rows]
    assert rows[:3] == [
        ("layer1.0", "64 → 128", "–", "256", "•"),
        ("layer1.1, 2", "64 → 128", "–", "256", "–"),
        ("layer2.0", "128 → 256", "/2", "512", "•"),
    ]
    assert [str(line) for box in drawing.main.boxes() for line in box.lines if box.inside][:2] == [
        "layer1",
        "~ Bottleneck ×3",
    ]


def test_blocks_to_which_not_the_same_happened_share_a_sheet_whose_table_tells_what_did() -> None:
    drawing = overlay(compared("mobilenet_v3_small", "mobilenet_v3_large"))
    assert [(sheet.title, len(sheet.instances)) for sheet in drawing.insets] == [("Bneck", 11), ("SqueezeExcite", 4)]
    sheet = drawing.insets[0]
    assert sheet.table is not None
    headers = [header.text for header in sheet.table.headers[2:]]
    rows = {
        address: dict(zip(headers, (cell.text for cell in row.cells)))
        for row in sheet.table.rows
        for address in row.addresses
    }
    for pair in compared("mobilenet_v3_small", "mobilenet_v3_large").walk():
        if pair.new is not None and (row := rows.get(pair.new.address)):
            fates = {
                (each.node.title if isinstance(each.node, Block) else each.node.name): status(each)
                for each in pair.walk()
            }
            assert (row["add"], row["SqueezeExcite"]) == (fates.get("add", "–"), fates.get("SqueezeExcite", "–"))
    assert {row["SqueezeExcite"] for row in rows.values()} == {"removed", "changed", "–"}
    assert {row["add"] for row in rows.values()} == {"added", "removed", "unchanged", "–"}


def test_what_only_runs_in_training_has_dashed_wires() -> None:
    drawing = overlay(compared("googlenet", "googlenet_2014"))
    dashed = {(edge.source, edge.target) for edge in drawing.main.edges if edge.training}
    assert dashed == {
        ("inception4a", "aux1"),
        ("aux1", "output-aux_logits1"),
        ("inception4b", "aux2"),
        ("aux2", "output-aux_logits2"),
    }


def test_values_of_other_shapes_change_nothing() -> None:
    drawing = overlay(compared("mobilenet_v1", "mobilenet_v1_128"))
    assert {box.status for box in drawing.boxes()} == {"unchanged"}
    assert not drawing.insets
    assert "3×224×224 → 3×128×128" in drawing.lines[0]


def test_calls_of_one_module_and_equal_layers_are_one_box_each() -> None:
    drawing = overlay(compared("retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2"))
    sheets = {sheet.key: sheet for sheet in drawing.insets}
    lines = [[str(line) for line in box.lines] for box in sheets["Head"].boxes() if box.role == "block"]
    assert lines == [["~ Subnet", "×5 side by side", "shared weights"]] * 2
    assert [str(line) for box in sheets["Head"].boxes() if box.role == "input" for line in box.lines] == [
        "maps0–4",
        "256×100×100 … 7×7",
    ]
    assert sheets["Subnet"].instances == ("head.classification_head", "head.regression_head")
    texts = [[str(line) for line in box.lines] for box in sheets["Subnet"].boxes() if box.members]
    assert texts == [["~ 3×3 conv, 256 ×4", "bias true → false", "+ GN", "ReLU"], ["3×3 conv, a"]]


def test_equal_networks_differ_in_nothing() -> None:
    picture = archspec.diff("lenet", "lenet").draw()
    assert picture.drawing.lines[0] == "nothing differs"
    assert {box.status for box in picture.drawing.boxes()} == {"unchanged"}
    assert "changed" not in set(re.findall(r">([^<>]+)</text>", picture.svg())) - {"unchanged"}


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot", "mermaid"])
def test_every_format_and_the_same_bytes_each_time(format: str) -> None:
    first, second = (archspec.diff("lenet", "lenet_1998").draw().bytes(format) for _ in range(2))
    assert first == second
    if format in ("svg", "dot", "mermaid"):
        assert "+ RBF" in first.decode()
        assert "− fc 10" in first.decode()


def test_print_is_black_and_white() -> None:
    colours = set(re.findall(r"#[0-9A-F]{6}", archspec.diff("lenet", "lenet_1998").draw(theme="print").svg()))
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)


def test_the_words_around_a_number_that_differs_are_said() -> None:
    drawing = overlay(compared("efficientnet_b0", "efficientnet_b3"))
    sheet = next(sheet for sheet in drawing.insets if sheet.key == "MBConv")
    assert "~ b depthwise conv, a, c" in [str(line) for box in sheet.boxes() for line in box.lines]
    assert sheet.table is not None
    assert [
        [cell.text for cell in row.cells[:3]]
        for row in sheet.table.rows
        if row.name in ("features.2.0", "features.3.0")
    ] == [
        ["96 → 144", "3×3", "/2"],
        ["144 → 192", "5×5", "/2"],
    ]


def test_inputs_that_a_block_lacks_are_told_and_the_others_keep_their_wires() -> None:
    drawing = overlay(compared("fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn"))
    sheet = next(sheet for sheet in drawing.insets if sheet.key == "FeaturePyramid")
    inputs = [str(box.lines[0]) for box in sheet.boxes() if box.role == "input"]
    assert inputs == ["− maps0", "maps1 → maps0", "maps2 → maps1", "maps3 → maps2"]
    outputs = [str(box.lines[0]) for box in sheet.boxes() if box.role == "output"]
    assert outputs[:3] == ["output1 → output", "output2 → output1", "output3 → output2"]
    assert not any(
        edge.status == "added" and "p6" not in edge.target and "p7" not in edge.target for edge in sheet.edges
    )


def test_an_output_that_got_a_name_is_the_same_output() -> None:
    drawing = overlay(compared("resnet18", "googlenet"))
    ends = {str(box.lines[0]): box.status for box in drawing.main.boxes() if box.role == "output"}
    assert ends == {"output → logits": "unchanged", "+ aux_logits1": "added", "+ aux_logits2": "added"}


def test_blocks_that_join_otherwise_are_not_paired() -> None:
    pairs = compared("resnet18", "googlenet").walk()
    kinds = {tuple(isinstance(node, Block) and node.title for node in (pair.old, pair.new) if node) for pair in pairs}
    assert not any({"Stage", "Inception"} <= {*each} for each in kinds)
    assert {("Stage",), ("Inception",)} <= kinds


def test_the_lines_in_a_norm_leave_its_text_alone() -> None:
    drawing = overlay(compared("densenet121", "densenet169"))
    norms = [box for box in drawing.boxes() if box.role == "normalization"]
    assert max(len(box.lines) for box in norms) == 3
    for box in norms:
        width, height = box_size(box)
        room = (width - max(line_width(line, box) for line in box.lines)) / 2
        (left, _), (right, _) = (start for start, _ in strokes("normalization", Rect(0.0, 0.0, width, height)))
        assert left < room
        assert right > width - room


ORDER = "archspec: 1\nname: order\ninput: [4, 8, 8]\ngraph: {a: {conv: 4, kernel_size: 3, padding: 1}, %s, c: {JOIN}}\n"


@pytest.mark.parametrize("join", ["concat", "sub", "matmul"])
def test_the_order_of_operands_can_be_told(join: str, tmp_path: Path) -> None:
    """A comparison of one network with another layer more, in both orders of a join's operands."""
    pictures = []
    for operands in ("[a, input]", "[input, a]"):
        graphs = []
        for name, more in (("old", "b: {relu: , from: a}"), ("new", "b: {gelu: , from: a}")):
            text = (ORDER % more).replace("JOIN", f"{join}: {operands}") + "output: {b: b, c: c}\n"
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
            graphs.append(archspec.read(tmp_path / f"{name}.yaml").graph)
        pictures.append(Overlay(compare(*graphs)))
    for format in ("svg", "dot", "mermaid"):
        assert pictures[0].bytes(format) != pictures[1].bytes(format), format
    assert [sorted(edge.operands for edge in each.drawing.main.edges if edge.operands) for each in pictures] == [
        [(1,), (2,)]
    ] * 2
