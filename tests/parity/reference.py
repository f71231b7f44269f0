"""Our modules beside torchvision's: which there are, how both are made, and how they get the same weights.

Every variant of a bundled spec that says `weights: {torchvision: true}` and bears the name of one of torchvision's
builders is compared; a new one is compared with no edit here.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

import archspec
from archspec.api import zoo

_MODULES = (torchvision.models, torchvision.models.video)
_BUILDERS = frozenset(name for module in _MODULES for name in torchvision.models.list_models(module=module))
DOCUMENTS = {
    variant: document for variant, document in zoo.variants() if document.weights.torchvision and variant in _BUILDERS
}
"""The document of each variant that torchvision has too."""
VARIANTS = sorted(DOCUMENTS)
FAMILIES = sorted({DOCUMENTS[variant].name: variant for variant in sorted(VARIANTS, reverse=True)}.values())
"""One variant of each document, the first by name."""


def reference(variant: str, **settings: Any) -> nn.Module:
    """torchvision's module of that name."""
    with warnings.catch_warnings():
        # The Inceptions warn that a later torchvision may initialise them otherwise.
        warnings.simplefilter("ignore", FutureWarning)
        return torchvision.models.get_model(variant, weights=None, **settings)


def meta(variant: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's without any data."""
    with torch.device("meta"):
        theirs = reference(variant)
    return archspec.load(variant, device="meta"), theirs


def pair(variant: str, **settings: Any) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's with the same weights and the same running statistics, none of them at their start."""
    ours = archspec.load(variant, **settings)
    scatter(ours)
    with torch.device("meta"):
        theirs = reference(variant, **_their_words(settings))
    copied = {name: tensor.clone() for name, tensor in ours.state_dict().items()}
    theirs.load_state_dict(copied, assign=True)
    for parameter in theirs.parameters():
        parameter.requires_grad_()
    return ours, theirs


def _their_words(settings: dict[str, Any]) -> dict[str, Any]:
    return {{"aux": "aux_logits"}.get(name, name): value for name, value in settings.items()}


@torch.no_grad()
def scatter(module: nn.Module) -> None:
    """Move what initialisation leaves at 0 and 1: biases, and the tensors of batch norms."""
    torch.manual_seed(1)
    for name, tensor in module.state_dict().items():
        last = name.rpartition(".")[2]
        if tensor.dim() == 1 and last in ("bias", "running_mean"):
            tensor.normal_(std=0.1)
        elif tensor.dim() == 1 and last in ("weight", "running_var"):
            tensor.uniform_(0.5, 1.5)


def example(variant: str, least: int = 64, batch: int = 2) -> Tensor:
    """Random images or clips of the least size that torchvision says the network takes, and no less than `least`."""
    weights = torchvision.models.get_model_weights(variant).DEFAULT
    size = max(least, *weights.meta["min_size"])
    (shape,) = archspec.read(variant).graph.root.input_shapes
    return torch.randn(batch, *shape[:-2], size, size, generator=torch.Generator().manual_seed(2))


def values(output: Any) -> tuple[Tensor, ...]:
    """The tensors that a module gives, in order."""
    return (output,) if isinstance(output, Tensor) else tuple(output)
