"""Modes: the calls of evaluation and those of training → one trace, which says what training alone does.

Before: evaluation `conv, bn, add`;  training `conv, bn, stochastic_depth, add`, and an auxiliary head beside them.
After:  `conv, bn, stochastic_depth, add`, and the head's calls with `training` set.

Training's calls are taken, and each is held against evaluation's: one that evaluation has too must take the same
values there. Noise hands its input on in evaluation; what else only training does must lead to outputs of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from msgspec.structs import replace
from torch import nn

from archspec.importing.calls import Call, Trace, Value, tensors
from archspec.importing.liveness import live
from archspec.importing.noise import NOISE, RATES, bypassed, with_noise


class ModesError(Exception):
    """What a module does in training cannot be said beside what it does in evaluation; the message says what."""


def may_differ(module: nn.Module) -> bool:
    """Whether the code of some module asks for its mode; torch's own layers say theirs by their class."""
    kinds = {type(each) for each in module.modules() if not type(each).__module__.startswith("torch.nn.modules.")}
    return any("training" in names for kind in kinds for names in _names(kind))


def _names(kind: type) -> Iterator[Sequence[Any]]:
    """The names that the methods of a class use, and their constants."""
    for owner in kind.__mro__:
        if owner is nn.Module or owner is object:
            continue
        for method in vars(owner).values():
            code = getattr(getattr(method, "__func__", method), "__code__", None)
            if code is not None:
                yield code.co_names
                yield code.co_consts


def joined(evaluated: Trace, trained: Trace) -> Trace:
    """Both traces of one module as one; raises `ModesError` where they part by more than noise and more outputs."""
    trained = live(with_noise(bypassed(trained)))
    joiner = _Joiner(evaluated, trained)
    calls = tuple(map(joiner.joined, trained.calls))
    return replace(trained, calls=calls, outputs=dict(joiner.outputs()))


class _Joiner:
    def __init__(self, evaluated: Trace, trained: Trace) -> None:
        self.evaluated, self.trained = evaluated, trained
        self.partners = _partners(trained.calls, evaluated.calls)
        self.same = _noiseless(evaluated)
        """What a value is in evaluation, where noise hands on what it takes."""
        inputs = zip(trained.inputs.values(), evaluated.inputs.values())
        self.instead: dict[Value, Value] = dict(inputs)
        """What stands in evaluation where a value stands in training."""
        lone = set(map(id, evaluated.calls)) - set(map(id, self.partners.values()))
        for call in evaluated.calls:
            if id(call) in lone:
                raise ModesError(f"`{call.target}` runs in evaluation alone ({call.place})")

    def joined(self, call: Call) -> Call:
        """A call of training, told whether evaluation has it too."""
        partner = self.partners.get(id(call))
        taken = call.taken
        if partner is not None:
            if [*map(self._seen, taken)] != [value.held or self._clean(value) for value in partner.taken]:
                raise ModesError(f"`{call.target}` takes other values in training ({call.place})")
            if _plain(call) != _plain(partner):
                raise ModesError(f"`{call.target}` has other settings in training ({call.place})")
            self.instead |= dict(zip(call.outputs, partner.outputs))
            return call
        if call.target in NOISE and taken[0] in self.instead:
            self.instead[call.outputs[0]] = self.instead[taken[0]]
            return call
        return replace(call, training=True)

    def _seen(self, value: Value) -> Any:
        return value.held or self._clean(self.instead.get(value))

    def _clean(self, value: Value | None) -> Value | None:
        return self.same.get(value, value) if value else None

    def outputs(self) -> Iterator[tuple[str | None, Value]]:
        """Training's outputs, those of evaluation among them."""
        shared = [self._clean(self.instead[each]) for each in self.trained.outputs.values() if each in self.instead]
        if shared != [*map(self._clean, self.evaluated.outputs.values())]:
            raise ModesError("the outputs of evaluation are none of those in training")
        if len(self.trained.outputs) == len(shared):
            yield from zip(self.evaluated.outputs, self.trained.outputs.values())
        else:
            yield from self.trained.outputs.items()


def _noiseless(trace: Trace) -> dict[Value, Value]:
    """For what noise gives in evaluation what it takes."""
    same: dict[Value, Value] = {}
    for call in trace.calls:
        if call.target in NOISE:
            (taken, *_) = call.taken
            same[call.outputs[0]] = same.get(taken, taken)
    return same


def _partners(ours: Sequence[Call], theirs: Sequence[Call]) -> dict[int, Call]:
    """For each of some calls the same one among others, as far as both are in one order."""
    matcher = SequenceMatcher(None, [*map(_likeness, ours)], [*map(_likeness, theirs)], autojunk=False)
    return {
        id(ours[block.a + at]): theirs[block.b + at]
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
    }


def _likeness(call: Call) -> tuple[Any, ...]:
    return call.target, tuple(frame.key for frame in call.frames), tuple(value.shape for value in call.outputs)


def _plain(call: Call) -> list[Any]:
    """The arguments that are no tensors, but for those that say how much noise there is."""
    plain = (each for name, each in call.arguments.items() if name not in RATES and not tensors(each))
    return [None if each is False else each for each in plain]
