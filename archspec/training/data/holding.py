"""The data held against the spec before the first step: every mismatch, with how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from archspec.graph import Graph
from archspec.language.diagnostics import Diagnostic
from archspec.ops.fields import plural
from archspec.shapes import Shape, known, shape_text
from archspec.training.data.items import Fault, Part
from archspec.training.data.module import Data
from archspec.training.data.opening import placed
from archspec.training.data.order import Draw
from archspec.training.data.sources import SPLITS

Problem: TypeAlias = Diagnostic
LOOKED_AT = 16
"""How many items of a part are drawn to see what comes out of its transforms."""
NORMAL = 20.0
"""The greatest value, either side of zero, that a network is fed with by any custom."""
SHOWN = 10
"""How many of a kind are listed."""


def held_against(data: Data, graph: Graph) -> list[Problem]:
    """Every way in which the data does not fit the spec; none where it can be trained on.

    What is merely odd is a warning.
    """
    return placed((problem for check in CHECKS for problem in check(data, graph)), data.settings)


def _classes(data: Data, graph: Graph) -> Iterator[Problem]:
    """As many classes as the network tells apart."""
    result = graph.root.resolve(graph.root.results[0].ref)
    if data.settings.source.task != "classification" or len(result) != 1 or not known(*result):
        return
    own, given = len(data.classes), int(result[0])
    if own != given:
        told = ", ".join(f"`{name}`" for name in data.classes[:SHOWN]) + (", …" if own > SHOWN else "")
        yield Diagnostic(
            "data-classes",
            f"the data has {plural(own, 'class').replace('classs', 'classes')}, `{graph.name}` tells {given} apart",
            expected=f"{given}",
            found=f"{own}: {told}",
            help=f"set `num_classes` to {own}: `--set num_classes={own}`" if "num_classes" in graph.settings else None,
        )


def _empty_classes(data: Data, graph: Graph) -> Iterator[Problem]:
    """Items of every class to learn from."""
    counts = data.counts("train")
    empty = [f"`{name}`" for name, count in zip(data.classes, counts) if not count]
    if empty:
        told = ", ".join(empty[:SHOWN]) + (", …" if len(empty) > SHOWN else "")
        help_ = "give them items, or take their names away"
        yield Diagnostic("data-empty-class", f"no item of training is of class {told}", help=help_)


def _batch(data: Data, graph: Graph) -> Iterator[Problem]:
    """At least one whole batch."""
    size, count = data.settings.batch_size, len(data.parts["train"])
    if count < size and data.settings.drop_last:
        yield Diagnostic(
            "data-batch",
            f"there are {plural(count, 'item')} to train on, fewer than a batch of {size}",
            help=f"set `batch_size` to {max(count, 1)} or less, or `drop_last: false`",
        )
    for split in SPLITS:
        if split in data.parts and not len(data.parts[split]) and split != "train":
            yield Diagnostic("data-batch", f"there are no items for {split}")


def _what_comes_out(data: Data, graph: Graph) -> Iterator[Problem]:
    """Images of the shape, the type and the range that the network is fed with."""
    if data.settings.source.task != "classification":
        return
    told: set[str] = set()
    for split in SPLITS:
        for problem in _of_part(split, data.parts[split], graph) if split in data.parts else ():
            if problem.message not in told:
                told.add(problem.message)
                yield problem


def _of_part(split: str, part: Part, graph: Graph) -> Iterator[Problem]:
    drawn = part.__getitems__([Draw(0, item) for item in _spread(len(part), LOOKED_AT)])
    faults = [each.diagnostic for each in drawn if isinstance(each, Fault)]
    yield from faults
    images = [image for each in drawn if not isinstance(each, Fault) for image in each[:1]]
    if not images or faults:
        return
    what = "train" if split == "train" else "eval"
    (wanted, *_) = graph.root.input_shapes
    shapes = {tuple(image.shape) for image in images}
    if wrong := sorted(shape for shape in shapes if not _fits(shape, wanted)):
        yield _misshapen(wrong[0], wanted, what, graph)
    elif len(shapes) > 1:
        found = ", ".join(map(shape_text, sorted(shapes)[:4]))
        help_ = f"end `{what}` with one size for all, such as `{{resize: [224, 224]}}`"
        yield Diagnostic("data-shape", f"the transforms `{what}` give images of several sizes", found=found, help=help_)
    yield from _range(images, what)


def _misshapen(shape: Shape, wanted: Shape, what: str, graph: Graph) -> Problem:
    return Diagnostic(
        "data-shape",
        f"the transforms `{what}` give images of another shape than `{graph.name}` takes",
        expected=shape_text(wanted),
        found=shape_text(shape),
        help=_how_to_shape(shape, wanted, what),
    )


def _how_to_shape(shape: Shape, wanted: Shape, what: str) -> str:
    if shape[0] != wanted[0]:
        return f"add `{{grayscale: {wanted[0]}}}` to `{what}`"
    sizes = ", ".join(map(str, wanted[-2:]))
    return f"end `{what}` with `{{resize: [{sizes}]}}`, or leave the list out: images then come in the spec's size"


def _range(images: list[Any], what: str) -> Iterator[Problem]:
    if not all(image.is_floating_point() for image in images):
        found = ", ".join(sorted({str(image.dtype).removeprefix("torch.") for image in images}))
        help_ = f"end `{what}` with `{{to_dtype: float32, scale: true}}`"
        yield Diagnostic("data-range", f"the transforms `{what}` give no floating point", found=found, help=help_)
        return
    low, high = min(float(image.min()) for image in images), max(float(image.max()) for image in images)
    if low < -NORMAL or high > NORMAL:
        yield Diagnostic(
            "data-range",
            f"the transforms `{what}` give values far from those that networks are fed with",
            expected="about 0 to 1, or about -3 to 3 where they are normalised",
            found=f"{low:.4g} to {high:.4g}",
            help="write `scale: true` in `to_dtype`, or check `normalize`",
        )


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(not known(want) or want == own for own, want in zip(shape, wanted))


def _spread(count: int, most: int) -> list[int]:
    """At most so many numbers below `count`, evenly spread."""
    return sorted({number * count // most for number in range(most)}) if count > most else list(range(count))


CHECKS: tuple[Callable[[Data, Graph], Iterator[Problem]], ...] = (_classes, _empty_classes, _batch, _what_comes_out)
