"""Read: torch.export's program → calls over values.

Before: `%add_ : call_function[aten.add_.Tensor](args = (%batch_norm_1, %relu))`, its modules in `nn_module_stack`.
After:  `Call("add_", {"self": batch_norm_1, "other": relu, "alpha": 1}, …, frames = (network, layer1, layer1.0))`.

What only hands a tensor on (`alias`, `contiguous`, a cast to the type it has, …) is left out: its reader takes what it
was given. `detach` is kept where a gradient would pass, and stands behind what runs under `torch.no_grad()`. After an
operation in place, whoever reads its tensor reads what it gave.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.fx import Graph, Node
from torch.utils._pytree import keystr, tree_flatten_with_path, tree_unflatten

from archspec.importing.calls import Call, Frame, Held, Trace, Value, operation, tensors
from archspec.importing.export import BATCH
from archspec.importing.liveness import live
from archspec.importing.user_code import place_in
from archspec.ops.shapes import FLOAT, Batch, Shape, dtype_of, shape_of

HANDED_ON = frozenset({"alias", "contiguous", "clone", "lift_fresh_copy", "_to_copy", "to", "type_as", "positive"})
"""Operations whose output is their input, as far as an architecture goes."""

COPIED = frozenset({"clone", "lift_fresh_copy", "_to_copy"})
"""Of these the ones whose output has memory of its own."""

VIEWS = frozenset(
    {"view", "reshape", "flatten", "unflatten", "permute", "transpose", "slice", "select", "chunk", "split", "unbind"}
    | {"split_with_sizes", "squeeze", "unsqueeze", "expand", "expand_as", "narrow", "view_as", "t", "unfold"}
)
"""Operations whose output is a part or another shape of their input's memory."""

PARTS = frozenset({"slice", "select"})
"""Of these the ones into which a part can be put back."""

SILENT = frozenset({"_assert_tensor_metadata", "sym_size", "_assert_scalar"})
"""Operations without an output."""

_KINDS = {"PARAMETER": "parameter", "BUFFER": "buffer", "CONSTANT_TENSOR": "constant"}


def read(program: ExportedProgram, module: nn.Module) -> Trace:
    """The calls of a program that was exported from this module."""
    reader = _Reader(module)
    inputs = dict(reader.placeholders(program))
    calls = tuple(reader.calls(program.graph))
    tensors = {**dict(module.named_buffers()), **program.constants}
    return live(Trace(module, calls, inputs, dict(reader.outputs(program)), tensors))


