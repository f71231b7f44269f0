"""Boxes of known sizes, and what joins them → where everything is. Graphviz lays out; it decides nothing."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from archspec.pictures.layout.graphviz_process import TIME_LIMIT, run

Point: TypeAlias = tuple[float, float]
Direction = Literal["TB", "LR"]

MANY = 3
"""Branches, from here on, are kept straight, and begin in one rank."""


class Size(Struct, frozen=True):
    """A box to be placed: its size in points, and whether it is an ellipse to the edges that touch it.

    `beside` is how much room is kept free at both sides.
    """

    id: str
    width: float
    height: float
    round: bool = False
    beside: float = 0.0


class Fence(Struct, frozen=True):
    """A frame around boxes and other frames, with room for its title at either side of its middle."""

    id: str
    title_width: float
    title_height: float
    items: tuple[Size | Fence, ...]


class Wire(Struct, frozen=True):
    """An edge, with the size of its label; those of the `body` are kept straight, a `last` one leaves on the right.

    It leaves its source so far right of the middle as `offset` says; a `side` one is led around what others keep
    straight.
    """

    source: str
    target: str
    label_width: float = 0.0
    label_height: float = 0.0
    body: bool = False
    last: bool = False
    offset: float = 0.0
    side: bool = False


class Problem(Struct, frozen=True):
    """One graph to be laid out; where it is `ordered`, the wires of a box leave it in their order.

    What takes nothing stands below what its frame takes; where it is `held`, below what each frame around it takes.
    """

    items: tuple[Size | Fence, ...]
    wires: tuple[Wire, ...]
    direction: Direction = "TB"
    ordered: bool = True
    held: bool = False

    def sizes(self) -> Iterator[Size]:
        """Every box, in order."""
        return _sizes(self.items)

    def fences(self) -> Iterator[Fence]:
        """Every frame, outer ones first."""
        return _fences(self.items)


class Rect(Struct, frozen=True, order=True):
    """A place: the upper left corner and the size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


class Route(Struct, frozen=True):
    """A wire's way, as Graphviz leads it a Bézier curve of 3n + 1 points, and the place of its label."""

    points: tuple[Point, ...]
    label: Rect | None = None


class Stretch(Struct, frozen=True):
    """A part of a frame that is in several columns or rows: whether it comes from one, and goes on in another."""

    place: Rect
    comes: bool
    goes: bool


class Placed(Struct, frozen=True):
    """Where everything is; y grows downwards. `routes` are in the order of the wires.

    A frame that is `cut` has a place in each of several columns, or rows. What is `whole` is not to be cut into such.
    """

    width: float
    height: float
    boxes: dict[str, Rect]
    fences: dict[str, Rect]
    routes: tuple[Route, ...]
    cut: dict[str, tuple[Stretch, ...]] = field(default_factory=dict)
    rows: bool = False
    whole: bool = False

    def frame(self, id: str) -> tuple[Stretch, ...]:
        """The parts of a frame."""
        return self.cut.get(id) or (Stretch(self.fences[id], False, False),)


def lay_out(problems: Sequence[Problem], time_limit: float = TIME_LIMIT) -> list[Placed]:
    """Lay out several graphs, in one run; raises `LayoutTimeoutError` where that takes too long."""
    if not problems:
        return []
    text = run("\n".join(map(_dot, problems)), "-Tjson0", time_limit=time_limit)
    return [_placed(problem, found) for problem, found in zip(problems, _documents(text))]


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        found, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        yield found


def _dot(problem: Problem) -> str:
    names, spines = _names(problem), _spines(problem.wires)
    ranksep = 0.26 if problem.direction == "TB" else 0.3
    ordering = "ordering=out " if problem.ordered else ""
    effort = f" {_LITTLE_EFFORT}" if len(problem.wires) > MANY_WIRES else ""
    lines = [
        "digraph {",
        f"graph [rankdir={problem.direction} {ordering}newrank=true nodesep=0.17 ranksep={ranksep}{effort}]",
        "node [shape=box fixedsize=true]",
        "edge [arrowhead=none]",
        *_fill(problem.items, names, spines, "b" if _upside_down(problem) else "t"),
        *_edges(problem.wires, names, spines, {} if problem.ordered else _ports(problem.wires, names)),
        *_held_below(problem, names),
        "}",
    ]
    return "\n".join(lines)


