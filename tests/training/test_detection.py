"""Detectors: trained on their own losses, and measured as COCO measures them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from pycocotools.mask import encode
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import detection

import archspec
from archspec.api.run_folder import Run as Folder
from archspec.training.data import Data
from archspec.training.run.fit import quiet
from archspec.training.use.detection_metrics import ObjectPrecision, precisions
from archspec.training.use.results import Evaluated, evaluate
from tests.training.data.recipes import opened

from .conftest import Run
from .digits import write_coco
from .test_resuming import options

DETECTOR = "fasterrcnn_mobilenet_v3_large_320_fpn"
SMALL = [f"model={DETECTOR}", "num_classes=3", "min_size=64", "max_size=96", "proposals=[32, 32]", "freeze=[]"]
SMALL += ["data.transforms.preset=", "data.workers=0", "epochs=2", "checkpoint.minutes=60"]
SMALL += ["optimizer.momentum=0", "weights=start.pt", "box_head={two_mlp_head: 32}"]


# the measures


class Guesses(nn.Module):
    """Stands for a detector: it knows what is there and finds most of it, moved, doubled or of another class."""

    def __init__(self, answers: list[dict[str, Tensor]]) -> None:
        super().__init__()
        self.answers = iter(answers)

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        return [next(self.answers) for _ in images]


def guessed(data: Data, masks: bool = False) -> list[dict[str, Tensor]]:
    """What is found in each image of a part, by chance."""
    torch.manual_seed(0)
    answers = []
    for number in range(len(data.parts["validation"])):
        (image,), target = data.parts["validation"][number]
        boxes = torch.cat([target["boxes"] + torch.randn_like(target["boxes"]), target["boxes"] + 3])
        labels = target["labels"].repeat(2)
        labels[::4] = 3 - labels[::4]
        answer = {"boxes": boxes, "labels": labels, "scores": torch.rand(len(labels))}
        if masks:
            drawn = torch.zeros(len(boxes), 1, *image.shape[-2:])
            for mask, (left, top, right, bottom) in zip(drawn, boxes.round().long().clamp(0).tolist()):
                mask[0, top:bottom, left : right - 2] = 0.9
            answer["masks"] = drawn
        answers.append(answer)
    return answers


def judged_by_coco(data: Data, answers: list[dict[str, Tensor]], kind: str) -> list[float]:
    """The same by COCO's own program, from the file of annotations: mAP, at 0.5, at 0.75, and the recall."""
    truth = COCO("coco/annotations/instances_validation2017.json")
    results = [
        {"image_id": data.parts["validation"][number][1]["image_id"], **row}
        for number, answer in enumerate(answers)
        for row in rows(answer, kind)
    ]
    judge = COCOeval(truth, truth.loadRes(results), kind)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return [float(judge.stats[place]) for place in (0, 1, 2, 8)]


def rows(answer: Mapping[str, Tensor], kind: str) -> Any:
    for place, (box, label, score) in enumerate(zip(answer["boxes"], answer["labels"], answer["scores"])):
        left, top, right, bottom = box.tolist()
        row: dict[str, Any] = {"category_id": int(label), "score": float(score)}
        if kind == "bbox":
            row["bbox"] = [left, top, right - left, bottom - top]
        else:
            runs = encode((answer["masks"][place, 0] > 0.5).numpy().astype("uint8", order="F"))
            row["segmentation"] = {**runs, "counts": runs["counts"].decode()}
        yield row


def measured(place: Path, detector: str) -> tuple[Data, list[dict[str, Tensor]], Evaluated]:
    from lightning.pytorch import Trainer

    write_coco(place / "coco", images=3)
    write_coco(place / "coco", images=11, split="validation")
    graph = archspec.read(detector, num_classes=3).graph
    data = opened("coco_detection: {root: coco}\nbatch_size: 4\nworkers: 0\n", graph)
    answers = guessed(data, masks=data.aim.masks)
    with quiet():
        trainer = Trainer(logger=False, enable_progress_bar=False, enable_model_summary=False, accelerator="cpu")
        return data, answers, evaluate(Guesses(answers), graph, (), data, "validation", trainer)


