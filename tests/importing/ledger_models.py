"""Which networks of others the ledger is of, and how each is made with an example of what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

FILES = """
beit_base_patch16_224 cait_xxs24_224 coat_tiny convit_tiny convmixer_768_32 cpubone_nano crossvit_tiny_240
cs3darknet_focus_s csatv2 cspnext_tiny davit_tiny deepseek_vit_412m deit_tiny_patch16_224 densenet121 dla46x_c
dpn48b edgenext_xx_small efficientformer_l1 efficientformerv2_s0 efficientvim_m1 efficientvit_b0
efficientvit_m0 ese_vovnet19b_slim_dw fasternet_t0 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny gemma4_vit_167m
ghostnet_050 gmlp_ti16_224 halonet_h1 hardcorenas_b hgnetv2_b0 hiera_tiny_224 hrnet_w18_small iformer_t
inception_next_atto inception_resnet_v2 inception_v3 inception_v4 lcnetv2_small legacy_seresnet18
legacy_xception levit_128s lowformer_b0 mobilenetv3_small_050 mobilenetv5_base mobilevit_xxs mvitv2_tiny
naflexvit_base_patch16_parfac_gap nasnetalarge nest_tiny nextvit_small pit_ti_224 pnasnet5large
poolformerv2_s12 pvt_v2_b0 qwen3_vit_88m rdnet_tiny regnetx_002 repghostnet_050 repvit_m1 res2next50
resnest14d resnetv2_18 rexnet_100 sam2_hiera_tiny samvit_base_patch16_224 selecsls42 sequencer2d_s shvit_s1
skresnet18 starnet_s050 swiftformer_xs swin_tiny_patch4_window7_224 swinv2_cr_tiny_224 swinv2_tiny_window8_256
test_byobnet test_coatnet test_convnext test_efficientnet test_mambaout test_nfnet test_resnet test_vit
test_vit_relpos tiny_vit_5m_224 tnt_s_legacy_patch16_224 tresnet_m twins_svt_small vgg11 visformer_tiny
vit_tiny_patch16_dinov3_qkvb vit_tiny_r_s16_p8_224 vitamin_small_224 volo_d1_224 xception41p
xcit_nano_12_p8_224
""".split()  # noqa: SIM905 - a line for each otherwise
"""The smallest model of each of timm's files."""

CLIPS = ("mvit", "s3d", "swin3d", "mc3", "r2plus1d", "r3d")
"""How the names of torchvision's networks of clips begin."""


def names(everything: bool = False) -> Iterator[str]:
    """All of torchvision's float models, and of timm's the smallest of each file, or all."""
    yield from (f"torchvision.{name}" for name in torchvision.models.list_models() if "quantized" not in name)
    if everything:
        import timm

        yield from (f"timm.{name}" for name in timm.list_models())
    else:
        yield from (f"timm.{name}" for name in FILES)


def network(name: str) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """A network with random weights, and a batch of two."""
    torch.manual_seed(0)
    library, _, model = name.partition(".")
    module, size = _of_timm(model) if library == "timm" else _of_torchvision(model)
    for each in module.modules():
        if isinstance(each, nn.modules.batchnorm._BatchNorm) and each.running_mean is not None:
            each.running_mean.normal_(std=0.1)  # so that what loses them is found
            each.running_var.uniform_(0.5, 1.5)
    count = 2 if model.startswith("raft") else 1
    return module, tuple(torch.randn(2, *size) for _ in range(count))


def _of_timm(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    import timm

    module = timm.create_model(name)
    return module, module.pretrained_cfg.get("input_size", (3, 224, 224))


def _of_torchvision(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    more: dict[str, Any] = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if any(word in name for word in ("rcnn", "fcos", "retinanet", "ssd", "deeplab", "fcn", "lraspp")):
        more["weights_backbone"] = None
    module = torchvision.models.get_model(name, weights=None, **more)
    if name.startswith(CLIPS):
        return module, (3, 16, 224, 224) if name.startswith(("mvit", "swin3d")) else (3, 16, 112, 112)
    if name.startswith("raft"):
        return module, (3, 128, 128)
    size = getattr(module, "image_size", 299 if name == "inception_v3" else 224)
    return module, (3, size, size)


def published(name: str) -> tuple[int, float] | None:
    """The parameters that a library says, and the MACs in billions; `None` where it says nothing."""
    library, _, model = name.partition(".")
    if library != "torchvision":
        return None
    meta = torchvision.models.get_model_weights(model).DEFAULT.meta
    return meta["num_params"], meta["_ops"]
