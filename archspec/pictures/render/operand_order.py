"""Which input of a box each wire brings: the order is from left to right, or told by a number beside each wire.

Two wires to a round join meet in one tip, so what counts is where each comes from: `concat: [a, b]` with a on the left
needs no number, `[b, a]` drawn alike has `2` and `1`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from math import dist

from msgspec import Struct
from msgspec.structs import replace

from archspec.pictures.drawing import Box, Piece, Sheet
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.graphviz import Direction, Placed, Point
from archspec.pictures.render.free_places import HEIGHT, Crowd, beside
from archspec.pictures.render.marks import Words
from archspec.pictures.render.overlaps import rest, shared

SIZE = 10.2
"""Of a number, in points."""
NEAR = 3.0
"""Between a number and its wire."""
ABOVE = 5.5
"""How far from a wire's tip, or from where it meets another, its number stands."""
TIP = 6.5
"""Less than so far from the end of a wire is its tip."""


class _Arrival(Struct, frozen=True):
    """A value on its way to a box: the inputs that it is, and its way backwards from where it meets others, or ends."""

    operands: tuple[int, ...]
    way: tuple[Point, ...]
    meets: bool

    @property
    def comes(self) -> Point:
        """A place a little before it meets others, or ends."""
        (x, y), (other_x, other_y) = self.way[:2]
        far = dist((x, y), (other_x, other_y)) or 1.0
        return x + (other_x - x) / far, y + (other_y - y) / far


def operand_marks(sheet: Sheet, placed: Placed, direction: Direction) -> Iterator[Words]:
    """The numbers of all inputs of a sheet's boxes that are not in order, and of the sheet's own."""
    across = 0 if direction == "TB" else 1
    crowd = Crowd(placed)
    for arriving in _arrivals(sheet, placed):
        found = sorted(arriving, key=lambda each: (each.comes[across], each.way[-1][across]))
        if not is_in_order([each.operands for each in found]):
            yield from (crowd.freest(_places(each, direction)) for each in found)
    if sheet.instances != ("",):
        yield from _of_ends([box for box in sheet.boxes() if box.role == "input"], placed, across, crowd)


def is_in_order(operands: Sequence[Sequence[int]]) -> bool:
    """Whether what each wire brings follows on what those before it do."""
    numbers = [number for own in operands for number in own]
    return numbers == sorted(numbers)


def _arrivals(sheet: Sheet, placed: Placed) -> Iterator[list[_Arrival]]:
    """The values that come to each box that is told in which order it takes them."""
    ways: dict[str, dict[tuple[str, tuple[int, ...]], tuple[list[int], tuple[Point, ...]]]] = defaultdict(dict)
    for edge, route in zip(sheet.edges, placed.routes):
        if edge.operands:
            numbers, _ = ways[edge.target].setdefault((edge.source, edge.outputs), ([], route.points[::-1]))
            numbers.extend(edge.operands)
    for arriving in ways.values():
        every = [way for _, way in arriving.values()]
        if len(every) > 1:
            yield [
                _arrival(numbers, way, [each for each in every if each is not way])
                for numbers, way in arriving.values()
            ]


def _arrival(numbers: Sequence[int], way: Sequence[Point], others: Sequence[Sequence[Point]]) -> _Arrival:
    together = max(shared(way, each) for each in others)
    return _Arrival(tuple(sorted(numbers)), tuple(rest(way, together)), together > 0)


def _places(arrival: _Arrival, direction: Direction) -> Iterator[Words]:
    """Where the number of an arrival may stand, the best places first."""
    usual = _beside(arrival, direction)
    yield usual
    height = SIZE * HEIGHT
    for x, middle in beside(arrival.way, usual.width, height, NEAR):
        yield replace(usual, x=x, y=middle + height / 2)


def _beside(arrival: _Arrival, direction: Direction) -> Words:
    """A number beside a wire that goes as the picture does, where it turns or ends; or over one that ends at a side."""
    text = ", ".join(_runs(arrival.operands))
    width, along = text_width(text, SIZE), 1 if direction == "TB" else 0
    (x, y), (other, _) = arrival.way[:2]
    for start, end in pairwise(arrival.way if arrival.meets else arrival.way[:2]):
        if abs(end[along] - start[along]) > ABOVE:
            x, y = start
            if direction == "TB":
                return _words(text, x - NEAR - width / 2, y - ABOVE + SIZE * 0.36)
            return _words(text, x - TIP - width / 2, y - NEAR)
    return _words(text, x + (TIP + width / 2) * (1 if other > x else -1), y - NEAR)


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Numbers, those in a row as a range.

    >>> list(_runs([1, 3, 4, 5]))
    ['1', '3–5']
    """
    for _, run in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        own = [number for _, number in run]
        yield f"{own[0]}–{own[-1]}" if len(own) > 1 else str(own[0])


def _of_ends(boxes: Sequence[Box], placed: Placed, across: int, crowd: Crowd) -> Iterator[Words]:
    """The numbers of a block's inputs on its own sheet, where these are not in order."""
    order = sorted(range(len(boxes)), key=lambda number: placed.boxes[boxes[number].id].middle[across])
    if order == sorted(order):
        return
    first = 1
    for box in boxes:
        at = placed.boxes[box.id]
        text = str(first) if box.lanes == 1 else f"{first}–{first + box.lanes - 1}"
        half, (x, y) = text_width(text, SIZE) / 2, at.middle
        sides = ((at.x - half, y), (at.x + at.width + half, y), (x, at.y - SIZE / 2))
        yield crowd.freest(_words(text, place_x, place_y + SIZE * HEIGHT / 2) for place_x, place_y in sides)
        first += box.lanes


def _words(text: str, x: float, y: float) -> Words:
    return Words(x, y, (Piece(text),), SIZE, text_width(text, SIZE), paint="ink")
