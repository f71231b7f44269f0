"""Few wires cross: none in any sheet that can be drawn without, and no more than are needed in those of detectors."""

from __future__ import annotations

from itertools import pairwise

import networkx
import pytest

from archspec.pictures.drawing import Edge, Sheet
from archspec.pictures.layout.graphviz import Route, Wire
from archspec.pictures.layout.routing.crossings import crossings
from archspec.pictures.layout.routing.endpoints import entered
from archspec.pictures.layout.routing.long_edges import TRACK, Way, led
from archspec.pictures.layout.routing.tracks import Run, numbered
from tests.pictures.layouts import NAMES, VIEWS, laid

MOST = {
    ("ddpm", "DDPM"): 7,
    ("fast_rcnn", "Fast R-CNN"): 3,
    ("faster_rcnn", "Faster R-CNN"): 3,
    ("hrnet", "Fuse"): 1,
    ("hrnet", "Fuse′"): 9,
    ("hrnet", "Fuse′′"): 24,
    ("keypoint_rcnn", "Keypoint R-CNN"): 3,
    ("keypoint_rcnn", "RegionHeads"): 4,
    ("mask_rcnn", "Mask R-CNN"): 3,
    ("mask_rcnn", "RegionHeads"): 4,
    ("mvit", "MViT"): 6,
    ("mvit", "MultiscaleAttention′′′′"): 1,
    ("raft", "ConvGru"): 1,
    ("raft", "CorrelationLookup"): 4,
    ("raft", "RAFT"): 193,
    ("rcnn", "R-CNN"): 3,
    ("ssd", "Head"): 6,
    ("ssdlite", "Head"): 16,
    ("stable_diffusion_v1", "Down"): 1,
    ("stable_diffusion_v1", "Stable Diffusion v1"): 16,
    ("swin_v2", "Swin Transformer V2"): 2,
    ("vit", "ViT"): 1,
    ("yolov8", "Detect"): 8,
}
"""At most, in sheets in which values of one box go both ways past those of another, or one goes to every block."""
BENT = {
    *MOST,
    ("faster_rcnn", "RegionHeads"),
    ("fcos", "FCOS"),
    ("retinanet", "RetinaNet"),
    ("shared", "Siamese"),
    ("swin_v2", "Swin Transformer V2"),
    ("yolov8", "C2f"),
}
"""The sheets in which lanes beside each other leave wires no room to go straight."""
MOST_IN_DETAIL = {
    "attention_unet": 4,
    "clip": 1,
    "ddpm": 12,
    "dit": 595,
    "fast_rcnn": 5,
    "faster_rcnn": 30,
    "fcos": 23,
    "hrnet": 143,
    "keypoint_rcnn": 60,
    "lraspp": 1,
    "mask_rcnn": 60,
    "mistral": 8,
    "mvit": 99,
    "pyramid": 3,
    "raft": 719,
    "rcnn": 3,
    "retinanet": 17,
    "ssd": 1,
    "stable_diffusion_v1": 208,
    "swin_v2": 15,
    "t5": 192,
    "vit": 1,
    "whisper": 6,
    "yolov3": 1,
    "yolov8": 12,
}
"""At most, where the same are opened, with frames around them."""
NEEDLESS = {("figure", "LR", "vit", "ViT"): 1}
"""At most, in sheets that could be drawn with none."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "direction"), VIEWS)
def test_few_wires_cross(name: str, kind: str, direction: str) -> None:
    for sheet, given, placed in laid(name, kind, direction):
        most = MOST_IN_DETAIL.get(name, 0) if kind == "detail" else MOST.get((name, sheet.title), 0)
        assert crossings(given.wires, placed.routes) <= most, sheet.title


def is_planar(sheet: Sheet) -> bool:
    """Whether a sheet can be drawn without a crossing, its inputs at the top and its outputs at the bottom.

    Each value that leaves a box is a point of its own: from there its wires part.
    """
    graph = networkx.Graph([("inputs", "outputs")])
    for edge in sheet.edges:
        graph.add_edges_from([(edge.source, (edge.source, edge.outputs)), ((edge.source, edge.outputs), edge.target)])
    given, taken = {edge.source for edge in sheet.edges}, {edge.target for edge in sheet.edges}
    graph.add_edges_from([("inputs", id) for id in given - taken])
    graph.add_edges_from([(id, "outputs") for id in taken - given])
    return bool(networkx.check_planarity(graph)[0])


@pytest.mark.parametrize("name", [*NAMES, "fasterrcnn_mobilenet_v3_large_fpn", "retinanet_resnet50_fpn_v2"])
@pytest.mark.parametrize(("kind", "direction"), [("figure", "TB"), ("figure", "LR"), ("overview", "TB")])
def test_a_planar_sheet_has_no_crossing(name: str, kind: str, direction: str) -> None:
    for sheet, given, placed in laid(name, kind, direction):
        most = NEEDLESS.get((kind, direction, name, sheet.title), 0)
        assert crossings(given.wires, placed.routes) <= most or not is_planar(sheet), sheet.title


def test_a_sheet_that_is_not_planar_is_seen() -> None:
    both = [Edge(source, target) for source in "abc" for target in "xyz"]
    assert not is_planar(Sheet("k", "K", (), (), tuple(both)))
    assert is_planar(Sheet("k", "K", (), (), tuple(both[:4])))


def test_what_needs_no_other_order_keeps_its_own() -> None:
    """Where nothing crosses, the branches of a box stand as the spec writes them."""
    assert all(given.ordered for _, given, _ in laid("googlenet", "figure", "TB"))
    assert not all(given.ordered for _, given, _ in laid("mask_rcnn", "figure", "TB"))


def test_a_crossing_is_seen() -> None:
    down, over = Route(((10.0, 0.0), (10.0, 90.0))), Route(((0.0, 5.0), (0.0, 30.0), (20.0, 30.0), (20.0, 80.0)))
    assert crossings([Wire("a", "b"), Wire("c", "d")], [down, over]) == 1
    assert crossings([Wire("a", "b"), Wire("a", "d")], [down, over]) == 0
    assert crossings([Wire("a", "b"), Wire("a", "d", offset=9.0)], [down, over]) == 1
    beside = Route(((30.0, 5.0), (30.0, 30.0), (12.0, 30.0), (12.0, 80.0)))
    assert crossings([Wire("a", "b"), Wire("c", "d")], [down, beside]) == 0


def test_wires_that_turn_in_one_gap_do_not_cross() -> None:
    """Of two that go aside alike, the one that lies farther that way turns first."""
    left, right = Run(0, ("from", "a"), 0.0, 30.0), Run(0, ("from", "b"), 10.0, 40.0)
    numbered([left, right])
    assert right.track < left.track
    left, right = Run(0, ("from", "a"), 40.0, 10.0), Run(0, ("from", "b"), 30.0, 0.0)
    numbered([left, right])
    assert right.track < left.track


def test_a_wire_that_ends_where_another_begins_turns_below_it() -> None:
    above, below = Run(0, ("from", "a"), 20.0, 60.0), Run(0, ("to", "b"), 0.0, 20.0)
    numbered([below, above])
    assert above.track < below.track


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["figure", "overview"])
def test_no_wire_is_bent_a_little(name: str, kind: str) -> None:
    """Where a wire could go straight, it does: only beside the lanes of a detector are there bends of a few points."""
    for sheet, _, placed in laid(name, kind, "TB"):
        stretches = [each for route in placed.routes for each in pairwise(route.points)]
        bent = [(x, other) for (x, _), (other, _) in stretches if 0.3 < abs(other - x) < 12]
        assert len(bent) <= 2 * ((name, sheet.title) in BENT), sheet.title


def test_wires_come_straight_to_a_box() -> None:
    def always(place: int, end: float) -> bool:
        return True

    assert entered(0.0, 100.0, [None, None], always) == [42.0, 58.0]
    assert entered(0.0, 100.0, [50.0, None], always) == [50.0, 66.0]
    assert entered(0.0, 100.0, [5.0, None, 90.0], always) == [5.0, 50.0, 90.0]
    assert entered(0.0, 100.0, [None, 200.0], always) == [42.0, 58.0]
    assert entered(0.0, 20.0, [9.0, 10.0], always)[0] == 9.0 or entered(0.0, 20.0, [9.0, 10.0], always)[1] == 10.0
    assert entered(0.0, 100.0, [None, 58.0], lambda place, end: end != 42.0) == [46.0, 58.0]


def test_ways_lie_in_their_order() -> None:
    """A wire that Graphviz leads left of another goes down left of it, as near to where it would go as that allows."""
    ways = {
        0: Way("a", {1: 10.0, 2: 10.0}, 0.0, 100.0, [50.0], []),
        1: Way("b", {2: 20.0}, 0.0, 100.0, [50.0], []),
        2: Way("b", {2: 22.0}, 0.0, 100.0, [50.0], []),
        3: Way("c", {2: 30.0}, 60.0, 40.0, [50.0], []),
    }
    found = led(ways)
    assert found[1] == found[2]
    assert found[0] <= found[1] - TRACK
    assert 50.0 in found.values()
    assert 3 not in found
    beside = led({0: Way("a", {1: 10.0}, 0.0, 100.0, [50.0], [50.0])})
    assert 3 <= abs(beside[0] - 50.0) <= 5
