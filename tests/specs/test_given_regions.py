"""R-CNN and Fast R-CNN, which take the regions to look at with the image."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec

SMALL: dict[str, dict[str, Any]] = {
    "rcnn_alexnet": {"crop": 99, "context": 6, "hidden": [32], "num_classes": 3},
    "fast_rcnn_vgg16": {"backbone": "vgg11", "min_size": 64, "pooled": 2, "hidden": [32], "num_classes": 3},
}
EACH = pytest.mark.parametrize("variant", SMALL)

Targets = list[dict[str, Tensor]]


def scene(count: int, size: int = 80) -> tuple[list[Tensor], list[Tensor], Targets]:
    """Grey images with one red or one blue rectangle, regions around it and elsewhere, and the rectangle's box."""
    generator = torch.Generator().manual_seed(0)
    images, proposals, targets = [], [], []
    for number in range(count):
        corner = torch.randint(4, size // 2, (2,), generator=generator)
        box = torch.cat([corner, corner + torch.randint(20, size // 2 - 4, (2,), generator=generator)])
        left, top, right, bottom = box.tolist()
        image = torch.full((3, size, size + 10), 0.4) + torch.rand(3, size, size + 10, generator=generator) / 10
        image[2 * (number % 2), top:bottom, left:right] = 1
        near = box + torch.randint(-3, 4, (4, 4), generator=generator)
        far = torch.rand(4, 2, generator=generator) * size / 2
        images.append(image)
        proposals.append(torch.cat([near.float(), torch.cat([far, far + 30], dim=1)]))
        targets.append({"boxes": box[None].float(), "labels": torch.tensor([1 + number % 2])})
    return images, proposals, targets


def small(variant: str) -> nn.Module:
    torch.manual_seed(0)
    module = archspec.load(variant, dropout=0.0, **SMALL[variant])
    for each in module.modules():
        if isinstance(each, nn.Conv2d):
            nn.init.kaiming_normal_(each.weight, nonlinearity="relu")
    return module


@EACH
def test_training_teaches_to_detect(variant: str) -> None:
    module, (images, proposals, targets) = small(variant), scene(2)
    optimizer = torch.optim.Adam(module.parameters(), lr=3e-4)
    history = []
    for _ in range(16):
        given = module.train()(images, proposals, targets)
        assert list(given) == ["loss_classifier", "loss_box_reg"]
        optimizer.zero_grad()
        sum(given.values()).backward()
        optimizer.step()
        history.append(torch.stack(list(given.values())).detach())
    classifier, boxes = torch.stack(history[-3:]).sum(0) / torch.stack(history[:3]).sum(0)
    assert classifier < 0.5
    assert boxes < 0.9
    with torch.no_grad():
        found = module.eval()(images, proposals)
    assert [each["labels"][0].item() for each in found] == [each["labels"][0].item() for each in targets]


@EACH
def test_each_image_has_detections_of_its_own_regions(variant: str) -> None:
    module, (images, proposals, _) = small(variant).eval(), scene(2)
    with torch.no_grad():
        both = module(images, [proposals[0], proposals[1][:5]])
        alone = module(images[1:], [proposals[1][:5]])
        none = module(images[:1], [torch.zeros(0, 4)])
    for name, tensor in alone[0].items():
        torch.testing.assert_close(both[1][name], tensor, rtol=1e-4, atol=1e-4)
    assert none[0]["boxes"].shape == (0, 4)


@EACH
@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([torch.zeros(4)], r"boxes\[0\] must be floats \[N, 4\], not torch.float32 of \[4\]"),
        ([torch.zeros(2, 5)], r"boxes\[0\] must be floats \[N, 4\], not torch.float32 of \[2, 5\]"),
        ([torch.zeros(2, 4, dtype=torch.int64)], r"boxes\[0\] must be floats \[N, 4\], not torch.int64 of \[2, 4\]"),
        ([torch.zeros(2, 4)] * 2, "there are boxes for 2 images, and 1 images"),
    ],
)
def test_boxes_that_are_none_are_told(variant: str, boxes: list[Tensor], message: str) -> None:
    module, (images, _, _) = small(variant).eval(), scene(1)
    with pytest.raises(ValueError, match=message):
        module(images, boxes)


@EACH
def test_training_without_targets_is_told(variant: str) -> None:
    module, (images, proposals, _) = small(variant).train(), scene(1)
    with pytest.raises(ValueError, match="training needs targets"):
        module(images, proposals)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"boxes": torch.rand(4)}, r"targets\[0\]\['boxes'\] must be floats \[N, 4\], not torch.float32 of \[4\]"),
        ({"boxes": torch.tensor([[9.0, 9, 4, 20]])}, r"targets\[0\]: a box needs a positive width and height, not \[9"),
        ({"labels": torch.ones(1)}, r"targets\[0\]\['labels'\] must be int64 \[1\], not torch.float32 of \[1\]"),
    ],
)
def test_targets_that_are_none_are_told(wrong: dict[str, Tensor], message: str) -> None:
    module, (images, proposals, targets) = small("rcnn_alexnet").train(), scene(1)
    with pytest.raises(ValueError, match=message):
        module(images, proposals, [{**targets[0], **wrong}])
    with pytest.raises(ValueError, match=r"targets\[0\] has no 'labels'; it needs boxes, labels"):
        module(images, proposals, [{"boxes": targets[0]["boxes"]}])


def test_a_region_is_warped_with_what_surrounds_it() -> None:
    """Appendix A: with p pixels of context, the region itself fills what is left of the crop."""
    module = archspec.load("rcnn_alexnet", **{**SMALL["rcnn_alexnet"], "crop": 67, "context": 17}).warp
    image = torch.rand(1, 3, 160, 160)
    (warped,) = module(image, [torch.tensor([[40.0, 20, 106, 152]])])
    inside = nn.functional.interpolate(image[:, :, 20:152, 40:106], size=33, mode="bilinear")
    assert warped.shape == (3, 67, 67)
    torch.testing.assert_close(warped[:, 17:50, 17:50], inside[0])
    assert (warped[:, :10, :] == 0).all()
    assert (warped[:, 18:50] != 0).all()


def test_the_second_fully_connected_layer_is_29_percent_of_r_cnn() -> None:
    """Girshick et al. 2014, section 3.2: "29%, or about 16.8 million, of the CNN's parameters"."""
    graph = archspec.read("rcnn_alexnet").graph
    fc7 = graph.nodes["fc7"].counts.params
    assert (round(fc7 / 1e6, 1), round(fc7 / graph.counts.params, 2)) == (16.8, 0.29)


@pytest.mark.parametrize("backbone", ["vgg16", "resnet50", "densenet121", "mobilenet_v3_large"])
def test_any_classifier_is_a_backbone(backbone: str) -> None:
    for variant, shape in (("rcnn_alexnet", (84,)), ("fast_rcnn_vgg16", (84,))):
        graph = archspec.read(variant, backbone=backbone).graph
        assert tuple(graph.nodes["detect"].input_shapes[1]) == shape
        assert graph.nodes["fc6"].counts.params > 0
