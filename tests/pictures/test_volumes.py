from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import archspec
from archspec.api import zoo
from archspec.files.seal import sealed
from archspec.graph.model import Graph
from archspec.ops.shapes import form_of
from archspec.pictures.drawing.model import Role
from archspec.pictures.render.marks import Part
from archspec.pictures.render.themes import paints
from archspec.pictures.volumes import scene, volumes
from archspec.pictures.volumes.columns import MOST, Column, columns
from archspec.pictures.volumes.feature_maps import maps
from archspec.pictures.volumes.hatches import HATCHES, hatch
from archspec.pictures.volumes.main_path import longest_path
from archspec.pictures.volumes.render import page
from archspec.pictures.volumes.scales import nominal
from archspec.pictures.volumes.scene import SWATCH, Scene
from archspec.pictures.writers.svg import svg
from tests.property.graphs import specs
from tests.samples import SPECS, golden, sample

NAMES = [name for name, _ in zoo.variants()]
MOST_OF_DETECTORS = 14
"""A backbone's stages, a pyramid, proposals, and heads for boxes and for masks."""
Extent = tuple[float, float, float, float]


def folded(graph: Graph) -> list[Column]:
    return columns(maps(graph, longest_path(graph)))


def told(name: str) -> list[str]:
    """The columns of a picture in words: name, shapes, how one comes there, what is inside."""
    lines = []
    for each in folded(archspec.read(name).graph):
        shapes = [str(one.item[0]) for one in each.maps]
        sizes = "×".join(map(str, each.last.sizes))
        lines.append(" | ".join([each.name, sizes, ", ".join(shapes), " + ".join(each.words), " + ".join(each.inside)]))
    return lines


def written(text: str, folder: Path) -> Graph:
    path = folder / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\n{text}\n", "utf-8")
    return archspec.read(path).graph


def overlap(one: Extent, other: Extent) -> bool:
    slack = 0.01
    across = min(one[2], other[2]) - max(one[0], other[0]) > slack
    return across and min(one[3], other[3]) - max(one[1], other[1]) > slack


def check(shown: Scene) -> None:
    """Nothing lies over a text, no two columns over each other, and nothing is cut off."""
    texts = [text.extent for text in shown.texts]
    boxes = [box.extent for box in shown.boxes]
    keys = [(at.x, at.y, at.x + SWATCH[0], at.y + SWATCH[1]) for _, at in shown.swatches]
    assert [pair for pair in combinations([*texts, *keys], 2) if overlap(*pair)] == []
    assert [(text, box) for text in texts for box in boxes if overlap(text, box)] == []
    skips = [flow.points for flow in shown.flows if flow.sort == "skip"]
    segments = [segment(*ends) for points in skips for ends in pairwise(points)]
    assert [pair for pair in ((text, line) for text in texts for line in segments) if overlap(*pair)] == []
    fans = [flow.points for flow in shown.flows if flow.sort == "fan"]
    edges = [line for fan in fans for line in ((fan[0], fan[1]), (fan[3], fan[2]))]
    assert [(text, edge) for text in texts for edge in edges if crosses(*edge, text)] == []
    for left, top, right, bottom in [*texts, *boxes, *segments, *keys]:
        assert left >= 0 and top >= 0 and right <= shown.width and bottom <= shown.height
    for before, after in zip(shown.boxes, shown.boxes[1:]):
        next_tower = after.role == "input"
        assert next_tower or before.at.x < before.at.x + before.solid.width <= after.at.x
        assert not next_tower or before.extent[3] < after.extent[1]


def crosses(start: Sequence[float], end: Sequence[float], text: Extent) -> bool:
    """Whether a line from left to right passes through a text."""
    left, right = max(start[0], text[0]), min(end[0], text[2])
    if left >= right:
        return False
    heights = [start[1] + (end[1] - start[1]) * (x - start[0]) / (end[0] - start[0]) for x in (left, right)]
    return min(heights) < text[3] and max(heights) > text[1]


