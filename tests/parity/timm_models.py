"""Classifiers beside timm's: one small variant of each family, and more where variants differ in kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .others import Case


def model(name: str, **settings: Any) -> nn.Module:
    import timm

    return timm.create_model(name, pretrained=False, **settings)


def images(size: int) -> tuple[Tensor]:
    return (torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(3)),)


def case(
    variant: str,
    name: str = "",
    size: int = 64,
    names: Any = (),
    tolerance: float = 0.0,
    ours: Mapping[str, Any] = {},
    **theirs: Any,
) -> Case:
    made, given = partial(model, name or variant, **theirs), partial(images, size)
    return Case(variant, made, given, dict(ours), names, tolerance=tolerance)


NFNET = {"depths": (1, 1, 2, 1), "channels": (256, 256, 256, 256), "num_features": 512}
SMALL_NFNET = {"depths": [1, 1, 2, 1], "widths": [256, 256, 256, 256]}
RES2NET_NAMES = ((r"\.convs\.(\d)", r".part\1.conv"), (r"\.bns\.(\d)", r".part\1.bn"))

CLASSIFIERS = (
    case("mixer_s32", "mixer_s32_224", 224),
    case("deit_tiny", "deit_tiny_patch16_224", 224),
    case("deit_tiny_distilled", "deit_tiny_distilled_patch16_224", 224),
    case("convmixer_768_32"),
    case("xception", size=96),
    case("inception_v4", size=96),
    case("inception_resnet_v2", size=96),
    case("repvgg_a0"),
    case("senet154", "legacy_senet154"),
    case("seresnet18"),
    case("seresnext50_32x4d"),
    case("resnet18d"),
    case("resnet26d"),
    case("res2net50_14w_8s", names=RES2NET_NAMES),
    case("ghostnet_100"),
    case("ghostnet_050"),
    case("efficientnet_lite0"),
    case("efficientnet_lite2"),
    case("convnextv2_atto", conv_mlp=False, tolerance=1e-6),
    case("hrnet_w18_small"),
    case("levit_128s", size=224),
    case("nfnet_f0", ours=SMALL_NFNET, **NFNET),
    case("dm_nfnet_f0", size=65, ours=SMALL_NFNET, **NFNET),
    case("eca_nfnet_l0", size=65, ours={"depths": [1, 1, 2, 1]}, depths=(1, 1, 2, 1)),
)
