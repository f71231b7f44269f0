"""What a picture says is so: of boxes, their names, borders and costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

import archspec
from archspec.api import zoo
from archspec.graph.labels import node_words, short_words
from archspec.graph.model import Block, Graph, Leaf
from archspec.pictures import draw as draw_picture
from archspec.pictures.drawing import Box, Drawing, View, compose
from archspec.pictures.drawing.captions import names_text
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.layout.lay_out import laid_out
from archspec.pictures.render.free_places import place
from archspec.pictures.render.operand_order import operand_marks
from archspec.pictures.volumes_picture import Volumes
from tests.property.graphs import foldable, specs, written
from tests.samples import SPECS, sample

from . import faults
from .pages import pages
from .test_unfolding import check, read

RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ANY = st.one_of(pages(), specs(), foldable())
KINDS = ("figure", "overview", "detail")
BUNDLED = [*zoo.documents(), *SPECS]


def bundled(name: str) -> Graph:
    return (sample(name) if name in SPECS else archspec.read(name)).graph


@RANDOM
@given(pages(), st.sampled_from(KINDS))
def test_pages_unfold(text: str, kind: str) -> None:
    check(read(text), View(kind))  # type: ignore[arg-type]


@RANDOM
@given(ANY)
def test_every_op_stands_in_a_sheet(text: str) -> None:
    check_ops(read(text))


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_op_stands_in_a_sheet(name: str) -> None:
    check_ops(bundled(name))


def check_ops(graph: Graph) -> None:
    """Every op is in a box of the figure, and a block that is drawn closed has the sheet that it is said to have."""
    drawing = compose(graph)
    shown = {address for box in drawing.boxes() for row in box.members for address in row}
    missing = {node.address for node in graph.walk() if not isinstance(node, Block)} - shown
    assert not missing
    keys = {sheet.key for sheet in drawing.insets}
    shown = {graph.nodes[address].address for sheet in drawing.insets for address in sheet.instances}
    for box in drawing.boxes():
        if box.inside is not None:
            assert box.inside in keys
            assert box.inside in {str(line).removesuffix(f" ×{box.times}") for line in box.lines}
        elif box.closed:  # a further call of a block
            node = graph.nodes[box.members[0][0]]
            assert node.tied is not None
            around = node.address.rpartition(".")[0]
            siblings = [each.address for each in graph.nodes.values() if each.address.rpartition(".")[0] == around]
            assert siblings[node.tied] in shown


HELD = """
archspec: 1
name: held
input: [4, 32, 32]
blocks:
  scaled:
    params: {width: int}
    graph:
      conv: {conv: width, kernel_size: 1}
      gain: {parameter: [width, 1, 1], init: constant, val: 0.1 / width}
      out: {mul: [conv, gain]}
