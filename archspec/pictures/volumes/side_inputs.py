"""The inputs of a path that come from outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archspec.ops.shapes import form_of
from archspec.pictures.volumes.main_path import Source, Step


def beside(steps: Sequence[Step], step: Step, previous: int) -> Iterator[Source]:
    """What a step takes from beside the path: maps and inputs, but no sizes of images, losses and the like."""
    for source in step.sources:
        shape = steps[source.step].node.shapes[source.output] if source.step >= 0 else None
        if source.step != previous and (shape is None or form_of(shape) in ("tensor", "folded", "list")):
            yield source


def origin(steps: Sequence[Step], source: Source, place_of: Mapping[int, int]) -> int:
    """Where a value that comes from beside the path leaves it, or enters the network."""
    at = source.step
    while at not in place_of and at >= 0 and steps[at].sources:
        at = steps[at].sources[0].step
    return at
