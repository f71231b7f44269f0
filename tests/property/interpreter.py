"""The graph run op by op, each by the torch class or expression that it names: the judge of the generated module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from tests.ops.realising import realise


class Interpreter:
    """Runs a graph with the weights of a module; `seen` holds the outputs of each node's first call by its address."""

    def __init__(self, graph: Graph, module: nn.Module) -> None:
        self.graph = graph
        self.training = module.training
        self.state = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
        self.seen: dict[str, tuple[Any, ...]] = {}
        self._made: dict[str, nn.Module] = {}

    def __call__(self, *inputs: Tensor) -> list[Any]:
        """The network's outputs in their order, those that exist in training alone only then."""
        root = self.graph.root
        values = self._run(root, root, "", [value.clone() for value in inputs])
        lasting = [self.training or not _trains(root, result.ref) for result in root.results]
        return [value for value, lasts in zip(values, lasting) if lasts]

    def _run(self, block: Block, module: Block, address: str, given: Sequence[Any]) -> list[Any]:
        made: list[tuple[Any, ...]] = []

        def value(ref: Ref) -> Any:
            return given[ref.output] if ref.child == ENCLOSING else made[ref.child][ref.output]

        for child, own in zip(block.children, module.children):
            owner = own if own.tied is None else module.children[own.tied]
            if child.training and not self.training:
                made.append((None,) * len(child.shapes))
                continue
            outputs = self._child(child, owner, f"{address}{owner.name}", [value(ref) for ref in child.inputs])
            self.seen.setdefault(child.address, outputs)
            made.append(outputs)
        return [value(result.ref) for result in block.results]

    def _child(self, node: NodeType, owner: NodeType, address: str, inputs: Sequence[Any]) -> tuple[Any, ...]:
        if isinstance(node, Block):
            assert isinstance(owner, Block)
            return tuple(self._run(node, owner, f"{address}.", inputs))
        assert isinstance(owner, Leaf)
        run = (
            self._module(owner, address)
            if owner.op.module(*owner.input_shapes)
            else realise(node.op, *node.input_shapes)
        )
        outputs = run(*(value.clone() for value in inputs))
        return outputs if isinstance(outputs, tuple) else (outputs,)

    def _module(self, owner: Leaf, address: str) -> nn.Module:
        """The module of a leaf, made once, never in place, with its weights."""
        if address not in self._made:
            given = {"inplace": False} if owner.op.in_place else {}
            made = realise(owner.op, *owner.input_shapes, **given)
            assert isinstance(made, nn.Module)
            own = {name: self.state[f"{address}.{name}"] for name in made.state_dict()}
            made.load_state_dict(own)
            self._made[address] = made.train(self.training)
        return self._made[address]


def _trains(block: Block, ref: Ref) -> bool:
    return ref.child != ENCLOSING and block.children[ref.child].training


def values_of(outputs: Any) -> list[Any]:
    """What a network gives, one by one, without what is missing."""
    if isinstance(outputs, Tensor):
        return [outputs]
    values = outputs.values() if isinstance(outputs, Mapping) else outputs
    return [value for value in values if value is not None]


def close(one: Any, other: Any) -> bool:
    """Whether two values agree to rounding."""
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-3, atol=1e-4, equal_nan=True)