class _Reader:
    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.values: dict[Node, Value] = {}
        self.memory: dict[Node, Node] = {}
        """The first node of those that hold one tensor."""
        self.passing: set[Value] = set()
        """The values through which a gradient passes to an input or to a tensor that trains."""
        self.one_precision = {each.dtype for each in module.parameters()} <= {torch.float32}

    def placeholders(self, program: ExportedProgram) -> Iterator[tuple[str, Value]]:
        """The network's inputs by name; the tensors that it holds are noted."""
        specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
        for node in program.graph.nodes:
            if node.op != "placeholder" or not isinstance(node.meta.get("val"), torch.Tensor):
                continue
            spec = specs[node.name]
            kind = _KINDS.get(spec.kind.name)
            held = Held(spec.target, kind, spec.persistent is not False) if kind and spec.target else None  # type: ignore[arg-type]
            value = self.values[node] = Value(node.name, shape_read(node.meta["val"], held), held)
            if self._has_gradient(node.meta["val"], held):
                self.passing.add(value)
            if held is None:
                yield node.name, value

    def _has_gradient(self, tensor: torch.Tensor, held: Held | None) -> bool:
        """Whether an input is of floats, or a tensor that the module holds trains."""
        if held is None or held.kind != "parameter":
            return held is None and tensor.dtype.is_floating_point
        return self.module.get_parameter(held.key).requires_grad

    def calls(self, graph: Graph) -> Iterator[Call]:
        """The calls of a graph, and of the graphs in it that run under settings of their own, as without gradients."""
        for node in graph.nodes:
            if node.op == "call_function" and node.target is not operator.getitem:
                target = _target(node)
                if target.startswith("wrap_with_"):
                    yield from self._inside(node)
                    continue
                if self._only_hands_on(node, target) or _pads_nothing(target, node):
                    self._hand_on(node, target)
                elif target not in SILENT:
                    if not self._copies(node, target):
                        yield self._call(node, target)
                    yield from self._written_back(node, target)

    def _inside(self, node: Node) -> Iterator[Call]:
        """The calls of a graph inside a node, which takes the node's last arguments."""
        place, graph = next((at, each) for at, each in enumerate(map(_graph_of, node.args)) if each is not None)
        given = [each for each in graph.nodes if each.op == "placeholder"]
        self.values |= {own: self.values[other] for own, other in zip(given, node.args[place + 1 :])}  # type: ignore[index]
        yield from self.calls(graph)
        (made,) = (each for each in graph.nodes if each.op == "output")
        results: Any = made.args[0]
        without_gradient = _target(node) == "wrap_with_set_grad_enabled" and not node.args[0]
        for taker in node.users:
            value = self.values[taker] = self.values[results[taker.args[1]]]
            if without_gradient and value in self.passing:
                yield self._detached(taker, value)

    def _detached(self, node: Node, value: Value) -> Call:
        """What a node takes out of a part that ran without gradients, as a value through which none passes."""
        made = self.values[node] = Value(f"{node.name}_detached", value.shape)
        frames, place = tuple(self._frames(node)), place_in(node.meta.get("stack_trace"))
        function = torch.ops.aten.detach.default
        return Call("detach", {"self": value}, (made,), frames, place, function=function, dtype=node.meta["val"].dtype)

    def _only_hands_on(self, node: Node, target: str) -> bool:
        """Whether an operation gives the tensor that it takes, of the same type, and its gradient with it."""
        if target in ("detach", "detach_"):
            return self.values[node.args[0]] not in self.passing  # type: ignore[index]
        return target in HANDED_ON and (_same_type(node) or (not self.one_precision and _both_floats(node)))

    def _hand_on(self, node: Node, target: str) -> None:
        given: Any = node.args[0]
        self.values[node] = self.values[given]
        if target not in COPIED:
            self.memory[node] = self.memory.get(given, given)

    def _overwrite(self, node: Node) -> None:
        """Let all that hold the tensor of an operation in place hold what it gave."""
        given: Any = node.args[0]
        self.memory[node] = self.memory.get(given, given)
        self._let_hold(node, self.values[node])

    def _copies(self, node: Node, target: str) -> bool:
        """Whether an operation only puts a value in the place of another of its shape, which is noted then."""
        if target != "copy_" or _is_read_whole(node):
            return False
        there, given = self.values[node.args[0]], self.values.get(node.args[1])  # type: ignore[index,arg-type]
        if given is None or given.shape != there.shape:
            return False
        self.values[node] = given
        self._overwrite(node)
        return True

    def _written_back(self, node: Node, target: str) -> Iterator[Call]:
        """The calls that put what an operation in place gave into the tensors that its own is a part of."""
        if not _is_in_place(node, target) or _is_read_whole(node):
            return
        part: Any = node.args[0]
        given = self.values[node]
        while part.op == "call_function" and _target(part) in PARTS:
            whole, kind = part.args[0], _target(part)
            fields = {name: each for name, each in arguments_by_name(part).items() if name != "self"}
            arguments = {"self": self.values[whole], "src": given, **fields}
            given = Value(f"{node.name} in {whole.name}", self.values[whole].shape)
            frames, place = tuple(self._frames(node)), place_in(node.meta.get("stack_trace"))
            function = getattr(torch.ops.aten, f"{kind}_scatter").default
            dtype = whole.meta["val"].dtype
            yield Call(f"{kind}_scatter", arguments, (given,), frames, place, function=function, dtype=dtype)
            self._let_hold(whole, given)
            part = whole

    def _let_hold(self, node: Node, value: Value) -> None:
        """Let all that hold the tensor of a node hold another value."""
        first = self.memory.get(node, node)
        for each in [*self.values]:
            if self.memory.get(each, each) is first:
                self.values[each] = value

    def outputs(self, program: ExportedProgram) -> Iterator[tuple[str | None, Value]]:
        (node,) = (node for node in program.graph.nodes if node.op == "output")
        names = _output_names(program)
        given = [(name, each) for name, each in zip(names, node.args[0]) if isinstance(each, Node)]
        for name, each in given:
            yield (name if len(given) > 1 else None), self.values[each]

    def _call(self, node: Node, target: str) -> Call:
        outputs = tuple(self._outputs(node))
        frames = tuple(self._frames(node))
        schema = getattr(node.target, "_schema", None)
        defaults = {each.name: each.default_value for each in schema.arguments} if schema else {}
        arguments = {name: self._argument(each) for name, each in arguments_by_name(node).items()}
        if target == "cat":
            arguments["tensors"] = _not_empty(arguments["tensors"])
        self._pass_on(target, arguments, outputs)
        if target == "detach":
            given: Any = node.args[0]
            self.memory[node] = self.memory.get(given, given)
        if in_place := _is_in_place(node, target):
            self._overwrite(node)
        function, dtype = (node.target, getattr(node.meta["val"], "dtype", None)) if schema else (None, None)
        lasting = in_place and _is_read_whole(node)
        return Call(
            target,
            arguments,
            outputs,
            frames,
            place_in(node.meta.get("stack_trace")),
            defaults,
            lasting,
            False,
            function,
            dtype,
        )

    def _pass_on(self, target: str, arguments: Mapping[str, Any], outputs: tuple[Value, ...]) -> None:
        """Note what an operation gives where a gradient passes through it."""
        taken = {value for each in arguments.values() for value in tensors(each)}
        if target not in ("detach", "detach_") and taken & self.passing:
            self.passing |= {value for value in outputs if dtype_of(value.shape) == FLOAT}

    def _outputs(self, node: Node) -> Iterator[Value]:
        """The values that a node gives; one of several is taken from it by a node of its own."""
        made = node.meta["val"]
        if isinstance(made, torch.Tensor):
            self.values[node] = Value(node.name, shape_read(made))
            yield self.values[node]
        elif isinstance(made, (tuple, list)):
            takers = {user.args[1]: user for user in node.users if user.target is operator.getitem}
            for number, each in enumerate(made):
                taker = takers.get(number)
                value = Value(taker.name if taker else f"{node.name}[{number}]", shape_read(each))
                if taker:
                    self.values[taker] = value
                    self.values |= {user: value for user in node.users if user.args[1:] == (number,)}
                yield value

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, Node):
            return self.values.get(argument, argument.name)
        if isinstance(argument, (list, tuple)):
            return tuple(map(self._argument, argument))
        return argument

    def _frames(self, node: Node) -> Iterator[Frame]:
        for key, (path, _) in (node.meta.get("nn_module_stack") or {}).items():
            clean = re.sub(r"^(L\['self'\]|L__self__|self)\.?", "", path)
            yield Frame(key, clean, self.module.get_submodule(clean))


