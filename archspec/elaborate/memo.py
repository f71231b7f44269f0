"""What has been worked out already: networks say the same thing many times, and so do the variants of a family.

Kept for the whole process are the standard blocks, ops and leaves, by all that they follow from: they come out alike in
every document. Values that compare equal but differ in type (`True` and `1`) are kept apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from archspec.elaborate.body import Effects
from archspec.elaborate.late import Late, Path, late_fields, places
from archspec.elaborate.library import Library
from archspec.elaborate.reads import names_read, only_weighed
from archspec.elaborate.scope import MISSING, Scope
from archspec.graph import Block, Leaf, moved, with_op
from archspec.language.document import BlockDef
from archspec.language.nodes import GraphDef
from archspec.language.values import whole
from archspec.ops import Op
from archspec.shapes import Shape

Values: TypeAlias = Mapping[str, Any]


MOST = 20_000
"""So many blocks, ops or leaves are kept: a few times what all bundled architectures have."""


class Kept(NamedTuple):
    """A block, and where in it late fields are."""

    block: Block
    late: tuple[tuple[Path, Op, Late], ...]


@dataclass(slots=True)
class Memo:
    """The ops, their leaves, and the standard blocks, by what they follow from; all are let go of when too many."""

    _blocks: dict[Hashable, Kept] = field(default_factory=dict)
    _late: dict[int, tuple[Late, ...]] = field(default_factory=dict)
    _weighed: dict[int, frozenset[str]] = field(default_factory=dict)
    _names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _ops: dict[Hashable, Op] = field(default_factory=dict)
    _leaves: dict[Hashable, Leaf] = field(default_factory=dict)

    def block_key(
        self, block: BlockDef, arguments: Values, library: Library, replaced: Values, inside: Hashable
    ) -> Hashable:
        """All that the inside of a block follows from, but for late fields; `None` where it may follow from more.

        A document's own definitions see its params.
        """
        if not block.standard:
            return None
        if late := self._late_fields(block, library):
            arguments = dict(arguments)
            for each in late:
                arguments.pop(each.param, None)
        return _key(block, arguments, library, replaced, inside, self._only_weighed(block, library))

    def graph_key(
        self, graph: GraphDef, scope: Scope, library: Library, replaced: Values, inside: Hashable
    ) -> Hashable:
        """The same of a nested graph."""
        if not graph.span.source.standard:
            return None
        names = self._names.get(id(graph))
        if names is None:
            names = self._names[id(graph)] = tuple(sorted(set(names_read(graph))))
        values = {name: value for name in names if (value := scope.get(name, MISSING)) is not MISSING}
        return _key(graph, values, library, replaced, inside)

    def kept(self, key: Hashable) -> Kept | None:
        """What was kept under a key, if anything was."""
        return self._blocks.get(key)

    def again(self, kept: Kept, address: str, arguments: Values) -> Block | None:
        """A block that was kept, under another address and with the late ones of its arguments.

        `None` where an argument is wrong: working the block out will say so.
        """
        block = moved(kept.block, address)
        try:
            for path, op, late in kept.late:
                fields = {name: getattr(op, name) for name in op.model_fields_set}
                fields[late.field] = whole(arguments[late.param])
                block = with_op(block, path, self.op(type(op), fields))
        except ValidationError:
            return None
        return block

    def keep(self, key: Hashable, block: Block, definition: BlockDef | None) -> None:
        """Keep a block of this definition under a key; `None` is no key."""
        if key is not None:
            self._make_room()
            late = self._late[id(definition)] if definition is not None else ()
            self._blocks[key] = Kept(block, tuple(places(block, late)) if late else ())

    def op(self, kind: type[Op], fields: Mapping[str, Any]) -> Op:
        """The op with these fields; raises what its model does."""
        key = (kind, typed(fields))
        found = self._ops.get(key)
        if found is None:
            found = self._ops[key] = kind(**fields)
        return found

    def forget(self) -> None:
        """Let go of everything."""
        for kept in (self._blocks, self._ops, self._leaves):
            kept.clear()

    def _make_room(self) -> None:
        if max(len(self._blocks), len(self._ops), len(self._leaves)) >= MOST:
            self.forget()

    def _late_fields(self, block: BlockDef, library: Library) -> tuple[Late, ...]:
        late = self._late.get(id(block))
        if late is None:
            late = self._late[id(block)] = late_fields(block, library.body(block))
        return late

    def _only_weighed(self, block: BlockDef, library: Library) -> frozenset[str]:
        weighed = self._weighed.get(id(block))
        if weighed is None:
            weighed = self._weighed[id(block)] = only_weighed(block, library.body(block))
        return weighed

    def leaf(self, op: Op, shapes: tuple[Shape, ...], effects: Effects) -> Leaf | None:
        """A leaf of this op that takes these shapes, in another place; `None` where there was none yet."""
        return self._leaves.get((id(op), shapes, effects))

    def keep_leaf(self, leaf: Leaf, effects: Effects) -> None:
        """Keep a leaf, and its op with it, so that the op's id stays its own."""
        self._make_room()
        self._leaves[id(leaf.op), leaf.input_shapes, effects] = leaf


KEPT = Memo()
"""What this process has worked out."""


def _key(
    definition: BlockDef | GraphDef,
    values: Values,
    library: Library,
    replaced: Values,
    inside: Hashable,
    weighed: Set[str] = frozenset(),
) -> Hashable:
    """A definition of archspec's own and all the values that it reads.

    `None` where it is told to use one of the document's blocks, which see the document's params; a value that is only
    `weighed` tells it nothing of the kind.
    """
    told = [value for name, value in values.items() if name not in weighed]
    for value in (*told, *replaced.values()):
        if isinstance(value, str) and not all(map(library.is_standard, getattr(value, "words", (value,)))):
            return None
    return (id(definition), typed(values), typed(replaced) if replaced else (), inside)


def typed(values: Values) -> Hashable:
    """Named values as a key that tells `True` from `1`."""
    kinds = tuple(map(type, values.values()))
    if list in kinds or tuple in kinds:
        return tuple([(name, _typed(value)) for name, value in values.items()])
    return tuple(values.items()), kinds


def _typed(value: Any) -> Hashable:
    return tuple(map(_typed, value)) if isinstance(value, (list, tuple)) else (value, type(value))
