"""Items of third-party data sets, in the form that transforms and networks take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archspec.training.data.colour_channels import with_channels
from archspec.training.data.network_inputs import Wanted


@dataclass(frozen=True)
class Foreign:
    """The items of a data set, its images as torchvision's transforms take them.

    An image is Pillow's, an array `[H, W]` or `[H, W, C]`, or a tensor `[C, H, W]` of whole numbers up to 255; a clip
    is a tensor `[T, C, H, W]` of such. What is already of floating point is left as it is.
    """

    dataset: Any
    wanted: Wanted
    task: str

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        item = self.dataset[index]
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise TypeError(f"an item is a pair of input and target, not {type(item).__name__}")
        given, target = item
        first, *others = given if isinstance(given, (tuple, list)) else (given,)
        inputs = (as_image(first, self.wanted.channels), *(as_tensor(other) for other in others))
        return inputs, (_objects(inputs[0], target) if self.task == "detection" else as_target(target))


def as_image(value: Any, channels: int | None) -> Any:
    """An image or a clip with so many channels; what is none, as a tensor."""
    import numpy as np
    import torch
    from PIL.Image import Image as Picture
    from torchvision.transforms.v2 import functional
    from torchvision.tv_tensors import Image, Video

    if isinstance(value, Picture):
        pillow = value if value.mode in ("L", "RGB") else value.convert("RGB")
        return Image(with_channels(functional.pil_to_tensor(pillow), channels))
    if isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.ndim in (2, 3):
        array = torch.from_numpy(value if value.ndim == 3 else value[..., None])
        return Image(with_channels(array.permute(2, 0, 1), channels))
    tensor = as_tensor(value)
    if isinstance(tensor, (Image, Video)) or not isinstance(tensor, torch.Tensor) or tensor.dtype != torch.uint8:
        return tensor
    if tensor.ndim == 4:
        return Video(with_channels(tensor, channels))
    if tensor.ndim == 2:
        tensor = tensor.unsqueeze(0)
    return Image(with_channels(tensor, channels)) if tensor.ndim == 3 else tensor


def as_tensor(value: Any) -> Any:
    """A tensor of an array or number; anything else as it is."""
    import numpy as np
    import torch

    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    return torch.tensor(value) if isinstance(value, (int, float)) else value


def as_target(value: Any) -> Any:
    """A whole number as it is, so that a batch has them as such."""
    import torch

    if isinstance(value, torch.Tensor) and value.ndim == 0 and not value.is_floating_point():
        return int(value)
    return value


def _objects(image: Any, target: Any) -> dict[str, Any]:
    """The target of a detector, its boxes (corners) and masks such that they move with the image."""
    import torch
    from torchvision.tv_tensors import BoundingBoxes, BoundingBoxFormat, Mask

    if not isinstance(target, Mapping) or not {"boxes", "labels"} <= set(target):
        raise TypeError("the target of a detector is a mapping with `boxes` and `labels`")
    made = dict(target)
    if not isinstance(made["boxes"], BoundingBoxes):
        boxes = torch.as_tensor(made["boxes"], dtype=torch.float32).reshape(-1, 4)
        size = (image.shape[-2], image.shape[-1])
        made["boxes"] = BoundingBoxes(boxes, format=BoundingBoxFormat.XYXY, canvas_size=size)
    if "masks" in made and not isinstance(made["masks"], Mask):
        made["masks"] = Mask(made["masks"])
    return made


def labels_of(dataset: Any) -> tuple[int, ...] | None:
    """The class of each item, where a data set tells: its `targets` or `labels`."""
    for name in ("targets", "labels"):
        given = getattr(dataset, name, None)
        if given is None or len(given) != len(dataset):
            continue
        values = given.tolist() if hasattr(given, "tolist") else list(given)
        if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            return tuple(values)
    return None


def classes_of(dataset: Any, labels: tuple[int, ...] | None) -> tuple[str, ...]:
    """The classes' names: a data set's `classes`, or else the numbers that its labels have."""
    classes = getattr(dataset, "classes", None)
    if classes is not None:
        return tuple(map(str, classes))
    return tuple(map(str, range(max(labels) + 1))) if labels else ()
