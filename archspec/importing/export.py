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
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

from archspec.importing.failures import changed_buffer, explain, quietly, read_values
from archspec.language.diagnostics import SpecError

BATCH = 10_007
"""A prime larger than most sizes, so that no product of others holds it."""


def export(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any] | None = None) -> ExportedProgram:
    """The program of a module in the mode that it is in, with each tensor's first dimension as the batch.

    Raises `SpecError` where the module cannot be followed, such as where control flow depends on data.
    """
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    with mode:
        args, named = tree_map(_batched, (inputs, dict(keywords or {})))
    try:
        with warnings.catch_warnings(), quietly():
            warnings.simplefilter("ignore")
            with _NoiseOfItsOwn():
                program = torch.export.export(module, args, named, strict=False)
    except Exception as error:  # torch raises whatever the module's own code raised
        raise SpecError([explain(error, module, inputs, keywords or {})]) from error
    if read := read_values(module, program):
        raise SpecError([read])
    if not module.training and (changed := changed_buffer(module, program)):
        raise SpecError([changed])
    return program


class _NoiseOfItsOwn(TorchFunctionMode):
    """Within it a dropout in evaluation takes a tensor of its own.

    It gives that very tensor back, and whoever reads it later would be recorded as reading the dropout.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if "dropout" in getattr(func, "__name__", "") and args and isinstance(args[0], torch.Tensor):
            args = (torch.ops.aten.alias(args[0]), *args[1:])
        return func(*args, **(kwargs or {}))


def _batched(value: Any) -> Any:
    """A tensor like this one but for its batch; what is no tensor is left as it is."""
    if isinstance(value, torch.Tensor) and value.dim():
        return torch.empty(BATCH, *value.shape[1:], dtype=value.dtype, device=value.device)
    return value
