"""Prove: a module and the one that was built from its page are the same network."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from msgspec import Struct
from msgspec.structs import replace
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten


class Proof(Struct, frozen=True):
    """What was compared: the tensors of the state_dict by name and shape, and the outputs in evaluation mode.

    `lacking` are the tensors that the page's module lacks, `added` those that only it has, `misshapen` those of another
    shape. `difference` is the greatest one between two outputs, `None` where they could not be compared.
    """

    parameters: int
    lacking: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    difference: float | None = None

    @property
    def same_tensors(self) -> bool:
        """Whether both hold the same tensors under the same names."""
        return not (self.lacking or self.added or self.misshapen)

    @property
    def exact(self) -> bool:
        """Whether nothing tells the two apart, to the last bit of each output."""
        return self.same_tensors and self.difference == 0

    def __str__(self) -> str:
        tensors = "the same tensors" if self.same_tensors else self._tensors()
        outputs = {None: "outputs not compared", 0.0: "equal outputs"}
        return f"{tensors}, {outputs.get(self.difference, f'outputs that differ by up to {self.difference:.2g}')}"

    def _tensors(self) -> str:
        words = {"lacking": self.lacking, "more": self.added, "of another shape": self.misshapen}
        return ", ".join(f"{len(names)} tensors {word}" for word, names in words.items() if names)


def prove(original: nn.Module, made: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> Proof:
    """Compare a module with the one made of its page; the weights of the first are loaded into the second by name."""
    state, own = original.state_dict(), made.state_dict()
    common = [name for name in own if name in state]
    proof = Proof(
        sum(each.numel() for each in made.parameters()),
        tuple(name for name in state if name not in own),
        tuple(name for name in own if name not in state),
        tuple(name for name in common if own[name].shape != state[name].shape),
    )
    if proof.added or proof.misshapen or any(each.is_meta for each in state.values()):
        return proof
    made.load_state_dict({name: state[name] for name in common})
    return replace(proof, difference=_difference(original, made, inputs, keywords))


def _difference(original: nn.Module, made: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> float:
    modes = {each: each.training for each in original.modules()}
    original.eval()
    made.eval()
    try:
        with torch.inference_mode():
            given, named = copy.deepcopy((inputs, dict(keywords)))  # a module may do its work in place
            ours, theirs = [*_outputs(made(*given, *named.values()))], [*_outputs(original(*inputs, **keywords))]
            if [each.shape for each in ours] != [each.shape for each in theirs]:
                return float("inf")
            return max((float((one - other).abs().max()) for one, other in zip(ours, theirs)), default=0.0)
    finally:
        for each, training in modes.items():
            each.training = training


def _outputs(result: Any) -> Iterator[Tensor]:
    leaves, _ = tree_flatten(result)
    return (each for each in leaves if isinstance(each, Tensor))
