"""The elaborated architecture: a tree of blocks and ops with every shape and count on it; plain frozen data.

A block holds its children in order. A child's inputs are `Ref`s to values of the same block: an earlier child's output
or one of the block's own inputs. So a block reads alike wherever it stands, and edges never cross a block's wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from archspec.graph.learned import Bound, Initialiser, Tie, is_within
from archspec.graph.roundings import Rounding
from archspec.language.identifiers import class_name
from archspec.language.source import Span
from archspec.ops import lifting
from archspec.ops.base import Op
from archspec.ops.collected_conditions import collected
from archspec.ops.conditions import SizeCondition
from archspec.ops.parametrizations import Tensors, parametrized
from archspec.ops.shapes import Count, Shape, symbolic_dims

ENCLOSING = -1
"""The `child` of a `Ref` to the enclosing block's own input."""


class Ref(NamedTuple):
    """A value inside a block: output `output` of child number `child`, or input `output` of the block itself."""

    child: int
    output: int = 0


class Result(Struct, frozen=True):
    """One output of a block: its name (`None` for a lone unnamed one) and the value."""

    name: str | None
    ref: Ref


class Counts(Struct, frozen=True):
    """What is counted of a node and all inside it.

    `params` are all parameters, of which `frozen` do not train; `buffers` are the elements of the state_dict that are
    no parameters; `macs` are one example's multiply-accumulates in inference, so training-only parts have none.
    """

    params: int = 0
    frozen: int = 0
    buffers: int = 0
    macs: Count = 0

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> Counts:
        """What is counted of several nodes."""
        params = frozen = buffers = 0
        macs: Count = 0
        for node in nodes:
            own = node.counts
            params += own.params
            frozen += own.frozen
            buffers += own.buffers
            macs += own.macs
        return cls(params, frozen, buffers, macs)

    @property
    def trainable(self) -> int:
        return self.params - self.frozen


class Node(Struct, frozen=True, eq=False):
    """What a leaf and a block share.

    `name` is the node's own name in its block (`conv2`, `0`), `address` the names from the root (`layer3.0.conv2`).
    `slot` is its place in the block's definition, equal for the same line of YAML in two calls of the same block.
    `training` is true where it runs in training mode only; `frozen` where its parameters do not train. `tied` is the
    number of the earlier child of the same block whose module, weights and all, this node uses again.
    """

    name: str
    address: str
    inputs: tuple[Ref, ...]
    input_shapes: tuple[Shape, ...]
    shapes: tuple[Shape, ...]
    slot: tuple[Any, ...]
    span: Span
    training: bool
    frozen: bool
    tied: int | None
    counts: Counts


class Leaf(Node, frozen=True, eq=False, dict=True):
    """One op.

    `parametrize` is the function of torch.nn.utils.parametrizations that its weight is computed by, if it is; `bound`
    are those of its tensors that are another layer's.
    """

    op: Op
    parametrize: str | None = None
    bound: tuple[Bound, ...] = ()

    @property
    def held(self) -> bool:
        """Whether it is a tensor that the module holds, and nothing that is called."""
        return self.op.held and not self.input_shapes

    @cached_property
    def made(self) -> dict[str, Shape]:
        """The learned tensors as its module is made with them, before any of them is parametrized."""
        return self.op.parameters(*self.input_shapes)

    @cached_property
    def filled(self) -> dict[str, Shape]:
        """Those of them that are its own, which a rule of `init` fills."""
        others = {each.tensor for each in self.bound}
        return {name: shape for name, shape in self.made.items() if name not in others}

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """The learned tensors by name, without the address."""
        return self.made if self.parametrize is None else self._parametrized(self.parametrize).parameters

    @cached_property
    def buffers(self) -> dict[str, Shape]:
        more = {} if self.parametrize is None else self._parametrized(self.parametrize).buffers
        return self.op.buffers(*self.input_shapes) | more

    def _parametrized(self, name: str) -> Tensors:
        return parametrized(name, self.made, self.op.outputs_at)

    @cached_property
    def conditions(self) -> tuple[SizeCondition, ...]:
        """What must hold of symbolic sizes that it takes; none where all of them will do."""
        if not any(True for shape in self.input_shapes for _ in symbolic_dims(shape)):
            return ()
        with collected() as found:
            lifting.infer(self.op, self.input_shapes)
        return tuple(found)


