"""What is inferred of a graph, held against what torch says of the module that runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from msgspec import Struct
from torch import Tensor, nn

from archspec.analysis.state_dict import tensors
from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.graph.size_rules import BASE, size_rules, trial_sizes
from archspec.language.diagnostics import Diagnostic
from archspec.ops.shapes import FLOAT, Batch, Carried, Shape, dtype_of, form_of, known, whole
from archspec.runtime.torch_errors import watched

MOST_BOXES = 16
"""The boxes of an example when the module runs: their number is in no tensor's size but the batch."""


MOVED_BATCH = 3
"""The examples in the batch where it is not always the first dimension, so that it is not taken for a size of 1."""

Sizes: TypeAlias = tuple[int | None, ...]
"""All dimensions of a tensor; `None` for one that is not inferred."""


class Mismatch(Struct, frozen=True):
    """One thing that torch says otherwise; `address` is empty for the whole network."""

    address: str
    what: str
    inferred: Any
    torch: Any


def contradiction(graph: Graph, mismatch: Mismatch) -> Diagnostic:
    """A mismatch as a message."""
    node = graph.nodes.get(mismatch.address)
    return Diagnostic(
        "verify",
        f"torch contradicts the {mismatch.what} that archspec inferred",
        node.span if node else None,
        node=mismatch.address or None,
        expected=str(mismatch.inferred),
        found=str(mismatch.torch),
        help="a bug in archspec, not a fault of the spec",
    )


def verify(graph: Graph, module: nn.Module, sizes: Mapping[str, int] | None = None) -> list[Mismatch]:
    """Every count and shape of `graph` that `module` contradicts; none where all agree.

    Compares the parameters (all and trainable), the buffers, the state_dict's names and shapes, and the output shapes
    of every call of every module that the graph names, in one run in evaluation mode with one example, or three where
    the batch moves. `sizes` are the sizes of symbolic dimensions by name, the first legal ones from 64 where left out.
    A module on the meta device runs without memory. Raises `RunError` where the
    module cannot run.
    """
    given = next(iter(trial_sizes(graph, size_rules(graph))), {})
    return [*verify_tensors(graph, module), *shape_mismatches(graph, module, {**given, **(sizes or {})})]


def shape_mismatches(graph: Graph, module: nn.Module, sizes: Mapping[str, int]) -> Iterator[Mismatch]:
    """The output shapes that `module` contradicts for these sizes of symbols, after one run in evaluation mode."""
    moves = any(form_of(shape) == "whole" for node in graph.walk() for shape in node.shapes)
    return _shapes(graph, module, _Concrete(sizes, MOVED_BATCH if moves else 1))


def verify_tensors(graph: Graph, module: nn.Module) -> list[Mismatch]:
    """Every count, name and shape of a tensor that `module` contradicts; nothing runs."""
    state = module.state_dict(keep_vars=True)
    return [*_counts(graph, state), *_state(graph, state)]


def _counts(graph: Graph, state: Mapping[str, Tensor]) -> Iterator[Mismatch]:
    parameters = {id(each): each for each in state.values() if isinstance(each, nn.Parameter)}.values()
    buffers = (each for each in state.values() if not isinstance(each, nn.Parameter))
    counts = graph.counts
    yield from _differing("", "parameters", counts.params, sum(each.numel() for each in parameters))
    trained = sum(each.numel() for each in parameters if each.requires_grad)
    yield from _differing("", "trainable parameters", counts.trainable, trained)
    yield from _differing("", "buffers", counts.buffers, sum(each.numel() for each in buffers))


def _state(graph: Graph, state: Mapping[str, Tensor]) -> Iterator[Mismatch]:
    inferred = tensors(graph)
    actual = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in sorted(inferred.keys() | actual.keys()) if inferred != actual else ():
        yield from _differing(name, "state_dict entry", inferred.get(name), actual.get(name))


def _shapes(graph: Graph, module: nn.Module, concrete: _Concrete) -> Iterator[Mismatch]:
    calls = _calls(graph.root, concrete)
    seen: dict[str, list[list[Sizes]]] = {}
    named = [(name, each) for name, each in module.named_modules() if name in graph.nodes]
    handles = [
        each.register_forward_hook(_recorder(graph.nodes[name], seen.setdefault(name, []))) for name, each in named
    ]
    was_training = module.training
    try:
        inputs = _inputs(graph, module, concrete)
        with torch.no_grad(), watched(module):
            outputs = module.eval()(*inputs)
    finally:
        module.train(was_training)
        for handle in handles:
            handle.remove()
    for name, found in seen.items():
        inferred = calls.get(name, [])
        if len(inferred) != len(found):
            yield Mismatch(name, "number of calls", len(inferred), len(found))
        for one, other in zip(inferred, found):
            yield from _differing_shapes(name, one, other)
    yield from _differing_shapes("", concrete.shapes(graph.root), _tensor_shapes(outputs))


