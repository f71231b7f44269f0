"""Our modules beside torchvision's: which there are, how both are made, and how they get the same weights.

Every variant of a bundled spec that says `weights: {torchvision: true}` and bears the name of one of torchvision's
builders is compared; a new one is compared with no edit here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

import archspec
from archspec.api import zoo

_MODULES = (torchvision.models, torchvision.models.segmentation, torchvision.models.video)
_BUILDERS = frozenset(name for module in _MODULES for name in torchvision.models.list_models(module=module))
DOCUMENTS = {
    variant: document for variant, document in zoo.variants() if document.weights.torchvision and variant in _BUILDERS
}
"""The document of each variant that torchvision has too."""
VARIANTS = sorted(DOCUMENTS)
_LARGE = {"mvit", "swin3d"}
"""The documents that the table alone holds, for the sake of time."""
_WHOLE = {
    *("alexnet", "densenet", "efficientnet", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3", "resnet"),
    *("vgg", "video_resnet"),
}
"""The documents all of whose variants the tests hold; of each other one they hold the first, and the table all."""
_FIRST = {DOCUMENTS[variant].name: variant for variant in reversed(DOCUMENTS)}
SAMPLE = sorted(
    name
    for name in VARIANTS
    if DOCUMENTS[name].name in _WHOLE or (name == _FIRST[DOCUMENTS[name].name] and DOCUMENTS[name].name not in _LARGE)
)
"""The variants that the tests hold to torchvision's; `python -m tests.parity.table` does so with all."""
FAMILIES = sorted({DOCUMENTS[variant].name: variant for variant in sorted(SAMPLE, reverse=True)}.values())
"""One variant of each document, the first by name."""
_OF_ONE_SIZE = {"swin3d", "swin", "swin_v2", "maxvit", "vit"}
"""The documents of one size, or whose windows must divide the map where torchvision would pad it."""
OTHER_KERNELS = {"maxvit_t", "swin_t", "swin_v2_t"}
"""Those that compute the same by other calls or in another layout, so that the last digits differ."""


def reference(variant: str, **settings: Any) -> nn.Module:
    """torchvision's module of that name."""
    with warnings.catch_warnings():
        # The Inceptions warn that a later torchvision may initialise them otherwise.
        warnings.simplefilter("ignore", FutureWarning)
        if variant in DOCUMENTS and DOCUMENTS[variant].task == "semantic segmentation":
            settings = {"weights_backbone": None, **settings}
        return torchvision.models.get_model(variant, weights=None, **settings)


class _WithoutWeights(TorchFunctionMode):
    """Leaves the tensors of layers on the meta device; those that a builder computes with are real."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def bare(variant: str, **settings: Any) -> nn.Module:
    """torchvision's module of that name, whose weights are to come."""
    with _WithoutWeights():
        return reference(variant, **settings)


def meta(variant: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's without any data."""
    return archspec.load(variant, device="meta"), bare(variant).to("meta")


def pair(variant: str, **settings: Any) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's with the same weights and the same running statistics, none of them at their start."""
    ours = archspec.load(variant, **settings)
    scatter(ours)
    theirs = bare(variant, **_their_words(settings))
    copied = theirs.state_dict()  # with the versions of its modules
    copied.update({name: tensor.clone() for name, tensor in ours.state_dict().items()})
    theirs.load_state_dict(copied, assign=True)
    for parameter in theirs.parameters():
        parameter.requires_grad_()
    return ours, theirs


def shared(variant: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's on the same tensors, none of which is at its start."""
    ours = archspec.load(variant)
    scatter(ours)
    theirs = bare(variant)
    tensors = theirs.state_dict()  # with the versions of its modules
    tensors.update(ours.state_dict())
    theirs.load_state_dict(tensors, assign=True)
    return ours, theirs


def _their_words(settings: dict[str, Any]) -> dict[str, Any]:
    return {{"aux": "aux_logits"}.get(name, name): value for name, value in settings.items()}


@torch.no_grad()
def scatter(module: nn.Module) -> None:
    """Move what initialisation leaves at one number: biases, the tensors of batch norms, factors, heads of zeros."""
    torch.manual_seed(1)
    for name, tensor in module.state_dict().items():
        last = name.rpartition(".")[2]
        if tensor.dim() == 1 and last in ("bias", "running_mean"):
            tensor.normal_(std=0.1)
        elif tensor.dim() == 1 and last in ("weight", "running_var"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.dim() > 1 and tensor.is_floating_point() and (tensor == tensor.flatten()[0]).all():
            tensor.normal_(std=0.1)


def example(variant: str, least: int = 64, batch: int = 2) -> Tensor:
    """Random images or clips of the least size that torchvision says the network takes, and no less than `least`."""
    weights = torchvision.models.get_model_weights(variant).DEFAULT
    size = max(least, *weights.meta["min_size"])
    (shape,) = archspec.read(variant).graph.root.input_shapes
    if DOCUMENTS[variant].name in _OF_ONE_SIZE:
        size = shape[-1]
    return torch.randn(batch, *shape[:-2], size, size, generator=torch.Generator().manual_seed(2))


def values(output: Any) -> tuple[Tensor, ...]:
    """The tensors that a module gives, in order."""
    if isinstance(output, dict):
        return tuple(output.values())
    return (output,) if isinstance(output, Tensor) else tuple(output)
