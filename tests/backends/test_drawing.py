from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from backend_samples import SPECS, golden, sample

from archspec import zoo
from archspec.backends.graphviz import compose, draw
from archspec.backends.graphviz.drawing import Group, Item
from archspec.graph import ENCLOSING, Block, Graph, Leaf, Ref


def wires(graph: Graph) -> Counter[tuple[str, str]]:
    """Every wire between two ops (or an end of the network), found node by node from the graph's own references."""
    parents: dict[int, Block] = {}
    pending = [graph.root]
    leaves: list[Leaf | Block] = []
    while pending:
        block = pending.pop()
        for child in block.children:
            parents[id(child)] = block
            if isinstance(child, Block) and child.tied is None:
                pending.append(child)
            else:
                leaves.append(child)

    def origin(block: Block, ref: Ref) -> str:
        if ref.child == ENCLOSING:
            if block is graph.root:
                return f"input-{block.input_names[ref.output]}"
            return origin(parents[id(block)], block.inputs[ref.output])
        child = block.children[ref.child]
        if isinstance(child, Block) and child.tied is None:
            return origin(child, child.results[ref.output].ref)
        return child.address

    found = Counter((origin(parents[id(leaf)], ref), leaf.address) for leaf in leaves for ref in leaf.inputs)
    found.update((origin(graph.root, result.ref), f"output-{result.name or 'output'}") for result in graph.root.results)
    return found


@pytest.mark.parametrize("name", SPECS)
def test_open_drawing_has_every_wire_and_no_other(name: str) -> None:
    graph = sample(name).graph
    arrows = Counter((arrow.source, arrow.target) for arrow in compose(graph, None).arrows)
    assert arrows == wires(graph)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_closed_drawing_has_the_wires_between_what_it_shows(name: str, depth: int) -> None:
    graph = sample(name).graph
    drawing = compose(graph, depth)
    shown = {box.id for box in drawing.boxes()}

    def seen(address: str) -> str:
        parts = address.split(".")
        return next(part for part in (".".join(parts[: n + 1]) for n in range(len(parts))) if part in shown)

    expected = {(seen(source), seen(target)) for source, target in wires(graph)}
    arrows = {(arrow.source, arrow.target) for arrow in drawing.arrows}
    assert arrows == {(source, target) for source, target in expected if source != target}


@pytest.mark.parametrize("name", SPECS)
def test_boxes_and_groups_are_the_nodes(name: str) -> None:
    graph = sample(name).graph
    drawing = compose(graph, None)
    drawn = [item.id for item in walk(drawing.items) if not item.id.startswith(("input-", "output-"))]
    assert len(drawn) == len(set(drawn))
    tied = {node.address for node in graph.walk() if node.tied is not None}
    inside_tied = {
        child.address
        for block in graph.walk()
        if block.tied is not None and isinstance(block, Block)
        for child in block.children
    }
    assert set(drawn) == {node.address for node in graph.walk()} - (inside_tied - {*drawn})
    assert tied <= set(drawn)


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from walk(item.items)


def test_a_value_has_its_shape_written_once_and_only_where_it_is_new() -> None:
    labels = {(arrow.source, arrow.target): arrow.label for arrow in compose(sample("residual").graph, None).arrows}
    assert labels["input-input", "stem"] == "3×32×32"
    assert labels["stem", "body.0.conv1"] == "16×32×32"
    assert labels["stem", "body.0.add"] == ""
    assert labels["body.0.conv1", "body.0.bn1"] == ""
    assert labels["fc", "output-output"] == "10"


def test_training_parts_are_dashed() -> None:
    drawing = compose(sample("mini_inception").graph, None)
    dashed = {box.id for box in drawing.boxes() if box.training}
    assert {"aux1.pool", "aux1.fc2", "output-aux1"} <= dashed
    assert all(each.startswith("aux1") or each == "output-aux1" for each in dashed)
    assert all(arrow.training == (arrow.target in dashed) for arrow in drawing.arrows)


def test_a_node_with_the_weights_of_another_says_so() -> None:
    boxes = {box.id: box for box in compose(sample("shared").graph, None).boxes()}
    assert boxes["other"].label == "other: Twin\nweights of one"
    assert boxes["other"].closed


def test_a_block_of_one_layer_is_drawn_as_that_layer() -> None:
    boxes = {box.id: box for box in draw(sample("mini_inception").graph).drawing.boxes()}
    assert boxes["inception3a.branch2.1"].label == "ConvBN\n3×3 conv, 128"
    assert boxes["inception3a.branch2.1"].role == "convolution"
    assert boxes["inception3a.join"].symbol == "||"


def test_symbolic_sizes_are_written_as_such() -> None:
    drawing = compose(sample("symbolic").graph, None)
    assert drawing.arrows[0].label == "3×H×W"
    assert drawing.lines[-1].startswith("input 3×H×W · 242 parameters")


@pytest.mark.parametrize("name", SPECS)
def test_dot_is_as_recorded(name: str) -> None:
    dot = draw(sample(name).graph).dot
    assert dot == golden(f"{name}.dot", dot)


@pytest.mark.parametrize("name", zoo.documents())
def test_every_bundled_spec_is_readable_by_default(name: str) -> None:
    import archspec

    picture = draw(archspec.read(name).graph)
    assert 1 < sum(1 for _ in picture.drawing.boxes()) <= 90
    assert picture.dot == draw(archspec.read(name).graph).dot


def test_ten_thousand_layers_are_drawn_in_linear_time(tmp_path: object) -> None:
    from pathlib import Path

    import archspec

    spec = Path(str(tmp_path), "long.yaml")
    spec.write_text(
        "archspec: 1\nname: long\ninput: [4, 8, 8]\ngraph:\n  - {basic_block: 4, repeat: 1500}\n", encoding="utf-8"
    )
    drawing = compose(archspec.read(spec).graph, None)
    assert len(drawing.arrows) == 1500 * 8 + 1