class Block(Node, frozen=True, eq=False, dict=True):
    """A block's call or a nested graph.

    `kind` is the block's name (`bottleneck`), or `None` for a nested graph without one; `title` is the name shown to a
    reader, by which the class is called (`Bottleneck`). `arguments` are the resolved params of the call. `numbered` is
    true where the children came from a list. `input_names` are the block's own inputs. `rules` are those of a whole
    spec's `init`, for the addresses inside this block; `None` where the block is no spec of its own.
    """

    kind: str | None
    title: str | None
    arguments: Mapping[str, Any]
    numbered: bool
    input_names: tuple[str, ...]
    children: tuple[NodeType, ...]
    results: tuple[Result, ...]
    rules: tuple[Initialiser, ...] | None = None

    @cached_property
    def size(self) -> int:
        """The number of nodes, this one and all inside it."""
        return 1 + sum(child.size if type(child) is Block else 1 for child in self.children)

    def resolve(self, ref: Ref) -> Shape:
        """The shape of a value inside this block."""
        return self.input_shapes[ref.output] if ref.child == ENCLOSING else self.children[ref.child].shapes[ref.output]


NodeType: TypeAlias = Leaf | Block
AnyNode = TypeVar("AnyNode", bound=Node)


def inside(block: Block) -> Sequence[NodeType]:
    """Every node inside a block, parents before their children, in the order of the spec."""
    found: list[NodeType] = []
    _gather(block, found.append)
    return found


def _gather(block: Block, add: Callable[[NodeType], object]) -> None:
    for child in block.children:  # of thousands: `isinstance` would ask a Struct's metaclass each time
        add(child)
        if type(child) is Block:
            _gather(child, add)


def moved(block: Block, address: str, within: str | None = None, **changes: Any) -> Block:
    """The same block under another address, inside and all, and with some more of its fields changed.

    `within` is the address of the module whose inside it is, where that is another block's that it calls again.
    """
    place = f"{within or address}."
    children = [
        moved(child, place + child.name, None if child.tied is None else place + block.children[child.tied].name)
        if type(child) is Block
        else replace(child, address=place + child.name)
        for child in block.children
    ]
    return replace(block, address=address, children=tuple(children), **changes)


def counted(block: Block) -> Block:
    """The same block, its counts those of what it now holds; parameters count where a module is called first."""
    counts = Counts.of(block.children)
    return replace(block, counts=counts if block.tied is None else Counts(macs=counts.macs))


def with_op(block: Block, path: Sequence[int], op: Op) -> Block:
    """The same block with another op in one leaf, `path` being the numbers of the children that lead to it."""
    first, *rest = path
    child = block.children[first]
    new = with_op(child, rest, op) if isinstance(child, Block) else replace(child, op=op)
    return replace(block, children=(*block.children[:first], new, *block.children[first + 1 :]))


