"""Wires at right angles, between the boxes that Graphviz placed.

Graphviz says in which rank and beside what each box stands, and on which side a long wire passes others. All is worked
out from top to bottom; a picture from left to right is turned before and after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from archspec.pictures.layout.geometry import NEAR, cornered, crossings, drawn_in, turned
from archspec.pictures.layout.graphviz import Placed, Point, Problem, Rect, Route, Wire
from archspec.pictures.layout.routing.endpoints import entered
from archspec.pictures.layout.routing.label_places import with_free_labels
from archspec.pictures.layout.routing.long_edges import Way, led
from archspec.pictures.layout.routing.obstacles import CLEAR, Ground
from archspec.pictures.layout.routing.rank_spacing import TRACK, Spacing
from archspec.pictures.layout.routing.tracks import Run, numbered
from archspec.pictures.layout.tight_clusters import narrowed
from archspec.pictures.layout.title_room import with_title_room

GIVE = 3.0
"""How much nearer than that a wire may pass a box, to go straight."""
SNAP = 8.0
"""A wire between neighbours that are not farther aside than this goes straight, off the first one's middle."""
PAST = 10.0
"""How far a label may reach out beside the box above it."""
TITLE = 5.0
"""The room above and below a frame's title."""
NEARBY = 40.0
"""A frame is widened for a wire that passes so near outside it."""


def routed(problem: Problem, placed: Placed, ordered: bool = False) -> Placed:
    """The same boxes, with room between ranks as needed and wires at right angles.

    Where they are `ordered`, wires lie beside each other as Graphviz leads them, else as near as can be.
    """
    if problem.direction == "LR":
        found = turned(_Router(problem, turned(placed), ordered).placed())
    else:
        found = _Router(problem, drawn_in(narrowed(problem, placed), problem.wires), ordered).placed()
    wider = with_title_room(problem, found)
    return found if wider is found else cornered(wider.boxes, wider.fences, wider.routes)


def led_on(problem: Problem, placed: Placed) -> list[float]:
    """The place across to which Graphviz leads each wire first: its output, or where it passes the next rank."""
    if not problem.ordered:
        return [route.points[0][problem.direction == "LR"] for route in placed.routes]
    router = _Router(problem, turned(placed) if problem.direction == "LR" else placed, False)
    return [router.next(number) for number in range(len(problem.wires))]


class _Lane(NamedTuple):
    """A vertical stretch of a wire."""

    x: float
    wire: Wire


class _Plan(Struct):
    """How a wire goes: down from `x` below its source, over to `lane`, down, over to `goal` above its target.

    It turns in the gap of `first` and in that of `last`, where there are such; `side` is true where it ends at the side
    of a round target.
    """

    x: float
    lane: float
    goal: float
    first: Run | None = None
    last: Run | None = None
    side: bool = False


