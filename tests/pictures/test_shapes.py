"""No picture is long: sheets go on in columns or rows, and every wire with them, where it can be followed."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

import archspec
from archspec.api import zoo
from archspec.pictures.layout.columns.aspect import ANY
from archspec.pictures.layout.columns.cuts import Cut, chosen, cuts
from archspec.pictures.layout.columns.wrap import wrapped
from archspec.pictures.layout.graphviz import Direction, Fence, Placed, Problem, Rect, Route, Size, Wire, lay_out
from archspec.pictures.layout.routing.crossings import crossings
from archspec.pictures.layout.routing.rank_spacing import TRACK
from archspec.pictures.layout.routing.router import routed
from tests.pictures.faults import bordered, confused, covered, crossed, struck
from tests.pictures.layouts import laid


def variants(document: str) -> list[str]:
    return [name for name, of in zoo.variants() if of.name == document]


SMALL = {
    **dict.fromkeys(variants("hrnet"), 5.6),
    **dict.fromkeys(variants("nfnet"), 1.5),
    "rcnn_alexnet": 4.4,
    "rcnn_vgg16": 4.4,
    "fast_rcnn_vgg16": 4.9,
    "fast_rcnn_vgg16_svd": 3.4,
    "fast_rcnn_alexnet": 4.9,
    "fasterrcnn_resnet50_fpn": 5.9,
    "fasterrcnn_resnet50_fpn_v2": 5.9,
    "fasterrcnn_mobilenet_v3_large_fpn": 6.0,
    "fasterrcnn_mobilenet_v3_large_320_fpn": 6.2,
    "maskrcnn_resnet50_fpn": 5.3,
    "maskrcnn_resnet50_fpn_v2": 5.3,
    "keypointrcnn_resnet50_fpn": 5.1,
    "clip_vit_b_16": 6.4,
    "clip_vit_b_32": 6.4,
    "clip_vit_l_14": 6.4,
    "clip_vit_l_14_336": 6.4,
    "ddpm_cifar10": 2.4,
    "raft_large": 0.8,
    "raft_small": 0.7,
    "ssd300_vgg16": 5.7,
    "ssdlite320_mobilenet_v3_large": 5.8,
    "stable_diffusion_v1": 3.2,
    "swin_t": 2.5,
    "swin_s": 2.1,
    "swin_b": 2.1,
    "swin3d_t": 2.5,
    "swin3d_s": 2.1,
    "swin3d_b": 2.1,
    "swin_v2_t": 2.5,
    "swin_v2_s": 2.1,
    "swin_v2_b": 2.1,
    "t5_base": 6.4,
    "t5_small": 6.4,
    "t5_large": 6.5,
    "t5_3b": 6.5,
    "t5_11b": 6.5,
    "unet": 2.9,
    "unet_3d": 5.4,
    "yolov3": 4.8,
    "yolov3_tiny": 4.5,
    "yolov8n": 2.6,
    "yolov8s": 2.6,
    "yolov8m": 2.6,
    "yolov8l": 2.6,
    "yolov8x": 2.6,
}
"""The points of text in the overviews, from left to right, of detectors, and of networks with long skips, in which the
wires that pass each cut need the room."""

SMALL_DOWNWARD = {
    **dict.fromkeys(variants("hrnet"), 4.7),
    **dict.fromkeys(variants("nfnet"), 3.4),
    "ddpm_cifar10": 5.0,
    **dict.fromkeys([f"dit_{size}_{patch}" for size in ("xl", "l", "b", "s") for patch in (2, 4, 8)], 4.8),
    "raft_large": 1.2,
    "ssdlite320_mobilenet_v3_large": 5.7,
    "stable_diffusion_v1": 3.5,
    "fast_rcnn_vgg16_svd": 4.2,
    "maskrcnn_resnet50_fpn": 6.9,
    "maskrcnn_resnet50_fpn_v2": 6.9,
    "keypointrcnn_resnet50_fpn": 6.6,
    "raft_small": 0.7,
    "ssd300_vgg16": 4.8,
    "swin_s": 4.9,
    "swin_b": 4.9,
    "swin3d_s": 5.0,
    "swin3d_b": 5.0,
    "swin_v2_s": 4.9,
    "swin_v2_b": 4.9,
    "t5_base": 6.4,
    "t5_small": 6.4,
    "t5_large": 6.5,
    "t5_3b": 6.5,
    "t5_11b": 6.5,
    "yolov3_tiny": 6.4,
}
"""From top to bottom: the numbers at a detector's inputs, and their line in the legend, take room of their own, and so
do skips and values that go to every block."""


@pytest.mark.parametrize("name", [name for name, _ in zoo.variants()])
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_an_overview_is_not_long_and_can_be_read_in_one_column_of_a_paper(name: str, direction: Direction) -> None:
    picture = archspec.read(name).draw("overview", direction=direction)
    page = picture.page
    assert 1 / 3 <= page.width / page.height <= 3
    smallest = min(map(float, re.findall(r'font-size="([\d.]+)"', picture.svg())))
    points = smallest * min(1.0, 252 / page.width)  # 3.5 inches are 252 points
    assert points >= (SMALL if direction == "LR" else SMALL_DOWNWARD).get(name, 7)


@pytest.mark.parametrize("name", zoo.documents())
@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("view", ["figure", "detail"])
def test_a_picture_is_not_long(name: str, direction: Direction, view: str) -> None:
    page = archspec.read(name).draw(view, direction=direction).page  # type: ignore[arg-type]
    assert 1 / 3 <= page.width / page.height <= 3


def test_a_frame_that_is_cut_goes_on_in_the_next_column() -> None:
    _, given, placed = laid("mobilenet_v2", "detail", "TB")[0]
    cut = wrapped(placed, given.wires, 3, deep=True)
    parts = cut.frame("features")
    assert [(part.comes, part.goes) for part in parts] == [(False, True), (True, True), (True, False)]
    assert all(one.place.x + one.place.width < other.place.x for one, other in pairwise(parts))
    held = [box for id, box in cut.boxes.items() if id.startswith("features.")]
    for box in held:
        assert sum(part.place.x < box.x and box.x + box.width < part.place.x + part.place.width for part in parts) == 1
    svg = archspec.read("mobilenet_v2").draw("detail").svg()
    assert svg.count('id="features"') == 1 and ">features …</text>" in svg


ABREAST = Placed(
    100,
    130,
    {"a": Rect(0, 0, 100, 20), "b": Rect(0, 50, 60, 20), "c": Rect(0, 110, 100, 20)},
    {},
    (
        Route(((20, 20), (20, 50)), Rect(22, 24, 30, 12)),
        Route(((70, 20), (70, 110))),
        Route(((90, 20), (90, 90), (80, 90), (80, 110))),
        Route(((30, 70), (30, 110)), Rect(32, 74, 30, 12)),
    ),
)
"""Three values that leave a box, of which two pass another."""
WIRES = (Wire("a", "b", 30, 12), Wire("a", "c"), Wire("a", "c"), Wire("b", "c", 30, 12))


def test_wires_go_on_side_by_side_and_in_order() -> None:
    (first, second) = cuts(ABREAST, False)
    assert (first.lanes, second.lanes) == ((20, 70, 90), (30, 70, 90))
    assert (first.alone, second.alone) == (True, True)
    cut = wrapped(ABREAST, WIRES, 2, deep=True, most=ANY)
    assert {id for id, box in cut.boxes.items() if box.x > 100} == {"c"}
    ways = [route.points for route in cut.routes if len(route.points) > 3]
    assert len(ways) == 3
    turns = [way[1:5] for way in sorted(ways)]
    assert {round(one[0][1] - other[0][1], 2) for one, other in pairwise(turns)} == {TRACK}  # below the first column
    assert {round(one[1][0] - other[1][0], 2) for one, other in pairwise(turns)} == {TRACK}  # between the two
    assert {round(one[2][1] - other[2][1], 2) for one, other in pairwise(turns)} == {TRACK}  # above the second
    assert [turn[3][0] for turn in turns] == sorted(turn[3][0] for turn in turns)
    assert all(route.label is not None for route in (cut.routes[0], cut.routes[3]))


@pytest.mark.parametrize(
    ("name", "view"),
    [("rcnn", "overview"), ("retinanet", "overview"), ("cnn_lstm", "detail"), ("googlenet", "overview")],
)
@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("columns", [2, 3, 4])
def test_no_wires_cross_on_their_way_to_the_next_column(
    name: str, view: str, direction: Direction, columns: int
) -> None:
    _, given, placed = laid(name, view, direction)[0]
    cut = wrapped(placed, given.wires, columns, direction == "LR", True, ANY)
    assert cut.boxes != placed.boxes
    assert crossings(given.wires, cut.routes) <= crossings(given.wires, placed.routes)


def place(height: float, lanes: int = 1, frames: int = 0) -> Cut:
    return Cut(height, height, height, tuple(map(float, range(lanes))), frames, False)


def test_of_cuts_that_leave_columns_about_as_high_those_are_taken_that_are_easiest_to_follow() -> None:
    assert chosen(200, [place(95, 2), place(100, 5), place(104, 3)], 2) == (place(95, 2),)
    assert chosen(200, [place(95, 1, 2), place(100, 1, 3), place(108, 1, 1)], 2) == (place(108, 1, 1),)
    assert chosen(200, [place(60, 1), place(100, 5)], 2) == (place(100, 5),)
    assert chosen(300, [place(80, 2), place(100, 3), place(200, 3), place(208, 1)], 3) == (place(100, 3), place(208, 1))


def test_a_sheet_is_not_cut_where_that_leaves_one_column_much_higher_than_the_others() -> None:
    assert chosen(200, [place(40)], 2) == ()
    assert chosen(200, [place(60)], 2) == (place(60),)


def test_a_cut_behind_which_all_begins_above_it_ends_the_search() -> None:
    assert chosen(200, [Cut(100, 100, 0, (), 0, False)], 2) == ()


def network(seed: int, direction: Direction) -> Problem:
    """Boxes and joins in series, with wires past them, labels, and perhaps a frame."""
    chance = random.Random(seed)
    many = chance.randint(6, 16)
    sizes = [
        Size(f"{number}", 19, 19, True) if chance.random() < 0.2 else Size(f"{number}", chance.choice([60, 130]), 30)
        for number in range(many)
    ]
    wires: list[Wire] = []
    for number in range(1, many):
        sources = {chance.randrange(max(0, number - 2), number)}
        if chance.random() < 0.4:
            sources.add(chance.randrange(number))
        for source in sorted(sources):
            bare = chance.random() < 0.5 or any(wire.source == f"{source}" for wire in wires)
            width, height = (0.0, 0.0) if bare else (70.0, 12.24)
            wires.append(Wire(f"{source}", f"{number}", width, height, source == number - 1))
    items: list[Size | Fence] = list(sizes)
    if chance.random() < 0.4:
        begin = chance.randint(1, many // 2)
        end = chance.randint(begin + 2, many)
        items[begin:end] = [Fence("frame", 90, 12.24, tuple(sizes[begin:end]))]
    return Problem(tuple(items), tuple(wires), direction)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_nothing_lies_over_anything_else_for_being_cut(seed: int, direction: Direction) -> None:
    given = network(seed, direction)
    (found,) = lay_out([given])
    placed = routed(given, found)
    for columns in (2, 3, 4):
        cut = wrapped(placed, given.wires, columns, direction == "LR", True, ANY)
        assert crossings(given.wires, cut.routes) <= crossings(given.wires, placed.routes)
        for look in (crossed, covered, struck, confused, bordered):
            assert set(look(given, cut)) <= set(look(given, placed)), look.__name__
