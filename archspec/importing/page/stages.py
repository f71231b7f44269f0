"""Lists of several members of a family in step: what lies between two poolings is one group and how often it comes.

Before: `[conv, relu, pool]` and `[{nodes: [conv, relu], repeat: 2}, pool]`.
After:  `[{nodes: [conv, relu], repeat: 1}, pool]` and `[{nodes: [conv, relu], repeat: 2}, pool]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.importing.page.scalars import Tree, Word
from archspec.ops import ops

Items = list[Tree]


def in_step(lists: Sequence[Items]) -> list[Items] | None:
    """The lists with as many items each, where they are the same groups in one order; `None` where they are not."""
    stages = [[*_stages([*_single(items)])] for items in lists]
    if len({len(each) for each in stages}) > 1:
        return None
    columns = [[_unit(stage) for stage in column] for column in zip(*stages)]
    if any(any(unit != column[0] for unit in column) for column in columns):
        return None
    return [
        [_group(unit, len(stage) // len(unit)) for stage, (unit, *_) in zip(each, columns) if unit] for each in stages
    ]


def _single(items: Items) -> Iterator[Tree]:
    """The calls that a list stands for, one by one."""
    for item in items:
        times = str(item.get("repeat", "1")) if isinstance(item, dict) else "1"
        if not isinstance(item, dict) or not times.isdigit() or set(item) & {"when", "from", "graph"}:
            yield item
            continue
        call = {key: value for key, value in item.items() if key != "repeat"}
        plain = next(iter(call)) if [*call.values()] == [""] else call
        for _ in range(int(times)):
            yield from _single(item["nodes"]) if "nodes" in item else [plain]


def _stages(calls: Items) -> Iterator[Items]:
    """The calls up to each pooling, and the pooling by itself."""
    stage: Items = []
    for call in calls:
        op = ops().get(next(iter(call)) if isinstance(call, dict) else str(call))
        if op is not None and op.kind == "pooling":
            yield stage
            yield [call]
            stage = []
        else:
            stage.append(call)
    yield stage


def _unit(stage: Items) -> Items:
    """The shortest list of which a stage is copies."""
    lengths = (length for length in range(1, len(stage) + 1) if len(stage) % length == 0)
    return next((stage[:each] for each in lengths if stage[:each] * (len(stage) // each) == stage), [])


def _group(unit: Items, times: int) -> Tree:
    return unit[0] if len(unit) == times == 1 else {Word("nodes"): unit, Word("repeat"): Word(str(times))}
