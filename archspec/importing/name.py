"""Name: calls → steps, each an op with the values it takes and gives.

Before: `batch_norm(x, weight, bias, mean, var, …)` inside `bn1`, a `BatchNorm2d`; `add_(bn, input)` inside `layer1.0`.
After:  `Step(batch_norm, "layer1.0.bn1", (x,), (bn,))`; `Step(add, None, (bn, input), (sum,))`.

All calls inside one of torch's own modules are one step, whose op has the module's name. A call of a function is a
step without a name. A tensor that a module holds and uses directly is a step of its own, named by its key. What has no
word is a step of the op `opaque`, and is listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from archspec.importing.calls import Call, Frame, Held, Trace, Value
from archspec.importing.constants import said
from archspec.importing.modules import may_be_called, may_have_word, op_of
from archspec.importing.opaque import Opaque
from archspec.importing.words import Word, word_of
from archspec.ops import Op, OpError, lifting, ops
from archspec.ops.shapes import Batch, Shape, dtype_of, whole


class Step(Struct, frozen=True, eq=False):
    """One op. `path` is its address where it is a module or a held tensor; `frames` are the calls around it."""

    op: Op
    path: str | None
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    frames: tuple[Frame, ...]
    key: str = ""
    """The call of the module that it is, where it is one."""
    training: bool = False
    """Whether it runs in training alone."""


class Missing(Struct, frozen=True):
    """What has no word: torch's name for it, the module that it ran in, and the line."""

    function: str
    module: str
    place: str


class Steps(Struct, frozen=True):
    """All steps in order, and what had no word among them."""

    trace: Trace
    steps: tuple[Step, ...]
    missing: tuple[Missing, ...]


def name(trace: Trace) -> Steps:
    """The steps of a trace."""
    namer = _Namer(trace)
    for frame, calls in _grouped(trace.calls, _derived(trace)):
        namer.add(frame, calls)
    return Steps(trace, tuple(namer.steps), tuple(dict.fromkeys(namer.missing)))


def _derived(trace: Trace) -> frozenset[str]:
    """The calls of modules of classes derived from torch's own that compute nothing but what that does."""
    inside = _inside(trace)
    alone = (calls[0] for calls in inside.values() if len(calls) == 1)
    over_channels = (calls[0].frames[-1].key for calls in inside.values() if _is_channel_norm(calls))
    return frozenset([*(call.frames[-1].key for call in alone if _computes_it(call)), *over_channels])


def _is_channel_norm(calls: Sequence[Call]) -> bool:
    """Whether calls are a layer norm of the channels of maps: these are moved behind, normalised and moved back."""
    targets = [call.target for call in calls]
    if targets not in (["permute", "layer_norm", "permute"], ["movedim", "layer_norm", "movedim"]):
        return False
    if len({call.frames[-1].key for call in calls}) > 1:
        return False
    if targets[0] == "permute":
        return (calls[0]["dims"], calls[2]["dims"]) == ((0, 2, 3, 1), (0, 3, 1, 2))
    moves = [(call["source"], call["destination"]) for call in (calls[0], calls[2])]
    return moves == [(1, -1), (-1, 1)]


def _inside(trace: Trace) -> dict[str, list[Call]]:
    """The calls of functions inside each call of a module."""
    inside: dict[str, list[Call]] = defaultdict(list)
    for call in trace.calls:
        for frame in call.frames:
            inside[frame.key].append(call)
    return inside


def _is_plain(frame: Frame) -> bool:
    """Whether a module holds nothing: one that computes one function is that function under a name."""
    return bool(frame.path) and not frame.module.state_dict() and not [*frame.module.children()]


def _computes_it(call: Call) -> bool:
    module = call.frames[-1].module
    return not any("." in key for key in module.state_dict()) and may_be_called(module, call.target)


def _grouped(calls: Sequence[Call], derived: Container[str]) -> Iterator[tuple[Frame | None, list[Call]]]:
    """Calls in a row that are one call of one of torch's own modules, with that; the others one by one."""
    for _, group in groupby(calls, lambda call: frame.key if (frame := _own_module(call, derived)) else id(call)):
        together = [*group]
        yield _own_module(together[0], derived), together


def _own_module(call: Call, derived: Container[str]) -> Frame | None:
    """The outermost call of a module that may be an op as a whole."""
    return next((each for each in call.frames if may_have_word(each.module) or each.key in derived), None)


