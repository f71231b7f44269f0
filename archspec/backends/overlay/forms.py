"""Which pairs of blocks are drawn as one: those in which the same happened in the same places."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from msgspec import Struct, field

from archspec.backends.overlay.merged import dissolved, nodes, opened, seen
from archspec.comparison import Pair
from archspec.graph import Leaf, NodeType


class Forms(Struct):
    """The forms of the pairs of a comparison, each found once; pairs of one form differ in numbers alone."""

    _found: dict[int, Hashable] = field(default_factory=dict)

    def form(self, pair: Pair) -> Hashable:
        """Equal for pairs in which the same happened in the same places."""
        if id(pair) not in self._found:
            self._found[id(pair)] = self._form(pair)
        return self._found[id(pair)]

    def _form(self, pair: Pair) -> Hashable:
        what = tuple(_what(node) for node in nodes(pair))
        shown = pair.children if dissolved(pair) or opened(pair) else ()
        inside = tuple((self.form(child), tuple(node.inputs for node in nodes(child))) for child in shown)
        kept = isinstance(pair.node, Leaf) and seen(pair) in ("unchanged", "changed")  # its numbers alone may differ
        return "kept" if kept else seen(pair), what, inside

    def groups(self, root: Pair) -> dict[Hashable, list[Pair]]:
        """All pairs that have a sheet of their own, by their form, outer ones first; a module's first calls alone."""
        found: dict[Hashable, list[Pair]] = {}
        for pair in _shown(root):
            if opened(pair) and any(node.tied is None for node in nodes(pair)):
                found.setdefault(self.form(pair), []).append(pair)
        return found


def _shown(pair: Pair) -> Iterator[Pair]:
    for child in pair.children:
        yield child
        if (dissolved(child) or opened(child)) and any(node.tied is None for node in nodes(child)):
            yield from _shown(child)


def _what(node: NodeType) -> Hashable:
    """What a node is, but for its numbers."""
    if isinstance(node, Leaf):
        return node.op.name, node.training
    inputs = len(node.input_names), tuple(result.ref for result in node.results)
    return node.kind, node.title, inputs, node.training