graph: [{scaled: 8}, {scaled: 16}]
"""


def test_sizes_of_parameters_that_differ_between_blocks_are_symbols() -> None:
    sheet = compose(read(HELD)).insets[0]
    (gain,) = (box for box in sheet.boxes() if box.id.endswith("gain"))
    assert list(map(str, gain.lines)) == ["parameter width×1×1", "val val"]
    assert sheet.table is not None
    assert [header.text for header in sheet.table.headers] == ["block", "×", "width", "val", "output"]
    check_numbers(read(HELD))


@RANDOM
@given(ANY)
def test_numbers_that_differ_between_blocks_are_symbols(text: str) -> None:
    check_numbers(read(text))


@pytest.mark.parametrize("name", BUNDLED)
def test_numbers_that_differ_between_blocks_of_bundled_networks_are_symbols(name: str) -> None:
    check_numbers(bundled(name))


def check_numbers(graph: Graph) -> None:
    """A box of a sheet that shows several blocks says no number that its ops have in some of them alone."""
    for box in compose(graph).boxes():
        said = [set(re.findall(r"\d+", member_words(graph, row))) for row in box.members if row]
        for number in re.findall(r"\d+", plain_text(box)):
            holds = [number in numbers for numbers in said]
            assert all(holds) or not any(holds), (box.id, number)


def plain_text(box: Box) -> str:
    """What a box says but its name, without symbols, what multiplies or divides them, and how often its lines run."""
    said = [line for line in box.lines if line.rank != "name"]
    lines = ("".join("s" if piece.symbol else piece.text for piece in line.text) for line in said)
    return re.sub(r"\d+·s|s/\d+|  ×\d+$", "s", "\n".join(lines), flags=re.MULTILINE)


def member_words(graph: Graph, addresses: Sequence[str]) -> str:
    """All that is said of nodes, and their fields, of which a stride of 1 is not said."""
    nodes = [graph.nodes[address] for address in addresses]
    ops = [node.op for node in nodes if isinstance(node, Leaf)]
    return " ".join([*map(node_words, nodes), *map(short_words, ops), *map(repr, ops)])


@RANDOM
@given(ANY, st.sampled_from(KINDS))
def test_no_box_spans_the_border_of_a_block(text: str, kind: str) -> None:
    graph = read(text)
    assert not list(spanned(compose(graph, View(kind)), graph))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("kind", KINDS)
def test_no_box_of_a_bundled_network_spans_the_border_of_a_block(name: str, kind: str) -> None:
    graph = bundled(name)
    assert not list(spanned(compose(graph, View(kind)), graph))  # type: ignore[arg-type]


def spanned(drawing: Drawing, graph: Graph) -> Iterator[tuple[str, str]]:
    """Boxes that hold a part of a block and something outside it."""
    ops = Counter(
        around for node in graph.nodes.values() if not isinstance(node, Block) for around in enclosing(node.address)
    )
    for box in drawing.boxes():
        for row in box.members:
            if len(row) < 2 or box.lanes > 1 or isinstance(graph.nodes[row[0]], Block):
                continue
            held = Counter(around for address in set(row) for around in enclosing(address))
            for around, count in held.items():
                if count < len({*row}) and count < ops[around] and not repeated(row, around):
                    yield box.id, around


def repeated(row: Sequence[str], around: str) -> bool:
    """Whether what is drawn as one are equal copies of blocks, each of them whole or in one part that all have."""
    inner = [address for address in row if address.startswith(f"{around}.")]
    return len(row) % len(inner) == 0 and len({address.rpartition(".")[2] for address in row}) == len(inner)


def enclosing(address: str) -> list[str]:
    names = address.split(".")
    return [".".join(names[:size]) for size in range(1, len(names))]


NAME = st.one_of(
    st.from_regex(r"[a-z]{1,3}_?[0-9]{0,2}", fullmatch=True), st.from_regex(r"[a-c]\.[0-9]{1,2}", fullmatch=True)
)


@RANDOM
@given(st.lists(NAME, min_size=1, max_size=12, unique=True), st.data())
def test_names_in_a_range_can_be_found(names: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(names) - 1))
    some = names[start : data.draw(st.integers(start + 1, len(names)))]
    assert resolved(names_text(some), names) == some


@given(st.sampled_from(["g", "layer", "body.", "inception4", "x_"]), st.integers(0, 12), st.integers(1, 6))
def test_names_that_count_on_can_be_found(stem: str, start: int, count: int) -> None:
    some = [f"{stem}{number}" for number in range(start, start + count)]
    assert resolved(names_text(some), some) == some


def resolved(text: str, names: Sequence[str]) -> list[str]:
    """The names that a text stands for: each is written out, but for what begins as the one before, up to a number."""
    if " … " in text:
        first, last = text.split(" … ")
        return list(names[names.index(first) : names.index(last) + 1])
    if "–" in text:
        first, end = text.split("–")
        last = next(name for name in names if name.endswith(end) and len(name) - len(end) == stem_length(first, name))
        return list(names[names.index(first) : names.index(last) + 1])
    first, *others = text.split(", ")
    around = first.rpartition(".")[0]
    return [first, *(name if name in names else f"{around}.{name}" for name in others)]


def stem_length(first: str, name: str) -> int:
    found = re.match(r".*?(?=\d*[a-z]?$)", first)
    assert found
    return len(found[0]) if name.startswith(found[0]) else -1


@RANDOM
@given(ANY, st.sampled_from(["params", "macs", "memory"]), st.sampled_from(KINDS))
def test_costs_add_up_to_the_network(text: str, colour: str, kind: str) -> None:
    graph = read(text)
    drawing = compose(graph, View(kind, colour=colour))  # type: ignore[arg-type]
    check_costs(drawing, graph, colour)


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "retinanet_resnet50_fpn", "shared"])
@pytest.mark.parametrize("colour", ["params", "macs", "memory"])
def test_costs_of_bundled_networks_add_up(name: str, colour: str) -> None:
    graph = bundled(name)
    check_costs(compose(graph, View(colour=colour)), graph, colour)  # type: ignore[arg-type]


def check_costs(drawing: Drawing, graph: Graph, colour: str) -> None:
    """The boxes of the network's sheet cost together what the network does, and say of how many layers that is."""
    from archspec.analysis.memory import activation_memory

    whole = {"params": graph.counts.params, "macs": graph.counts.macs, "memory": activation_memory(graph)[""]}[colour]
    assert sum(box.amount for box in drawing.main.boxes()) == whole
    for box in drawing.boxes():
        if box.shade:
            said = re.search(r" in all (\d+)$", str(box.lines[-1]))
            assert (int(said[1]) if said else 1) == box.copies


