"""A comparison → its drawing: the two networks over each other, and a sheet for each thing that happened to blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from archspec.analysis.comparison import Comparison, Pair
from archspec.analysis.state_dict import tensors
from archspec.graph.labels import rounded_text, shapes_text
from archspec.graph.model import Graph, Leaf
from archspec.ops.shapes import known
from archspec.pictures.drawing.model import Box, Drawing, Sheet
from archspec.pictures.overlay.box_lines import lines
from archspec.pictures.overlay.captions import Symbols, told, told_value, turned, words
from archspec.pictures.overlay.edges import MAIN, OverlayEdges
from archspec.pictures.overlay.equivalence import Forms
from archspec.pictures.overlay.layer_groups import Unit, sign_at, units
from archspec.pictures.overlay.merge import Column, Merged, merged
from archspec.pictures.overlay.sides import SIDES, Side, node_of, nodes, opened
from archspec.pictures.overlay.tables import tabled


def overlay(comparison: Comparison) -> Drawing:
    """The drawing of a comparison.

    Boxes have a status. Their `members` are two rows for each pair of blocks that their sheet shows: the addresses in
    the old network, and those in the new one.
    """
    forms = Forms()
    groups = forms.groups(comparison.root)
    keys = _keys(groups, forms)
    maker = _Maker(forms, keys)
    main = maker.sheet(MAIN, comparison.new.title, [comparison.root])
    insets = [maker.sheet(key, key, pairs) for key, pairs in zip(keys.values(), groups)]
    title = f"{comparison.old.name} → {comparison.new.name}"
    return Drawing(title, title, tuple(_heading(comparison)), (), main, tuple(insets))


def _keys(groups: Sequence[Sequence[Pair]], forms: Forms) -> dict[int, str]:
    """A name for the sheet of each group: the block's title, with a stroke for each earlier one of that title."""
    keys: dict[int, str] = {}
    for pairs in groups:
        (title,) = words(pairs[0])[:1]
        while title in keys.values():
            title += "′"
        keys[forms.group(pairs[0])] = title
    return keys


def _heading(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old, comparison.new
    if comparison.empty:
        yield "nothing differs"
    elif old.name == new.name and comparison.settings:
        yield ", ".join(f"{each.what} {told_value(each.old)} → {told_value(each.new)}" for each in comparison.settings)
    counts = [_counted(old, new, what, word) for what, word in (("params", "parameters"), ("macs", "MACs"))]
    yield " · ".join([f"input {turned(*(shapes_text(each.root.input_shapes) for each in (old, new)))}", *counts])
    carried, whole = len(comparison.weights.fitting), len(tensors(new))
    yield f"weights that would carry over: {carried} of {whole} tensors"


def _counted(old: Graph, new: Graph, what: str, word: str) -> str:
    before, now = getattr(old.counts, what), getattr(new.counts, what)
    growth = f" ({now / before - 1:+.1%})" if known(before, now) and before and before != now else ""
    return f"{turned(rounded_text(before), rounded_text(now))} {word}{growth}".replace("-", "−")


class _Maker(Struct, frozen=True):
    forms: Forms
    keys: dict[int, str]

    def sheet(self, key: str, title: str, pairs: Sequence[Pair]) -> Sheet:
        """The sheet of pairs of one group."""
        found = merged(pairs, self.forms.group)
        assert found is not None, "pairs of one group merge"
        drawn = units(found, self.forms)
        symbols = Symbols()
        boxes = [self._box(unit, found, symbols, key == MAIN) for unit in drawn]
        wiring = OverlayEdges(found, pairs, key, drawn, boxes)
        sheet = Sheet(
            key=key,
            title=title,
            instances=tuple(pair.node.address for pair in pairs),
            items=(*wiring.inputs, *boxes, *wiring.outputs),
            edges=tuple(wiring.edges()),
        )
        return tabled(sheet, symbols, found, drawn)

    def _box(self, unit: Unit, found: Merged, symbols: Symbols, named: bool) -> Box:
        columns = [found.columns[number] for number in unit.atoms]
        first = found.first(unit.atoms[0])
        sign = sign_at(found, unit.atoms[0]) if unit.status == "unchanged" and len(columns) == 1 else None
        there = [pair for pair in found.columns[unit.atoms[0]] if pair is not None]
        inside = next((self.keys.get(self.forms.group(pair)) for pair in there if opened(pair)), None)
        shown = next(row for row in zip(*columns) if row[0] is first)
        return Box(
            id=first.node.address if first.new is not None else f"old-{first.node.address}",
            role=first.node.op.kind if isinstance(first.node, Leaf) else "block",
            lines=tuple(lines(unit, found, symbols, named)),
            tooltip=told([pair for pair in shown if pair is not None]),
            members=tuple(_members(columns, place, side) for place in range(len(columns[0])) for side in SIDES),
            times=unit.times,
            stacked=unit.times > 1 or unit.lanes > 1,
            sign=sign,
            inside=inside,
            training=all(node.training for column in columns for pair in column if pair for node in nodes(pair)),
            status=unit.status,
        )


def _members(columns: Sequence[Column], place: int, side: Side) -> tuple[str, ...]:
    """The addresses of what stands in a box in one pair of blocks, on one side."""
    pairs = (column[place] for column in columns)
    return tuple(node.address for pair in pairs if pair and (node := node_of(pair, side)) is not None)
