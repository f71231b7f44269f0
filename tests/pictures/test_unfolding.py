"""Nothing is drawn that does not exist, and everything that is: a folded drawing unfolds into the graph."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archspec
from archspec.api import zoo
from archspec.graph.labels import node_words
from archspec.graph.model import Block, Graph
from archspec.pictures.drawing import Box, Drawing, Line, Sheet, View, compose
from archspec.pictures.drawing.aligned_children import Parts
from archspec.pictures.drawing.layer_groups import is_minor
from tests import samples
from tests.property.graphs import foldable, specs, written
from tests.samples import SPECS, sample

from .unfolding import shares, taken_apart, unfolded

VARIANTS = [(name, variant) for name in zoo.documents() for variant in [*zoo.open_spec(name)[0].variants] or [None]]


def check(graph: Graph, view: View) -> None:
    drawing = compose(graph, view)
    tied = {node.address for node in graph.walk() if node.tied is not None}
    closed = {
        address
        for box in drawing.boxes()
        if box.closed
        for row in box.members
        for address in row
        if box.inside is None or address in tied
    }
    found, expected = unfolded(drawing, graph), taken_apart(graph, frozenset(closed))
    assert found.nodes == expected.nodes
    assert found.wires == expected.wires
    if view.kind != "overview" and view.depth is None:
        assert closed <= tied


@pytest.mark.parametrize(("name", "variant"), VARIANTS, ids=lambda value: str(value))
@pytest.mark.parametrize("kind", ["figure", "detail"])
def test_bundled_architectures_unfold(name: str, variant: str | None, kind: str) -> None:
    check(archspec.read(name, variant).graph, View(kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(
    "view", [View(), View("overview"), View("detail"), *(View(depth=n) for n in (1, 2, 3))], ids=str
)
def test_small_specs_unfold(name: str, view: View) -> None:
    check(sample(name).graph, view)


@pytest.mark.parametrize("address", ["layer3", "layer3.0", "layer3.2", "layer1.0.downsample"])
@pytest.mark.parametrize("kind", ["figure", "overview"])
def test_what_is_opened_unfolds(address: str, kind: str) -> None:
    check(archspec.read("resnet50").graph, View(kind, open=(address,)))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(), st.sampled_from(["figure", "overview", "detail"]))
def test_random_graphs_unfold(text: str, kind: str) -> None:
    check(read(text), View(kind))  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(foldable())
def test_blocks_that_differ_in_numbers_unfold(text: str) -> None:
    graph = read(text)
    check(graph, View())
    check_texts(compose(graph), graph)


@pytest.mark.parametrize(
    "name", ["googlenet", "resnet50", "efficientnet_b3", "mobilenet_v3_small", "densenet169", "mc3_18", "r2plus1d_18"]
)
def test_symbols_and_tables_give_back_each_blocks_numbers(name: str) -> None:
    graph = archspec.read(name).graph
    check_texts(compose(graph), graph)


def check_texts(drawing: Drawing, graph: Graph) -> None:
    """What a sheet says of a block, with the table's numbers for its symbols, is what the block says by itself."""
    parts = Parts.of(graph)
    for sheet in drawing.insets:
        for number, address in enumerate(sheet.instances):
            block = graph.nodes[address]
            assert isinstance(block, Block)
            own = alone(block, parts)
            values = table_values(sheet, address)
            for box in sheet.boxes():
                if box.members and box.members[number] in own:  # alone, more of it may be drawn as one
                    texts = [substituted(line, values) for line in box.lines if line.rank != "name"]
                    assert texts == own[box.members[number]]


def alone(block: Block, parts: Parts) -> dict[tuple[str, ...], list[str]]:
    """The texts of a block's boxes where it is drawn by itself, less what they are called."""
    from archspec.pictures.drawing.expansion import FIGURE, Openings
    from archspec.pictures.drawing.sheets import Maker

    maker = Maker(parts, Openings(FIGURE, parts), lambda part: None)
    sheet = maker.sheet("alone", "alone", [block])
    return {
        box.members[0]: [str(line) for line in box.lines if line.rank != "name"] for box in sheet.boxes() if box.members
    }


def table_values(sheet: Sheet, address: str) -> dict[str, str]:
    """What each symbol stands for in one block."""
    if sheet.table is None:
        return {}
    headers = [header for header in sheet.table.headers if header.text not in ("block", "×")]
    row = next(row for row in sheet.table.rows if address in row.addresses)
    place = row.addresses.index(address)
    return {header.text: cell.values[place] for header, cell in zip(headers, row.cells, strict=True) if header.symbol}


