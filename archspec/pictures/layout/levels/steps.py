"""Boxes of one resolution in series: how far above or below the level on which values meet each of them stands."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.pictures.layout.levels.flow import Flow


def steps(flow: Flow) -> dict[str, int]:
    """The step of each box, downwards: 0 where values leave for a join on the other side, and there.

    On the way down what comes before stands above, and what comes after below; on the way up it is the other way round.
    """
    rising = _rising(flow)
    found = dict.fromkeys(_meeting(flow), 0)
    for id in reversed(flow.order):
        ahead = [found[each] for each in _of_its_level(flow, id, flow.after[id]) if each in found]
        if id not in found and ahead:
            found[id] = max(ahead) + 1 if id in rising else min(ahead) - 1
    for id in flow.order:
        behind = [found[each] for each in _of_its_level(flow, id, flow.before[id]) if each in found]
        if id not in found:
            found[id] = (min(behind) - 1 if id in rising else max(behind) + 1) if behind else 0
    return found


def _rising(flow: Flow) -> set[str]:
    """The boxes on the way up: what enlarges, and what comes after."""
    found: set[str] = set()
    for id in flow.order:
        if flow.enlarges(id) or any(each in found for each in flow.before[id]):
            found.add(id)
    return found


def _meeting(flow: Flow) -> Iterator[str]:
    """The joins to which an enlarged value comes, and what comes to these from the other side."""
    rising = _rising(flow)
    for id in flow.order:
        others = [each for each in _of_its_level(flow, id, flow.before[id]) if each not in rising]
        if id in rising and others and len(flow.before[id]) > 1:
            yield from (id, *others)


def _of_its_level(flow: Flow, id: str, others: list[str]) -> list[str]:
    return [each for each in others if flow.level[each] == flow.level[id] and not flow.is_between(each)]
