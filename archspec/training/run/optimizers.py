"""What trains and how: frozen parts, the groups of parameters, and the optimizer over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.training.recipe.parameter_patterns import check_patterns, covered, covers
from archspec.training.recipe.phases import Phase

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


def check_phase(phase: Phase, graph: Graph, findings: Findings) -> None:
    """Report the addresses of a phase at which the network has nothing."""
    groups = ((group.pattern, group.span) for group in phase.groups)
    check_patterns((*phase.freeze, *phase.train, *groups), graph, findings)


def trains(phase: Phase, name: str) -> bool:
    """Whether what stands at an address, a node or a tensor, trains in a phase."""
    if phase.train:
        return covered((pattern for pattern, _ in phase.train), name)
    return not covered((pattern for pattern, _ in phase.freeze), name)


def trainable(phases: Iterable[Phase], module: nn.Module, frozen: frozenset[str]) -> dict[str, int]:
    """How many parameters train in each phase, by its name; `frozen` are tensors that never do."""
    sizes = {name: parameter.numel() for name, parameter in module.named_parameters() if name not in frozen}
    return {phase.name: sum(size for name, size in sizes.items() if trains(phase, name)) for phase in phases}


def set_training(module: nn.Module, phase: Phase, frozen: frozenset[str]) -> None:
    """Put a module in training mode with what the phase freezes held still; `frozen` are tensors that never train.

    A module whose tensors are all frozen is put in evaluation mode, so that the statistics of a batch norm do not move
    either. What has no tensors, as dropout, goes on as in training.
    """
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name not in frozen and trains(phase, name))
    module.train()
    for name, each in module.named_modules():
        each.train(not _is_held(name, each, phase))


def _is_held(name: str, module: nn.Module, phase: Phase) -> bool:
    own = list(module.parameters(recurse=False))
    if own:
        return not any(parameter.requires_grad for parameter in own)
    return any(True for _ in module.buffers(recurse=False)) and not trains(phase, name)


def make_optimizer(module: nn.Module, phase: Phase) -> Optimizer:
    """The phase's optimizer over the parameters that train, each with the settings of all patterns that name it."""
    groups = list(_param_groups(module, phase))
    if not groups:
        message = f"nothing trains in phase `{phase.name}`"
        span = (phase.freeze or phase.train)[0][1] if phase.freeze or phase.train else phase.optimizer.span
        raise SpecError([Diagnostic("nothing-trains", message, span)])
    optimizer: Optimizer = phase.optimizer(groups)
    return optimizer


def _param_groups(module: nn.Module, phase: Phase) -> Iterator[dict[str, Any]]:
    """One group for each distinct set of settings, in the network's order; a later pattern wins over an earlier."""
    groups: dict[str, dict[str, Any]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            settings = _settings(name, phase)
            groups.setdefault(repr(settings), {"params": [], **settings})["params"].append((name, parameter))
    yield from groups.values()


def _settings(name: str, phase: Phase) -> Mapping[str, Any]:
    settings: dict[str, Any] = {}
    for group in phase.groups:
        if covers(group.pattern, name):
            settings.update(group.arguments)
    return settings
