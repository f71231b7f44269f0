"""The data held against the spec before the first step: every mismatch, with how to fix it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, did_you_mean
from archspec.language.plural import plural
from archspec.ops.shapes import Shape, dtype_of, form_of, known, shape_text, symbol
from archspec.training.data.dataset import Fault, Part
from archspec.training.data.file_scan import look_at, memory_of
from archspec.training.data.images import UnreadableError
from archspec.training.data.module import Data
from archspec.training.data.network_inputs import COLOURS
from archspec.training.data.sampler import Draw
from archspec.training.data.settings import located
from archspec.training.data.sources import SPLITS, Split

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
    return [located(problem, data.settings) for check in CHECKS for problem in check(data, graph)]


def _classes(data: Data, graph: Graph) -> Iterator[Problem]:
    """As many classes as the network predicts."""
    given = _told_apart(data, graph)
    own = len(data.classes)
    if given is None or own == given or not own:
        return
    fewer_will_do = data.settings.source.task == "detection" and own < given
    classes = [_number(each, "class", "classes") for each in (own, given)]
    yield Diagnostic(
        "data-classes",
        f"the data has {classes[0]}, `{graph.name}` predicts {classes[1]}",
        expected=f"{given}",
        found=f"{own}: {_listed(data.classes)}",
        help=f"set `num_classes` to {own}: `--set num_classes={own}`" if "num_classes" in graph.settings else None,
        severity="warning" if fewer_will_do else "error",
    )


def _told_apart(data: Data, graph: Graph) -> int | None:
    if data.settings.source.task == "detection":
        setting = graph.settings.get("num_classes")
        return setting if isinstance(setting, int) else None
    result = graph.root.resolve(graph.root.results[0].ref)
    return int(result[0]) if len(result) == 1 and known(*result) else None


def _names(data: Data, graph: Graph) -> Iterator[Problem]:
    """Classes that training knows, in every split."""
    trained = dict(zip(data.classes, data.counts("train")))
    for split in SPLITS[1:]:
        counts = data.counts(split) if split in data.parts else ()
        strange = [name for name, count in zip(data.classes, counts) if count and not trained[name]]
        if strange:
            near = did_you_mean(strange[0], [name for name, count in trained.items() if count])
            yield Diagnostic(
                "data-class-names",
                f"{split} has items of classes that training has none of: {_listed(strange)}",
                help=near or "give every split folders of the same names",
            )
        missing = [name for name, count in zip(data.classes, counts) if not count and trained[name]]
        if missing and data.settings.limit is None:
            message = f"no item of {split} is of class {_listed(missing)}"
            yield Diagnostic("data-empty-class", message, severity="warning")


def _empty_classes(data: Data, graph: Graph) -> Iterator[Problem]:
    """Items of every class to learn from."""
    elsewhere = {name for split in data.parts for name, count in zip(data.classes, data.counts(split)) if count}
    empty = [name for name, count in zip(data.classes, data.counts("train")) if not count and name not in elsewhere]
    if empty:
        help_ = "add items of these classes, or remove their names"
        yield Diagnostic("data-empty-class", f"no item of training is of class {_listed(empty)}", help=help_)


def _batch(data: Data, graph: Graph) -> Iterator[Problem]:
    """At least one whole batch."""
    settings, count = data.settings, len(data.parts["train"])
    if count < settings.batch_size and settings.drop_last:
        yield Diagnostic(
            "data-batch",
            f"there are {plural(count, 'item')} to train on, fewer than a batch of {settings.batch_size}",
            settings.at("batch_size"),
            help=f"set `batch_size` to {max(count, 1)} or less, or `drop_last: false`",
        )
    for split in SPLITS:
        if split in data.parts and not len(data.parts[split]) and split != "train":
            yield Diagnostic("data-batch", f"there are no items for {split}", settings.at(split))


def _inputs(data: Data, graph: Graph) -> Iterator[Problem]:
    """As many values as the network takes."""
    drawn = _drawn(data.parts["train"], 1)
    given = next((len(inputs) for inputs, _ in drawn), None)
    required, most = data.wanted.required, len(data.wanted.names)
    if given is not None and not len(required) <= given <= most:
        takes = f"`{graph.name}` takes {plural(len(required), 'value')} of each item"
        message = f"{takes}, `{data.settings.source.name}` gives {given}"
        yield Diagnostic("data-inputs", message, expected=_listed(required))


def _known_problems(data: Data, graph: Graph) -> Iterator[Problem]:
    """What the source itself found wrong."""
    yield from dict.fromkeys(problem for part in data.parts.values() for problem in part.items.problems)


def _files(data: Data, graph: Graph) -> Iterator[Problem]:
    """Files that are there and whole."""
    seconds = data.settings.check_seconds
    files = list(dict.fromkeys(file for part in data.parts.values() for file in _files_of(part)))
    if not files or not seconds:
        return
    looked = look_at(files, seconds, memory_of(Path(data.root)))
    if looked.faults:
        yield _unreadable(looked.faults)
    if looked.unseen:
        yield Diagnostic(
            "data-unseen",
            f"{looked.unseen} of {len(files)} files were not checked within {seconds} seconds",
            data.settings.at("check_seconds"),
            help="the next run continues from there; `check_seconds` gives more time",
            severity="warning",
        )


def _files_of(part: Part) -> Iterator[Path]:
    """Every file of a part, those first that are drawn to see what comes out."""
    first = [part.chosen[place] for place in _spread(len(part), LOOKED_AT)]
    return (file for item in dict.fromkeys([*first, *part.chosen]) for file in part.items.all_files(item))


def _unreadable(faults: Sequence[UnreadableError]) -> Problem:
    lines = [f"`{fault.path}`: {fault.reason}" for fault in sorted(faults, key=lambda fault: fault.path)[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN} more")
    return Diagnostic(
        "data-unreadable",
        f"{_number(len(faults), 'file', 'files')} cannot be read",
        found="\n".join(lines),
        help="restore them, or remove them",
    )


def _what_comes_out(data: Data, graph: Graph) -> Iterator[Problem]:
    """Images of the shape, the type and the range that the network is fed with."""
    told: set[tuple[str, str]] = set()
    for split in SPLITS:
        for problem in _of_part(split, data, graph) if split in data.parts else ():
            if (problem.code, problem.message) not in told:
                told.add((problem.code, problem.message))
                yield located(problem, data.settings, split)


def _of_part(split: Split, data: Data, graph: Graph) -> Iterator[Problem]:
    part, what = data.parts[split], "train" if split == "train" else "eval"
    drawn = part.__getitems__([Draw(0, item) for item in _spread(len(part), LOOKED_AT)])
    # What is known of all items was told of them together.
    faults = [each.diagnostic for each in drawn if isinstance(each, Fault)]
    told = {problem.code for problem in part.items.problems}
    if data.settings.check_seconds and part.items.files:
        told.add("data-unreadable")
    yield from (fault for fault in faults if fault.code not in told)
    good = [inputs for inputs, _ in (each for each in drawn if not isinstance(each, Fault))]
    if good and not faults:
        for place, (name, wanted) in enumerate(zip(data.wanted.names, data.wanted.shapes)):
            values = [inputs[place] for inputs in good if place < len(inputs)]
            giver = _giver(data, what) if place == 0 else f"`{data.settings.source.name}` gives values for `{name}`"
            yield from _of_input(values, wanted, giver, what, data, graph)


def _giver(data: Data, what: str) -> str:
    """Whose doing it is how images come out."""
    given = getattr(data.settings.transforms, what) is not None
    return f"the transforms `{what}` give images" if given else f"`{data.settings.source.name}` gives images"


def _of_input(values: list[Any], wanted: Shape, giver: str, what: str, data: Data, graph: Graph) -> Iterator[Problem]:
    """The values of one input; those of the first come out of the transforms."""
    if not values:
        return
    shapes = {tuple(value.shape) for value in values}
    # The images of a list have sizes of their own.
    expected = (*wanted[:1], symbol("H"), symbol("W")) if form_of(wanted) == "list" else wanted
    if wrong := sorted(shape for shape in shapes if not _fits(shape, expected)):
        yield _misshapen(wrong[0], expected, giver, what, graph)
    elif len(shapes) > 1 and not data.wanted.listed:
        yield _unequal(shapes, giver, what, data)
    kinds = {str(value.dtype).removeprefix("torch.") for value in values}
    if dtype_of(wanted) != "float32":
        if kinds != {dtype_of(wanted)}:
            found = ", ".join(sorted(kinds))
            yield Diagnostic(
                "data-type",
                f"{giver} of a different type from what `{graph.name}` takes",
                expected=dtype_of(wanted),
                found=found,
            )
        return
    yield from _range(values, giver, what)


def _misshapen(shape: Shape, wanted: Shape, giver: str, what: str, graph: Graph) -> Problem:
    return Diagnostic(
        "data-shape",
        f"{giver} of another shape than `{graph.name}` takes",
        expected=shape_text(wanted),
        found=shape_text(shape) or "one number",
        help=_how_to_shape(shape, wanted, what),
    )


def _how_to_shape(shape: Shape, wanted: Shape, what: str) -> str | None:
    if len(shape) != len(wanted):
        dims = _number(len(wanted), "dimension", "dimensions")
        return f"the network takes {dims} of each item: begin its graph with a `reshape`, or take other data"
    if len(shape) == 3 and shape[0] != wanted[0]:
        if wanted[0] in COLOURS:
            return f"add `{{grayscale: {wanted[0]}}}` to `{what}`"
        return f"the network takes {wanted[0]} channels, an image has 1 or 3"
    if not known(*wanted[-2:]):
        return None
    sizes = ", ".join(map(str, wanted[-2:]))
    return f"end `{what}` with `{{resize: [{sizes}]}}`, or leave the list out: images then come in the spec's size"


def _unequal(shapes: Iterable[Shape], giver: str, what: str, data: Data) -> Problem:
    found = ", ".join(map(shape_text, sorted(shapes)[:4]))
    help_ = f"end `{what}` with one size for all, such as `{{resize: [224, 224]}}`"
    if data.wanted.time is not None and len({shape[data.wanted.time] for shape in shapes}) > 1:
        help_ = "say how many frames are taken of each clip: `frames: 16`"
    return Diagnostic("data-shape", f"{giver} of several sizes", found=found, help=help_)


def _range(images: list[Any], giver: str, what: str) -> Iterator[Problem]:
    if not all(image.is_floating_point() for image in images):
        found = ", ".join(sorted({str(image.dtype).removeprefix("torch.") for image in images}))
        help_ = f"end `{what}` with `{{to_dtype: float32, scale: true}}`"
        yield Diagnostic("data-range", f"{giver} that are not floating-point", found=found, help=help_)
        return
    low, high = min(float(image.min()) for image in images), max(float(image.max()) for image in images)
    if not -NORMAL <= low <= high <= NORMAL:
        yield Diagnostic(
            "data-range",
            f"{giver} with values far outside the range that networks expect",
            expected="about 0 to 1, or about -3 to 3 where they are normalised",
            found=f"{low:.4g} to {high:.4g}",
            help="write `scale: true` in `to_dtype`, or check `normalize`",
        )


def _drawn(part: Part, most: int) -> list[tuple[Any, Any]]:
    drawn = part.__getitems__([Draw(0, item) for item in _spread(len(part), most)])
    return [each for each in drawn if not isinstance(each, Fault)]


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(not known(want) or want == own for own, want in zip(shape, wanted))


def _spread(count: int, most: int) -> list[int]:
    """At most so many numbers below `count`, evenly spread."""
    return sorted({number * count // most for number in range(most)}) if count > most else list(range(count))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


CHECKS: tuple[Callable[[Data, Graph], Iterator[Problem]], ...] = (
    _classes,
    _names,
    _empty_classes,
    _batch,
    _inputs,
    _known_problems,
    _files,
    _what_comes_out,
)
