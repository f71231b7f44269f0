"""`archspec evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from archspec.cli import arguments, console
from archspec.graph.labels import count_text
from archspec.training.use.metric_text import measures_text, precision_text

if TYPE_CHECKING:
    from archspec.training.use.evaluate import Measured
    from archspec.training.use.results import Evaluated, Sought

TOLD = 50
"""Up to so many classes each has a line."""
PAIRS = 5
"""How many of the most frequent confusions are told."""


def evaluate(
    run: arguments.RunFolder,
    data: arguments.Data = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="The kind of data source.", show_default="as the run's own"),
    ] = None,
    split: Annotated[
        Literal["train", "validation", "test"] | None,
        typer.Option("--split", help="A part of the data, divided as for training.", show_default="what is held out"),
    ] = None,
    accelerator: arguments.Accelerator = None,
    precision: arguments.Precision = None,
    as_json: arguments.Json = False,
) -> None:
    """Measure a trained network on what was held out of its data, or on other data.

    Of a detector it is the mean average precision, as COCO measures it.

    Data at another place is measured whole, or by its own validation and test splits where it comes in splits; its
    classes are matched by their names. It may be of another kind than the run's own, where its images fit.

    [bold]Examples[/bold]

    archspec evaluate runs/lenet_mnist

    archspec evaluate runs/resnet_two_class --data more_photos --json

    archspec evaluate runs/lenet_mnist --data digits --source image_folder
    """
    from archspec.training.requirements import require_extra

    require_extra()
    with console.progress() as doing:
        doing("importing torch and Lightning")
        from archspec.training.use.evaluate import measure, other_source
        from archspec.training.use.reopen import reopen

        doing("opening the run")
        reopened = reopen(run)
        doing("evaluating")
        machine = {"accelerator": accelerator, "precision": precision}
        given = {name: value for name, value in machine.items() if value is not None}
        settings = other_source(reopened, source) if source is not None else None
        measured = measure(reopened, data, split, given, settings)
    if as_json:
        console.say_json({"run": str(reopened.run.folder), **measured.data()})
    else:
        _show(measured, f"{reopened.architecture.title} of {reopened.run.folder}")


def _show(measured: Measured, network: str) -> None:
    console.say((console.name(network), "bold"), f" on {measured.source} in {console.name(measured.root)}")
    for each in measured.evaluated:
        what = "all of it" if measured.whole else each.split
        console.say(f"\n{what}: {measures_text(each.measures)} on {count_text(each.items)}")
        if 0 < len(each.confusion) <= TOLD:
            _show_classes(each)
        if 0 < len(each.sought) <= TOLD:
            _show_objects(each)


def _show_objects(evaluated: Evaluated) -> None:
    masks = any(each.mask_precision is not None for each in evaluated.sought)
    heads = ["class", "objects", "precision", "recall", *["mask precision"] * masks]
    rows = [[each.name, count_text(each.objects), *map(precision_text, _of_objects(each))] for each in evaluated.sought]
    console.table(heads, rows, right=range(1, len(heads)), fold=[0])


def _of_objects(sought: Sought) -> tuple[float, ...]:
    own = (sought.precision, sought.recall)
    return own if sought.mask_precision is None else (*own, sought.mask_precision)


def _show_classes(evaluated: Evaluated) -> None:
    rows = [
        [each.name, count_text(each.items), f"{each.precision:.1%}", f"{each.recall:.1%}", f"{each.f1:.1%}"]
        for each in evaluated.verdicts
        if each.items
    ]
    console.table(["class", "items", "precision", "recall", "F1"], rows, right=[1, 2, 3, 4], fold=[0])
    pairs = [f"{pair.truth} for {pair.guess} ({pair.times})" for pair in evaluated.confused[:PAIRS]]
    if pairs:
        console.say(f"most often mistaken: {', '.join(map(console.name, pairs))}")
