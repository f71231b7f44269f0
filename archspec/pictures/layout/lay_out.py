"""Sheets → where everything on them is: laid out, and where wires cross, laid out anew so that they cross less.

A sheet of boxes and edges gets places; what is read first stands above:

>>> from archspec.elaborate.example import example
>>> from archspec.pictures.drawing import FIGURE, compose
>>> [(given, placed)] = laid_out([compose(example('[{conv: 8, kernel_size: 3}, {max_pool: 2}]'), FIGURE).main])
>>> [id for id, box in sorted(placed.boxes.items(), key=lambda each: each[1].y)], len(placed.routes)
(['input-input', '0', '1', 'output-output'], 3)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean

from msgspec.structs import replace

from archspec.pictures.drawing import Sheet
from archspec.pictures.layout.cells import Cells
from archspec.pictures.layout.frame_titles import titles_struck
from archspec.pictures.layout.graphviz import MANY_WIRES, Direction, Placed, Problem, lay_out
from archspec.pictures.layout.graphviz_process import TIME_LIMIT
from archspec.pictures.layout.levels.by_resolution import by_resolution
from archspec.pictures.layout.problem import Ports, problem
from archspec.pictures.layout.routing.crossings import crossings
from archspec.pictures.layout.routing.router import led_on, routed

Laid = tuple[Problem, Placed]
"""What was to be laid out of a sheet, and how it is."""


def laid_out(sheets: Sequence[Sheet], direction: Direction = "TB", time_limit: float = TIME_LIMIT) -> list[Laid]:
    """Each sheet, laid out; raises `LayoutTimeoutError` where that takes too long.

    Where values of one size meet again, boxes stand by resolution. Else, where wires cross, the outputs of boxes, and
    boxes beside each other, may stand in another order, so that fewer do.
    """
    problems = [problem(sheet, direction) for sheet in sheets]
    levelled = [by_resolution(sheet, given) for sheet, given in zip(sheets, problems)]
    graphs = [number for number, each in enumerate(levelled) if each is None]
    drawn = _by_graph([sheets[number] for number in graphs], [problems[number] for number in graphs], time_limit)
    found = dict(zip(graphs, drawn))
    return [(problems[number], each) if each else found[number] for number, each in enumerate(levelled)]


def _by_graph(sheets: Sequence[Sheet], problems: Sequence[Problem], time_limit: float) -> list[Laid]:
    """Sheets in the ranks in which Graphviz places them."""
    placed = lay_out(problems, time_limit)
    found = [(given, routed(given, each)) for given, each in zip(problems, placed)]
    few = (number for number, each in enumerate(problems) if len(each.wires) <= MANY_WIRES)
    crossing = [number for number in few if _crossings(found[number]) or _strangers(found[number])]
    tries = [(number, each) for number in crossing for each in _loosened(problems[number])]
    again = lay_out([each for _, each in tries], time_limit)
    for number in crossing:
        loose = [(given, freely) for (each, given), freely in zip(tries, again) if each == number]
        ways = _ways(sheets[number], [(problems[number], placed[number]), *loose])
        found[number] = min([found[number], *ways], key=lambda laid: _flaws(sheets[number], laid))
    return found


def _loosened(given: Problem) -> Iterator[Problem]:
    """A graph whose boxes may stand in another order, and with these turned round, from which Graphviz finds others."""
    loose = replace(given, ordered=False)
    yield loose
    if any(given.fences()):
        yield replace(given, held=True)
    if not any(given.fences()):
        yield replace(loose, items=given.items[::-1])


def _ways(sheet: Sheet, layouts: Sequence[Laid]) -> Iterator[Laid]:
    """A sheet with outputs and wires in the order in which Graphviz leads them."""
    for given, placed in layouts:
        moved = replace(problem(sheet, given.direction, _ports(sheet, given, placed)), ordered=given.ordered)
        yield from ((moved, routed(moved, placed, ordered)) for ordered in (True, False))


def _ports(sheet: Sheet, given: Problem, placed: Placed) -> Ports:
    """The outputs of each box in the order in which Graphviz leads them on."""
    ahead: dict[tuple[str, tuple[int, ...]], list[float]] = defaultdict(list)
    for edge, x in zip(sheet.edges, led_on(given, placed)):
        ahead[edge.source, edge.outputs].append(x)
    return {id: sorted(own, key=lambda outputs: fmean(ahead[id, outputs])) for id, own in sheet.ports().items()}


def _flaws(sheet: Sheet, laid: Laid) -> tuple[int, int, int]:
    """What is said against a way: boxes in frames of others, titles that wires go over, then how often wires cross."""
    return _strangers(laid), titles_struck(sheet, laid[1]), _crossings(laid)


def _strangers(laid: Laid) -> int:
    """How often a box stands in a frame that is not around it."""
    given, placed = laid
    boxes = Cells(placed.boxes.values())
    return sum(
        len(boxes.meeting(placed.fences[fence.id])) - sum(1 for _ in Problem(fence.items, ()).sizes())
        for fence in given.fences()
    )


def _crossings(laid: Laid) -> int:
    given, placed = laid
    return crossings(given.wires, placed.routes)
