"""A memo for counting one page under many settings: what only a built network shows is not worked out again.

A document's own blocks are kept, too, by the values that are counted of all that they read: a stage's drop rates change
with every other stage's length, and nothing is counted from them. A block that comes again comes as it was, so below
it addresses and uncounted fields may be those of its first place.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from msgspec import field
from msgspec.structs import replace

from archspec.elaborate.memo.free_names import words, words_of_node
from archspec.elaborate.memo.memo import Kept, Memo, Values, typed
from archspec.elaborate.scope import Scope
from archspec.elaborate.symbol_table import Library
from archspec.graph.model import Block
from archspec.language.block_definition import BlockDef
from archspec.language.nodes import GraphDef, NodeDef


class Counting(Memo):
    """What serves to count a document, and no more: shapes, counts and wires are right, and each error is one."""

    checks = False
    _counted: dict[BlockDef, frozenset[str]] = field(default_factory=dict)
    _around: dict[BlockDef, tuple[str, ...]] = field(default_factory=dict)
    _placed: dict[Hashable, Block] = field(default_factory=dict)

    def block_key(
        self, block: BlockDef, arguments: Values, scope: Scope, library: Library, replaced: Values, inside: Hashable
    ) -> Hashable:
        """As for any memo; of a document's own block all that is counted of what it and those beside it read."""
        if block.standard or replaced or not library.declares(block):
            return super().block_key(block, arguments, scope, library, replaced, inside)
        counted = self._counted_of(block, library)
        around = self._around[block] if block in self._around else self._read_around(library)
        values = [value for name, value in arguments.items() if name in counted]
        values += map(scope.get, around)
        if any(getattr(value, "home", None) for value in values):
            return None
        return block, typed(values), scope.faulty, inside

    def again(self, kept: Kept, address: str, arguments: Values, **changes: Any) -> Block | None:
        """The block as it was, under another address itself."""
        key = id(kept.block), address, *(changes[name] for name in ("inputs", "slot", "training", "frozen"))
        block = self._placed.get(key)
        if block is None:
            block = self._placed[key] = replace(kept.block, address=address, arguments=arguments, **changes)
        return block

    def keep(self, key: Hashable, block: Block, definition: BlockDef) -> None:
        """Keep a block of this definition under a key; there are no gaps, since nothing is filled in later."""
        self._blocks[key] = Kept(block, ())

    def forget(self) -> None:
        """Let go of everything."""
        super().forget()
        self._placed.clear()

    def _read_around(self, library: Library) -> tuple[str, ...]:
        """The names of a document that its blocks read: any of them, since which one calls another may be a value."""
        document = library.document
        assert document is not None, "only a document has blocks of its own"
        read = {name for each in document.blocks.values() for name in self._read_of_document(each, library)}
        found = tuple(sorted(read & {*document.params, *document.let}))
        self._around.update(dict.fromkeys(document.blocks.values(), found))
        return found

    def _read_of_document(self, block: BlockDef, library: Library) -> frozenset[str]:
        return self._counted_of(block, library) - block.params.keys() - block.let.keys()

    def _counted_of(self, block: BlockDef, library: Library) -> frozenset[str]:
        """The words in a block's definition from which something may be counted."""
        if block not in self._counted:
            self._counted[block] = frozenset(block.params)  # of a block that contains itself, which is refused
            trees = (*block.let.values(), *(param.default for param in block.params.values()), block.output)
            around = {word for tree in trees if tree is not None for word in words(tree)}
            self._counted[block] = frozenset(around | {*self._read(library.body(block), library)})
        return self._counted[block]

    def _read(self, graph: GraphDef, library: Library) -> Iterator[str]:
        for entry in graph.entries:
            if entry.name is not None:
                yield from words(entry.name)
            yield from words_of_node(entry.node, self._uncounted(entry.node, library))
            for inner in entry.node.graphs:
                yield from self._read(inner, library)

    def _uncounted(self, node: NodeDef, library: Library) -> frozenset[str]:
        """The fields of a call from which nothing is counted."""
        callee = library.meaning(str(node.callee.value)) if node.callee is not None else None
        if callee is None:
            return frozenset()
        if not isinstance(callee, BlockDef):
            return frozenset(callee.uncounted)
        if library.declares(callee):
            return frozenset(callee.params) - self._counted_of(callee, library)
        return frozenset(late.param for late in self._late(callee, library)) if callee.standard else frozenset()
