"""Prove: a module and the one that was built from its page are the same network."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from msgspec import Struct
from msgspec.structs import replace
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from archspec.importing.example_inputs import tensors_in
from archspec.importing.failures import explain
from archspec.importing.first_difference import Difference, first_difference, gap
from archspec.importing.own_modes import modes_kept
from archspec.importing.without_noise import trained_outputs
from archspec.language.diagnostics import SpecError

ROUNDING = 1e-5
"""So much, of the greatest number, may outputs differ where two kernels compute the same."""


class Proof(Struct, frozen=True):
    """What was compared: the tensors of the state_dict by name and shape, and the outputs in evaluation mode.

    `lacking` are the tensors that the page's module lacks, `added` those that only it has, `misshapen` those of another
    shape. `difference` is the greatest one between two outputs, whose numbers are as large as `scale`; `None` where
    they could not be compared. `trained` is the same in training, nothing being dropped. `first` is the node at which
    the two part, `flops` what torch's FlopCounterMode counts for one example.
    """

    parameters: int
    lacking: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    difference: float | None = None
    trained: float | None = None
    scale: float = 0.0
    first: Difference | None = None
    flops: int | None = None

    @property
    def same_tensors(self) -> bool:
        """Whether both hold the same tensors under the same names."""
        return not (self.lacking or self.added or self.misshapen)

    @property
    def exact(self) -> bool:
        """Whether nothing tells the two apart, to the last bit of each output."""
        return self.same_tensors and self.difference == 0 and not self.trained

    @property
    def tolerance(self) -> float:
        """How far outputs may be apart where kernels round otherwise."""
        return ROUNDING * max(1.0, self.scale)

    @property
    def holds(self) -> bool:
        """Whether the page is the module: its tensors are the module's, and its outputs, but for how kernels round."""
        apart = any(each is not None and not each <= self.tolerance for each in (self.difference, self.trained))
        return not (self.added or self.misshapen or apart)

    def __str__(self) -> str:
        tensors = "the same tensors" if self.same_tensors else self._tensors()
        outputs = {None: "outputs not compared", 0.0: "equal outputs"}
        trained = f", in training by up to {self.trained:.2g}" if self.trained else ""
        apart = outputs.get(self.difference, f"outputs that differ by up to {self.difference:.2g}")
        return f"{tensors}, {apart}{trained}"

    def _tensors(self) -> str:
        words = {"lacking": self.lacking, "more": self.added, "of another shape": self.misshapen}
        return ", ".join(f"{len(names)} tensors {word}" for word, names in words.items() if names)


def prove(
    original: nn.Module,
    made: nn.Module,
    inputs: tuple[Any, ...],
    keywords: Mapping[str, Any],
    training: bool = True,
) -> Proof:
    """Compare a module with the one made of its page; the weights of the first are loaded into the second by name.

    A module on the meta device has no weights: its outputs are not compared. `training` asks for those in training too.
    """
    state, own = original.state_dict(), made.state_dict()
    common = [name for name in own if name in state]
    proof = Proof(
        sum(each.numel() for each in made.parameters()),
        tuple(name for name in state if name not in own),
        tuple(name for name in own if name not in state),
        tuple(name for name in common if own[name].shape != state[name].shape),
    )
    with _evaluating(original), _evaluating(made), torch.no_grad():
        if proof.added or proof.misshapen or any(each.is_meta for each in state.values()):
            return replace(proof, flops=_counted(original, inputs, keywords))
        made.load_state_dict({name: state[name] for name in common})
        proof = _compared(proof, original, made, inputs, keywords)
    return replace(proof, trained=_trained(original, made, inputs, keywords)) if training else proof


def _trained(
    original: nn.Module, made: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]
) -> float | None:
    """The greatest difference of two outputs in training without noise; `None` where the module does not run there."""
    try:
        theirs = [*_outputs(trained_outputs(original, inputs, keywords))]
    except Exception:  # whatever the user's own code raises, such as on a batch that is too small
        return None
    return _difference([*_outputs(trained_outputs(made, tensors_in(inputs, keywords), {}))], theirs)


def _compared(
    proof: Proof, original: nn.Module, made: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Proof:
    """The proof with what both give, and where they part, where they do."""
    given, named = copy.deepcopy((inputs, dict(keywords)))  # a module may do its work in place
    ours = [*_outputs(made(*tensors_in(given, named)))]
    given, named = copy.deepcopy((inputs, dict(keywords)))
    with FlopCounterMode(display=False) as counter:
        theirs = [*_outputs(_run(original, given, named))]
    proof = replace(
        proof,
        difference=_difference(ours, theirs),
        scale=max((float(each.abs().max()) for each in theirs if each.numel()), default=0.0),
        flops=int(counter.get_total_flops()) // _examples(inputs, keywords),
    )
    if proof.holds:
        return proof
    return replace(proof, first=first_difference(original, made, inputs, keywords, proof.tolerance))


def _run(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    try:
        return module(*inputs, **keywords)
    except Exception as error:  # whatever the user's own code raises
        raise SpecError([explain(error, module, inputs, keywords)]) from error


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Within it a module is in evaluation mode; its parts' own modes are what they were afterwards."""
    with modes_kept(module):
        module.eval()
        yield


def _difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The greatest difference of two numbers; infinite where outputs have other shapes or types."""
    if [(each.shape, each.dtype) for each in ours] != [(each.shape, each.dtype) for each in theirs]:
        return float("inf")
    return max((float(gap(one, other).max()) for one, other in zip(ours, theirs) if one.numel()), default=0.0)


def flops(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> int | None:
    """What torch counts for one example as a module runs in evaluation mode; `None` where it does not run."""
    with _evaluating(module), torch.no_grad():
        return _counted(module, inputs, keywords)


def _counted(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> int | None:
    try:
        with FlopCounterMode(display=False) as counter:
            module(*inputs, **keywords)
    except Exception:  # code that asks for values fails in its own ways on the meta device
        return None
    return int(counter.get_total_flops()) // _examples(inputs, keywords)


def _examples(inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> int:
    """How many examples a batch of the inputs holds."""
    return next((len(each) for each in tensors_in(inputs, keywords) if each.dim()), 1)


def _outputs(result: Any) -> Iterator[Tensor]:
    return (each for each in tree_leaves(result) if isinstance(each, Tensor))
