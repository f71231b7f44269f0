"""Which inputs of two blocks are one, and which outputs: the ends of an overlay's sheet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.comparison import same_inputs
from archspec.graph.model import Block
from archspec.pictures.drawing.flatten import Value
from archspec.pictures.drawing.parallel_copies import FEW
from archspec.pictures.overlay.sides import SIDES, Side


class End(NamedTuple):
    """An input or output, or several outputs that are one list: their numbers and name on each side that has them."""

    numbers: dict[Side, tuple[int, ...]]
    names: dict[Side, str]


def inputs(old: Block, new: Block) -> list[End]:
    """The inputs in the order of the new block; those that it lacks stand where they stood."""
    partner = same_inputs(old, new)
    ends: list[End] = []
    passed = 0
    origin = {theirs: mine for mine, theirs in partner.items()}
    for number, name in enumerate(new.input_names):
        mine = origin.get(number)
        if mine is None:
            ends.append(End({"new": (number,)}, {"new": name}))
            continue
        ends += [_removed(old, at) for at in range(passed, mine) if at not in partner]
        passed = max(passed, mine + 1)
        ends.append(End({"old": (mine,), "new": (number,)}, {"old": old.input_names[mine], "new": name}))
    return ends + [_removed(old, at) for at in range(passed, len(old.input_names)) if at not in partner]


def _removed(old: Block, number: int) -> End:
    return End({"old": (number,)}, {"old": old.input_names[number]})


def outputs(blocks: Mapping[Side, Block], results: Mapping[Side, Sequence[Value]]) -> list[End]:
    """The outputs in the order of the new block, then those that the old one has alone.

    They are one where they have one name or come from one place; else those without a name in order. Several without
    a name that one place gives as one list are one.
    """
    sides = {side: _lists(blocks[side], results[side]) for side in SIDES}
    pairs = {key: key for key in sides["new"] if key in sides["old"]}
    origin = {results["old"][numbers[0]]: key for key, (numbers, _) in sides["old"].items() if key not in pairs}
    for key, (numbers, _) in sides["new"].items():
        if key not in pairs and results["new"][numbers[0]] in origin:
            pairs[key] = origin.pop(results["new"][numbers[0]])
    left = [key for key in sides["old"] if key not in pairs.values() and isinstance(key, Value)]
    free = [key for key in sides["new"] if key not in pairs and isinstance(key, Value)]
    pairs |= dict(zip(free, left))
    ends = []
    for key, (numbers, name) in sides["new"].items():
        end = End({"new": numbers}, {"new": name})
        if key in pairs:
            mine, called = sides["old"][pairs[key]]
            end = End({"old": mine, **end.numbers}, {"old": called, **end.names})
        ends.append(end)
    kept = set(pairs.values())
    return ends + [End({"old": mine}, {"old": name}) for key, (mine, name) in sides["old"].items() if key not in kept]


def _lists(block: Block, values: Sequence[Value]) -> dict[Hashable, tuple[tuple[int, ...], str]]:
    """The numbers and the name of each output, by what tells it from others: its name, or else the value."""
    names = [result.name for result in block.results]
    unnamed = [values[number].atom for number, name in enumerate(names) if name is None]
    together = len(unnamed) >= FEW and len(set(unnamed)) == 1
    found: dict[Hashable, tuple[tuple[int, ...], str]] = {}
    for number, (name, value) in enumerate(zip(names, values)):
        key: Hashable = name or (Value(value.atom) if together else value)
        before, called = found.get(key, ((), name or f"output{'' if together else number or ''}"))
        found[key] = (*before, number), called
    return found
