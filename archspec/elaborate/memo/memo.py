"""What has been worked out already: networks say the same thing many times, and so do the variants of a family.

A memo holds standard blocks, ops and leaves by all that they follow from: they come out alike in every document, so one
memo may serve many of them. An elaboration is given one; the process has one for those that are not. Values that
compare equal but differ in type (`True` and `1`) are kept apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, TypeAlias

from msgspec import Struct, field
from pydantic import ValidationError

from archspec.elaborate.block_builder import Effects
from archspec.elaborate.memo.deferred_fields import Late, Path, late_fields, places
from archspec.elaborate.memo.free_names import only_weighed
from archspec.elaborate.scope import Scope
from archspec.elaborate.symbol_table import Library
from archspec.graph.model import Block, Leaf, moved, with_op
from archspec.language.block_definition import BlockDef
from archspec.language.nodes import GraphDef
from archspec.language.plain_values import whole
from archspec.ops import Op
from archspec.ops.shapes import Shape

Values: TypeAlias = Mapping[str, Any]


MOST = 20_000
"""So many blocks, ops or leaves are kept when a network begins: a few times what all bundled architectures have."""


class Gap(NamedTuple):
    """Where in a block a late field is: the way to the op that has it, which op that is, and with what fields."""

    path: Path
    op: type[Op]
    fields: Values
    late: Late


class Kept(NamedTuple):
    """A block, and where in it late fields are."""

    block: Block
    gaps: tuple[Gap, ...]


class Reads(NamedTuple):
    """What a standard block's inside follows from: the params in its key, and those of them that may name a block."""

    keyed: tuple[str, ...]
    words: tuple[str, ...]
    late: tuple[Late, ...]
    """The fields that are filled when all else is worked out."""

    @classmethod
    def of(cls, block: BlockDef, graph: GraphDef) -> Reads:
        """Of a block whose body `graph` is. A value that is only weighed names nothing, and no number does."""
        late, weighed = late_fields(block, graph), only_weighed(block, graph)
        keyed = block.params.keys() - {each.param for each in late}
        words = [name for name in keyed - weighed if block.params[name].takes_words]
        return cls(tuple(sorted(keyed)), tuple(sorted(words)), late)


class Memo(Struct):
    """The ops, their leaves, and the standard blocks, by what they follow from; all are let go of when too many."""

    checks: ClassVar[bool] = True
    """Whether an elaboration looks for what is wrong beside shapes and counts, too."""
    _blocks: dict[Hashable, Kept] = field(default_factory=dict)
    _reads: dict[BlockDef, Reads] = field(default_factory=dict)
    _ops: dict[Hashable, Op] = field(default_factory=dict)
    _leaves: dict[Hashable, Leaf] = field(default_factory=dict)

    def block_key(
        self, block: BlockDef, arguments: Values, scope: Scope, library: Library, replaced: Values, inside: Hashable
    ) -> Hashable:
        """All that the inside of a block follows from, but for late fields; `None` where it may follow from more.

        A document's own definitions see its params, the `scope`, and so do those of its blocks that a standard one is
        told to use.
        """
        if not block.standard:
            return None
        reads = self._reads.get(block) or self._found_out(block, library)
        if not all(map(library.is_standard, _words(map(arguments.__getitem__, reads.words)))):
            return None
        if replaced and not all(map(library.is_standard, _words(replaced.values()))):
            return None
        values = typed(map(arguments.__getitem__, reads.keyed))
        return block, values, (*replaced, *typed(replaced.values())) if replaced else (), inside

    def kept(self, key: Hashable) -> Kept | None:
        """What was kept under a key, if anything was."""
        return self._blocks.get(key)

    def again(self, kept: Kept, address: str, arguments: Values, **changes: Any) -> Block | None:
        """A block that was kept, under another address, with the late ones of its arguments and some fields changed.

        `None` where an argument is wrong: working the block out will say so.
        """
        block = moved(kept.block, address, arguments=arguments, **changes)
        try:
            for path, op, fields, late in kept.gaps:
                value = whole(arguments[late.param])
                block = with_op(block, path, self.op(op, {**fields, late.field: value}))
        except ValidationError:
            return None
        return block

    def keep(self, key: Hashable, block: Block, definition: BlockDef) -> None:
        """Keep a block of this definition under a key."""
        late = self._reads[definition].late
        gaps = [
            Gap(path, type(op), {name: getattr(op, name) for name in op.model_fields_set}, each)
            for path, op, each in (places(block, late) if late else ())
        ]
        self._blocks[key] = Kept(block, tuple(gaps))

    def op(self, kind: type[Op], fields: Values) -> Op:
        """The op with these fields; raises what its model does."""
        key = kind, *fields, *typed(fields.values())
        found = self._ops.get(key)
        if found is None:
            found = self._ops[key] = kind.of(fields)
        return found

    def forget(self) -> None:
        """Let go of everything."""
        for kept in (self._blocks, self._ops, self._leaves):
            kept.clear()

    def make_room(self) -> None:
        """Let go of everything where it has become too much."""
        if max(len(self._blocks), len(self._ops), len(self._leaves)) >= MOST:
            self.forget()

    def _late(self, block: BlockDef, library: Library) -> tuple[Late, ...]:
        """The fields of a standard block that are filled when all else is worked out."""
        return (self._reads.get(block) or self._found_out(block, library)).late

    def _found_out(self, block: BlockDef, library: Library) -> Reads:
        reads = self._reads[block] = Reads.of(block, library.body(block))
        return reads

    def leaf(self, op: Op, shapes: tuple[Shape, ...], effects: Effects) -> Leaf | None:
        """A leaf of this op that takes these shapes, in another place; `None` where there was none yet."""
        return self._leaves.get((id(op), shapes, effects))

    def keep_leaf(self, leaf: Leaf, effects: Effects) -> None:
        """Keep a leaf, and its op with it, so that the op's id stays its own."""
        self._leaves[id(leaf.op), leaf.input_shapes, effects] = leaf


KEPT = Memo()
"""What this process has worked out, for all who bring no memo of their own."""


def _words(values: Iterable[Any]) -> Iterator[str]:
    """Every word in some values that may name a block: those of a call, or a text itself."""
    for value in values:
        if isinstance(value, str):
            yield from getattr(value, "words", (value,))


def typed(values: Iterable[Any]) -> tuple[Hashable, ...]:
    """Values as a key that tells `True` from `1`."""
    found = tuple(values)
    kinds = tuple(map(type, found))
    return (tuple(map(_typed, found)) if list in kinds or tuple in kinds else found), kinds


def _typed(value: Any) -> Hashable:
    return tuple(map(_typed, value)) if isinstance(value, (list, tuple)) else (value, type(value))
