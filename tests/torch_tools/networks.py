"""Every bundled network, as small as its structure allows, with a batch that it takes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

import archspec
from archspec.api import zoo
from archspec.ops.shapes import FLOAT, Carried, Shape, dtype_of, form_of, known

Inputs = tuple[Any, ...]
DOCUMENTS = {variant: document.name for variant, document in zoo.variants()}
"""The name of each variant's document."""
DETECTOR = {"min_size": 64, "max_size": 96, "size": [64, 80], "detections": 5}
PYRAMID = {**DETECTOR, "proposals": [20, 20]}
REGIONS = {"hidden": [32, 32], "regions": 6, "size": [64, 80], "detections": 5}
WORDS = {"vocabulary": 40}
SETTINGS: dict[str, dict[str, Any]] = {
    "attention_unet": {"width": 8},
    "bert": {"width": 16, "depth": 2, "heads": 2, "context": 8, **WORDS},
    "capsnet": {"width": 16, "types": 4},
    "captioning": {"embedding_dim": 16, "hidden_size": 8, "vocabulary": 20},
    "clip": {
        "resolution": 64,
        "width": 64,
        "depth": 2,
        "heads": 2,
        "text_width": 32,
        "text_depth": 2,
        "text_heads": 2,
        "embedding": 16,
        "context": 8,
        **WORDS,
    },
    "cnn_lstm": {"hidden_size": 8},
    "convmixer": {"width": 32, "depth": 2},
    "convnext": {"widths": [8, 16, 24, 32], "depths": [1, 2, 2, 1]},
    "convnext_v2": {"width": 8, "depths": [1, 2, 2, 1]},
    "dcgan": {"width": 8},
    "ddpm": {"width": 32, "groups": 8},
    "deit": {"resolution": 64, "width": 64, "depth": 2, "heads": 2},
    "dit": {"width": 32, "depth": 2, "heads": 2, "size": 16},
    "efficientnet": {"resolution": 64},
    "efficientnet_lite": {"resolution": 64},
    "efficientnet_v2": {"resolution": 64},
    "fast_rcnn": {**REGIONS, "min_size": 64, "max_size": 96},
    "faster_rcnn": PYRAMID,
    "fcos": DETECTOR,
    "gpt2": {"width": 16, "depth": 2, "heads": 2, "context": 8, **WORDS},
    "keypoint_rcnn": PYRAMID,
    "llama": {"width": 16, "depth": 2, "heads": 4, "kv_heads": 2, "hidden": 24, **WORDS},
    "mask_rcnn": PYRAMID,
    "maxvit": {"stem": 8, "widths": [8, 16, 24, 32], "depths": [1, 2, 1, 1], "head_dim": 4},
    "mistral": {"width": 16, "depth": 2, "heads": 4, "kv_heads": 2, "hidden": 24, **WORDS},
    "mlp_mixer": {"width": 32, "depth": 2},
    "mvit": {"frames": 4, "image_size": 64, "width": 16, "depths": [1, 1, 2, 1]},
    "raft": {"updates": 2, "size": [128, 128]},
    "rcnn": REGIONS,
    "regnet": {"image_size": 64},
    "retinanet": DETECTOR,
    "stable_diffusion_v1": {"width": 32, "size": 16},
    "swin": {"width": 24, "depths": [1, 2, 1, 1]},
    "swin3d": {"frames": 4, "image_size": 128, "window": [2, 4, 4], "width": 24, "depths": [1, 2, 1, 1]},
    "swin_v2": {"width": 24, "depths": [1, 2, 1, 1]},
    "t5": {"width": 16, "depth": 2, "heads": 2, "head_dim": 8, "hidden": 24, **WORDS},
    "transformer": {"width": 16, "depth": 2, "heads": 2, "hidden": 24, **WORDS},
    "unet": {"width": 4},
    "unet_3d": {"width": 4},
    "vae": {"hidden": 16, "latent": 4},
    "vit": {"image_size": 64, "depth": 2, "width": 32, "mlp": 48, "heads": 2},
    "whisper": {"width": 16, "depth": 2, "decoder_depth": 2, "heads": 2, "frames": 8, "context": 8, **WORDS},
}
"""What makes a document's networks smaller without other layers."""
SIZES = (32, 64, 80, 96)
"""Heights and widths of images, of which the first is taken that a network runs on; its own where none is."""
SCENE = 64
"""Height and width of what detectors are shown."""
STEPS = 3
"""Frames of a clip and words of a sentence."""


def network(variant: str) -> tuple[nn.Module, Inputs]:
    """A variant's module in evaluation mode, its weights drawn from one seed, and a batch of two."""
    document = DOCUMENTS[variant]
    settings = dict(SETTINGS.get(document, {}))
    if variant == "fast_rcnn_vgg16_svd":
        settings["ranks"] = [16, 8]
    architecture = archspec.read(variant, **settings)
    shapes = [each for each in architecture.graph.root.input_shapes if not _optional(each)]
    torch.manual_seed(0)
    module = architecture.build().eval()
    scatter(module)
    return module, _least(architecture.build(device="meta"), shapes)


@torch.no_grad()
def _least(module: nn.Module, shapes: list[Shape]) -> Inputs:
    """The smallest batch that a module without memory runs on, in training as in evaluation."""
    for size in () if "list" in map(form_of, shapes) else SIZES:
        given = tuple(batch(shape, size) for shape in shapes)
        try:
            for mode in (True, False):
                module.train(mode)(*(each.to("meta") for each in given))
        except (RuntimeError, ValueError):
            continue
        return given
    return tuple(batch(shape, SCENE if form_of(shape) == "list" else None) for shape in shapes)


@torch.no_grad()
def scatter(module: nn.Module) -> None:
    """Move the statistics of batch norms off 0 and 1, so that what loses them is found."""
    for each in module.modules():
        if isinstance(each, nn.modules.batchnorm._BatchNorm) and each.running_mean is not None:
            each.running_mean.normal_(std=0.1)
            each.running_var.uniform_(0.5, 1.5)


def batch(shape: Shape, size: int | None, count: int = 2) -> Any:
    """Values of a shape for each of `count` examples; images are no larger than `size`."""
    generator = torch.Generator().manual_seed(1)
    if form_of(shape) == "list" and shape[-1] == 4:
        corners = torch.rand(count, REGIONS["regions"], 2, 2, generator=generator) * SCENE / 2 + 1
        return list(corners.cumsum(-2).flatten(-2))
    sizes = [int(each) if known(each) else STEPS for each in shape]
    if size is not None and len(sizes) >= 3:
        sizes[-2:] = [min(size, each) for each in sizes[-2:]]
    if dtype_of(shape) != FLOAT:
        return torch.zeros(count, *sizes, dtype=torch.int64)
    values = torch.rand(count, *sizes, generator=generator)
    return list(values) if form_of(shape) == "list" else values


def _optional(shape: Shape) -> bool:
    return isinstance(shape, Carried) and shape.optional


def tensors(output: Any) -> list[Tensor]:
    """The tensors of an output of any form, in order."""
    return [each for each in torch.utils._pytree.tree_leaves(output) if isinstance(each, Tensor)]