@pytest.mark.parametrize("name", ["lenet", "googlenet", "symbolic"])
@pytest.mark.parametrize("view", ["figure", "volumes"])
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_a_png_is_opaque_up_to_its_edges(name: str, view: str, theme: str) -> None:
    architecture = sample(name) if name in SPECS else archspec.read(name)
    picture = architecture.draw(view, theme=theme)  # type: ignore[arg-type]
    image = Image.open(BytesIO(picture.bytes("png"))).convert("RGBA")
    assert image.getchannel("A").getextrema() == (255, 255)


TWO_VALUES = """
archspec: 1
name: two
input: [1, 400]
blocks:
  layer:
    inputs: [x, skip]
    params: {d: int}
    graph:
      filter: {conv: 4, kernel_size: 2, dilation: d, from: x}
      out: {conv: 8, kernel_size: 1}
      cut: {pad: [0 - d, 0], from: skip}
      sum: {add: [out, cut]}
    output: [filter, sum]
graph:
  start: {conv: 4, kernel_size: 1}
  zero: {conv: 8, kernel_size: 1}
  stack: {graph: [{layer: 1 + i % 3, repeat: 20}], from: [start, zero]}
  relu: {relu: , from: "stack[1]"}
"""


def test_equal_blocks_that_pass_on_two_values_are_one_box() -> None:
    graph = read(TWO_VALUES)
    check(graph, View())
    assert [(box.id, box.times) for box in compose(graph).main.boxes() if box.closed] == [("stack", 20)]