@pytest.mark.parametrize("detector", [DETECTOR, "maskrcnn_resnet50_fpn"])
def test_precision_is_as_coco_measures_it(detector: str, place: Path) -> None:
    data, answers, evaluated = measured(place, detector)
    of_boxes = judged_by_coco(data, answers, "bbox")
    assert 0.05 < of_boxes[0] < of_boxes[1] < 0.95, "neither all nor nothing is found"
    names = ["map", "map_50", "map_75"]
    assert [evaluated.measures[name] for name in names] == pytest.approx(of_boxes[:3], abs=1e-6)
    assert evaluated.classes == ("__background__", "three", "seven")
    assert sum(each.precision for each in evaluated.sought) / 2 == pytest.approx(of_boxes[0], abs=1e-6)
    assert sum(each.recall for each in evaluated.sought) / 2 == pytest.approx(of_boxes[3], abs=1e-6)
    assert sum(each.objects for each in evaluated.sought) == 10
    if detector != DETECTOR:
        of_masks = judged_by_coco(data, answers, "segm")
        assert of_masks[0] != of_boxes[0]
        assert [evaluated.measures[f"mask_{name}"] for name in names] == pytest.approx(of_masks[:3], abs=1e-6)
        assert sum(each.mask_precision or 0 for each in evaluated.sought) / 2 == pytest.approx(of_masks[0], abs=1e-6)


def part(rank: int, world: int, place: str) -> None:
    """One of the processes of a run, which sees more images than the other, leaves what it computes."""
    address = f"file://{place}/meeting"
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=world)
    metric = ObjectPrecision(masks=True)
    for number in range(5):
        if (number == 0) == (rank == 0):
            metric.update(*example(number))
    torch.save(dict(precisions(metric.compute(), masks=True)), f"{place}/{rank}.pt")
    torch.distributed.destroy_process_group()


def example(number: int) -> tuple[list[dict[str, Tensor]], list[dict[str, Tensor]]]:
    """An image with an object, and what was found of it."""
    box, masks = torch.tensor([[2.0, 2, 12, 12]]), torch.zeros(1, 16, 16, dtype=torch.uint8)
    masks[0, 2:12, 2:12] = 1
    found = {"boxes": box + number, "scores": torch.tensor([0.9 - number / 10]), "labels": torch.tensor([1])}
    return [{**found, "masks": masks[None].roll(number, -1)}], [
        {"boxes": box, "labels": torch.tensor([1]), "masks": masks}
    ]


def test_processes_that_saw_unequal_numbers_of_images_come_to_one_precision(tmp_path: Path) -> None:
    torch.multiprocessing.start_processes(part, (2, str(tmp_path)), nprocs=2, start_method="fork")
    one = ObjectPrecision(masks=True)
    for number in range(5):
        one.update(*example(number))
    expected = precisions(one.compute(), masks=True)
    assert 0 < expected["map"] < expected["mask_map"] < 1
    for rank in range(2):
        assert torch.load(tmp_path / f"{rank}.pt") == expected


# training


def test_the_recipe_fine_tunes_from_a_file_of_torchvisions(run: Run, place: Path) -> None:
    write_coco(place / "coco", images=8)
    write_coco(place / "coco", images=3, split="val")
    torch.manual_seed(0)
    peer = getattr(detection, DETECTOR)(weights=None, weights_backbone=None)
    peer.roi_heads.box_head = detection.faster_rcnn.TwoMLPHead(256 * 7 * 7, 32)
    peer.roi_heads.box_predictor = detection.faster_rcnn.FastRCNNPredictor(32, 91)
    torch.save(peer.state_dict(), "start.pt")
    done = run("train", "faster_rcnn_coco", "--data", "coco", *options(SMALL))
    assert (done.code, done.err) == (0, "")
    folder = Folder(Path("runs/faster_rcnn_coco"))
    record = folder.read()
    assert {name.rpartition(".")[0] for name in record["weights"]["fresh"]} == {
        "roi_heads.box_predictor.cls_score",
        "roi_heads.box_predictor.bbox_pred",
    }
    rows = list(csv.DictReader(folder.metrics.read_text().splitlines()))
    assert float(rows[1]["train_loss"]) < float(rows[0]["train_loss"])
    assert {"val_map", "val_map_50", "val_map_75"} < set(rows[0])
    assert (folder.folder / "checkpoints/best.ckpt").exists(), "kept by the mean average precision"
    assert set(record["results"]["validation"]) == {"items", "map", "map_50", "map_75", "classes"}
    assert "Objects, validation" in folder.report.read_text()
    again = run("evaluate", folder.folder, "--json")
    assert again.code == 0
    assert json.loads(again.out)["results"] == record["results"]
    told = run("evaluate", folder.folder).out.splitlines()
    assert told[2].startswith("validation: mAP ") and told[2].endswith(" on 3")
    assert told[3].split() == ["class", "objects", "precision", "recall"]
    assert run("predict", folder.folder, "coco/val/1.png").code == 0