def substituted(line: Line, values: dict[str, str]) -> str:
    """A line of text with numbers for its symbols, multiplied and divided as it says."""
    text = ""
    for number, piece in enumerate(line.text):
        if not piece.symbol:
            text += re.sub(r"^/\d+", "", piece.text) if number and line.text[number - 1].symbol else piece.text
            continue
        value = values[piece.text]
        factor = re.search(r"(\d+)·$", text)
        after = line.text[number + 1].text if number + 1 < len(line.text) else ""
        divisor = re.match(r"/(\d+)", after)
        if factor or divisor:
            value = str(int(value) * int(factor[1] if factor else 1) // int(divisor[1] if divisor else 1))
        text = re.sub(r"\d+·$", "", text) + value
    return re.sub(", /1(×1)*$", "", text).replace("1 groups", "")  # what a number of 1 leaves unsaid


@st.composite
def pyramids(draw: st.DrawFn) -> str:
    """Maps of several sizes under heads of one module each, of their own or of one block, wired side by side or not."""
    count = draw(st.integers(2, 5))
    names = [f"m{number}" for number in range(count)]
    head: dict[str, object] = {
        "params": {"outputs": "int"},
        "graph": {
            "conv": [{"conv_layer": 4, "repeat": draw(st.integers(1, 3))}],
            "one": {"conv": "outputs", "kernel_size": 1},
            "two": {"conv": 2, "kernel_size": 1, "from": "conv"},
        },
        "output": {"one": "one", "two": "two"} if draw(st.booleans()) else "one",
    }
    one = ".one" if isinstance(head["output"], dict) else ""
    heads: dict[str, object] = {"inputs": ["maps*"], "graph": {"first": {"head": 3, "over": "maps"}}}
    heads["graph"] |= {"second": {"head": 5, "over": "maps"}} if draw(st.booleans()) else {}  # type: ignore[operator]
    heads["output"] = f"first{one}"
    graph: dict[str, object] = {"stem": {"conv": 4, "kernel_size": 3, "padding": 1}}
    for number, name in enumerate(names):
        graph[name] = {"conv": 4, "kernel_size": 1} if draw(st.booleans()) else {"max_pool": 2}
        if draw(st.booleans()):
            graph[name] |= {"from": names[number - 1] if number else "stem"}  # type: ignore[operator]
    order = draw(st.permutations(names))
    graph["own"] = {"graph": [{"conv_layer": 4, "kernel_size": 1, "over": "input"}], "from": order}
    graph["heads"] = {"heads": None, "from": "own"}
    graph["steps"] = {
        "conv": 3,
        "kernel_size": 1,
        "over": draw(st.sampled_from(["heads", ["heads[0]", "heads[1]"]])),
    }
    graph["last"] = {"head": 3, "over": draw(st.sampled_from(["own", order, ["m0", "stem", "m1"]]))}
    blocks, output = {"head": head, "heads": heads}, {"steps": "steps", "last": f"last{one}"}
    return written(name="pyramid", input=[3, 64, 64], blocks=blocks, graph=graph, output=output)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(pyramids(), st.sampled_from([View(), View("overview"), View("detail"), View(colour="macs")]))
def test_calls_side_by_side_unfold(text: str, view: View) -> None:
    check(read(text), view)


@st.composite
def repeated(draw: st.DrawFn) -> str:
    """Groups that are spliced in place several times, of equal copies or not, with ways around and out or not."""
    node = st.sampled_from(
        [
            {"conv": 4, "kernel_size": 3, "padding": 1},
            {"conv": 4, "kernel_size": 1},
            "batch_norm",
            "relu",
            {"add": ["previous", "start"]},
            {"add": ["previous", "first{i}"]},
            {"mul": ["first{i}", "previous"]},
            {"cell": None},
        ]
    )
    graph: dict[str, object] = {"start": {"conv": 4, "kernel_size": 3, "padding": 1}}
    for number in range(draw(st.integers(1, 2))):
        first = {"conv": 4, "kernel_size": 3, "padding": 1, "bias": draw(st.sampled_from([True, "i % 2 == 0"]))}
        inner = {"first{i}": first} | {f"n{at}_{{i}}": each for at, each in enumerate(draw(st.lists(node, max_size=4)))}
        inner |= {"last{i}": {"conv": 4, "kernel_size": 1}}
        again = {"nodes": inner, "repeat": draw(st.integers(1, 4))}
        graph[f"g{number}"] = {"graph": {"start": {"max_pool": 2}, "more": again}}
    graph["all"] = draw(st.sampled_from(["relu", {"max_pool": 2}]))
    cell = {"graph": {"c": {"conv": 4, "kernel_size": 1}, "d": {"conv": 4, "kernel_size": 1}, "s": {"add": ["c", "d"]}}}
    return written(name="again", input=[4, 64, 64], blocks={"cell": cell}, graph=graph)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(repeated(), st.sampled_from(["figure", "overview", "detail"]))
def test_groups_that_are_repeated_in_place_unfold(text: str, kind: str) -> None:
    check(read(text), View(kind))  # type: ignore[arg-type]


@st.composite
def rows_of_numbers(draw: st.DrawFn) -> str:
    """Groups spliced in place once for each row of a table, of layers and blocks whose numbers come from it."""
    node = st.sampled_from(
        [
            {"conv": "width", "kernel_size": "kernel", "padding": "kernel // 2", "stride": [1, "step"]},
            {"conv": "2 * width", "kernel_size": 1},
            "batch_norm",
            "relu",
            {"dropout": "rate"},
            {"max_pool": 3, "stride": 1, "padding": 1},
            {"cell": "width"},
            {"conv": 4, "kernel_size": 1, "when": "kernel == 3"},
        ]
    )
    row = st.tuples(
        st.sampled_from([4, 8]), st.sampled_from([1, 3]), st.sampled_from([1, 2]), st.sampled_from([0.1, 0.5])
    )
    graph: dict[str, object] = {"start": {"conv": 4, "kernel_size": 3, "padding": 1}}
    for number in range(draw(st.integers(1, 2))):
        inner = draw(st.lists(node, min_size=2, max_size=5))
        rows = draw(st.lists(row, min_size=3, max_size=8))
        each = {"columns": ["width", "kernel", "step", "rate"], "rows": [list(values) for values in rows]}
        graph[f"g{number}"] = {"graph": [{"nodes": inner, "each": each}]}
    cell = {
        "params": {"width": "int"},
        "graph": {
            "c": {"conv": "width", "kernel_size": 1},
            "d": {"conv": "width", "kernel_size": 1},
            "s": {"add": ["c", "d"]},
        },
    }
    return written(name="rows", input=[4, 600, 600], blocks={"cell": cell}, graph=graph)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows_of_numbers(), st.sampled_from(["figure", "overview", "detail"]))
