"""Export: a module and inputs like the example's → torch.export's program.

The batch is a number that is no other size and divides none, so that wherever it stands, or is folded in, it is seen:
a value of 640448 × 49 × 96 holds 64 items of each example. No tensor is computed, so it costs nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import ExportedProgram

BATCH = 10_007
"""A prime larger than most sizes, so that no product of others holds it."""


class ExportError(Exception):
    """A module that torch.export cannot follow; `reason` is torch's own first line, `help` what may be tried."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


def export(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any] | None = None) -> ExportedProgram:
    """The program of a module in the mode that it is in, with each tensor's first dimension as the batch.

    Raises `ExportError` where the module cannot be followed, such as where control flow depends on data.
    """
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    with mode:
        args = tuple(map(_batched, inputs))
        named = {name: _batched(value) for name, value in (keywords or {}).items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.export(module, args, named, strict=False)
    except Exception as error:  # torch raises whatever the module's own code raised
        raise ExportError(_first_line(error), _help(error)) from error


def _batched(value: Any) -> Any:
    """A tensor like this one but for its batch; what is no tensor is left as it is."""
    if isinstance(value, torch.Tensor) and value.dim():
        return torch.empty(BATCH, *value.shape[1:], dtype=value.dtype, device=value.device)
    return value


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _help(error: Exception) -> str:
    if "data-dependent" in str(error).lower() or type(error).__name__.startswith("GuardOnDataDependent"):
        return "a branch depends on values: give the module a mode in which it takes one way"
    return "run the module on the example inputs first: what fails there fails here"