TINY = """\
archspec: 1
name: tiny
input:
  images: {shape: [3, 48, 64], list: true}
  targets: {fields: {boxes: [N, 4], labels: {shape: [N], dtype: int64}}, optional: true}
params: {num_classes: 3}
graph:
  transform: {detection_transform: 48, max_size: 64, from: [images, targets]}
  maps:
    from: transform.images
    graph:
      - {conv: 16, kernel_size: 3, stride: 4, padding: 1}
      - relu
      - {conv: 32, kernel_size: 3, stride: 2, padding: 1}
      - relu
  scores: {conv: num_classes, kernel_size: 1, from: maps}
  deltas: {conv: 4, kernel_size: 1, from: maps}
  detect:
    anchor_detections: [[20]]
    aspect_ratios: [1.0]
    from: [transform.images, transform.sizes, transform.targets, scores, deltas]
  detections:
    detections:
    from: [detect.detections, transform.sizes, transform.original_sizes, detect.losses]
"""
RECIPE = """\
recipe: 1
name: tiny
model: tiny.yaml
data: {coco_detection: {root: coco}, batch_size: 4, workers: 0}
optimizer: {adam: 2e-3}
epochs: 2
"""


@pytest.fixture
def tiny(place: Path) -> Path:
    """A detector of a few convolutions and its recipe."""
    (place / "tiny.yaml").write_text(TINY)
    (place / "recipe.yaml").write_text(RECIPE)
    write_coco(place / "coco", images=12)
    write_coco(place / "coco", images=6, split="val")
    return place


def test_a_weight_takes_a_loss_out(run: Run, tiny: Path) -> None:
    """Boxes are not learned where their loss counts for nothing: their convolution stays as it was."""
    assert run("train", "recipe.yaml", "--out", "all").code == 0
    weighed = options(["loss_weights={bbox_regression: 0}"])
    assert run("train", "recipe.yaml", "--out", "scores", *weighed).code == 0
    torch.manual_seed(0)
    before = archspec.load("tiny.yaml").state_dict()
    every, scores = (load_file(Path(name, "weights.safetensors")) for name in ("all", "scores"))
    assert not torch.equal(every["deltas.weight"], before["deltas.weight"])
    assert torch.equal(scores["deltas.weight"], before["deltas.weight"])
    assert not torch.equal(scores["scores.weight"], before["scores.weight"])


def test_what_is_found_is_matched_by_name_in_other_data(run: Run, tiny: Path) -> None:
    """The same images with the categories' numbers exchanged come to the same."""
    assert run("train", "recipe.yaml", "--set", "epochs=1", "--out", "runs/tiny").code == 0
    own = json.loads(run("evaluate", "runs/tiny", "--json").out)["results"]["validation"]
    write_coco(tiny / "other", images=1)
    write_coco(tiny / "other", images=6, split="val")
    for file in (tiny / "other/annotations").iterdir():
        tree = json.loads(file.read_text())
        for each in tree["categories"]:
            each["id"] = 3 - each["id"]
        for each in tree["annotations"]:
            each["category_id"] = 3 - each["category_id"]
        file.write_text(json.dumps(tree))
    other = json.loads(run("evaluate", "runs/tiny", "--data", "other", "--json").out)["results"]["validation"]
    assert other == own


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["keep=val_loss"], "error[unknown-metric]: nothing measures `val_loss`"),
        (["loss=cross_entropy"], "error[recipe-keys]: `tiny` computes its losses itself"),
        (["loss_weights={box_regression: 2}"], "error[unknown-output]: `tiny` has no loss `box_regression`"),
    ],
)
def test_what_a_detector_has_not_is_told(settings: list[str], told: str, run: Run, tiny: Path) -> None:
    done = run("train", "recipe.yaml", *options(settings))
    assert (done.code, done.err.splitlines()[0]) == (1, told)
