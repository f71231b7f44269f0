"""A loss that is no longer finite: which module made it so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from archspec.language.diagnostics import Diagnostic, SpecError


def check_finite(learner: LightningModule, loss: Tensor, terms: Mapping[str, Tensor], inputs: Any) -> None:
    """Raise `SpecError` in all processes where the loss of one is not finite, with what made it so.

    The batch runs through the network once more, its modules watched.
    """
    fine = isfinite(loss.item())
    several = learner.trainer.world_size > 1
    if several:
        fine = learner.trainer.strategy.reduce_boolean_decision(fine, all=True)
    if fine:
        return
    cause = _cause(learner, loss, terms, inputs)
    if several:
        causes: list[Any] = [None] * learner.trainer.world_size
        torch.distributed.all_gather_object(causes, cause)
        cause = next(filter(None, causes), None)
    raise SpecError([_diverged(learner.current_epoch + 1, cause or (None, "the loss is not finite"))])


def check_weights(learner: LightningModule) -> None:
    """Raise `SpecError` where a weight is not finite, so that no checkpoint is written that cannot be resumed."""
    for name, tensor in learner.network.named_parameters():  # type: ignore[union-attr]
        if not _finite((tensor,)):
            address = name.rpartition(".")[0]
            raise SpecError([_diverged(learner.current_epoch + 1, (address, f"`{name}` is not finite"))])


def _diverged(epoch: int, cause: tuple[str | None, str]) -> Diagnostic:
    """The message; `cause` is an address, if there is one, and what happened there."""
    address, what = cause
    help_ = (
        "try a smaller learning rate, a warm-up, or `trainer: {gradient_clip_val: 1}`; earlier checkpoints are intact"
    )
    return Diagnostic("diverged", f"training diverged in epoch {epoch}", node=address, found=what, help=help_)


def _cause(
    learner: LightningModule, loss: Tensor, terms: Mapping[str, Tensor], inputs: Any
) -> tuple[str | None, str] | None:
    if torch.isfinite(loss):
        return None
    values = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    if not _finite(values):
        return None, "the batch itself holds values that are not finite: look at the data and its transforms"
    found = first_not_finite(learner.network, values, learner)  # type: ignore[arg-type]
    if found is not None:
        return found
    wrong = ", ".join(f"`{name}`" for name, value in terms.items() if not torch.isfinite(value))
    return None, f"all outputs are finite, but the loss of {wrong} is not"


def first_not_finite(
    network: nn.Module, inputs: tuple[Any, ...], learner: LightningModule | None = None
) -> tuple[str, str] | None:
    """The address of the first module whose output is not finite though its inputs are, and why; none where all are."""
    found: list[tuple[str, str]] = []
    names = {module: name for name, module in network.named_modules()}

    def watch(module: nn.Module, arguments: Any, output: Any) -> None:
        if not found and not _finite((output,)):
            found.append((names[module], _reason(names[module], module, arguments, output)))

    handles = [module.register_forward_hook(watch) for module in names if module is not network]
    try:
        with torch.no_grad(), _precision(learner):
            watch(network, inputs, network.forward(*inputs))  # not compiled, which would pass by the hooks
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else None


def _reason(name: str, module: nn.Module, arguments: Any, output: Any) -> str:
    if not _finite(arguments):
        return "its input is not finite: the modules before it in its block made it so"
    wrong = [tensor for tensor, value in module.state_dict(prefix=f"{name}.").items() if not _finite((value,))]
    if wrong:
        return f"`{wrong[0]}` is not finite: the last optimizer step made it so"
    largest = max((float(each.abs().max()) for each in _tensors(arguments)), default=0.0)
    kinds = " and ".join(_kinds(output))
    return f"its output holds {kinds}, though its input is finite (up to {largest:.3g} in size)"


def _kinds(output: Any) -> Iterator[str]:
    if any(bool(each.isnan().any()) for each in _tensors(output)):
        yield "NaN"
    if any(bool(each.isinf().any()) for each in _tensors(output)):
        yield "infinity"


def _precision(learner: LightningModule | None) -> AbstractContextManager[Any]:
    return learner.trainer.precision_plugin.forward_context() if learner is not None else nullcontext()


def _finite(values: Any) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in _tensors(values))


def _tensors(values: Any) -> Iterator[Tensor]:
    """Every tensor of floating point in a nest of them."""
    if isinstance(values, Tensor):
        if values.is_floating_point():
            yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _tensors(value)
    elif isinstance(values, (tuple, list)):
        for value in values:
            yield from _tensors(value)