def _calls(root: Block, concrete: _Concrete) -> dict[str, list[list[Sizes]]]:
    """The output shapes of each call of each module in evaluation mode, by the module's address and in their order."""
    found: dict[str, list[list[Sizes]]] = {}

    def visit(block: Block, address: str) -> None:
        for child in block.children:
            if child.training:
                continue
            owner = child if child.tied is None else block.children[child.tied]
            own = f"{address}.{owner.name}" if address else owner.name
            found.setdefault(own, []).append(concrete.shapes(child))
            if isinstance(child, Block):
                visit(child, own)

    visit(root, "")
    return found


def _recorder(node: NodeType, calls: list[list[Sizes]]) -> Any:
    def record(module: nn.Module, arguments: Any, output: Any) -> None:
        calls.append(_tensor_shapes(node.op.outputs_of(output) if isinstance(node, Leaf) else output))

    return record


def _tensor_shapes(output: Any) -> list[Sizes]:
    """The shapes of one or several tensors, the batch among them; none of a list, which has one for each example."""
    if isinstance(output, list):
        return []
    values: Iterable[Any] = [output] if isinstance(output, Tensor) else output
    values = values.values() if isinstance(values, Mapping) else values
    return [tuple(value.shape) for value in values if isinstance(value, Tensor)]


def _inputs(graph: Graph, module: nn.Module, concrete: _Concrete) -> list[Any]:
    """One example of noise for each input that cannot be left out."""
    like = next(module.parameters(), torch.zeros(()))
    shapes = graph.root.input_shapes
    return [_noise(shape, concrete, like) for shape in shapes if not (isinstance(shape, Carried) and shape.optional)]


def _noise(shape: Shape, concrete: _Concrete, like: Tensor) -> Any:
    """A batch of noise; whole numbers are zeros, and rows of four corners are those of a box."""
    examples = concrete.examples
    form = form_of(shape)
    if form == "records":
        assert isinstance(shape, Carried)
        return [{name: _noise(each, concrete, like)[0] for name, each in shape.fields}] * examples
    if dtype_of(shape) != FLOAT:
        batch = torch.zeros(examples, *concrete.shape(shape), dtype=getattr(torch, dtype_of(shape)), device=like.device)
    elif form == "list" and len(shape) == 2 and shape[-1] == 4:
        count = min(concrete.shape(shape)[0], MOST_BOXES)
        corners = torch.rand(examples, count, 2, 2, device=like.device) * BASE
        batch = corners.cumsum(-2).flatten(-2).to(like.dtype)
    else:
        batch = torch.randn(examples, *concrete.shape(shape), dtype=like.dtype, device=like.device)
    return list(batch) if form == "list" else batch


_TENSORS = ("tensor", "folded", "whole")


def _trains(node: NodeType, output: int) -> bool:
    """Whether an output of a node exists in training mode only."""
    if not isinstance(node, Block):
        return False
    child = node.results[output].ref.child
    return child >= 0 and (
        node.children[child].training or _trains(node.children[child], node.results[output].ref.output)
    )


class _Concrete(Struct, frozen=True):
    """Sizes for symbolic dimensions, and the number of examples in the batch."""

    sizes: Mapping[str, int]
    examples: int = 1

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return tuple(map(self._size, shape))

    def whole(self, shape: Shape) -> Sizes:
        """All dimensions; how many items are folded into the batch is found out when the network runs."""
        if form_of(shape) == "folded":
            return None, *self.shape(shape)
        return self.shape(whole(shape))

    def shapes(self, node: NodeType) -> list[Sizes]:
        """The shapes of what a node gives in evaluation mode: its tensors, without values of other forms."""
        lasting = [not _trains(node, output) for output in range(len(node.shapes))]
        return [self.whole(shape) for shape, lasts in zip(node.shapes, lasting) if lasts and form_of(shape) in _TENSORS]

    def _size(self, dim: Any) -> int:
        if known(dim):
            return int(dim)
        if isinstance(dim, Batch):
            return self._size(dim.count) * int(self.examples**dim.power)
        return int(dim.at({name: self.sizes.get(name, BASE) for name in dim.names}))


def _differing_shapes(address: str, inferred: Sequence[Sizes], actual: Sequence[Sizes]) -> Iterator[Mismatch]:
    """What differs; where no batch does, it is not shown."""
    agree = len(inferred) == len(actual) and all(map(_agree, inferred, actual))
    if not agree:
        batches = [sizes[:1] for sizes in (*inferred, *actual)]
        shown = 1 if all(_agree(batches[0], each) for each in batches) else 0
        yield Mismatch(address, "output shapes", [each[shown:] for each in inferred], [each[shown:] for each in actual])


def _agree(one: Sizes, other: Sizes) -> bool:
    return len(one) == len(other) and all(None in pair or pair[0] == pair[1] for pair in zip(one, other))


def _differing(address: str, what: str, inferred: Any, actual: Any) -> Iterator[Mismatch]:
    if inferred != actual:
        yield Mismatch(address, what, inferred, actual)
