"""Images with objects: as torchvision's detection models take them, moved with their images, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import archspec
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.training.data import Data, held_against
from tests.training.data.recipes import opened
from tests.training.digits import write_coco

DETECTOR = """\
archspec: 1
name: detector
input:
  images: {{shape: [3, H, W], list: true}}
  targets:
    fields: {{boxes: [N, 4], labels: {{shape: [N], dtype: int64}}{more}}}
    optional: true
params: {{num_classes: 3}}
graph: {{all: {{identity: , from: images, when: false}}}}
"""
MASKS = ", masks: {shape: [N, H, W], dtype: uint8}"
POINTS = ", keypoints: [N, 2, 3]"
TEXT = "coco_detection: {{root: {root}{more}}}\nbatch_size: 3\nvalidation: {validation}\nworkers: 0\n"


def detector(folder: Path, more: str = "", **params: Any) -> Graph:
    path = folder / "detector.yaml"
    path.write_text(DETECTOR.format(more=more))
    return archspec.read(path, **params).graph


def coco(root: Path, graph: Graph, more: str = "", text: str = "", validation: str = "0.34") -> Data:
    return opened(TEXT.format(root=root, more=more, validation=validation) + text, graph)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "coco")


def change(root: Path, how: Callable[[dict[str, Any]], Any]) -> Path:
    """The file of annotations, changed."""
    file = root / "annotations" / "instances_train2017.json"
    tree = json.loads(file.read_text())
    how(tree)
    file.write_text(json.dumps(tree))
    return file


def everything(data: Data, split: str = "train") -> dict[int, tuple[torch.Tensor, dict[str, Any]]]:
    """Every image with its target, by its number."""
    part = data.parts[split]  # type: ignore[index]
    drawn = [part[item] for item in range(len(part))]
    assert all(isinstance(each, tuple) for each in drawn), drawn
    return {target["image_id"]: (image, target) for (image,), target in drawn}


def test_a_batch_is_a_list_of_images_and_a_list_of_targets(root: Path, tmp_path: Path) -> None:
    graph = detector(tmp_path)
    data = coco(root, graph)
    assert held_against(data, graph) == []
    assert data.classes == ("__background__", "three", "seven")
    inputs, targets = next(iter(data.train_dataloader()))
    images, fed = inputs
    assert [(image.shape, image.dtype, type(image)) for image in images] == [
        ((3, 48, 64), torch.float32, torch.Tensor)
    ] * 3
    assert [set(target) for target in fed] == [{"boxes", "labels"}] * 3
    assert [set(target) for target in targets] == [{"boxes", "labels", "iscrowd", "image_id"}] * 3
    for target in targets:
        assert type(target["boxes"]) is torch.Tensor
        assert (target["boxes"].dtype, target["boxes"].shape) == (torch.float32, (len(target["labels"]), 4))
        assert target["labels"].dtype == torch.int64
    inputs, _ = next(iter(data.loader("validation")))
    assert len(inputs) == 1, "in evaluation a detector is fed with images alone"


def test_boxes_and_labels_are_those_annotated(root: Path, tmp_path: Path) -> None:
    tree = json.loads((root / "annotations" / "instances_train2017.json").read_text())
    items = everything(coco(root, detector(tmp_path), validation="train"), "validation")
    for number, (image, target) in items.items():
        things = [each for each in tree["annotations"] if each["image_id"] == number]
        assert target["labels"].tolist() == [each["category_id"] for each in things]
        assert target["iscrowd"].tolist() == [each["iscrowd"] for each in things]
        for (left, top, right, bottom), each in zip(target["boxes"].int().tolist(), things):
            assert [left, top, right - left, bottom - top] == each["bbox"]
            if not each["iscrowd"]:
                inside = image[0, top:bottom, left:right] > 0
                assert inside.any(0).all() or inside.any(1).all(), "the box is that of a digit"
                assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()


def test_crowds_are_not_learned(root: Path, tmp_path: Path) -> None:
    data = coco(root, detector(tmp_path), validation="train")
    learned, kept = everything(data), everything(data, "validation")
    assert sum(target["iscrowd"].sum().item() for _, target in learned.values()) == 0
    assert sum(target["iscrowd"].sum().item() for _, target in kept.values()) == 1


def test_boxes_masks_and_keypoints_move_with_their_image(root: Path, tmp_path: Path) -> None:
    graph = detector(tmp_path, MASKS + POINTS)
    plain = everything(coco(root, graph, ", train: annotations/instances_train2017.json"))
    text = (
        "transforms: {train: [{random_horizontal_flip: 1.0}, {resize: [96, 128]}, {to_dtype: float32, scale: true}]}\n"
    )
    moved = everything(coco(root, graph, ", train: annotations/instances_train2017.json", text))
    assert any(len(target["boxes"]) for _, target in plain.values())
    for number, (image, target) in moved.items():
        before = plain[number][1]
        assert image.shape == (3, 96, 128)
        left, top, right, bottom = before["boxes"].unbind(1)
        expected = torch.stack([128 - 2 * right, 2 * top, 128 - 2 * left, 2 * bottom], 1)
        assert torch.allclose(target["boxes"], expected)
        assert target["masks"].shape == (len(expected), 96, 128)
        for mask, box in zip(target["masks"], target["boxes"].int()):
            rows, columns = torch.nonzero(mask.any(1)).flatten(), torch.nonzero(mask.any(0)).flatten()
            assert [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] == box.tolist()
        assert target["keypoints"].shape == (len(expected), 2, 3)
        assert torch.equal(target["keypoints"][..., 2], before["keypoints"][..., 2])
        assert "visibility" not in target


def test_what_a_crop_leaves_no_box_of_is_dropped_with_all_it_has(root: Path, tmp_path: Path) -> None:
    graph = detector(tmp_path, MASKS + POINTS)
    text = "transforms: {train: [{center_crop: [48, 16]}, {to_dtype: float32, scale: true}]}\n"
    chosen = ", train: annotations/instances_train2017.json"
    whole, cut = everything(coco(root, graph, chosen)), everything(coco(root, graph, chosen, text))
    counts = [(len(whole[number][1]["boxes"]), len(target["boxes"])) for number, (_, target) in cut.items()]
    assert any(before > after for before, after in counts)
    for _, target in cut.values():
        lengths = {len(target[name]) for name in ("boxes", "labels", "iscrowd", "masks", "keypoints")}
        assert len(lengths) == 1
        assert ((target["boxes"][:, 2:] - target["boxes"][:, :2]) >= 1).all()


def test_torchvisions_own_detector_learns_from_a_batch(root: Path, tmp_path: Path) -> None:
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.anchor_utils import AnchorGenerator

    backbone = torch.nn.Conv2d(3, 8, 3, stride=8)
    backbone.out_channels = 8  # type: ignore[assignment]
    anchors = AnchorGenerator(((16,),), ((1.0,),))
    module = FasterRCNN(backbone, 3, rpn_anchor_generator=anchors, min_size=48, max_size=64)
    (images, fed), _ = next(iter(coco(root, detector(tmp_path)).train_dataloader()))
    losses = module(images, fed)
    assert all(loss.isfinite() for loss in losses.values())


def refused(root: Path, graph: Graph, more: str = "") -> list[str]:
    """The message, expected, found and help of the one error, without the place."""
    with pytest.raises(SpecError) as caught:
        coco(root, graph, more)
    (problem,) = caught.value.diagnostics
    lines = str(problem).splitlines()
    return [lines[0], *lines[5:]]


def test_categories_that_number_the_background(root: Path, tmp_path: Path) -> None:
    def shift(tree: dict[str, Any]) -> None:
        for each in tree["categories"]:
            each["id"] -= 1
        for each in tree["annotations"]:
            each["category_id"] -= 1

    file = change(root, shift)
    assert refused(root, detector(tmp_path)) == [
        f"error[data-categories]: category `three` of `{file}` has the number 0, and 0 stands for the background",
        "  = help: write `renumber: true`: the categories are then numbered from 1",
    ]
    data = coco(root, detector(tmp_path), ", renumber: true")
    assert data.classes == ("__background__", "three", "seven")
    labels = {label for _, target in everything(data).values() for label in target["labels"].tolist()}
    assert labels <= {1, 2}


def test_numbers_that_no_category_has(root: Path, tmp_path: Path) -> None:
    change(root, lambda tree: [each.update(id=5) for each in tree["categories"] if each["id"] == 2] and
           [each.update(category_id=5) for each in tree["annotations"] if each["category_id"] == 2])  # fmt: skip
    data = coco(root, detector(tmp_path))
    assert data.classes == ("__background__", "three", "N/A", "N/A", "N/A", "seven")
    (problem,) = held_against(data, detector(tmp_path))
    assert problem.message == "the data has 6 classes, `detector` predicts 3 classes"
    assert problem.help == "set `num_classes` to 6: `--set num_classes=6`"
    assert [each.severity for each in held_against(data, detector(tmp_path, num_classes=91))] == ["warning"]


def test_boxes_that_cover_nothing(root: Path, tmp_path: Path) -> None:
    def flatten(tree: dict[str, Any]) -> None:
        tree["annotations"][0]["bbox"][2] = 0
        tree["annotations"][1]["bbox"][0] = 70

    file = change(root, flatten)
    tree = json.loads(file.read_text())
    graph = detector(tmp_path)
    (problem,) = held_against(coco(root, graph), graph)
    assert str(problem) == (
        f"""\