MANY_WIRES = 500
"""From so many wires on a sheet is a thicket in any order, and looking for the best one would take minutes."""
_LITTLE_EFFORT = "nslimit=1 nslimit1=1 mclimit=0.05 splines=line"


def _names(problem: Problem) -> dict[str, str]:
    """What each box and frame is called in DOT, so that no name needs to be quoted."""
    boxes = {size.id: f"n{number}" for number, size in enumerate(_sizes(problem.items))}
    return boxes | {f"fence {each.id}": f"cluster_{number}" for number, each in enumerate(_fences(problem.items))}


def _sizes(items: Sequence[Size | Fence]) -> Iterator[Size]:
    for item in items:
        if isinstance(item, Size):
            yield item
        else:
            yield from _sizes(item.items)


def _fences(items: Sequence[Size | Fence]) -> Iterator[Fence]:
    for item in items:
        if isinstance(item, Fence):
            yield item
            yield from _fences(item.items)


def _fill(
    items: Sequence[Size | Fence], names: dict[str, str], spines: dict[str, str], loc: Literal["t", "b"]
) -> Iterator[str]:
    for item in items:
        if isinstance(item, Size):
            shape, width = " shape=ellipse" if item.round else "", item.width + 2 * item.beside
            if item.id in spines:
                yield f"spine_{names[item.id]} [width=0.01 height=0.01]"
            yield f"{names[item.id]} [width={width / 72:.4f} height={item.height / 72:.4f}{shape}]"
        else:
            yield f"subgraph {names[f'fence {item.id}']} {{"
            room = _room(2 * item.title_width + 32, item.title_height)
            yield f"graph [label={room} labeljust=l labelloc={loc} margin=10]"
            yield from _fill(item.items, names, spines, loc)
            yield "}"


def _ports(wires: Sequence[Wire], names: dict[str, str]) -> dict[tuple[str, float], str]:
    """What the outputs are called of boxes that have several."""
    outputs = dict.fromkeys((wire.source, wire.offset) for wire in wires)
    many = Counter(source for source, _ in outputs)
    several = [output for output in outputs if many[output[0]] > 1]
    return {(source, offset): f"port{number}_{names[source]}" for number, (source, offset) in enumerate(several)}


def _edges(
    wires: Sequence[Wire], names: dict[str, str], spines: dict[str, str], ports: dict[tuple[str, float], str]
) -> Iterator[str]:
    """In the order in which edges leave a box; slack is left before joins, so that branches begin side by side.

    Where there are many branches, each is kept straight rather than near the others. Outputs may stand in `ports` below
    their box, halfway to the next rank.
    """
    far = " minlen=2" if ports else ""
    widths: dict[str, float] = defaultdict(lambda: 6.0)
    for wire in wires:
        if port := ports.get((wire.source, wire.offset)):
            widths[port] = max(widths[port], wire.label_width - 8)
    for (source, _), port in ports.items():
        yield f"{port} [width={widths[port] / 72:.4f} height=0.01]"
        yield f"{names[source]} -> {port} [weight=40]"
    into, out = Counter(wire.target for wire in wires), Counter(wire.source for wire in wires)
    branches: dict[str, list[str]] = defaultdict(list)
    for number, wire in sorted(enumerate(wires), key=lambda item: item[1].last):
        if wire.target in spines:
            spine = f"spine_{names[wire.target]}"
            branches[wire.source].append(spine)
            yield f"{names[wire.source]} -> {spine} -> {names[spines[wire.target]]} [weight=20 style=invis{far}]"
        first = out[wire.source] >= MANY and into[wire.target] == 1
        joined, alone = into[wire.target] > 1, out[wire.source] == 1
        weight = 1 if wire.side else 20 if wire.body else 1 if first else 2 if joined else 12 if alone else 3
        port = ports.get((wire.source, wire.offset))
        start = (
            f"{names[wire.source]} -> {names[wire.target]} [" if port is None else f"{port} -> {names[wire.target]} ["
        )
        yield f"{start}weight={weight}{far if port is None else ''} comment={number}]"
    for wire in wires:
        if out[wire.source] >= MANY and into[wire.target] == 1:
            branches[wire.source].append(names[wire.target])
    yield from (f"{{rank=same {' '.join(each)}}}" for each in branches.values())


