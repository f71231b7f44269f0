"""`archspec train`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archspec.cli import arguments, console
from archspec.cli.interrupts import quitting_at_once
from archspec.cli.settings import parse_settings
from archspec.graph.labels import count_text
from archspec.training.use.metric_text import measures_text

if TYPE_CHECKING:
    from archspec.language.yaml_tree import Tree
    from archspec.training.run.early_stopping import Ended
    from archspec.training.run.metrics_log import Row
    from archspec.training.run.train import Listener, Prepared, Trained

STOPPED = 130
"""What a shell sees of a program that Ctrl-C stopped."""


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE", help="A recipe: its path or bundled name; or a run's folder.", show_default=False
        ),
    ],
    settings: arguments.RecipeSettings = [],  # noqa: B006 - typer reads the default and makes a new list
    data: arguments.Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="The run's folder.", show_default="runs/NAME")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", metavar="", help="Resume a run that was stopped.")] = False,
    devices: arguments.Devices = None,
    strategy: Annotated[
        str | None, typer.Option("--strategy", metavar="NAME", help="ddp, fsdp and so on.", show_default=False)
    ] = None,
    precision: arguments.Precision = None,
    accelerator: arguments.Accelerator = None,
    num_nodes: Annotated[
        int | None, typer.Option("--num-nodes", metavar="N", min=1, help="How many machines.", show_default="1")
    ] = None,
) -> None:
    """Train a network as a recipe says; the run's folder holds all that comes of it.

    Ctrl-C finishes the step and writes a checkpoint. A run that is resumed, whatever stopped it, ends as if nothing
    had happened.

    [bold]Examples[/bold]

    archspec train lenet_mnist --data ~/mnist

    archspec train my_recipe.yaml --set epochs=3 --set data.batch_size=64

    archspec train resnet_two_class --data photos --devices 2 --strategy ddp --precision bf16-mixed

    archspec train runs/lenet_mnist --resume

    archspec train runs/lenet_mnist --resume --set epochs=20
    """
    given = parse_settings(settings, dotted=True)
    from archspec.training.requirements import require_extra

    require_extra()
    with console.progress() as doing:
        if not resume:
            _check_words(recipe, given)
        doing("importing torch and Lightning")
        with quitting_at_once():
            from archspec.training.run import train
            from archspec.training.run.distributed import is_leader

        listener = _listener(doing)
        if resume:
            prepared = train.prepare_again(recipe, given, data, out, listener)
        else:
            prepared = train.prepare(recipe, given, data, out, listener)
    if is_leader():
        _introduce(prepared, resume)
    machine: dict[str, str | int | None] = {"devices": devices, "strategy": strategy, "precision": precision}
    machine |= {"accelerator": accelerator, "num_nodes": num_nodes}
    _train(prepared, {name: value for name, value in machine.items() if value is not None}, listener)


def _check_words(recipe: str, settings: Mapping[str, Tree]) -> None:
    """Tell the faults of a recipe before torch and Lightning are imported, which takes seconds.

    Ctrl-C quits at once: what pydantic compiles as it is imported would drop an exception.
    """
    with quitting_at_once():
        from archspec.training.recipe.bundled import open_recipe
        from archspec.training.recipe.recipe import parse_recipe

        parse_recipe(open_recipe(recipe), settings)


def _train(prepared: Prepared, machine: dict[str, Any], listener: Listener) -> None:
    from archspec.language.diagnostics import SpecError
    from archspec.training.run import train
    from archspec.training.run.distributed import is_leader
    from archspec.training.run.graceful_stop import Stopped

    resume = f"archspec train {prepared.run.folder} --resume"
    try:
        trained = train.train(prepared, machine, listener)
    except Stopped:
        if is_leader():
            console.say(f"stopped; resume with: {console.name(resume)}", error=True)
        raise typer.Exit(STOPPED) from None
    except (SpecError, OSError) as error:
        if prepared.run.last.exists() and is_leader() and not _would_recur(error):
            console.say(f"the last checkpoint is complete; resume from it with: {console.name(resume)}\n", error=True)
        raise
    if is_leader():
        _conclude(prepared, trained)


def _would_recur(error: Exception) -> bool:
    """Whether a resumed run gives the same result again."""
    from archspec.language.diagnostics import SpecError

    return isinstance(error, SpecError) and any(
        each.code in ("diverged", "run-unreadable") for each in error.diagnostics
    )


def _listener(doing: Callable[[str], None]) -> Listener:
    from archspec.training.run.distributed import is_leader
    from archspec.training.run.train import Listener

    if not is_leader():
        return Listener()
    return Listener(doing, console.report, _say_row, _say_end, _say_stopping, bar=console.is_terminal())


def _introduce(prepared: Prepared, resume: bool) -> None:
    """What is about to be trained, on what, and where it goes."""
    from archspec.language.plural import plural
    from archspec.training.run.optimizers import trainable

    recipe, model, data = prepared.recipe, prepared.model, prepared.data
    graph = model.architecture.graph
    sizes = {str(name): len(part) for name, part in data.parts.items() if len(part)}
    parts = ", ".join(f"{count_text(sizes[name])} {words}" for name, words in _PARTS.items() if name in sizes)
    classes = f"; {len(data.classes)} classes" if data.classes else ""
    console.say((recipe.name, "bold"), f": {graph.title}, {count_text(graph.counts.params)} parameters")
    console.say(f"  data     {data.settings.source.name}: {parts}{classes}")
    if model.loaded is not None:
        console.say(f"  weights  {model.loaded}")
    trained = trainable(recipe.phases, model.module, model.frozen)
    for phase in recipe.phases:
        count = count_text(trained[phase.name])
        console.say(f"  phase    {phase.name}: {plural(phase.epochs, 'epoch')}, {count} parameters train")
    where = ", from its last checkpoint" if resume and prepared.run.last.exists() else ""
    console.say(f"  run      {console.name(prepared.run.folder)}{where}")


_PARTS = {"train": "to train on", "validation": "to validate with", "test": "to test with"}


def _conclude(prepared: Prepared, trained: Trained) -> None:
    """What came of it."""
    for each in trained.evaluated:
        console.say(f"{each.split}: {measures_text(each.measures)} on {count_text(each.items)}")
    console.say(f"wrote {console.name(prepared.run.report)}")


def _say_row(row: Row) -> None:
    """An epoch in a line, above the progress bar where there is one."""
    learned = measures_text(_of(row, "train_"))
    validated = measures_text(_of(row, "val_"))
    held = f"; validation: {validated}" if validated else ""
    _say_line(f"epoch {row['epoch']:>3}  {learned}{held}  ({row['seconds']:.1f} s)")


def _say_end(ended: Ended) -> None:
    _say_line(str(ended))


def _say_line(line: str) -> None:
    if console.is_terminal():
        from tqdm import tqdm

        tqdm.write(console.name(line))
    else:
        console.say(line)


def _say_stopping() -> None:
    console.say("\nfinishing this step, then writing a checkpoint; Ctrl-C again stops at once", error=True)


def _of(row: Row, prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): float(value)
        for name, value in row.items()
        if name.startswith(prefix) and isinstance(value, float)
    }
