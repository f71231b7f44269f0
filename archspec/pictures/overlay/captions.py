"""What stands in the boxes of an overlay: what a node is, and what became of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from string import ascii_lowercase
from typing import TypeAlias

from msgspec import Struct, field

from archspec.analysis.comparison import Pair, Status
from archspec.graph.labels import node_words, shapes_text, short_words
from archspec.graph.model import Block, Leaf, NodeType
from archspec.ops.shapes import Shape
from archspec.ops.value_text import value_text
from archspec.pictures.drawing.captions import UNTITLED, tooltip
from archspec.pictures.drawing.layer_groups import is_minor
from archspec.pictures.drawing.model import Piece
from archspec.pictures.overlay.sides import nodes, seen

SIGNS: dict[Status, str] = {"added": "+ ", "removed": "− ", "changed": "~ ", "unchanged": "", "moved": ""}
NOTHING = "–"
GIVEN = "in "
"""Before the channels that a layer is given."""
MOST = 2
"""So many changes that the words of a node do not show are told in its box."""


Values: TypeAlias = tuple[str | None, ...]
"""What a letter stands for in each pair of a sheet; `None` where it plays no part."""


class Symbols(Struct):
    """The letters of one sheet, each for what differs among the pairs that the sheet shows."""

    columns: list[Values] = field(default_factory=list)

    def line(self, texts: Sequence[Sequence[str] | None]) -> tuple[Piece, ...]:
        """Words of each pair that is there, joined by commas; where the pairs differ stands a letter."""
        there = [text for text in texts if text is not None]
        pieces: list[Piece] = []
        for column in zip(*_aligned(there)):
            comma = ", " if pieces else ""
            if len(set(column)) == 1:
                pieces.append(Piece(comma + column[0]))
            else:
                start, end = _start(column), _end(column)
                values = iter([each[len(start) : len(each) - len(end)] for each in column])
                letter = self._letter(tuple(None if text is None else next(values) for text in texts))
                pieces += [Piece(comma + start), Piece(letter, symbol=True), Piece(end)]
        return tuple(_joined(pieces))

    def _letter(self, values: Values) -> str:
        """The letter of a column that says the same wherever both say something, or the next one."""
        for number, column in enumerate(self.columns):
            both = [(one, other) for one, other in zip(column, values) if one is not None and other is not None]
            if both and all(one == other for one, other in both):
                self.columns[number] = tuple(other if one is None else one for one, other in zip(column, values))
                return _named(number)
        self.columns.append(values)
        return _named(len(self.columns) - 1)

    @property
    def letters(self) -> Iterator[tuple[str, Values]]:
        """Each letter with its values."""
        return ((_named(number), values) for number, values in enumerate(self.columns))


def _named(number: int) -> str:
    return ascii_lowercase[number % 26] + "′" * (number // 26)


def _start(texts: Sequence[str]) -> str:
    """The whole words before the first number that all of several texts begin with."""
    found = {re.match(r"(?:[^\d–→]* )?/?", text)[0] for text in texts}  # type: ignore[index]
    return found.pop() if len(found) == 1 else ""


def _end(texts: Sequence[str]) -> str:
    """The words after a number that all of several texts begin and end with."""
    ends = {found[1] if (found := re.fullmatch(r"\d[\d×→ ]*?( [^\d→]+)", text)) else "" for text in texts}
    return ends.pop() if len(ends) == 1 else ""


def _aligned(texts: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The parts of several texts, those of one sort side by side: `–` where one has none."""
    longest = max(texts, key=len)
    for text in texts:
        parts, found = list(text), []
        for other in longest:
            fits = parts and _sort(parts[0]) == _sort(other)
            found.append(parts.pop(0) if fits else NOTHING)
        yield found if not parts else [part for part, _ in zip_longest(text, longest, fillvalue=NOTHING)]


