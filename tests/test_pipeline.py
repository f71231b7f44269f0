"""What is always true of each thing that a phase hands to the next; docs/architecture.md names these tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

import archspec
from archspec.api import zoo
from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType
from archspec.language.diagnostics import Findings
from archspec.language.document import Document, parse_document
from archspec.language.source import Source
from archspec.language.syntax import WrittenGraph, WrittenNode
from archspec.ops import lifting
from archspec.pictures.drawing import FIGURE, Drawing, compose
from archspec.pictures.layout.lay_out import Laid, laid_out
from archspec.pictures.render.marks import Mark, Page, Part, Words
from archspec.pictures.render.marks import Path as Line
from archspec.pictures.render.page import page
from archspec.pictures.render.themes import paints
from archspec.templates import Folding, fold
from tests.elaborate.reading import read
from tests.property.graphs import specs

NAMES = ("lenet", "googlenet", "resnet18", "captioning", "cnn_lstm", "fasterrcnn_resnet50_fpn")
ROOT = Path(__file__).parents[1]
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def document(name: str) -> Document:
    return zoo.open_spec(name)[0]


@cache
def graph(name: str) -> Graph:
    return archspec.read(name).graph


@cache
def folding(name: str) -> Folding:
    return fold(graph(name))


@cache
def drawing(name: str) -> Drawing:
    return compose(graph(name), FIGURE)


@cache
def layouts(name: str) -> list[Laid]:
    return laid_out(drawing(name).sheets)


every = pytest.mark.parametrize("name", NAMES)


# A Document


def written(graph: WrittenGraph) -> Iterator[WrittenNode]:
    for entry in graph.entries:
        yield entry.node
        if entry.node.body is not None:
            yield from written(entry.node.body)


@every
def test_a_document_knows_where_each_of_its_nodes_is_written(name: str) -> None:
    """The span of a node's word is where that word stands."""
    held = document(name)
    for node in chain.from_iterable(
        written(body.written) for body in (held.body, *(b.body for b in held.blocks.values()))
    ):
        if node.word is not None:
            span = node.word.span
            assert span.source.line(span.line)[span.column - 1 : span.end_column - 1].strip("\"'") == node.word.value


@every
def test_a_document_is_what_its_text_says_and_nothing_else(name: str) -> None:
    """No setting, variant or file but its own goes into it: the same text gives the same nodes under the same names."""
    held = document(name)
    again = parse_document(Source(held.source.name, held.source.text), Findings())
    assert [node.path for node in written(again.body.written)] == [node.path for node in written(held.body.written)]
    assert (again.params.keys(), again.variants.keys()) == (held.params.keys(), held.variants.keys())


def test_a_document_that_is_wrong_keeps_its_faults_for_all_who_elaborate_it() -> None:
    text = "archspec: 1\nname: net\ninput: [3, 8, 8]\nfigures: [{params: many, source: me}]\ngraph: [relu]\n"
    held = parse_document(Source("net.yaml", text), Findings())
    assert [fault.span.line for fault in held.faults if fault.span] == [4]


# A Graph


def holds(root: Block) -> None:
    """What is true of a block and of all inside it."""
    for number, child in enumerate(root.children):
        assert all(ENCLOSING <= ref.child < number for ref in child.inputs)
        assert child.input_shapes == tuple(root.resolve(ref) for ref in child.inputs)
        assert child.tied is None or like(root.children[child.tied], child)
        if isinstance(child, Block):
            assert child.shapes == tuple(child.resolve(result.ref) for result in child.results)
            holds(child)
        else:
            assert child.shapes == tuple(lifting.infer(child.op, child.input_shapes))
    whole = sum(child.counts.params for child in root.children)
    assert root.counts.params == (whole if root.tied is None else 0)
    assert root.counts.macs == sum(child.counts.macs for child in root.children)


def like(first: NodeType, again: NodeType) -> bool:
    """Whether a node that uses the module of an earlier one is the same op or block, with nothing more to count."""
    same = isinstance(first, Leaf) == isinstance(again, Leaf)
    return same and again.counts.params == 0 and first.tied is None


@every
def test_a_graph_runs_in_order_and_each_shape_follows_from_those_before(name: str) -> None:
    """Refs lead to earlier children or out of the block; shapes and counts are those of what is inside."""
    holds(graph(name).root)


@FEW
@given(specs())
def test_random_graphs_run_in_order_and_each_shape_follows_from_those_before(text: str) -> None:
    with TemporaryDirectory() as folder:
        holds(read(text, Path(folder)).graph.root)


@every
def test_an_address_is_the_names_from_the_root(name: str) -> None:
    whole = graph(name)

    def walk(block: Block, around: str) -> None:
        for child in block.children:
            assert child.address == f"{around}{child.name}"
            if isinstance(child, Block) and child.tied is None:
                walk(child, f"{child.address}.")

    walk(whole.root, "")
    assert all(whole.nodes[address].address == address for address in whole.nodes)


# A Template


@every
def test_every_block_is_an_instance_of_one_template(name: str) -> None:
    """But those that are written in place, as plain chains are."""
    found = folding(name)
    homes = [id(block) for template in found.templates for block in template.instances]
    assert len(homes) == len(set(homes))
    assert found.root.instances == (graph(name).root,) and found.templates[-1] is found.root