def _held_below(problem: Problem, names: dict[str, str]) -> Iterator[str]:
    """Lines that are not drawn: what takes nothing, in a frame, stands below what others there take from outside.

    Else a frame would begin beside the one before it, and the two stand aslant.
    """
    taking, seen = {wire.target for wire in problem.wires}, set[str]()
    for fence in reversed([*problem.fences()]):
        held = {size.id for size in _sizes(fence.items)}
        entered = dict.fromkeys(w.source for w in problem.wires if w.target in held and w.source not in held)
        for id in (size.id for size in _sizes(fence.items) if entered and size.id not in taking | seen):
            if not problem.held:
                seen.add(id)
            yield from (f"{names[source]} -> {names[id]} [weight=0 style=invis]" for source in entered)


def _spines(wires: Sequence[Wire]) -> dict[str, str]:
    """Where an even number of branches part and meet again: the first box of their right half, and where they meet.

    A line before it, which is not drawn, keeps the two places below each other.
    """
    out: dict[str, list[str]] = defaultdict(list)
    into: dict[str, list[Wire]] = defaultdict(list)
    for wire in wires:
        into[wire.target].append(wire)
        if not wire.last:
            out[wire.source].append(wire.target)
    found: dict[str, str] = {}
    for target, arriving in list(into.items()):
        many = len(arriving)
        if many > MANY and many % 2 == 0:
            sources = {_origin(wire.source, out, into) for wire in arriving}
            if len(sources) == 1 and len(out[source := sources.pop()]) == many:
                found[out[source][many // 2]] = target
    return found


def _origin(id: str, out: dict[str, list[str]], into: dict[str, list[Wire]]) -> str:
    """The box above from which many branches leave, or the first."""
    while len(out[id]) < MANY and into[id]:
        id = into[id][0].source
    return id


def _room(width: float, height: float) -> str:
    """A label that takes so much room, and shows nothing."""
    size = f'FIXEDSIZE="TRUE" WIDTH="{width:.0f}" HEIGHT="{height:.0f}"'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" {size}><TR><TD></TD></TR></TABLE>>'


def _upside_down(problem: Problem) -> bool:
    """Whether Graphviz places branches from bottom to top: in frames, where the layout is from left to right."""
    return problem.direction == "LR" and any(isinstance(item, Fence) for item in problem.items)


def _placed(problem: Problem, found: Any) -> Placed:
    placed = _as_found(problem, found)
    return _mirrored(placed) if _upside_down(problem) else placed


def _mirrored(placed: Placed) -> Placed:
    """Everything with what is above and below exchanged."""
    height = placed.height

    def rect(given: Rect) -> Rect:
        return Rect(given.x, height - given.y - given.height, given.width, given.height)

    return Placed(
        placed.width,
        height,
        {id: rect(given) for id, given in placed.boxes.items()},
        {id: rect(given) for id, given in placed.fences.items()},
        tuple(Route(tuple((x, height - y) for x, y in route.points)) for route in placed.routes),
    )


def _as_found(problem: Problem, found: Any) -> Placed:
    _, _, width, height = map(float, found["bb"].split(","))
    names = _names(problem)
    objects = {each["name"]: each for each in found.get("objects", [])}
    boxes: dict[str, Rect] = {}
    for size in _sizes(problem.items):
        x, y = map(float, objects[names[size.id]]["pos"].split(","))
        boxes[size.id] = Rect(x - size.width / 2, height - y - size.height / 2, size.width, size.height)
    fences: dict[str, Rect] = {}
    for fence in _fences(problem.items):
        left, low, right, high = map(float, objects[names[f"fence {fence.id}"]]["bb"].split(","))
        fences[fence.id] = Rect(left, height - high, right - left, high - low)
    routes = {int(edge["comment"]): _route(edge, height) for edge in found.get("edges", []) if "comment" in edge}
    return Placed(width, height, boxes, fences, tuple(routes[number] for number in range(len(problem.wires))))


def _route(edge: Any, height: float) -> Route:
    points = [point for point in edge["pos"].split(" ") if not point.startswith(("e,", "s,"))]
    curve = tuple((float(x), height - float(y)) for x, y in (point.split(",") for point in points))
    return Route(curve)