def test_groups_that_differ_in_numbers_unfold(text: str, kind: str) -> None:
    graph = read(text)
    check(graph, View(kind))  # type: ignore[arg-type]
    check_copies(compose(graph), graph)


def check_copies(drawing: Drawing, graph: Graph) -> None:
    """What a frame says of a copy, with the table's numbers for its symbols, is what the copy's layers say."""
    for sheet in drawing.sheets:
        for group in sheet.groups():
            boxes = [box for box in group.items if isinstance(box, Box)]
            for turn in range(group.rounds if group.rounds > 1 else 0):
                first = shares(boxes[0].members[0], group.rounds)[turn][0]
                values = copy_values(sheet, first)
                for box in boxes:
                    nodes = [graph.nodes[address] for address in shares(box.members[0], group.rounds)[turn]]
                    told = [substituted(line, values) for line in box.lines if line.rank == "main"]
                    if not all(map(is_minor, nodes)):  # of which rates that differ are left out
                        once = re.sub(r"(?<=[ a-z])×\d+$", "", told[0]).rstrip()
                        assert re.sub(", /1(×1)*$", "", once) in map(node_words, nodes)


def copy_values(sheet: Sheet, address: str) -> dict[str, str]:
    """What each symbol stands for in the copy that begins with a node."""
    for row in sheet.table.rows if sheet.table else ():
        if address in row.addresses:
            headers = sheet.table.headers[2:] if sheet.table else ()
            return {header.text: cell.text for header, cell in zip(headers, row.cells) if header.symbol and cell.text}
    return {}


