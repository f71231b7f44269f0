"""Images of any size as one batch, with their targets, as detectors take them."""

import torch
from torch import Tensor, nn
from torchvision.models.detection.transform import GeneralizedRCNNTransform, resize_boxes


class DetectionTransform(GeneralizedRCNNTransform):
    """Images normalised, resized and padded to one batch, with the targets resized alike."""

    def __init__(
        self,
        min_size: int | tuple[int, ...] | None = 800,
        max_size: int = 1333,
        image_mean: tuple[float, ...] = (0.485, 0.456, 0.406),
        image_std: tuple[float, ...] = (0.229, 0.224, 0.225),
        size_divisible: int = 32,
        fixed_size: tuple[int, int] | None = None,
        fields: tuple[str, ...] = ("boxes", "labels"),
    ) -> None:
        # torchvision has the width first here
        fixed = None if fixed_size is None else (fixed_size[1], fixed_size[0])
        mean, std = list(image_mean), list(image_std)
        super().__init__(min_size or 0, max_size, mean, std, size_divisible, fixed)
        self.resizes = min_size is not None or fixed_size is not None
        self.fields = fields

    def forward(
        self, images: list[Tensor], targets: list[dict[str, Tensor]] | None = None
    ) -> tuple[
        Tensor, list[tuple[int, int]], list[tuple[int, int]], list[dict[str, Tensor]] | None
    ]:
        if not torch.jit.is_scripting() and (self.training or targets is not None):
            self.check(targets, len(images))
        moved: list[Tensor] = []
        moved_targets: list[dict[str, Tensor]] = []
        for place, image in enumerate(images):
            image = self.normalize(image)
            target = None if targets is None else targets[place].copy()
            if self.resizes:
                image, target = self.resize(image, target)
            moved.append(image)
            if target is not None:
                moved_targets.append(target)
        batch = self.batch_images(moved, self.size_divisible)
        resized = None if targets is None else moved_targets
        return batch, self.sizes(moved), self.sizes(images), resized

    def sizes(self, images: list[Tensor]) -> list[tuple[int, int]]:
        return [(image.shape[-2], image.shape[-1]) for image in images]

    def check(self, targets: list[dict[str, Tensor]] | None, count: int) -> None:
        if targets is None:
            message = "training needs targets: model(images, targets), a dict for each image"
            raise ValueError(message)
        if len(targets) != count:
            raise ValueError(f"there are {len(targets)} targets for {count} images")
        for place, target in enumerate(targets):
            for name in self.fields:
                if name not in target:
                    needed = ", ".join(self.fields)
                    raise ValueError(f"targets[{place}] has no {name!r}; it needs {needed}")
            boxes, labels = target["boxes"], target["labels"]
            if boxes.dim() != 2 or boxes.shape[1] != 4 or not boxes.is_floating_point():
                found = f"{boxes.dtype} of {list(boxes.shape)}"
                raise ValueError(f"targets[{place}]['boxes'] must be floats [N, 4], not {found}")
            if labels.shape != boxes.shape[:1] or labels.dtype != torch.int64:
                wanted = f"int64 [{len(boxes)}]"
                found = f"{labels.dtype} of {list(labels.shape)}"
                raise ValueError(f"targets[{place}]['labels'] must be {wanted}, not {found}")
            flat = (boxes[:, 2:] <= boxes[:, :2]).any(dim=1)
            if flat.any():
                found = f"not {boxes[flat][0].tolist()}"
                raise ValueError(
                    f"targets[{place}]: a box needs a positive width and height, {found}"
                )


class ResizeBoxes(nn.Module):
    """The boxes of images that were resized, moved along with them."""

    def forward(
        self, boxes: list[Tensor], sizes: list[tuple[int, int]], resized: list[tuple[int, int]]
    ) -> list[Tensor]:
        if not torch.jit.is_scripting():
            self.check(boxes, len(sizes))
        return [resize_boxes(box, size, new) for box, size, new in zip(boxes, sizes, resized)]

    def check(self, boxes: list[Tensor], count: int) -> None:
        if len(boxes) != count:
            raise ValueError(f"there are boxes for {len(boxes)} images, and {count} images")
        for place, each in enumerate(boxes):
            if each.dim() != 2 or each.shape[1] != 4 or not each.is_floating_point():
                found = f"{each.dtype} of {list(each.shape)}"
                raise ValueError(f"boxes[{place}] must be floats [N, 4], not {found}")
