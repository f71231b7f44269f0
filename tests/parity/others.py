"""Pages beside modules of other libraries, as small as they come: which there are, and how both get the same weights.

A case names a variant, the params that make it small, and the module that it equals; a new one is compared with no
edit elsewhere. `names` are the rules, a pattern and what stands in its place, that make a file's names the page's.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

import archspec

from .reference import scatter

T = TypeVar("T")


class Case(Struct, frozen=True):
    """A variant of a page, and the module that it equals."""

    variant: str
    reference: Callable[[], nn.Module]
    inputs: Callable[[], tuple[Tensor, ...]]
    settings: dict[str, Any] = {}
    names: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()
    """Patterns of their tensors that the page does without, since they are others' or follow from a few numbers."""
    run: Callable[..., Any] = lambda module, *inputs: module(*inputs)
    """Their outputs, in our order."""
    tolerance: float = 0.0
    """How far outputs may be apart, relative to the greatest; 0: not a bit."""


def pair(case: Case) -> tuple[nn.Module, nn.Module]:
    """Ours and theirs in evaluation mode, with the same weights, none of them at their start."""
    torch.manual_seed(0)
    theirs = case.reference()
    scatter(theirs)
    ours = archspec.load(case.variant, **case.settings)
    ours.load_state_dict(renamed(case, theirs.state_dict()))
    return ours.eval(), theirs.eval()


def renamed(case: Case, state: Mapping[str, T]) -> dict[str, T]:
    """Their tensors, or what is said of them, by our names."""
    kept = {name: tensor for name, tensor in state.items() if not any(re.search(each, name) for each in case.unused)}
    return {_name(case, name): tensor for name, tensor in kept.items()}


def _name(case: Case, name: str) -> str:
    for pattern, replacement in case.names:
        name = re.sub(pattern, replacement, name)
    return name


class WithoutChance(TorchFunctionMode):
    """Dropout drops nothing, that of attention neither, whatever its rate is and whoever says it."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is functional.dropout:
            return args[0]
        if func is functional.multi_head_attention_forward:
            given = inspect.signature(func).bind(*args, **(kwargs or {}))
            given.arguments["dropout_p"] = 0.0
            return func(*given.args, **given.kwargs)
        rate = {"dropout_p": 0.0} if "dropout_p" in (kwargs or {}) else {}
        return func(*args, **{**(kwargs or {}), **rate})