def _sort(part: str) -> str:
    """A part without its numbers, as it is or as it became."""
    return re.sub(r"\d[\d.×]*( → \d[\d.×]*)?", "#", part)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours that are no symbols as one."""
    text = ""
    for piece in pieces:
        if not piece.symbol:
            text += piece.text
            continue
        if text:
            yield Piece(text)
            text = ""
        yield piece
    if text:
        yield Piece(text)


def words(pair: Pair) -> list[str]:
    """What a node is, in parts; `64 → 128` where a part became another."""
    texts = [_words(node) for node in nodes(pair)]
    if isinstance(pair.old, Block) != isinstance(pair.new, Block) and len(texts) == 2:
        return [" → ".join(", ".join(text) for text in texts)]
    return texts[0] if len(texts) == 1 else list(_turned(*texts))


def turned(old: str, new: str, between: str = ", ") -> str:
    """`old → new` for two texts of parts, in each part that differs.

    >>> turned("3×224×224", "3×600×600"), turned("boxes N×4, labels N", "boxes N×4, labels N, masks N×28×28")
    ('3×224×224 → 3×600×600', 'boxes N×4, labels N, + masks N×28×28')
    >>> turned("boxes 100×4, labels 100", "labels 300, boxes 300×4")
    'labels 100 → 300, boxes 100×4 → 300×4'
    """
    before, now = old.split(between), new.split(between)
    if all(" " in part for part in (*before, *now)):  # each has a name
        places = {part.split()[0]: place for place, part in enumerate(now)}
        before.sort(key=lambda part: places.get(part.split()[0], len(places)))
    return between.join(_turned(before, now))


def _words(node: NodeType) -> list[str]:
    if isinstance(node, Block):
        return [node.title or (UNTITLED if node.name.isdigit() else node.name)]
    return [short_words(node.op)] if is_minor(node) else node_words(node).split(", ")


def _turned(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for what, start, end, other, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield from old[start:end]
            continue
        both = min(end - start, stop - other)
        yield from map(_became, old[start:end], new[other:stop])
        yield from (f"− {each}" for each in old[start + both : end])
        yield from (f"+ {each}" for each in new[other + both : stop])


def _became(old: str, new: str) -> str:
    """`old → new`, with the words that both begin or end with said once.

    >>> _became("5×5 depthwise conv", "3×3 depthwise conv"), _became("dropout 0.2", "dropout 0.5")
    ('5×5 → 3×3 depthwise conv', 'dropout 0.2 → 0.5')
    >>> _became("3×3 conv", "3×3 depthwise conv")
    '3×3 conv → 3×3 depthwise conv'
    """
    mine, theirs = old.split(), new.split()
    start = _shared(mine, theirs)
    end = _shared(mine[start:][::-1], theirs[start:][::-1])
    middle = [each[start : len(each) - end] for each in (mine, theirs)]
    if not all(middle):
        return f"{old} → {new}"
    return " ".join([*mine[:start], *middle[0], "→", *middle[1], *mine[len(mine) - end :]])


def _shared(some: Sequence[str], others: Sequence[str]) -> int:
    """How many words at the beginning are the same."""
    return next((at for at, (one, other) in enumerate(zip(some, others)) if one != other), min(len(some), len(others)))


def further(pair: Pair) -> list[str]:
    """What changed of an op and is not in its words: its own fields, else the channels that it is given."""
    if not (isinstance(pair.old, Leaf) and isinstance(pair.new, Leaf)) or _words(pair.old) != _words(pair.new):
        return []
    told = [each for each in pair.own_changes if each.what != "inputs"]  # which the wires show
    own = [f"{each.what} {told_value(each.old)} → {told_value(each.new)}" for each in told]
    if own:
        return own[:MOST] + ["…"] * (len(own) > MOST)
    if pair.old.counts.params == pair.new.counts.params:
        return []
    before, now = (_features(node.input_shapes[0]) for node in (pair.old, pair.new))
    return [f"{GIVEN}{before} → {now}"] if before != now else []


def _features(shape: Shape) -> str:
    """The channels of maps, or the features of vectors and sequences."""
    return shapes_text(((shape[-1] if len(shape) < 3 else shape[0],),)) if shape else ""


def told_value(value: object) -> str:
    """A field or setting in a few words."""
    if isinstance(value, float):
        return f"{value:.3g}"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else value_text(value)


def told(pairs: Sequence[Pair]) -> str:
    """The tooltip of a box: the old nodes, and the new ones."""
    sides = [[pair.old for pair in pairs], [pair.new for pair in pairs]]
    there = [[node for node in side if node is not None] for side in sides]
    if all(there) and all(seen(pair) == "unchanged" for pair in pairs):
        there = there[1:]
    return "\n→\n".join(tooltip(side) for side in there if side)
