"""Which modules may overwrite their input: saves memory, changes no result.

An activation overwrites what a norm gives, and not what somebody else reads too:

>>> from archspec.elaborate.example import example
>>> from archspec.codegen import source
>>> text = source(example('{a: batch_norm, b: relu, c: {add: [b, input]}}'))
>>> [line.strip() for line in text.splitlines() if 'ReLU' in line]
['self.b = nn.ReLU(inplace=True)']
>>> text = source(example('{a: batch_norm, b: relu, c: {add: [b, a]}}'))
>>> [line.strip() for line in text.splitlines() if 'ReLU' in line]
['self.b = nn.ReLU()']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

from msgspec.structs import replace

from archspec.graph.dataflow import Flow
from archspec.graph.inplace_conflicts import asks, overwriting
from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, Ref
from archspec.ops.base import Argument, Module
from archspec.templates.module_calls import ModuleOf, own_modules


def with_inplace(graph: Graph) -> ModuleOf:
    """The constructor calls of a graph's modules, with `inplace` decided wherever the spec leaves it open.

    A module overwrites its input only where nothing else reads that value, it is a fresh tensor, and autograd has not
    kept it for the backward pass; where the spec asks for it, only where no one could tell. All calls of one definition
    decide alike.
    """
    safe: dict[Hashable, bool] = {}
    places: dict[int, Hashable] = {}
    candidates = list(_candidates(graph.root, (), ()))
    asked = any(asks(leaf.op) for leaf, _, _ in candidates)
    refused = {id(each.call.owner) for each in overwriting(Flow.of(graph))} if asked else frozenset()
    for leaf, place, here in candidates:
        fits = id(leaf) not in refused if asks(leaf.op) else here
        safe[place] = safe.get(place, True) and fits
        places[id(leaf)] = place
    own = own_modules()
    decided: dict[tuple[int, bool], Module] = {}

    def module_of(leaf: Leaf) -> Module | None:
        module = own(leaf)
        if module is None:
            return None
        key = id(module), safe.get(places.get(id(leaf)), False)
        if key not in decided:
            decided[key] = _decided(module, key[1])
        return decided[key]

    return module_of


def _candidates(
    block: Block, definition: Hashable, path: tuple[Hashable, ...]
) -> Iterator[tuple[Leaf, Hashable, bool]]:
    """Every leaf whose op can work in place: its place in the definition, and whether it is safe here."""
    readers = Counter(ref for child in block.children for ref in child.inputs)
    readers.update(result.ref for result in block.results)
    tied = {child.tied for child in block.children}
    for number, child in enumerate(block.children):
        here = (*path, child.slot)
        if isinstance(child, Block):
            kind = (child.kind, child.title)
            yield from _candidates(child, kind if child.kind else definition, () if child.kind else here)
        elif child.op.in_place:
            alone = number not in tied and child.tied is None
            yield child, (definition, here), alone and _may_overwrite(block, child.inputs[0], readers)


def _may_overwrite(block: Block, ref: Ref, readers: Counter[Ref]) -> bool:
    if ref.child == ENCLOSING or readers[ref] != 1:
        return False
    source = block.children[ref.child]
    return isinstance(source, Leaf) and not (source.op.saves_output or source.op.shares_memory)


def _decided(module: Module, safe: bool) -> Module:
    arguments = tuple(_settled(argument, safe) for argument in module.arguments)
    return replace(module, arguments=arguments)


def _settled(argument: Argument, safe: bool) -> Argument:
    """`inplace` as torch takes it: false unless it is safe, and the spec does not forbid it."""
    if argument.name != "inplace":
        return argument
    return replace(argument, value=safe and argument.value is not False, default=False)
