"""What stands in the boxes of an overlay: what a node is, and what became of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from string import ascii_lowercase

from msgspec import Struct, field

from archspec.backends.drawing.captions import UNTITLED, tooltip
from archspec.backends.drawing.chains import is_minor, sign
from archspec.backends.drawing.model import Piece
from archspec.backends.overlay.merged import nodes
from archspec.backends.words import node_words, shapes_text, short_words, value_text
from archspec.comparison import Pair, Status
from archspec.graph import Block, Leaf, NodeType
from archspec.shapes import Shape

SIGNS: dict[Status, str] = {"added": "+ ", "removed": "− ", "changed": "~ ", "unchanged": "", "moved": ""}
NOTHING = "–"
MOST = 2
"""So many changes that the words of a node do not show are told in its box."""


class Symbols(Struct):
    """The letters of one sheet, each for what differs among the pairs that the sheet shows."""

    letters: dict[tuple[str, ...], str] = field(default_factory=dict)

    def line(self, texts: Sequence[Sequence[str]]) -> tuple[Piece, ...]:
        """Words of each pair, joined by commas; where the pairs differ stands a letter."""
        pieces: list[Piece] = []
        for column in zip(*_aligned(texts)):
            comma = ", " if pieces else ""
            if len(set(column)) == 1:
                pieces.append(Piece(comma + column[0]))
            else:
                start, end = _start(column), _end(column)
                values = tuple(each[len(start) : len(each) - len(end)] for each in column)
                pieces += [Piece(comma + start), Piece(self._letter(values), symbol=True), Piece(end)]
        return tuple(_joined(pieces))

    def _letter(self, column: tuple[str, ...]) -> str:
        number = len(self.letters)
        letter = ascii_lowercase[number % 26] + "′" * (number // 26)
        return self.letters.setdefault(column, letter)


def _start(texts: Sequence[str]) -> str:
    """The words before the first number that all of several texts begin with."""
    found = {re.match(r"[^\d–]*", text)[0] for text in texts}  # type: ignore[index]
    return found.pop() if len(found) == 1 else ""


def _end(texts: Sequence[str]) -> str:
    """The words after a number that all of several texts begin and end with."""
    ends = {found[1] if (found := re.fullmatch(r"\d[\d×]*( [^\d→]+)", text)) else "" for text in texts}
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
    return re.sub(r"\d[\d.]*( → \d[\d.]*)?", "#", part)


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
    return texts[0] if len(texts) == 1 else list(_turned(*texts))


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
        yield from (f"{mine} → {theirs}" for mine, theirs in zip(old[start:end], new[other:stop]))
        yield from (f"− {each}" for each in old[start + both : end])
        yield from (f"+ {each}" for each in new[other + both : stop])


def further(pair: Pair) -> list[str]:
    """What changed of an op and is not in its words: its own fields, else the channels that it is given."""
    if not (isinstance(pair.old, Leaf) and isinstance(pair.new, Leaf)) or _words(pair.old) != _words(pair.new):
        return []
    told = [each for each in pair.own_changes if each.what != "inputs" or not sign(pair.new)]  # wires show a join's
    own = [f"{each.what} {_value(each.old)} → {_value(each.new)}" for each in told]
    if own:
        return own[:MOST] + ["…"] * (len(own) > MOST)
    if pair.old.counts.params == pair.new.counts.params:
        return []
    before, now = (_features(node.input_shapes[0]) for node in (pair.old, pair.new))
    return [f"in {before} → {now}"] if before != now else []


def _features(shape: Shape) -> str:
    """The channels of maps, or the features of vectors and sequences."""
    return shapes_text(((shape[-1] if len(shape) < 3 else shape[0],),)) if shape else ""


def _value(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else value_text(value)


def told(pairs: Sequence[Pair]) -> str:
    """The tooltip of a box: the old nodes, and the new ones."""
    sides = [[pair.old for pair in pairs], [pair.new for pair in pairs]]
    there = [[node for node in side if node is not None] for side in sides]
    if all(there) and all(pair.status == "unchanged" for pair in pairs):
        there = there[1:]
    return "\n→\n".join(tooltip(side) for side in there if side)