class Graph(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """An elaborated architecture.

    `name` is the variant's name, or the document's where it has no variants; `title` is shown to a reader, and the
    root class is called by it; `settings` are the document's params as resolved. The root block's `input_names` and
    `results` are the network's own inputs and outputs.
    """

    name: str
    title: str
    document: str
    variant: str | None
    settings: Mapping[str, Any]
    root: Block
    returns_mapping: bool = False
    """Whether the outputs come as a mapping by name, as tapped activations do."""
    roundings: tuple[Rounding, ...] = ()
    """The numbers that the document itself rounds, in the order of elaboration."""

    def walk(self) -> Sequence[NodeType]:
        """Every node but the root, parents before their children, in the order of the spec."""
        return inside(self.root)

    @cached_property
    def owners(self) -> tuple[Leaf, ...]:
        """Every op with a module of its own, in order; the inside of a module that is called again is there once."""
        return tuple(owners_of(self.root))

    @cached_property
    def nodes(self) -> Mapping[str, NodeType]:
        """Every node by its address; the inside of a module that is called again, as in its first call."""
        walk = self.walk()
        found = {node.address: node for node in walk}
        if len(found) < len(walk):
            found.update({node.address: node for node in reversed(walk)})
        return found

    @cached_property
    def initialisers(self) -> tuple[Initialiser, ...]:
        """The rules that fill weights: the network's own, then those of its parts, outer ones first."""
        return tuple(_rules(self.root))

    @cached_property
    def ties(self) -> tuple[Tie, ...]:
        """The tensors that are others', in the order of the spec; those of a module that is called again once."""
        return tuple(ties_of(self.root))

    @property
    def class_name(self) -> str:
        """The name of the network's class."""
        return class_name(self.title)

    @property
    def counts(self) -> Counts:
        return self.root.counts

    @cached_property
    def fingerprint(self) -> int:
        """Equal for two graphs of the same nodes, ops, wires, shapes and starts."""
        from archspec.graph.fingerprint import fingerprint

        return fingerprint(self)

    @cached_property
    def depth(self) -> int:
        """Weighted layers (convolutions, linear and recurrent layers) on the longest path that inference runs."""
        return depth_of(self, {})


def owners_of(block: Block) -> Iterator[Leaf]:
    """The ops inside a block that have modules of their own."""
    for child in block.children:
        if child.tied is not None:
            continue
        if type(child) is Block:
            yield from owners_of(child)
        elif type(child) is Leaf:
            yield child


def _rules(block: Block) -> Iterator[Initialiser]:
    """The rules of a block and of the parts inside it, for the addresses from the root."""
    parts = [block, *(each for each in _own_blocks(block) if each.rules is not None)]
    for part in parts:
        inner = tuple(each.address for each in parts if is_within(each.address, part.address) and each is not part)
        for rule in part.rules or ():
            yield rule.moved(part.address, () if rule.for_block else inner)


def ties_of(block: Block) -> Iterator[Tie]:
    """The tensors inside a block that are others', in the order of the spec."""
    for leaf in owners_of(block):
        around = leaf.address[: -len(leaf.name)]
        for each in leaf.bound:
            yield Tie(leaf.address, each.tensor, f"{around}{each.owner}", each.owner_tensor)


def _own_blocks(block: Block) -> Iterator[Block]:
    """The blocks inside a block whose modules are their own, outer ones first."""
    for child in block.children:
        if type(child) is Block and child.tied is None:
            yield child
            yield from _own_blocks(child)


Depths: TypeAlias = dict[tuple[Block, tuple[int, ...]], tuple[int, ...]]
"""The depths at the outputs of blocks, by those at their inputs."""


def depth_of(graph: Graph, known: Depths) -> int:
    """The depth of a graph; what is `known` of its blocks is not worked out again, and what is worked out is kept."""
    return max(_depths(graph.root, (0,) * len(graph.root.input_names), known), default=0)


def _depths(block: Block, arriving: tuple[int, ...], known: Depths) -> tuple[int, ...]:
    """The depth at each output of a block, given the depth at each of its inputs."""
    if (found := known.get((block, arriving))) is not None:
        return found
    reached: list[tuple[int, ...]] = []

    def at(ref: Ref) -> int:
        return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

    for child in block.children:
        before = tuple(at(ref) for ref in child.inputs)
        if child.training:
            reached.append((0,) * len(child.shapes))
        elif isinstance(child, Block):
            reached.append(_depths(child, before, known))
        else:
            reached.append((max(before, default=0) + child.op.weighted_layers,) * len(child.shapes))
    found = known[block, arriving] = tuple(at(result.ref) for result in block.results)
    return found
