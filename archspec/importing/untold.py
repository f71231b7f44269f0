"""Untold: what a module does to its gradients that no page says."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")


def untold(module: nn.Module) -> Iterator[str]:
    """What is left out of a page, by the module's part: its hooks, and a layer of which only some tensors train."""
    for path, part in module.named_modules():
        where = f"`{path}`" if path else "the module"
        if any(getattr(part, name) for name in HOOKS):
            yield f"{where} has hooks"
        if len({each.requires_grad for each in part.parameters(recurse=False)}) > 1:
            yield f"only some of the parameters of {where} train"