class _Router:
    def __init__(self, problem: Problem, placed: Placed, ordered: bool) -> None:
        self._ordered = ordered
        self._wires, self._given, self._across = problem.wires, placed, problem.direction == "LR"
        self._round = frozenset(size.id for size in problem.sizes() if size.round)
        self._titles = {fence.id: fence.title_height + TITLE for fence in problem.fences()}
        self._ground = Ground(placed)
        self._boxes, self._ranks, self._rank_of = self._ground.boxes, self._ground.ranks, self._ground.rank_of
        self._lanes: dict[int, list[_Lane]] = defaultdict(list)
        self._arriving: dict[str, int] = defaultdict(int)
        self._leaving: dict[str, int] = defaultdict(int)
        for wire in problem.wires:
            self._arriving[wire.target] += 1
            self._leaving[wire.source] += 1
        self._settle({})

    def _settle(self, lanes: dict[int, float]) -> None:
        """Where wires begin and end, and where they are led, with what is known of where they go down."""
        self._stems: dict[str, float] = {}
        self._goals = self._entries(lanes)
        if stems := self._moved_stems():
            self._stems = stems
            self._goals = self._entries(lanes)
        self._begin, self._end = self._starts(), self._ends()
        self._ground.strips = self._stripped()
        self._ground.fences = dict(self._given.fences)
        self._widen(())
        self._led = led(dict(self._ways())) if self._ordered else {}

    def _planned(self) -> list[_Plan]:
        """The way of each wire; those that come to one box go straight there, where they can."""
        plans = [self._plan(number, wire) for number, wire in enumerate(self._wires)]
        long = {number: plan.lane for number, plan in enumerate(plans) if self._is_long(self._wires[number])}
        if any(plans[number].last is not None and self._nets.get(self._wires[number].target, 0) > 1 for number in long):
            self._settle(long)
            self._lanes.clear()
            plans = [self._plan(number, wire) for number, wire in enumerate(self._wires)]
        return plans

    def placed(self) -> Placed:
        plans = self._planned()
        runs = [run for plan in plans for run in (plan.first, plan.last) if run is not None]
        self._widen(plans)
        self._lay_within(runs)
        outer, inner = numbered([run for run in runs if not run.inner]), numbered([run for run in runs if run.inner])
        begun = {gap: [self._ground.fences[id].y for id in ids] for gap, ids in self._ground.begun.items()}
        titles = {
            gap: 0.0 if self._across else max(self._titles[id] for id in ids) for gap, ids in self._ground.begun.items()
        }
        ends = list(self._ground.fences.values())
        spacing = Spacing(self._ranks, ends, self._labels(), outer, inner, begun, titles)
        boxes = {id: Rect(box.x, spacing(box.y), box.width, box.height) for id, box in self._boxes.items()}
        routes = [self._route(wire, plan, boxes, spacing) for wire, plan in zip(self._wires, plans)]
        fences = {
            id: Rect(fence.x, top := spacing(fence.y), fence.width, spacing(fence.y + fence.height) - top)
            for id, fence in self._ground.fences.items()
        }
        for wire, route in zip(self._wires, routes):
            for id in self._ground.homes[wire.source] if route.label else ():
                fences[id] = _lengthened(fences[id], route.label)
        return cornered(boxes, fences, with_free_labels(boxes, fences, routes))

    def next(self, number: int) -> float:
        """The place at which Graphviz leads a wire past the rank after that of its source, or to its target there."""
        wire = self._wires[number]
        after = self._rank_of[wire.source] + 1
        return self._boxes[wire.target].middle[0] if self._rank_of[wire.target] == after else self._at(number, after)

    def _lay_within(self, runs: Sequence[Run]) -> None:
        """Lets wires part and meet in the frames that begin before a rank, where these hold all of them."""
        nets: dict[tuple[int, tuple[str, str]], list[Run]] = defaultdict(list)
        for run in runs:
            nets[run.gap, run.net].append(run)
        for (gap, _), together in nets.items():
            begun = [self._ground.fences[id] for id in self._ground.begun.get(gap, ())]
            left, right = min(run.left for run in together), max(run.right for run in together)
            beside = [each for each in begun if right < each.x or each.x + each.width < left]
            around = [each for each in begun if each.x < left and right < each.x + each.width]
            for run in together:
                run.inner = bool(around) and len(around) + len(beside) == len(begun)

    def _plan(self, number: int, wire: Wire) -> _Plan:
        start, end = self._rank_of[wire.source], self._rank_of[wire.target]
        x, goal = self._leaves(wire), self._goals[number]
        straight = abs(x - goal) < NEAR and self._ground.free(goal, range(start + 1, end), wire)
        if straight and not self._shared(goal, wire):
            self._keep(goal, wire)
            return _Plan(goal, goal, goal)
        if self._at_side(wire) and (plan := self._sideways(number, wire, x)) is not None:
            return plan
        if end == start + 1:
            return self._next_door(wire, x, goal)
        lane = self._lane(number, wire, range(start + 1, end), False)
        self._keep(lane, wire)
        plan = _Plan(x, lane, goal)
        if abs(lane - x) >= NEAR:
            plan.first = Run(start, _net(wire), x, lane)
        if abs(lane - goal) >= NEAR:
            plan.last = Run(end - 1, ("to", f"{goal} of {wire.target}"), lane, goal)
        return plan

    def _sideways(self, number: int, wire: Wire, x: float) -> _Plan | None:
        """A wire that ends at its target's side; `None` where boxes beside the target stand in the way."""
        start, end = self._rank_of[wire.source], self._rank_of[wire.target]
        lane = self._lane(number, wire, range(start + 1, end + 1), True)
        target = self._boxes[wire.target]
        left, right = sorted((lane, target.middle[0]))
        beside = (self._boxes[id] for id in self._ranks[end].ids if id != wire.target)
        if any(box.x < right and left < box.x + box.width for box in beside):
            return None
        self._keep(lane, wire)
        first = Run(start, _net(wire), x, lane) if abs(lane - x) >= NEAR else None
        return _Plan(x, lane, target.middle[0], first=first, side=True)

    def _next_door(self, wire: Wire, x: float, goal: float) -> _Plan:
        """A wire to the next rank turns once: where it parts from others, or where it meets them."""
        gap = self._rank_of[wire.source]
        if self._arriving[wire.target] > 1 and self._leaving[wire.source] == 1:
            return _Plan(x, x, goal, last=Run(gap, ("to", f"{goal} of {wire.target}"), x, goal))
        return _Plan(x, goal, goal, first=Run(gap, _net(wire), x, goal))

    def _entries(self, lanes: dict[int, float]) -> list[float]:
        """Where each wire ends: in the middle of its target, or several side by side, in the order in which they come.

        Wires of one value, and those that a round target joins, end at one place.
        """
        found = [self._boxes[wire.target].middle[0] for wire in self._wires]
        arriving: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, wire in enumerate(self._wires):
            if wire.target not in self._round:
                arriving[wire.target][_net(wire)].append(number)
        self._nets = {target: len(nets) for target, nets in arriving.items()}
        starts = self._starts()
        for target, nets in arriving.items():
            if len(nets) > 1:
                order = sorted(nets.values(), key=lambda numbers: self._comes(numbers[0], lanes))
                for numbers, end in zip(order, self._ends_at(target, order, lanes, starts)):
                    for number in numbers:
                        found[number] = end
        return found

    def _ends_at(
        self, target: str, order: Sequence[Sequence[int]], lanes: dict[int, float], starts: dict[int, list[_Lane]]
    ) -> list[float]:
        """Where the wires of several values end at their target."""
        box, rank = self._boxes[target], self._rank_of[target]
        nets = [_net(self._wires[numbers[0]]) for numbers in order]

        def straight(number: int) -> float | None:
            wire = self._wires[number]
            return lanes.get(number) if self._is_long(wire) else self._leaves(wire)

        def is_clear(place: int, end: float) -> bool:
            """Whether no other value leaves a box of the rank above right above a place."""
            return all(_net(wire) == nets[place] or abs(end - stem) >= 2 * NEAR for stem, wire in starts[rank - 1])

        wanted = [straight(numbers[0]) for numbers in order]
        return entered(box.x + CLEAR, box.x + box.width - CLEAR, wanted, is_clear)

    def _comes(self, number: int, lanes: dict[int, float]) -> float:
        """From where a wire comes to the rank of its target."""
        wire = self._wires[number]
        if self._ordered and self._is_long(wire):
            return self._at(number, self._rank_of[wire.target] - 1)
        return lanes.get(number, self._leaves(wire))

    def _is_long(self, wire: Wire) -> bool:
        """Whether a wire passes other ranks."""
        return self._rank_of[wire.target] > self._rank_of[wire.source] + 1

    def _at(self, number: int, rank: int) -> float:
        """The place at which Graphviz leads a wire past a rank."""
        wire = self._wires[number]
        start, end = self._rank_of[wire.source], self._rank_of[wire.target]
        x, goal = self._boxes[wire.source].middle[0], self._boxes[wire.target].middle[0]
        straight = x + (goal - x) * (rank - start) / (end - start)
        return next(crossings(self._given.routes[number].points, self._ranks[rank].middle), straight)

    def _ways(self) -> Iterator[tuple[int, Way]]:
        """The wires that go down past other boxes, as Graphviz leads them."""
        for number, wire in enumerate(self._wires):
            start, side = self._rank_of[wire.source], self._at_side(wire)
            end = self._rank_of[wire.target]
            x, goal = self._leaves(wire), self._goals[number]
            straight = abs(x - goal) < NEAR and self._ground.free(goal, range(start + 1, end), wire)
            side = side and not straight
            if end + side <= start + 1:
                continue
            at = {rank: self._at(number, rank) for rank in range(start + 1, end)} or {start: x}
            low, high = float("-inf"), float("inf")
            passed = range(start + 1, end + side)
            standing = ((rank, rect) for rank in passed for rect in self._ground.standing(rank, wire))
            for rank, rect in (*standing, *self._ground.walls(passed, wire)):
                if rect.middle[0] < at.get(rank, at[max(at)]):
                    low = max(low, rect.x + rect.width + CLEAR)
                else:
                    high = min(high, rect.x - CLEAR)
            if side:
                target = self._boxes[wire.target]
                if at[max(at)] > goal:
                    low = max(low, target.x + target.width + CLEAR)
                else:
                    high = min(high, target.x - CLEAR)
            wishes = [x] if side else [goal, x]
            low = min([low, *(wish for wish in wishes if low - GIVE <= wish)])
            high = max([high, *(wish for wish in wishes if wish <= high + GIVE)])
            taken = [lane.x for lane in (*self._begin[start], *self._end[end]) if self._strange(wire, lane.wire)]
            gaps = {rank - 1: here for rank, here in reversed(at.items())} | at if end > start + 1 else at
            joined = wire.target if wire.target in self._round and not side else None
            yield number, Way(_net(wire), gaps, low, high, wishes, taken, joined)

    def _starts(self) -> dict[int, list[_Lane]]:
        """Where wires leave the boxes of each rank."""
        found: dict[int, list[_Lane]] = defaultdict(list)
        for wire in self._wires:
            found[self._rank_of[wire.source]].append(_Lane(self._leaves(wire), wire))
        return found

    def _ends(self) -> dict[int, list[_Lane]]:
        """Where wires come to the boxes of each rank."""
        found: dict[int, list[_Lane]] = defaultdict(list)
        for wire, goal in zip(self._wires, self._goals):
            found[self._rank_of[wire.target]].append(_Lane(goal, wire))
        return found

    def _leaves(self, wire: Wire) -> float:
        """Where a wire leaves its source: in the middle, or several outputs side by side."""
        return self._stems.get(wire.source, self._boxes[wire.source].middle[0]) + wire.offset

    def _moved_stems(self) -> dict[str, float]:
        """Where the wires of a box leave it that has a neighbour not far aside: so that one goes straight there."""
        found: dict[str, float] = {}
        spans = self._spans()
        for wire, goal in sorted(zip(self._wires, self._goals), key=lambda item: not item[0].body):
            if wire.source not in self._round and wire.source not in found and not self._is_long(wire):
                aside = goal - self._leaves(wire)
                low, high = spans.get(wire.source, (-SNAP, SNAP))
                if low < aside < high:
                    found[wire.source] = self._boxes[wire.source].middle[0] + aside
        return found

    def _spans(self) -> dict[str, tuple[float, float]]:
        """How far the outputs of each box that has several can move together, and stay below it with their labels."""
        reach: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for wire in self._wires:
            before, after = (-wire.label_height, 0.0) if self._across else (0.0, wire.label_width)
            reach[wire.source].append((wire.offset, before, after))
        found = {}
        for id, own in reach.items():
            if len({offset for offset, _, _ in own}) > 1:
                half = self._boxes[id].width / 2
                low = max(CLEAR - half - offset - min(0.0, before + PAST + CLEAR) for offset, before, _ in own)
                high = min(half - CLEAR - offset - max(0.0, after - PAST - CLEAR) for offset, _, after in own)
                found[id] = min(low, 0.0), max(high, 0.0)
        return found

    def _stripped(self) -> dict[int, list[Rect]]:
        """The labels below each rank, as obstacles: each from its wire's first stretch to where its text ends."""
        strips: dict[int, list[Rect]] = defaultdict(list)
        for wire in self._wires:
            if wire.label_width:
                rank = self._rank_of[wire.source]
                width = wire.label_height if self._across else wire.label_width
                stem = self._leaves(wire)
                strips[rank].append(Rect(stem - width if self._across else stem, self._ranks[rank].bottom, width, 0.0))
        return strips

    def _at_side(self, wire: Wire) -> bool:
        """Whether a wire ends at its target's side: where that is round, takes two, and the other comes from above."""
        return wire.target in self._round and self._arriving[wire.target] == 2 and not wire.body

    def _lane(self, number: int, wire: Wire, passed: range, side: bool) -> float:
        """Where a wire goes down past other boxes: below its source, above its target, or where Graphviz leads it."""
        if number in self._led:
            return self._led[number]
        x, goal = self._leaves(wire), self._goals[number]
        candidates = [x] if side else [x, goal] if self._arriving[wire.target] > 1 else [goal, x]
        for candidate in candidates:
            if self._ground.free(candidate, passed, wire) and (not side or abs(candidate - goal) > NEAR):
                return self._unclaimed(candidate, wire, passed, 1.0)
        away = self._farthest(number, passed, (x + goal) / 2)
        toward = 1.0 if away >= (x + goal) / 2 else -1.0
        away = self._close(away, (x + goal) / 2, passed, wire)
        if side:
            edge = self._boxes[wire.target].width / 2 + CLEAR
            away = max(away, goal + edge) if toward > 0 else min(away, goal - edge)
        return self._unclaimed(away, wire, passed, toward)

    def _farthest(self, number: int, passed: range, straight: float) -> float:
        """The place, farthest from the straight way, at which Graphviz leads a wire past other boxes."""
        curve = self._given.routes[number].points
        found = [at for rank in passed for at in crossings(curve, self._ranks[rank].middle)]
        return max(found, key=lambda at: abs(at - straight), default=straight)

    def _close(self, away: float, straight: float, passed: range, wire: Wire) -> float:
        """The free place nearest to the straight way, on the side where Graphviz leads the wire."""
        rects = self._ground.obstacles(passed, wire)
        edges = [rect.x + rect.width + CLEAR if away >= straight else rect.x - CLEAR for rect in rects]
        between = [edge for edge in edges if min(straight, away) <= edge <= max(straight, away)]
        nearest = sorted(between, key=lambda edge: abs(edge - straight))
        return next((edge for edge in nearest if self._ground.free(edge, passed, wire)), away)

    def _unclaimed(self, x: float, wire: Wire, passed: range, toward: float) -> float:
        """The first lane from a place on that no box stands in, and that no wire of another net has."""
        while True:
            if (blocked := self._ground.blocking(x, passed, wire)) is not None:
                x = blocked.x + blocked.width + CLEAR if toward > 0 else blocked.x - CLEAR
            elif self._shared(x, wire):
                x += toward * TRACK
            else:
                return x

    def _keep(self, x: float, wire: Wire) -> None:
        """Leaves a lane to a wire, in all gaps that it crosses."""
        for gap in range(self._rank_of[wire.source], self._rank_of[wire.target]):
            self._lanes[gap].append(_Lane(x, wire))

    def _shared(self, x: float, wire: Wire) -> bool:
        """Whether a wire of another value begins, goes down or ends there, which nothing joins with this one."""
        start, end = self._rank_of[wire.source], self._rank_of[wire.target]
        passing = (lane for gap in range(start, end) for lane in self._lanes[gap] if abs(x - lane.x) < TRACK - 0.1)
        others = (lane for lane in (*self._begin[start], *self._end[end]) if abs(x - lane.x) < 2 * NEAR)
        return any(self._strange(wire, lane.wire) for lane in (*passing, *others))

    def _strange(self, wire: Wire, other: Wire) -> bool:
        """Whether two wires are of two values that nothing joins."""
        return _net(wire) != _net(other) and not (wire.target == other.target and wire.target in self._round)

    def _labels(self) -> dict[int, float]:
        """How far labels reach below each rank."""
        room: dict[int, float] = {}
        for wire in self._wires:
            if wire.label_width:
                gap = self._rank_of[wire.source]
                room[gap] = max(room.get(gap, 0.0), wire.label_width + 5 if self._across else wire.label_height)
        return room

    def _route(self, wire: Wire, plan: _Plan, boxes: dict[str, Rect], spacing: Spacing) -> Route:
        source, target = boxes[wire.source], boxes[wire.target]
        points = [(plan.x, source.y + source.height)]
        if plan.first is not None:
            y = spacing.height(plan.first)
            points += [(plan.x, y), (plan.lane, y)]
        if plan.side:
            edge = target.x + target.width if plan.lane > target.middle[0] else target.x
            points += [(plan.lane, target.middle[1]), (edge, target.middle[1])]
        else:
            if plan.last is not None:
                y = spacing.height(plan.last)
                points += [(plan.lane, y), (plan.goal, y)]
            points.append((plan.goal, target.y))
        return Route(tuple(points), self._label(wire, points, spacing) if wire.label_width else None)

    def _label(self, wire: Wire, points: Sequence[Point], spacing: Spacing) -> Rect:
        """The place of a wire's label, beside its first stretch, past the frames that end there."""
        (x, y), (_, below) = points[0], points[1]
        gap = self._rank_of[wire.source]
        closed = spacing.closed(gap)
        top = max(y, spacing(closed)) if closed > self._ranks[gap].bottom else y
        if self._across:
            middle = (top + min(below, top + wire.label_width + 12)) / 2 - 2
            left = x - wire.label_height - 1
            return Rect(left, middle - wire.label_width / 2, wire.label_height, wire.label_width)
        middle = min((top + below) / 2, top + wire.label_height / 2 + 5)
        return Rect(x + 2, middle - wire.label_height / 2, wire.label_width, wire.label_height)

    def _widen(self, plans: Sequence[_Plan]) -> None:
        """Frames around the labels in them, too, and around the wires that end in them and pass beside their boxes."""
        sides: dict[str, list[float]] = {id: [each.x, each.x + each.width] for id, each in self._ground.fences.items()}
        for wire in self._wires:
            rank = self._rank_of[wire.source]
            low, high = self._ranks[rank].bottom, self._ranks[rank + 1].top
            for id in self._ground.homes[wire.source] if wire.label_width else ():
                given = self._given.fences[id]
                if not low <= given.y + given.height <= high:  # else the label stands past the frame
                    sides[id] += self._label_sides(wire)
        for wire, plan in zip(self._wires, plans):
            end = self._rank_of[wire.target] + plan.side - 1
            for id in self._ground.homes[wire.target] if end > self._rank_of[wire.source] else ():
                given = self._given.fences[id]
                if end >= self._ground.first[id] and given.x - NEARBY < plan.lane < given.x + given.width + NEARBY:
                    sides[id] += [plan.lane - 8, plan.lane + 8]
        for id in sorted(sides, key=lambda id: self._given.fences[id].width * self._given.fences[id].height):
            fence, left, right = self._ground.fences[id], min(sides[id]), max(sides[id])
            self._ground.fences[id] = Rect(left, fence.y, right - left, fence.height)
            for outer in self._ground.around[id]:
                sides[outer] += [left - 6, right + 6]

    def _label_sides(self, wire: Wire) -> Iterator[float]:
        """How far a label reaches to both sides."""
        stem = self._leaves(wire)
        yield from (stem - wire.label_height - 4, stem) if self._across else (stem, stem + wire.label_width + 2)


def _lengthened(fence: Rect, label: Rect | None) -> Rect:
    """A frame, down to below a label that would lie on its border."""
    low = label.y + label.height + 2 if label and label.y < fence.y + fence.height else 0.0
    return Rect(fence.x, fence.y, fence.width, max(fence.height, low - fence.y))


def _net(wire: Wire) -> tuple[str, str]:
    """Wires that may lie over each other where they part: those of one value."""
    return "from", f"{wire.source} {wire.offset}"