class _Namer:
    def __init__(self, trace: Trace) -> None:
        self.steps: list[Step] = []
        self.missing: list[Missing] = []
        self.stands: set[Value] = set()
        """The held tensors that are steps."""
        self.tensors = trace.tensors
        self.spread: dict[Value, Value] = {}
        self.module = trace.module
        self.given = [*trace.inputs.values()]
        self.alone = {calls[0].frames[-1].key for calls in _inside(trace).values() if len(calls) == 1}
        self.called = {frame.path for call in trace.calls for frame in call.frames}
        self.readers = _readers(trace)
        self.joined = _joined(trace)

    def add(self, frame: Frame | None, calls: Sequence[Call]) -> None:
        """The step of calls that belong together, or one for each where they are no op as a whole."""
        first = len(self.steps)
        self._add(frame, calls)
        if any(call.training for call in calls):
            self.steps[first:] = [replace(step, training=True) for step in self.steps[first:]]

    def _add(self, frame: Frame | None, calls: Sequence[Call]) -> None:
        step = self._whole(calls, frame) if frame else None
        if step:
            for value in step.inputs:
                if value.held:
                    self._stand(value, replace(calls[0], frames=step.frames))
            self.steps.append(step)
            return
        for call in calls:
            if borrowed := self._borrowed(call):
                self.steps.append(borrowed)
                continue
            self._hold(call)
            if self._spreads(call):
                self.spread[call.outputs[0]] = call["self"]
                continue
            self.steps.append(self._function(call) or self._opaque(call))

    def _whole(self, calls: Sequence[Call], frame: Frame) -> Step | None:
        """The calls inside a module of torch's own as one op."""
        made = dict.fromkeys(value for call in calls for value in call.outputs)
        taken = dict.fromkeys(value for call in calls for value in call.taken)
        inputs = tuple(value for value in taken if value not in made and not _is_own(value, frame))
        outputs = tuple(value for value in made if self.readers.get(value, set()) - set(map(id, calls)))
        more = {"dim": 1} if _is_channel_norm(calls) else {}
        op = op_of(frame.module, _shapes(inputs), _shapes(outputs), **more)
        around = calls[0].frames[: calls[0].frames.index(frame)]
        return Step(op, frame.path, inputs, outputs, around, frame.key) if op else None

    def _borrowed(self, call: Call) -> Step | None:
        """A call of a function with the tensors of one of torch's own modules, as a call of that module."""
        owners = {each.held.key.rpartition(".")[0] for each in call.taken if each.held and each.held.kind != "constant"}
        if len(owners) != 1 or not call.frames:
            return None
        (path,) = owners
        if any(frame.path == path for frame in call.frames):
            return None  # its tensors are the block's own keys
        inputs = tuple(value for value in call.taken if value.held is None)
        op = op_of(self.module.get_submodule(path), _shapes(inputs), _shapes(call.outputs)) if path else None
        same = op and call.target.rstrip("_123d") in (op.name, op.name.replace("_", ""))
        return (
            Step(op, path, inputs, call.outputs, call.frames, f"{path}@{call.outputs[0].name}") if op and same else None
        )

    def _spreads(self, call: Call) -> bool:
        """Whether a call only gives a value to each example of the batch, for joins alone, which do so themselves."""
        if call.target not in ("expand", "expand_as") or not isinstance(call["self"], Value):
            return False
        before, after = whole(call["self"].shape), whole(call.outputs[0].shape)
        given = before[:1] == (1,) and len(before) == len(after) and before[1:] == after[1:]
        return given and type(after[0]) is Batch and call.outputs[0] in self.joined

    def _function(self, call: Call) -> Step | None:
        """A call of a function as an op, where one gives what the function gave."""
        word = None if call.lasting else word_of(call)
        if word is not None and word.op in JOINS:
            word = replace(word, inputs=tuple(self.spread.get(value, value) for value in word.inputs))
        if word is not None and _lacks_batch(word):
            word = replace(word, inputs=(*word.inputs[: word.op == "expand"], *self._with_batch()))
        if word is None or any(value.held and value not in self.stands for value in word.inputs):
            return None
        try:
            kind = ops()[word.op]
            known = {name: info.default for name, info in kind.model_fields.items() if not info.is_required()}
            op = kind.of({name: each for name, each in word.fields.items() if name not in known or known[name] != each})
            outputs = self._said(call.outputs, len(shapes := lifting.infer(op, _shapes(word.inputs))))
            if shapes != _shapes(outputs):
                return None
        except (KeyError, ValidationError, OpError):
            return None
        if call.frames and call.frames[-1].key in self.alone and _is_plain(call.frames[-1]):
            return Step(op, call.frames[-1].path, word.inputs, outputs, call.frames[:-1], call.frames[-1].key)
        return Step(op, None, word.inputs, outputs, call.frames)

    def _said(self, outputs: tuple[Value, ...], count: int) -> tuple[Value, ...]:
        """The first of what a call gives, where nothing reads the others, as the places of a pool's maxima."""
        return outputs if any(value in self.readers for value in outputs[count:]) else outputs[:count]

    def _with_batch(self) -> Iterator[Value]:
        """The last value whose first dimension is the batch: it says how many examples there are."""
        values = (value for step in reversed(self.steps) for value in step.outputs)
        found = next((value for value in values if whole(value.shape)[:1] == (Batch(),)), None)
        yield found or next(iter(self.given))

    def _opaque(self, call: Call) -> Step:
        module = call.frames[-1].path if call.frames else ""
        self.missing.append(Missing(call.target, module, call.place))
        inputs = tuple(dict.fromkeys(value for value in call.taken if value.held is None or value in self.stands))
        op = Opaque(function=call.target, place=call.place, shapes=_shapes(call.outputs))
        return Step(op, None, inputs, call.outputs, call.frames)

    def _hold(self, call: Call) -> None:
        """A step for each tensor that a call takes straight from a module around it, or that is a constant."""
        for value in dict.fromkeys(call.taken):
            if value.held:
                self._keep(value, value.held, call)

    def _stand(self, value: Value, call: Call) -> None:
        """A step for a held tensor that a whole module takes: an opaque one where no op makes it."""
        assert value.held is not None
        self._keep(value, value.held, call)
        if value not in self.stands:
            self.stands.add(value)
            self.missing.append(Missing(value.held.kind, value.held.key.rpartition(".")[0], call.place))
            op = Opaque(function=value.held.kind, place=call.place, shapes=(value.shape,))
            self.steps.append(Step(op, None, (), (value,), call.frames))

    def _keep(self, value: Value, held: Held, call: Call) -> None:
        """A step for a held tensor, where an op makes it or keeps it, and it is not one already."""
        if value in self.stands or not (op := self._held(held, value)):
            return
        own = held.key if held.kind != "constant" else None
        frames = _owner(held, call.frames, self.called) if own else call.frames
        if frames is None and not held.persistent:
            own, frames = None, call.frames
        if frames is not None:
            self.stands.add(value)
            self.steps.append(Step(op, own, (), (value,), frames))

    def _held(self, held: Held, value: Value) -> Op | None:
        """The op of a held tensor: one that makes it anew, or a place for it in the state_dict."""
        tensor = self.tensors.get(held.key)
        persistent = held.kind != "constant" and held.persistent
        if held.kind != "parameter" and tensor is not None and (op := self._constant(tensor, persistent)):
            return op
        if not persistent:
            return None
        kind = dtype_of(value.shape)
        return ops()[held.kind].of({"shape": tuple(value.shape), **({} if kind == "float32" else {"type": kind})})

    @staticmethod
    def _constant(tensor: Any, persistent: bool) -> Op | None:
        """The op that makes a constant; floats that the state_dict holds may be others there."""
        return None if persistent and tensor.is_floating_point() else said(tensor, persistent)