@every
def test_a_template_says_of_each_instance_what_differs(name: str) -> None:
    """Each parameter has a value for every instance, and each child refers to earlier ones alone."""
    for template in folding(name).templates:
        count = len(template.instances)
        assert all(len(each.values) == count for each in template.parameters)
        assert len({each.name for each in template.parameters}) == len(template.parameters)
        for number, child in enumerate(template.children):
            assert all(ENCLOSING <= ref.child < number for ref in child.inputs)
            assert child.tied is None or child.tied < number


@every
def test_templates_stand_after_those_they_call(name: str) -> None:
    found = folding(name)
    place = {id(block): number for number, each in enumerate(found.templates) for block in each.instances}
    for number, template in enumerate(found.templates):
        inner = [child for child in template.block.children if isinstance(child, Block) and child.tied is None]
        assert all(place[id(child)] < number for child in inner if id(child) in place)


# A Drawing


@every
def test_the_edges_of_a_sheet_join_its_boxes_and_its_insets_are_there(name: str) -> None:
    found = drawing(name)
    keys = {sheet.key for sheet in found.sheets}
    for sheet in found.sheets:
        boxes = {box.id: box for box in sheet.boxes()}
        assert len(boxes) == len(list(sheet.boxes()))
        assert all({edge.source, edge.target} <= boxes.keys() for edge in sheet.edges)
        assert all(box.inside is None or box.inside in keys for box in boxes.values())


@every
def test_a_box_has_a_member_in_each_block_that_its_sheet_shows(name: str) -> None:
    """And each member is a node of the graph."""
    nodes = graph(name).nodes
    for sheet in drawing(name).sheets:
        for box in sheet.boxes():
            if box.role not in ("input", "output"):
                assert len(box.members) == len(sheet.instances)
                assert all(address in nodes for own in box.members for address in own)


# A Layout


@every
def test_a_layout_has_a_place_for_every_box_and_a_way_for_every_wire(name: str) -> None:
    for given_, placed in layouts(name):
        assert placed.boxes.keys() == {size.id for size in given_.sizes()}
        assert placed.fences.keys() == {fence.id for fence in given_.fences()}
        assert len(placed.routes) == len(given_.wires)
        for box in placed.boxes.values():
            assert box.x >= -0.01 and box.x + box.width <= placed.width + 0.01
            assert box.y >= -0.01 and box.y + box.height <= placed.height + 0.01


@every
def test_a_wire_goes_from_its_box_to_its_target_at_right_angles(name: str) -> None:
    for given_, placed in layouts(name):
        for wire, route in zip(given_.wires, placed.routes, strict=True):
            for here, there in zip(route.points, route.points[1:]):
                assert abs(here[0] - there[0]) < 0.01 or abs(here[1] - there[1]) < 0.01
            for (x, y), box in ((route.points[0], wire.source), (route.points[-1], wire.target)):
                at = placed.boxes[box]
                assert at.x - 1 <= x <= at.x + at.width + 1 and at.y - 1 <= y <= at.y + at.height + 1


@every
def test_boxes_of_a_layout_do_not_overlap(name: str) -> None:
    for _, placed in layouts(name):
        for one, other in combinations(placed.boxes.values(), 2):
            apart = one.x + one.width <= other.x + 0.01 or other.x + other.width <= one.x + 0.01
            assert apart or one.y + one.height <= other.y + 0.01 or other.y + other.height <= one.y + 0.01


# A Page


@cache
def drawn(name: str) -> Page:
    return page(drawing(name))


def marks(given_: tuple[Mark, ...]) -> Iterator[Mark]:
    for mark in given_:
        yield mark
        if isinstance(mark, Part):
            yield from marks(mark.marks)


@every
def test_a_page_holds_all_of_its_marks(name: str) -> None:
    """Every place is decided: nothing lies outside, and a writer measures nothing."""
    found = drawn(name)
    for mark in marks(found.marks):
        points: list[tuple[float, float]] = []
        if isinstance(mark, Line):
            points = [point for _, own in mark.steps for point in own]
        elif isinstance(mark, Words):
            left = mark.x - mark.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
            points = [(left, mark.y), (left + mark.width, mark.y)]
        assert all(-1 <= x <= found.width + 1 and -1 <= y <= found.height + 1 for x, y in points), mark


def paints_of(mark: Mark) -> tuple[str | None, ...]:
    return (mark.fill, mark.stroke) if isinstance(mark, Line) else (mark.paint,) if isinstance(mark, Words) else ()


@every
def test_every_paint_of_a_page_is_in_every_theme(name: str) -> None:
    found = [paint for mark in marks(drawn(name).marks) for paint in paints_of(mark)]
    used = {paint for paint in found if paint is not None and not paint.startswith("#")}
    assert used and all(used <= paints(theme).keys() for theme in ("light", "dark", "print"))


@every
def test_a_node_of_a_page_is_a_node_of_the_graph(name: str) -> None:
    boxes = {box.id for box in drawing(name).boxes()}
    parts = [mark for mark in marks(drawn(name).marks) if isinstance(mark, Part) and mark.kind == "node"]
    assert parts and all(part.id in boxes for part in parts)


# The page about all this


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
FILES = {each for each in re.findall(r"`((?:\w+/)+\w+\.(?:py|yaml|md))`", ARCHITECTURE) if "NAME" not in each}


@pytest.mark.parametrize("test", sorted(set(re.findall(r"`(test_\w+)`", ARCHITECTURE))))
def test_a_test_that_the_documentation_names_is_there(test: str) -> None:
    texts = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert any(f"def {test}(" in text for text in texts)


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_file_that_the_documentation_names_is_there(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "archspec" / path).exists()