@st.composite
def in_both_orders(draw: st.DrawFn) -> tuple[str, str]:
    """Two pages that differ only in the order in which a join takes two values."""
    kernels = [{"conv": 4, "kernel_size": size, "padding": size // 2} for size in (1, 3)]
    layers = st.lists(st.sampled_from([*kernels, "tanh", "relu"]), min_size=1, max_size=2)
    graph: dict[str, object] = {}
    for name in ("one", "two", "three"):
        source = draw(st.sampled_from(["input", *graph]))
        graph[name] = {"graph": draw(layers), "from": source}
    order = draw(st.permutations(["input", *graph]).map(lambda names: names[: draw(st.integers(2, 3))]))
    first, second, *rest = order
    op = draw(st.sampled_from(["concat", "sub", "matmul"])) if not rest else "concat"
    swapped = [[first, second, *rest], [second, first, *rest]]
    joins = [graph | {"join": {op: names}, "last": {"conv": 4, "kernel_size": 1}} for names in swapped]
    if draw(st.booleans()):
        blocks = [{"whole": {"graph": each}} for each in joins]
        pages = [written(name="p", input=[4, 8, 8], blocks=each, graph=["whole", "whole"]) for each in blocks]
    else:
        pages = [written(name="p", input=[4, 8, 8], graph=each) for each in joins]
    return pages[0], pages[1]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(in_both_orders(), st.sampled_from(["figure", "detail"]), st.sampled_from(["TB", "LR"]))
def test_the_order_of_operands_can_be_told(texts: tuple[str, str], kind: str, direction: str) -> None:
    graphs = [read(text) for text in texts]
    pictures = [draw_picture(graph, View(kind), direction=direction) for graph in graphs]  # type: ignore[arg-type]
    for format in ("svg", "dot", "mermaid"):
        one, other = (picture.bytes(format) for picture in pictures)
        assert one != other, format
    for picture in pictures:
        check_operands(picture.drawing)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(in_both_orders())
def test_the_order_of_operands_can_be_told_in_volumes(texts: tuple[str, str]) -> None:
    """Of joins that are no part of a block, whose inside is no volume; the tooltips of both pages are the same."""
    assume("blocks" not in texts[0])
    one, other = (Volumes(read(text)).bytes("svg") for text in texts)
    assert one != other


@pytest.mark.parametrize("name", BUNDLED)
def test_the_order_of_operands_of_bundled_networks_is_drawn(name: str) -> None:
    check_operands(compose(bundled(name)))


def check_operands(drawing: Drawing) -> None:
    """Wires that come to a box side by side do so in the order of its inputs, or have numbers."""
    for sheet, (_, placed) in zip(drawing.sheets, laid_out(drawing.sheets), strict=True):
        arriving: dict[str, list[tuple[float, tuple[int, ...]]]] = {}
        for edge, route in zip(sheet.edges, placed.routes):
            arriving.setdefault(edge.target, []).append((route.points[-1][0], edge.operands))
        numbered = [words.pieces[0].text for words in operand_marks(sheet, placed, "TB")]
        for wires in arriving.values():
            tips = {x for x, _ in wires}
            order = [operands for _, operands in sorted(wires)]
            assert len(tips) < len(wires) or order == sorted(order) or len(numbered) >= len(wires)


@st.composite
def crowded(draw: st.DrawFn) -> str:
    """A page in which many layers go into one join, in any order."""
    layers: dict[str, object] = {}
    for number in range(draw(st.integers(2, 8))):
        size = draw(st.sampled_from([1, 3]))
        source = draw(st.sampled_from(["input", *layers]))
        layers[f"a{number}"] = {"conv": 4, "kernel_size": size, "padding": size // 2, "from": source}
    order = draw(st.permutations(["input", *layers]).map(lambda names: names[: draw(st.integers(2, 8))]))
    graph = layers | {"join": {"concat": order}, "last": {"conv": 4, "kernel_size": 1}}
    return written(name="p", input=[4, 8, 8], graph=graph)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowded(), st.sampled_from(["TB", "LR"]))
def test_the_numbers_of_operands_lie_over_no_box_and_no_text(text: str, direction: Direction) -> None:
    """Nor over a wire, but for one of many that come to a join close together."""
    drawing = compose(read(text))
    assert list(covered_numbers(drawing, direction, wires=False)) == []
    assert len(list(covered_numbers(drawing, "TB", wires=True))) <= 1


CROWDED = {"ssd": "six maps come to its head close together"}
"""The networks where the number of an operand finds no free place yet."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=CROWDED[name]) if name in CROWDED else ())
        for name in BUNDLED
    ],
)
def test_the_numbers_of_operands_of_bundled_networks_lie_over_no_box_and_no_text(name: str) -> None:
    assert list(covered_numbers(compose(bundled(name)), "TB", wires=False)) == []


def covered_numbers(drawing: Drawing, direction: Direction, wires: bool) -> Iterator[tuple[str, str]]:
    """The numbers that lie over a box, a label or each other, or over a wire too."""
    for sheet, (_, placed) in zip(drawing.sheets, laid_out(drawing.sheets, direction), strict=True):
        found = [(words.pieces[0].text, place(words)) for words in operand_marks(sheet, placed, direction)]
        others = [*placed.boxes.items(), *((f"label {number}", at) for number, at in faults.texts(placed).items())]
        others += (
            [("a wire", stretch) for route in placed.routes for stretch in faults.stretches(route)] if wires else []
        )
        for number, (text, at) in enumerate(found):
            yield from ((text, what) for what, other in (*others, *found[:number]) if faults.overlap(at, other, 1.0))


@RANDOM
@given(ANY)
def test_a_dotted_wire_is_there_in_some_blocks(text: str) -> None:
    check_optional(compose(read(text)))


@pytest.mark.parametrize("name", BUNDLED)
def test_dotted_wires_of_bundled_networks(name: str) -> None:
    check_optional(compose(bundled(name)))


def check_optional(drawing: Drawing) -> None:
    """Into a box that some blocks lack, which they pass by with its first input, further wires are not whole."""
    for sheet in drawing.sheets:
        boxes = {box.id: box for box in sheet.boxes()}
        for edge in sheet.edges:
            target, source = boxes[edge.target], boxes[edge.source]
            if target.members and target.optional and 0 not in edge.inputs:
                assert edge.optional
            whole = not any(box.members and box.optional for box in (source, target))
            assert not edge.optional or not whole or any(boxes[each.target].optional for each in sheet.edges)
        assert len(sheet.instances) > 1 or not any(edge.optional for edge in sheet.edges)


SIZES = """
archspec: 1
name: sizes
input: [3, 32, 32]
blocks:
  match:
    inputs: [low, high]
    graph: {up: {upsample_like: nearest, from: [low, high]}, conv: {conv: 4, kernel_size: 3, padding: 1}, act: relu}
graph:
  a: {conv: 4, kernel_size: 3, padding: 1}
  b: {conv: 4, kernel_size: 3, stride: 2, padding: 1}
  c: {upsample_like: nearest, from: [b, a]}
  d: {match: , from: [b, c]}
"""


def test_a_wire_that_carries_only_a_size_looks_so() -> None:
    drawing = compose(read(SIZES))
    sized = {(edge.source, edge.target) for edge in drawing.main.edges if edge.sized}
    assert sized == {("a", "c"), ("c", "d.up")}
    assert "only its size is used" in draw_picture(read(SIZES)).svg()


def test_wires_that_run_in_training_alone_are_dashed() -> None:
    main = compose(bundled("faster_rcnn")).main
    assert {edge.name for edge in main.edges if edge.training} >= {"targets", "losses"}
    assert not any(edge.training for edge in main.edges if edge.name in ("images", "proposals", "detections"))


@RANDOM
@given(foldable())
def test_a_row_of_a_table_gives_each_block_its_numbers(text: str) -> None:
    check_rows(compose(read(text)))


@pytest.mark.parametrize("name", BUNDLED)
def test_rows_of_tables_of_bundled_networks(name: str) -> None:
    check_rows(compose(bundled(name)))


def check_rows(drawing: Drawing) -> None:
    """The text of each cell gives back the value of each block, in order."""
    for row in (row for sheet in drawing.insets if sheet.table for row in sheet.table.rows):
        for cell in row.cells:
            assert list(cell.values) == told_values(cell.text, len(row.addresses), cell.values)


def told_values(text: str, count: int, values: Sequence[str]) -> list[str]:
    if len(set(values)) == 1:
        return [text] * count
    if " … " in text:
        first, last = (end.partition("×") for end in text.split(" … "))
        step = (int(last[0]) - int(first[0])) // (count - 1)
        return [f"{int(first[0]) + step * number}×{first[2]}" for number in range(count)]
    if ", += " in text:
        start, step = map(int, text.split(", += "))
        return [str(start + step * number) for number in range(count)]
    if text in ("first", "not first"):
        return [("•" if (number == 0) == (text == "first") else "–") for number in range(count)]
    if ", then " in text:
        one, other = text.split(", then ")
        return [one, *[other] * (count - 1)]
    return text.split(", ")


@pytest.mark.parametrize("view", ["figure", "volumes"])
def test_characters_that_no_font_has_are_told(view: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    text = written(name="a", title=f"Größe {chr(0x1323F)}", input=[3, 8, 8], graph={"c": {"conv": 4, "kernel_size": 1}})
    path.write_text(text, "utf-8")
    picture = archspec.read(path).draw(view)  # type: ignore[arg-type]
    assert picture.bytes("svg") and not picture.notes
    assert picture.bytes("pdf") and "PDF" in picture.notes[0] and chr(0x1323F) in picture.notes[0]
    assert picture.bytes("png") and any("PNG" in note and chr(0x1323F) in note for note in picture.notes)
    assert not any("ö" in note.split(", which")[0] for note in picture.notes)


@st.composite
def many_branches(draw: st.DrawFn) -> str:
    """Branches from one value into one join, most of them alike but for numbers, in one order or another."""
    width, kernel = st.sampled_from([2, 4, 6]), st.sampled_from([1, 3, 5])
    second = draw(st.sampled_from(["conv", "pool", "none"]))
    graph: dict[str, object] = {"start": {"conv": 4, "kernel_size": 1}}
    for number in range(draw(st.integers(4, 9))):
        size = draw(kernel)
        nodes: list[object] = [{"conv": draw(width), "kernel_size": size, "padding": size // 2}, "relu"]
        more = {"conv": {"conv": draw(width), "kernel_size": 1}, "pool": {"max_pool": 3, "stride": 1, "padding": 1}}
        nodes += [more[second]] if second in more and draw(st.integers(0, 9)) else []
        graph[f"b{number}"] = {"graph": nodes, "from": "start" if draw(st.integers(0, 9)) else "input"}
    names = draw(st.permutations([name for name in graph if name != "start"]))
    graph["join"] = {"concat": [*names, *(["start"] if draw(st.booleans()) else [])]}
    return written(name="branches", input=[4, 8, 8], graph=graph)


@RANDOM
@given(many_branches(), st.sampled_from(KINDS))
def test_branches_that_differ_in_numbers_unfold(text: str, kind: str) -> None:
    graph = read(text)
    check(graph, View(kind))  # type: ignore[arg-type]
    check_ops(graph)
    check_costs(compose(graph, View(colour="params")), graph, "params")


def test_many_branches_are_one_box_with_a_table() -> None:
    layers = {n: [{"conv": 2 * n, "kernel_size": 1}, "relu", {"conv": n, "kernel_size": 3}] for n in range(1, 8)}
    branches = {f"b{n}": each for n, each in layers.items()}
    sheet = compose(read(written(name="many", input=[4, 8, 8], graph={"join": {"concat": branches}}))).main
    assert [(box.id, box.lanes) for box in sheet.boxes() if box.lanes > 1] == [("b1.0", 7), ("b1.2", 7)]
    assert sheet.table is not None and [row.name for row in sheet.table.rows] == [f"b{n}.0" for n in range(1, 8)]