def _readers(trace: Trace) -> dict[Value, set[int]]:
    """Which calls read a value; the network's outputs are read from outside."""
    readers: dict[Value, set[int]] = {}
    for call in trace.calls:
        for value in call.taken:
            readers.setdefault(value, set()).add(id(call))
    for value in trace.outputs.values():
        readers.setdefault(value, set()).add(0)
    return readers


def _lacks_batch(word: Word) -> bool:
    """Whether a word makes a size with the batch of values that do not tell it."""
    sizes = word.fields.get("size") if word.op in ("expand", "full_like") else None
    wanted = any(type(size) is Batch for size in (sizes if isinstance(sizes, tuple) else ()))
    return wanted and not any(type(size) is Batch for value in word.inputs for size in whole(value.shape))


JOINS = frozenset({"concat", "add", "mul"})
"""Ops that give a value without a batch to each example."""


def _joined(trace: Trace) -> set[Value]:
    """The values that nothing but joins reads."""
    read = {True: set[Value](), False: set(trace.outputs.values())}
    for call in trace.calls:
        read[call.target.removesuffix("_") in {*JOINS, "cat"}] |= {*call.taken}
    return read[True] - read[False]


def _is_own(value: Value, frame: Frame) -> bool:
    """Whether a module holds a value itself."""
    return value.held is not None and (value.held.key.startswith(f"{frame.path}.") or not frame.path)


def _owner(held: Held, frames: tuple[Frame, ...], called: Container[str]) -> tuple[Frame, ...] | None:
    """The calls around a tensor's own module: itself the last, or one whose part it is where it is never called.

    `None` where it runs elsewhere.
    """
    owner = held.key.rpartition(".")[0]
    for number in reversed(range(len(frames))):
        path = frames[number].path
        if path == owner or (owner not in called and (not path or owner.startswith(f"{path}."))):
            return frames[: number + 1]
    return None


def _shapes(values: Sequence[Value]) -> tuple[Shape, ...]:
    return tuple(value.shape for value in values)
