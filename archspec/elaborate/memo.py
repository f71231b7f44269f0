"""What has been worked out already: networks say the same thing many times, and so do the variants of a document.

Values that compare equal but differ in type (`True` and `1`) are kept apart. What cannot be hashed is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from archspec.elaborate.library import Library
from archspec.elaborate.reads import names_read
from archspec.elaborate.scope import Scope
from archspec.graph import Block, NodeType
from archspec.language.nodes import GraphDef
from archspec.ops import Op
from archspec.shapes import Shape

Result = TypeVar("Result")


@dataclass(slots=True)
class Memo:
    """The ops, their analyses, and the insides of standard blocks of one document, by what they follow from."""

    _blocks: dict[Hashable, Block] = field(default_factory=dict)
    _names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _ops: dict[Hashable, Op] = field(default_factory=dict)
    _analyses: dict[Hashable, tuple[Op, Any]] = field(default_factory=dict)

    def key(self, graph: GraphDef, scope: Scope, library: Library, circumstances: Hashable) -> Hashable:
        """All that a graph of a standard block follows from; `None` where it may follow from more.

        A document's own graphs see its params, and so does a standard block that is told to use one of its blocks.
        """
        if not graph.span.source.standard:
            return None
        names = self._names.get(id(graph))
        if names is None:
            names = self._names[id(graph)] = names_read(graph)
        values = {name: scope(name) for name in names if name in scope}
        words = (getattr(value, "name", value) for value in values.values() if isinstance(value, str))
        if not all(map(library.is_standard, words)):
            return None
        return (id(graph), typed(values), circumstances)

    def block(self, key: Hashable) -> Block | None:
        """The block that was kept under a key, if one was."""
        try:
            return self._blocks.get(key)
        except TypeError:
            return None

    def keep(self, key: Hashable, block: NodeType) -> None:
        """Keep a block under a key; `None` is no key."""
        if key is not None and isinstance(block, Block):
            with suppress(TypeError):
                self._blocks[key] = block

    def op(self, kind: type[Op], fields: Mapping[str, Any]) -> Op:
        """The op with these fields; raises what its model does."""
        key = (kind, typed(fields))
        try:
            found = self._ops.get(key)
        except TypeError:
            return kind(**fields)
        if found is None:
            found = self._ops[key] = kind(**fields)
        return found

    def analysis(self, op: Op, shapes: tuple[Shape, ...], analyse: Callable[[Op, tuple[Shape, ...]], Result]) -> Result:
        """What `analyse` says of an op on these shapes."""
        key = (id(op), shapes)
        found = self._analyses.get(key)
        if found is None:
            # The op is kept beside its analysis, so that its id stays its own.
            found = self._analyses[key] = (op, analyse(op, shapes))
        result: Result = found[1]
        return result


def typed(values: Mapping[str, Any]) -> Hashable:
    """Named values as a key that tells `True` from `1`."""
    return tuple([(name, type(value), value) for name, value in values.items()])
