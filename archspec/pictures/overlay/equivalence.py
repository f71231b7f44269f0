"""Which pairs of blocks share a sheet: those in which alike things happened, as blocks of one template share theirs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from msgspec import Struct, field

from archspec.analysis.comparison import Pair
from archspec.graph.model import Leaf, NodeType
from archspec.pictures.overlay.merge import merged
from archspec.pictures.overlay.sides import dissolved, nodes, opened, seen


class Forms(Struct):
    """The forms of the pairs of a comparison, each found once; pairs of one form differ in numbers alone."""

    _found: dict[int, Hashable] = field(default_factory=dict)
    _groups: dict[Hashable, int] = field(default_factory=dict)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def form(self, pair: Pair) -> Hashable:
        """Equal for pairs in which the same happened in the same places."""
        if id(pair) not in self._found:
            self._found[id(pair)] = self._numbers.setdefault(self._form(pair), len(self._numbers))
        return self._found[id(pair)]

    def group(self, pair: Pair) -> int:
        """The number of the sheet that shows what a pair holds, once the groups have been made."""
        return self._groups[self.form(pair)]

    def _form(self, pair: Pair) -> Hashable:
        what = tuple(_what(node) for node in nodes(pair))
        shown = pair.children if dissolved(pair) or opened(pair) else ()
        inside = tuple((self.form(child), tuple((node.slot, node.inputs) for node in nodes(child))) for child in shown)
        kept = isinstance(pair.node, Leaf) and seen(pair) in ("unchanged", "changed")  # its numbers alone may differ
        return "kept" if kept else seen(pair), what, inside

    def groups(self, root: Pair) -> list[list[Pair]]:
        """All pairs that have a sheet of their own, by their sheet, outer ones first; a module's first calls alone.

        Pairs of one form share a sheet, and those of forms that merge.
        """
        shown = list(_shown(root))
        forms: dict[Hashable, list[Pair]] = {}
        for pair, _ in shown:
            forms.setdefault(self.form(pair), []).append(pair)
        heights: dict[Hashable, int] = {}
        for pair, depth in shown:
            heights[self.form(pair)] = max(heights.get(self.form(pair), 0), depth)
        found: list[list[Hashable]] = []
        for form in sorted(forms, key=lambda form: -heights[form]):
            self._join(form, found, forms)
        groups: dict[int, list[Pair]] = {}
        for pair, _ in shown:
            groups.setdefault(self.group(pair), []).append(pair)
        return list(groups.values())

    def _join(self, form: Hashable, found: list[list[Hashable]], forms: dict[Hashable, list[Pair]]) -> None:
        """Put a form into the first group with which it merges, or into one of its own."""
        for number, group in enumerate(found):
            firsts = [forms[each][0] for each in (*group, form)]
            if len({tuple(map(_name, nodes(pair))) for pair in firsts}) == 1 and merged(firsts, self.group):
                group.append(form)
                self._groups[form] = number
                return
        self._groups[form] = len(found)
        found.append([form])


def _shown(pair: Pair, depth: int = 0) -> Iterator[tuple[Pair, int]]:
    """The pairs that are drawn on sheets of their own, with how deep they stand."""
    for child in pair.children:
        if any(node.tied is None for node in nodes(child)) and (opened(child) or dissolved(child)):
            if opened(child):
                yield child, depth
            yield from _shown(child, depth + 1)


def _name(node: NodeType) -> Hashable:
    return None if isinstance(node, Leaf) else (node.kind, node.title)


def _what(node: NodeType) -> Hashable:
    """What a node is, but for its numbers."""
    if isinstance(node, Leaf):
        return node.op.name, node.training
    inputs = len(node.input_names), tuple(result.ref for result in node.results)
    return node.kind, node.title, inputs, node.training
