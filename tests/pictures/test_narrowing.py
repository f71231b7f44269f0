"""Frames are as narrow as what they hold and their titles allow."""

from __future__ import annotations

import pytest

import archspec
from archspec.pictures.layout.graphviz import Fence, Placed, Problem, Rect, Size, Wire, lay_out
from archspec.pictures.layout.problem import problem
from archspec.pictures.layout.tight_clusters import BESIDE, MARGIN, narrowed


def placed(name: str) -> tuple[Problem, Placed]:
    given = problem(archspec.read(name).draw(view="detail", training=True).drawing.main, "TB")
    return given, lay_out([given])[0]


@pytest.mark.parametrize("name", ["googlenet", "retinanet_resnet50_fpn", "mobilenet_v1", "cnn_lstm"])
def test_a_frame_holds_what_it_held_and_its_title(name: str) -> None:
    given, before = placed(name)
    after = narrowed(given, before)
    assert after.boxes == before.boxes
    for fence in given.fences():
        rect, was = after.fences[fence.id], before.fences[fence.id]
        held = [after.boxes[each.id] if isinstance(each, Size) else after.fences[each.id] for each in fence.items]
        assert all(rect.x < each.x and each.x + each.width < rect.x + rect.width for each in held)
        assert was.x <= rect.x and rect.x + rect.width <= was.x + was.width
        assert rect.width >= fence.title_width


def test_a_branch_that_runs_in_training_is_not_in_a_frame_twice_as_wide() -> None:
    given, before = placed("googlenet")
    after = narrowed(given, before)
    held = max(after.boxes[each.id].width for each in next(each for each in given.fences() if each.id == "aux1").items)
    assert before.fences["aux1"].width > 2 * held
    assert after.fences["aux1"].width < 1.8 * held


def narrow(title: float, frame: Rect, box: Rect) -> Rect:
    given = Problem((Size("input", 20, 10), Fence("f", title, 12, (Size("box", 40, 10),))), (Wire("input", "box"),))
    found = Placed(500, 200, {"input": Rect(0, 0, 20, 10), "box": box}, {"f": frame}, ())
    return narrowed(given, found).fences["f"]


def test_a_title_stands_left_of_the_wire_that_enters_or_else_right_of_it() -> None:
    box = Rect(180, 60, 40, 10)
    assert narrow(1, Rect(0, 40, 400, 50), box) == Rect(180 - MARGIN, 40, 40 + 2 * MARGIN, 50)
    left = 200 - 60 - BESIDE
    assert narrow(60, Rect(0, 40, 400, 50), box) == Rect(left, 40, 220 + MARGIN - left, 50)
    assert narrow(60, Rect(160, 40, 240, 50), box) == Rect(170, 40, 200 + 60 + BESIDE - 170, 50)
    assert narrow(60, Rect(160, 40, 80, 50), box) == Rect(160, 40, 80, 50)