def arguments_by_name(node: Node) -> Mapping[str, Any]:
    """All arguments with the schema's own defaults for those that were not given; by number where there is none."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {str(number): each for number, each in enumerate(node.args)}
    given = dict(zip((each.name for each in schema.arguments), node.args)) | dict(node.kwargs)
    return {each.name: given.get(each.name, each.default_value) for each in schema.arguments}


def shape_read(tensor: torch.Tensor, held: Held | None = None) -> Shape:
    """The shape of an exported tensor: wherever the batch is a factor of a size, it stands there.

    What a module holds has no batch, whatever its sizes.
    """
    dims = [
        Batch(size // BATCH) if size % BATCH == 0 and size and not held else size for size in map(int, tensor.shape)
    ]
    return shape_of(dims, "float32" if tensor.dtype.is_floating_point else str(tensor.dtype).removeprefix("torch."))


def _target(node: Node) -> str:
    """The name of an operation without its namespace and overload: `conv2d`."""
    return operation(node.target) if hasattr(node.target, "_schema") else str(node.target)


def _same_type(node: Node) -> bool:
    """Whether what might convert a tensor leaves its elements of the type that they are."""
    (given, *_) = node.args
    return bool(given.meta["val"].dtype == node.meta["val"].dtype)  # type: ignore[union-attr]


def _both_floats(node: Node) -> bool:
    """Whether a tensor is of floats before and after, which a page does not tell apart."""
    (given, *_) = node.args
    return bool(given.meta["val"].dtype.is_floating_point and node.meta["val"].dtype.is_floating_point)  # type: ignore[union-attr]


def _graph_of(argument: Any) -> Graph | None:
    """The graph that a node names, as one of its owner's modules."""
    if not isinstance(argument, Node) or argument.op != "get_attr":
        return None
    graph = getattr(argument.graph.owning_module, str(argument.target)).graph
    return graph if isinstance(graph, Graph) else None


def _not_empty(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values that hold something, where there are some."""
    return tuple(value for value in values if 0 not in tuple(value.shape)) or values


def _is_in_place(node: Node, target: str) -> bool:
    """Whether an operation writes its result into its first argument."""
    return target.endswith("_") and not target.endswith("__") and bool(node.args) and isinstance(node.args[0], Node)


def _is_read_whole(node: Node) -> bool:
    """Whether what an operation in place writes into is a part of a tensor that others read, and cannot be put back."""
    part: Any = node.args[0]
    while part.op == "call_function" and _target(part) in PARTS:
        part = part.args[0]
    while part.op == "call_function" and _target(part) in VIEWS:
        part = part.args[0]
        if len(part.users) > 1:
            return True
    return False


def _pads_nothing(target: str, node: Node) -> bool:
    """Whether it is a padding by nothing, as of a size that is divisible already."""
    return target in ("pad", "constant_pad_nd") and not any(node.args[1])  # type: ignore[arg-type]


def _output_names(program: ExportedProgram) -> list[str | None]:
    """The outputs' names: their keys, fields or numbers; a lone one that stands in nothing has none."""
    spec = program.call_spec.out_spec
    leaves, _ = tree_flatten_with_path(tree_unflatten([*range(spec.num_leaves)], spec)) if spec else ([], None)
    names = ["_".join(filter(None, re.split(r"\W+", keystr(path)))) for path, _ in leaves]
    return [None if not name else f"output{name}" if name[0].isdigit() else name for name in names]