STAGES = """
archspec: 1
name: stages
input: [3, 64, 64]
graph:
  stem: {conv: 16, kernel_size: 3, padding: 1}
  body:
    - nodes:
        - {conv: width, kernel_size: 3, padding: 1, stride: stride, bias: false}
        - batch_norm
        - {conv: width, kernel_size: 3, padding: 1, bias: false}
        - batch_norm
        - {max_pool: 3, stride: 1, padding: 1}
      each: {columns: [width, stride], rows: [[16, 1], [16, 1], [32, 2], [32, 1], [64, 2], [64, 1]]}
"""


def test_groups_that_differ_in_numbers_are_one_frame_with_a_table() -> None:
    drawing = compose(read(STAGES))
    (group,) = drawing.main.groups()
    assert (group.title, group.rounds) == ("×6", 6)
    texts = [[str(line) for line in box.lines] for box in group.items if isinstance(box, Box)]
    assert texts == [["3×3 conv, out, /s", "BN"], ["3×3 conv, out", "BN"], ["3×3 max pool"]]
    table = drawing.main.table
    assert table is not None
    assert [header.text for header in table.headers] == ["block", "×", "out", "s", "output"]
    assert [(row.name, *(cell.text for cell in row.cells)) for row in table.rows] == [
        ("body.0, 5", "16", "1", "16×64×64"),
        ("body.10", "32", "2", "32×32×32"),
        ("body.15", "32", "1", "32×32×32"),
        ("body.20", "64", "2", "64×16×16"),
        ("body.25", "64", "1", "64×16×16"),
    ]
    (leaving,) = (edge for edge in drawing.main.edges if edge.target.startswith("output"))
    assert leaving.source == "body.4"
    assert not any(edge.label for edge in drawing.main.edges if edge.source != "stem"), "which the copies do not share"


@pytest.mark.parametrize("name", ["vgg13", "vgg16", "vgg19"])
def test_few_groups_are_drawn_as_they_are(name: str) -> None:
    drawing = compose(archspec.read(name).graph)
    assert not list(drawing.main.groups())
    assert drawing.main.table is None


@pytest.mark.parametrize("kind", ["figure", "detail"])
def test_a_join_of_one_value_stands_in_series(kind: str) -> None:
    text = "archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: [{concat: {a: flatten}}, {linear: 3}]\n"
    check(read(text), View(kind))  # type: ignore[arg-type]


def test_equal_groups_in_series_are_one_frame() -> None:
    graph = sample("rounds").graph
    drawing = compose(graph)
    assert [(group.title, group.rounds) for group in drawing.main.groups()] == [
        ("×2", 2),
        ("×4", 4),
    ]
    boxes = {box.id: box for box in drawing.boxes()}
    assert boxes["a0"].members == (("a0", "a1", "a2", "a3"),)
    assert [str(line) for line in boxes["a0"].lines] == ["a0–3", "3×3 conv, 8"]


@st.composite
def joined(draw: st.DrawFn) -> str:
    """Layers, and concatenations of what came before that often hold an earlier one, in one order or another."""
    graph: dict[str, object] = {}
    lists: list[list[str]] = [["input"]]
    for number in range(draw(st.integers(2, 9))):
        graph[f"n{number}"] = {"conv": 2, "kernel_size": 1}
        before = draw(st.sampled_from(lists))
        more = draw(st.lists(st.sampled_from(["input", *(f"n{each}" for each in range(number + 1))]), min_size=1))
        whole = [*before, *more] if draw(st.booleans()) else [*more, *before]
        graph[f"c{number}"] = {"concat": [*whole, f"n{number}"] if len(whole) < 2 else whole}
        lists.append(whole)
    return written(name="joined", input=[2, 4, 4], graph=graph)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(joined())
def test_running_concatenations_unfold(text: str) -> None:
    check(read(text), View())


def test_a_dense_block_written_out_is_drawn_as_the_running_concatenation_that_it_is() -> None:
    layers = "".join(
        f"  n{n}: {{conv: 2, kernel_size: 1}}\n"
        f"  c{n}: {{concat: [{', '.join(['input', *(f'n{each}' for each in range(n + 1))])}]}}\n"
        for n in range(40)
    )
    drawing = compose(read(f"archspec: 1\nname: dense\ninput: [2, 4, 4]\ngraph:\n{layers}"))
    into = Counter(edge.target for edge in drawing.main.edges)
    assert {into[f"c{n}"] for n in range(40)} == {2}
    assert len(drawing.main.edges) == 40 * 3 + 1


def read(text: str) -> Graph:
    return samples.read(text).graph
