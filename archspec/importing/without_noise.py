"""Without noise: a module in training in which nothing is dropped, so that two modules can be compared there.

What is kept is scaled as its rate says. So modules of other rates differ, and of equal ones they do not.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from archspec.importing.calls import operation
from archspec.importing.own_modes import modes_kept

_ALMOST_ONE = 0.999
"""What is drawn between 0 and 1, so that all is kept."""


class WithoutNoise(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within it every draw keeps what it may drop."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = operation(func)
        if name == "native_dropout":
            value, rate, *_ = args
            return value / (1 - rate), torch.ones_like(value, dtype=torch.bool)
        made = func(*args, **(kwargs or {}))
        if name in ("bernoulli", "bernoulli_"):
            return made.fill_(1)
        return made.fill_(_ALMOST_ONE) if name in ("rand", "rand_like") else made


def trained_outputs(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    """What a module gives in training without noise; its mode and its buffers are what they were afterwards."""
    before = {name: each.clone() for name, each in module.named_buffers()}
    given, named = copy.deepcopy((inputs, dict(keywords)))  # a module may do its work in place
    with modes_kept(module), torch.no_grad():
        module.train()
        try:
            with torch.random.fork_rng(devices=[]), WithoutNoise():  # type: ignore[no-untyped-call]
                torch.manual_seed(0)
                return module(*given, **named)
        finally:
            _restore(module, before)


def _restore(module: nn.Module, before: Mapping[str, Tensor]) -> None:
    for name, each in module.named_buffers():
        if name in before:
            each.copy_(before[name])
