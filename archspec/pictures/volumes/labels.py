"""What stands at a column: over its boxes, under them, and on the way to it, in lines that are not too wide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from archspec.graph.labels import shown_shapes
from archspec.ops.shapes import Carried, shape_text
from archspec.pictures.volumes.columns import Column
from archspec.pictures.volumes.scene import Style, line_width

WORDS = 82.0
"""The width at which the words between columns are broken."""

Line: TypeAlias = tuple[Style, str]
ARROW: Line = ("size", "")
"""A line of no text, where an arrow stands."""


def below(column: Column) -> Iterator[Line]:
    """What stands under a column: its channels, and what a stage is made of."""
    yield from (("size", text) for text in _amounts(column))
    yield from (("words", line) for words in column.inside for line in _wrapped(words))


def words(column: Column) -> list[str]:
    """What leads to a column."""
    return [line for each in column.words for line in _wrapped(each)]


def above(column: Column) -> Iterator[Line]:
    """What stands over a column: what comes into it, with room for an arrow, its name, its sizes and its steps."""
    if column.feeds:
        yield from (("words", feed) for feed in column.feeds)
        yield ARROW
    yield from (("name", line) for line in _name_lines(column.name))
    first, last = column.maps[0].sizes, column.last.sizes
    if last:
        levels = first != last and all(len(each.sizes) == len(last) for each in column.maps)
        yield "size", f"{shape_text(first)}–{shape_text(last)}" if levels else shape_text(last)
    if column.last.steps not in (None, 1):
        yield "size", f"×{shape_text((column.last.steps,))}"


def _name_lines(name: str) -> list[str]:
    """A name; one from the first to the last of long ones in two lines."""
    if not name or line_width(name, "name") <= WORDS:
        return [name] if name else []
    first, dash, last = name.partition("–")
    return [first + dash, last] if dash else [first]


def _wrapped(words: str) -> list[str]:
    """Words in lines of at most their width, but for a word that is wider itself; broken at commas where that does.

    Numbers that follow each other stay together.
    """
    lines = _filled(re.sub(r", (?!\d+,|\d+$)", ",\n", words).split("\n"))
    return lines if all(line_width(line, "words") <= WORDS for line in lines) else _filled(words.split(" "))


def _filled(parts: Sequence[str]) -> list[str]:
    """Parts in lines, as many to a line as fit."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines else part
        if lines and line_width(longer, "words") <= WORDS:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _amounts(column: Column) -> Iterator[str]:
    """The channels of a column's maps: `256`, or from the first to the last; of detections, what each field holds."""
    if isinstance(column.last.shape, Carried) and column.last.shape.fields:
        yield from shown_shapes([column.last.shape], of_blocks=False).split("\n")
        return
    first, last = (shape_text(tuple(each.item[:1])) or "1" for each in (column.first or column.maps[0], column.last))
    yield first if first == last else f"{first}–{last}"


def widest(lines: Sequence[Line]) -> float:
    """The width of the widest of several lines."""
    return max((line_width(text, style) for style, text in lines), default=0.0)
