"""First difference: of two modules that should be one network, the first node at which they are not.

Both hold modules of the same addresses. Each is run with a hook on every module; in the order in which the first
completes them, the first output that is not the same belongs to the node, or to what runs just before it.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from archspec.importing.example_inputs import tensors_in


class Difference(Struct, frozen=True):
    """Where two networks part: the address of a node, and the two values that are farthest apart there.

    `side` says whether they part in what the node gives, or already in what it takes.
    """

    node: str
    side: str
    original: float
    made: float

    def __str__(self) -> str:
        where = f"`{self.node}`" if self.node else "the network"
        if self.original != self.original and self.made != self.made:
            return f"{where} {self.side} values of another shape or type"
        return f"{where} {self.side} {self.original:.6g} in the module and {self.made:.6g} on the page"


Values = dict[str, list[tuple[list[Tensor], list[Tensor]]]]
"""By a module's address what each of its calls took and gave, in the order in which they ended."""


def first_difference(
    original: nn.Module,
    made: nn.Module,
    inputs: tuple[Any, ...],
    keywords: Mapping[str, Any],
    tolerance: float = 0.0,
) -> Difference | None:
    """The first node at which two modules of the same weights differ by more than a tolerance; `None` for no such."""
    given, named = copy.deepcopy((inputs, dict(keywords)))  # a module may do its work in place
    theirs = _recorded(original, lambda: original(*inputs, **keywords))
    ours = _recorded(made, lambda: made(*tensors_in(given, named)))
    for path, calls in theirs.items():
        for (their_taken, their_given), (our_taken, our_given) in zip(calls, ours.get(path, [])):
            if _apart(their_given, our_given, tolerance) is None:
                continue
            before = _apart(their_taken, our_taken, tolerance) if path else None
            side = "takes" if before else "gives"
            return Difference(path, side, *(before or _apart(their_given, our_given, tolerance) or (0.0, 0.0)))
    return None


def _recorded(module: nn.Module, run: Callable[[], Any]) -> Values:
    """What the modules in a module take and give; values are copied, since later ones may be computed in place."""
    values: Values = defaultdict(list)
    hooks = []
    taken: dict[str, list[list[Tensor]]] = defaultdict(list)
    for path, each in module.named_modules():
        hooks.append(each.register_forward_pre_hook(_before(taken[path]), with_kwargs=True))
        hooks.append(each.register_forward_hook(_after(path, taken[path], values)))
    try:
        with torch.no_grad():
            run()
    finally:
        for hook in hooks:
            hook.remove()
    return values


def _before(taken: list[list[Tensor]]) -> Callable[..., None]:
    return lambda module, args, kwargs: taken.append([*_tensors((args, kwargs))])


def _after(path: str, taken: list[list[Tensor]], values: Values) -> Callable[..., None]:
    def note(module: nn.Module, args: Any, given: Any) -> None:
        values[path].append((taken.pop(), [*_tensors(given)]))

    return note


def _tensors(values: Any) -> Iterator[Tensor]:
    return (each.detach().clone() for each in tree_leaves(values) if isinstance(each, Tensor))


def _apart(theirs: list[Tensor], ours: list[Tensor], tolerance: float) -> tuple[float, float] | None:
    """The two numbers that are farthest apart; not a number, where they cannot be compared; `None` where all agree."""
    nothing = float("nan")
    if [(each.shape, each.dtype) for each in theirs] != [(each.shape, each.dtype) for each in ours]:
        return nothing, nothing
    for one, other in zip(theirs, ours):
        apart = gap(one, other).flatten()
        if apart.numel() and float(apart.max()) > tolerance:
            at = int(apart.argmax())
            return float(one.flatten()[at]), float(other.flatten()[at])
    return None


def gap(one: Tensor, other: Tensor) -> Tensor:
    """How far two tensors of one shape are apart, number by number; what is no number in both is the same."""
    same = (one == other) | (one.isnan() & other.isnan())
    return (one.double() - other.double()).abs().nan_to_num(float("inf")).masked_fill(same, 0.0)