error[data-boxes]: 2 boxes of `{file}` lie outside their images or have no area
  --> recipe.yaml:1:1
  |
1 | coco_detection: {{root: {root}}}
  | ^^^^^^^^^^^^^^
  = expected: [x, y, width, height] with a positive width and height
  = found: object 1 in `1.png`: {[float(value) for value in tree["annotations"][0]["bbox"]]}
      object 2 in `2.png`: {[float(value) for value in tree["annotations"][1]["bbox"]]}
  = help: fix these annotations, or remove them"""
    )


def test_what_the_network_takes_must_be_annotated(root: Path, tmp_path: Path) -> None:
    file = change(
        root, lambda tree: [tree["annotations"][0].pop("segmentation"), tree["annotations"][1].pop("keypoints")]
    )
    graph = detector(tmp_path, MASKS + ", keypoints: [N, 17, 3]")
    problems = held_against(coco(root, graph, ", train: annotations/instances_train2017.json"), graph)
    assert [problem.message for problem in problems if problem.code == "data-targets"] == [
        f"1 object of `{file}` has no `segmentation`, and the network takes `masks`",
        f"1 object of `{file}` has no `keypoints`, and the network takes `keypoints`",
        f"the objects of `{file}` have other keypoints than the network finds",
    ]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        (lambda tree: tree.pop("categories"), "`categories`: it does not exist"),
        (lambda tree: tree["images"].clear(), "annotations[0]: there is no image 1"),
        (lambda tree: tree["annotations"][2].update(category_id=9), "annotations[2]: there is no category 9"),
        (
            lambda tree: tree["annotations"][2].update(bbox=[1, 2, 3]),
            "annotations[2].bbox[3]: field required",
        ),
        (lambda tree: tree["images"][1].pop("file_name"), "images[1].file_name: field required"),
    ],
)
def test_a_file_in_another_form(root: Path, tmp_path: Path, how: Callable[[dict[str, Any]], Any], found: str) -> None:
    file = change(root, how)
    assert refused(root, detector(tmp_path)) == [
        f"error[data-annotations]: `{file}` is not in COCO's form",
        f"  = found: {found}",
    ]


def test_a_file_that_is_no_json(root: Path, tmp_path: Path) -> None:
    file = root / "annotations" / "instances_train2017.json"
    file.write_text("{")
    message, found = refused(root, detector(tmp_path))
    assert message == f"error[data-unreadable]: `{file}` is not JSON"
    assert found.startswith("  = found: Expecting property name")


def test_splits_with_other_categories(root: Path, tmp_path: Path) -> None:
    write_coco(root, split="val", classes=(7, 3))
    message, *_ = refused(root, detector(tmp_path))
    assert message == "error[data-class-names]: training and validation have different categories"


def test_images_elsewhere(root: Path, tmp_path: Path) -> None:
    (root / "train").rename(root / "pictures")
    message, _, help_ = refused(root, detector(tmp_path))
    assert message.startswith("error[data-missing]: the images of")
    assert help_ == "  = help: name their folder: `images: …`"
    assert held_against(coco(root, detector(tmp_path), ", images: pictures"), detector(tmp_path)) == []


def test_an_image_of_another_size_than_annotated(root: Path, tmp_path: Path) -> None:
    Image.new("RGB", (60, 48)).save(root / "train" / "2.png")
    graph = detector(tmp_path)
    problems = held_against(coco(root, graph, validation="train"), graph)
    assert {(problem.message, problem.found) for problem in problems} == {
        (f"`{root / 'train' / '2.png'}` differs in size from what its annotations say", "60×48, not 64×48")
    }


def test_two_files_for_one_split(root: Path, tmp_path: Path) -> None:
    first = root / "annotations" / "instances_train2017.json"
    first.with_name("instances_train2014.json").write_text(first.read_text())
    assert refused(root, detector(tmp_path)) == [
        "error[data-split]: several files may be the annotations for train",
        "  = found: `annotations/instances_train2014.json`, `annotations/instances_train2017.json`",
        "  = help: say which: `train: annotations/instances_train2014.json`",
    ]


def test_weights_of_a_classifier_would_leave_the_boxes_behind(root: Path, tmp_path: Path) -> None:
    text = "transforms: {preset: ResNet50_Weights.IMAGENET1K_V1}\n"
    with pytest.raises(SpecError, match="leave its boxes where they were"):
        coco(root, detector(tmp_path), text=text)
    own = "transforms: {preset: FasterRCNN_ResNet50_FPN_Weights.COCO_V1}\n"
    assert held_against(coco(root, detector(tmp_path), text=own), detector(tmp_path)) == []