def segment(start: Sequence[float], end: Sequence[float]) -> Extent:
    return min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]) + 0.1, max(start[1], end[1]) + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overlaps_and_nothing_is_cut(name: str) -> None:
    check(scene(archspec.read(name).graph))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=specs())
def test_nothing_overlaps_in_random_networks(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("random") / "spec.yaml"
    path.write_text(text)
    graph = archspec.read(path).graph
    check(scene(graph))
    ElementTree.fromstring(volumes(graph))


@pytest.mark.parametrize("name", NAMES)
def test_each_map_is_drawn_under_its_address(name: str) -> None:
    graph = archspec.read(name).graph
    text = volumes(graph)
    root = ElementTree.fromstring(text)
    ids = [each.get("id", "") for each in root.iter() if each.get("class") == "node"]
    assert len(ids) == len(set(ids))
    maps = [id.rpartition("/")[2].partition("[")[0] for id in ids]  # each input's own tower stands before the `/`
    assert maps[0].startswith("input-")
    assert {name for name in maps if not name.startswith("input-")} <= graph.nodes.keys()
    for each in root.iter("{http://www.w3.org/2000/svg}g"):
        address = each.get("id", "")
        tooltip = each.findtext("{http://www.w3.org/2000/svg}title") or ""
        if address in graph.nodes:
            assert tooltip.startswith(f"{address}\n")
            assert f"line {graph.nodes[address].span.line}" in tooltip
    assert volumes(archspec.read(name).graph) == text


@pytest.mark.parametrize("name", NAMES)
def test_few_columns_that_follow_from_each_other(name: str) -> None:
    graph = archspec.read(name).graph
    found = folded(graph)
    assert 2 <= len(found) <= (MOST_OF_DETECTORS if form_of(graph.root.shapes[0]) == "records" else MOST)
    assert found[0].maps[0].shape == graph.root.input_shapes[0]
    assert found[-1].last.shape == graph.root.shapes[0]
    assert all(each.words or each.inside for each in found[1:])


def test_heights_follow_sizes_and_widths_channels() -> None:
    for name in NAMES:
        graph = archspec.read(name).graph
        solid = {box.address: box.solid for box in scene(graph).boxes}
        drawn = [one for each in folded(graph) for one in each.maps if one.address in solid and one.sizes]
        for one, other in combinations(drawn, 2):
            mine, theirs = solid[one.address], solid[other.address]
            heights = [nominal((each.sizes * 2)[-2]) for each in (one, other)]
            assert (heights[0] < heights[1]) <= (mine.height <= theirs.height)
            assert (one.sizes == other.sizes) <= (mine.height == theirs.height)
            assert (nominal(one.item[0]) < nominal(other.item[0])) <= (mine.width <= theirs.width)


def test_a_kernel_lies_on_the_side_of_the_map_it_passes_over() -> None:
    shown = scene(archspec.read("alexnet_2012").graph)
    assert len(shown.windows) == 5
    for window, box, after in zip(shown.windows, shown.boxes, shown.boxes[1:]):
        x = box.at.x + box.solid.width
        assert all(x <= corner.x <= x + box.solid.lean for corner in window.corners)
        for corner in window.corners:
            shift = (corner.x - x) / box.solid.lean * box.solid.rise
            assert box.at.y - shift <= corner.y + 0.01 and corner.y <= box.at.y + box.solid.height - shift + 0.01
        assert window.target.x == after.at.x
        assert after.at.y < window.target.y < after.at.y + after.solid.height


def test_lenet_as_its_paper_draws_it() -> None:
    assert told("lenet") == [
        "input | 32×32 | 1 |  | ",
        "C1 | 28×28 | 6 | 5×5 conv | ",
        "S2 | 14×14 | 6 | 2×2 max pool, /2 | ",
        "C3 | 10×10 | 16 | 5×5 conv | ",
        "S4 | 5×5 | 16 | 2×2 max pool, /2 | ",
        "C5 |  | 120 | 5×5 conv | ",
        "F6 |  | 84 | fc | ",
        "fc |  | 10 | fc | ",
    ]


def test_a_sequence_is_drawn_by_one_step_of_it() -> None:
    steps = {each.last.address: (each.last.steps, each.last.item) for each in folded(archspec.read("captioning").graph)}
    assert steps["fc"][1] == (12_000,) and str(steps["fc"][0]) == "T"
    assert steps["encoder.backbone.conv1.conv"] == (None, (64, 112, 112))
    shown = scene(archspec.read("cnn_lstm").graph)
    told_of = {line.split(" | ")[0]: line.split(" | ")[1:3] for line in told("cnn_lstm")}
    assert list(told_of) == ["input", "conv1", "layer1", "layer2", "layer3", "layer4", "recurrent", "fc", "mean"]
    assert told_of["input"] == ["224×224", "3"] and told_of["recurrent"] == ["", "512"]
    assert [text.text for text in shown.texts].count("×T") == 8  # all but the mean over time
    assert [box.solid.behind for box in shown.boxes if box.address != "mean"] == [2] * 12
    largest = max(box.solid.height for box in scene(archspec.read("captioning").graph).boxes)
    assert largest == pytest.approx(190)  # the words' bar; maps are not dwarfed by it
    (first, *_) = scene(archspec.read("captioning").graph).boxes
    assert first.solid.height == pytest.approx(170)


def test_time_is_a_stack() -> None:
    behind = {box.address: box.solid.behind for box in scene(archspec.read("r3d_18").graph).boxes}
    assert behind == {
        "input-input": 4, "stem.0": 4, "layer1.0": 4, "layer1.1": 4, "layer2.0": 3, "layer2.1": 3, "layer3.0": 2,
        "layer3.1": 2, "layer4.0": 1, "layer4.1": 1, "fc": 0,
    }  # fmt: skip
    notes = {text.text for text in scene(archspec.read("r3d_18").graph).texts}
    assert "stacks: logarithm of the steps in time" in notes


def test_a_copy_stands_behind_along_the_oblique_edges() -> None:
    (box, *_) = scene(archspec.read("r3d_18").graph).boxes
    own, far = box.faces["front"][0], box.copy(box.solid.behind)["front"][0]
    assert (own.y - far.y) / (far.x - own.x) == pytest.approx(box.solid.rise / box.solid.lean)
    corners = [
        corner for number in range(box.solid.behind + 1) for face in box.copy(number).values() for corner in face
    ]
    left, top, right, bottom = box.extent
    assert (min(x for x, _ in corners), max(x for x, _ in corners)) == pytest.approx((left, right))
    assert (min(y for _, y in corners), max(y for _, y in corners)) == pytest.approx((top, bottom))


def test_a_detector_from_image_to_boxes() -> None:
    assert told("fasterrcnn_resnet50_fpn")[5:] == [
        "layer4 | 25×25 | 2048, 2048, 2048 |  | Bottleneck ×3",
        "fpn | 200×200 | 256 |  | FeaturePyramid",
        "rpn | 200×200 | 3 |  | RPNHead",
        "box_roi_pool | 7×7 | 256 | region proposals + multi-scale RoIAlign to 7×7 | ",
        "box_head |  | 1024, 1024 |  | fc ×2",
        "box_predictor |  | 91 |  | BoxPredictor",
        "detections |  | 100 | box detections | ",
    ]
    shown = scene(archspec.read("fasterrcnn_resnet50_fpn").graph)
    words = [text.text for text in shown.texts]
    assert {"boxes 100×4", "labels 100", "scores 100", "×1000", "200×200–13×13"} <= {*words}
    pyramid = [box.address for box in shown.boxes if box.address.startswith("backbone.fpn")]
    assert pyramid == ["backbone.fpn", *(f"backbone.fpn[{level}]" for level in range(1, 5))]
    assert [flow.sort for flow in shown.flows].count("skip") == 4  # C2, C3 and C4 to the pyramid, that to the regions


def test_a_further_input_comes_in_where_it_is_taken() -> None:
    for name, fed, target in (
        ("show_and_tell", "tokens T", "decoder"),
        ("rcnn_alexnet", "proposals 2000×4", "warp"),
        ("fast_rcnn_alexnet", "proposals 2000×4", "roi_pool"),
    ):
        graph = archspec.read(name).graph
        assert [(each.name, each.feeds) for each in folded(graph) if each.feeds] == [(target, (fed,))]
        shown = scene(graph)
        (text,) = [text for text in shown.texts if text.text == fed]
        (below,) = [text for text in shown.texts if text.text == target]
        arrows = [flow.points for flow in shown.flows if flow.sort == "arrow"]
        (arrow,) = [points for points in arrows if points[0].x == points[1].x]
        assert text.extent[3] <= arrow[0].y < arrow[1].y <= below.extent[1] and arrow[0].x == text.x == below.x
    assert not any(each.feeds for each in folded(archspec.read("capsnet").graph))  # its label may be left out


def test_capsules_as_their_paper_draws_them() -> None:
    assert told("capsnet") == [
        "image | 28×28 | 1 |  | ",
        "conv1 | 20×20 | 256 | 9×9 conv | ",
        "primary | 6×6 | 256 | 9×9 conv, /2 | ",
        "digits |  | 16 | routed capsules, 16D | ",
        "length |  | 10 | length | ",
    ]


def test_a_kernel_is_not_drawn_on_a_map_that_it_does_not_see() -> None:
    shown = scene(archspec.read("channel_boosted").graph)
    (box,) = [box for box in shown.boxes if box.address.endswith("conv1")]
    assert box.at.x not in {window.target.x for window in shown.windows}


def test_alexnet_as_its_paper_draws_it() -> None:
    assert told("alexnet_2012") == [
        "input | 224×224 | 3 |  | ",
        " | 55×55 | 96 | 11×11 conv, /4 | ",
        " | 27×27 | 256 | 3×3 max pool, /2 + 5×5 conv, 2 groups | ",
        " | 13×13 | 384 | 3×3 max pool, /2 + 3×3 conv | ",
        " | 13×13 | 384 | 3×3 conv, 2 groups | ",
        " | 13×13 | 256 | 3×3 conv, 2 groups | ",
        " |  | 4096 | 3×3 max pool, /2 + fc | ",
        " |  | 4096 | fc | ",
        " |  | 1000 | fc | ",
    ]


def test_vgg_by_stages() -> None:
    assert told("vgg16")[1:7] == [
        " | 224×224 | 64, 64 |  | 3×3 conv ×2",
        " | 112×112 | 128, 128 | 2×2 max pool, /2 | 3×3 conv ×2",
        " | 56×56 | 256, 256, 256 | 2×2 max pool, /2 | 3×3 conv ×3",
        " | 28×28 | 512, 512, 512 | 2×2 max pool, /2 | 3×3 conv ×3",
        " | 14×14 | 512, 512, 512 | 2×2 max pool, /2 | 3×3 conv ×3",
        " |  | 4096, 4096 | 2×2 max pool, /2 | fc ×2",
    ]


def test_blocks_are_one_stage_for_each_size() -> None:
    assert told("googlenet")[2:] == [
        "conv2–3 | 56×56 | 64, 192 | 3×3 max pool, /2 | 1×1 conv + 3×3 conv",
        "inception3a–b | 28×28 | 256, 480 | 3×3 max pool, /2 | Inception ×2",
        "inception4a–e | 14×14 | 512, 512, 512, 528, 832 | 3×3 max pool, /2 | Inception ×5",
        "inception5a–b | 7×7 | 832, 1024 | 2×2 max pool, /2 | Inception ×2",
        "fc |  | 1000 | global avg pool + fc | ",
    ]
    assert [line.split(" | ")[0] for line in told("resnet50")] == [
        "input",
        "conv1",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "fc",
    ]


def test_a_stage_of_many_blocks_is_one_box() -> None:
    shown = scene(archspec.read("densenet201").graph)
    assert [box.address for box in shown.boxes if "denseblock3" in box.address] == ["features.denseblock3.denselayer48"]
    labels = {text.text for text in shown.texts}
    assert {"DenseLayer ×48", "288–1792", "denseblock3"} <= labels


def test_skips_go_over_what_lies_between() -> None:
    shown = scene(sample("unet").graph)
    skips = [flow for flow in shown.flows if flow.sort == "skip"]
    boxes = {box.address: box for box in shown.boxes}
    joined = [("down3", "up3"), ("down2", "up2"), ("down1", "up1")]
    assert len(skips) == 3
    for flow, (source, target) in zip(skips, joined):
        for end, address in ((flow.points[0], source), (flow.points[-1], target)):
            left, _, right, _ = boxes[address].extent
            assert left < end.x < right
    check(shown)


@pytest.mark.parametrize("name", SPECS)
def test_small_specs_are_drawn(name: str) -> None:
    check(scene(sample(name).graph))


def test_the_svg_is_as_recorded() -> None:
    text = volumes(sample("unet").graph)
    assert text == golden("unet.volumes.svg", text)


@pytest.mark.parametrize(
    "text",
    [
        "input: [784]\ngraph: [{linear: 128}, relu, {linear: 10}]",
        "input: [1, 16000]\ngraph: [{conv: 8, kernel_size: 9, stride: 4}, relu, {max_pool: 4}]",
        "input: [3, 16, 112, 112]\ngraph: [{conv: 64, kernel_size: [3, 7, 7], padding: [1, 3, 3]}, {max_pool: 2}]",
        "input: [3, H, W]\ngraph: [{conv: 8, kernel_size: 3}, {max_pool: 2}, {conv: 8, kernel_size: 3}]",
        "input: [3, 8, 8]\ngraph: [relu]",
        "input: {a: [3, 8, 8], b: [3, 8, 8]}\ngraph: {sum: {add: [a, b]}, c: {conv: 4, kernel_size: 3}}",
        "input: [1, 600, 4]\ngraph: [{conv: 4096, kernel_size: 1}, {conv: 1, kernel_size: 1}]",
        'input: [3, 8, 8]\ngraph: {"a_very_long_name_of_a_layer_that_nobody_would_write": {conv: 4, kernel_size: 3}}',
        "input: [3, 64, 64]\ngraph: [{conv: 4, kernel_size: 3, groups: 1, dilation: 9, padding_mode: reflect}]",
        "input: [4, 8, 8]\ngraph: [{basic_block: 4, repeat: 1500}]",
    ],
)
def test_whatever_comes_is_drawn(text: str, tmp_path: Path) -> None:
    graph = written(text, tmp_path)
    check(scene(graph))
    assert ElementTree.fromstring(volumes(graph)) is not None


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    notes = {text.text for text in scene(archspec.read("googlenet").graph).texts}
    assert "auxiliary heads, which run in training only, are not drawn" in notes
    text = """\
input: [3, 8, 8]
graph: {x: {conv: 4, kernel_size: 3}, y: {conv: 4, kernel_size: 3, from: input}, sum: {add: [x, y]}}"""
    notes = {text.text for text in scene(written(text, tmp_path)).texts}
    assert "what runs beside the longest path is not drawn" in notes


TWO_INPUTS = """\
input: {a: [3, 8, 8], b: [3, 8, 8]}
graph: {x: {conv: 4, kernel_size: 3, from: a}, y: {conv: 4, kernel_size: 3, from: b}, sum: {add: [x, y]}}"""
TWINS = """\
input: {a: [3, 32, 32], b: [3, 32, 32]}
blocks: {twin: {graph: {c: {conv: 4, kernel_size: 3}, r: relu, p: {max_pool: 2}, f: flatten, fc: {linear: 8}}}}
graph: {one: {twin: , from: a}, two: {share: one, from: b}, both: {concat: [one, two]}, score: {linear: 1}}"""


@pytest.mark.parametrize(("text", "same"), [(TWO_INPUTS, False), (TWINS, True)])
def test_each_input_that_has_layers_of_its_own_has_a_tower(text: str, same: bool, tmp_path: Path) -> None:
    shown = scene(written(text, tmp_path))
    check(shown)
    notes = [each.text for each in shown.texts]
    assert "what runs beside the longest path is not drawn" not in notes
    assert any(note.endswith("its weights are those below") for note in notes) == same
    own = [box for box in shown.boxes if box.address.startswith("b/")]
    assert [box.role for box in own][:2] == ["input", "convolution"]
    ids = [box.address for box in shown.boxes]
    assert len(ids) == len(set(ids))


def test_themes() -> None:
    graph = archspec.read("lenet").graph
    both, light, dark, printed = (volumes(graph, theme) for theme in (None, "light", "dark", "print"))
    assert "prefers-color-scheme:dark" in both and "@media print" in both
    assert all("@media" not in each for each in (light, dark, printed))
    assert len({both, light, dark, printed}) == 4
    assert set(re.findall(r"#[0-9A-F]{6}", printed)) == {"#000000", "#FFFFFF"}
    assert "s-hatch" in printed and "s-hatch" in both and "s-hatch" not in light + dark


def test_the_kinds_have_the_colours_of_all_pictures() -> None:
    drawn = volumes(archspec.read("googlenet").graph, "light")
    for role in ("convolution", "linear", "block"):
        assert paints("light")[f"fill-{role}"] in drawn and paints("light")[f"line-{role}"] in drawn


def test_each_kind_has_a_hatch_of_its_own_and_the_legend_shows_it() -> None:
    assert len(set(HATCHES.values())) == len(HATCHES)
    graph = archspec.read("lenet").graph
    shown, marks = scene(graph), page(scene(graph)).marks
    for role, at in shown.swatches:
        assert all(path in marks for path in hatch(role, *at, *SWATCH))
    for box, part in zip(shown.boxes, (mark for mark in marks if isinstance(mark, Part) and mark.kind == "node")):
        lines = list(hatch(box.role, *box.at, box.solid.width, box.solid.height))
        assert lines == list(part.marks[3:]) and bool(lines) == (box.role != "input")


@given(
    role=st.sampled_from(sorted(HATCHES)), x=st.floats(0, 500), y=st.floats(0, 500), w=st.floats(2, 90),
    h=st.floats(2, 200),
)  # fmt: skip
def test_a_hatch_lies_in_its_rectangle(role: Role, x: float, y: float, w: float, h: float) -> None:
    (path,) = hatch(role, x, y, w, h)
    for _, ((at_x, at_y),) in path.steps:
        assert x - 1e-6 <= at_x <= x + w + 1e-6 and y - 1e-6 <= at_y <= y + h + 1e-6


def test_text_is_text_and_escaped() -> None:
    shown = scene(archspec.read("lenet").graph)
    (first, *rest) = shown.texts
    text = svg(page(replace(shown, title="A & B", texts=(replace(first, text="<C> & 'D\""), *rest))))
    root = ElementTree.fromstring(text)
    assert "<C> & 'D\"" in [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B"


@pytest.mark.parametrize(("format", "sign"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_other_formats_are_made(format: str, sign: bytes) -> None:
    drawn = archspec.read("lenet").draw("volumes", theme="print")
    assert drawn.bytes(format).startswith(sign)
    assert drawn.bytes(format) == archspec.read("lenet").draw("volumes", theme="print").bytes(format)


@pytest.mark.parametrize("name", ["alexnet_2012", "googlenet"])
def test_the_pictures_of_the_docs_are_as_drawn_now(name: str) -> None:
    path = Path(__file__).parents[2] / "docs" / "images" / f"volumes_{name}.svg"
    text = volumes(archspec.read(name).graph)
    assert path.read_bytes() == sealed(text.encode(), "svg"), "`python docs/gallery.py` draws it anew"
