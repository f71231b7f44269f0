"""`archspec search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archspec.cli import arguments, console
from archspec.cli.pictures import write_picture

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from archspec.search.study.explore import Explored
    from archspec.search.study.space import Point

ROWS = 20
"""So many networks are listed unless more are asked for."""


def search(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="A study: its path or bundled name.")],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", metavar="", help="Count the networks, and train none."),
    ] = False,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many networks to list.")] = ROWS,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Plot the networks: .svg, .png or .pdf.", show_default=False),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="How many processes.", show_default="cores")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option("--storage", metavar="URL", help="Where the trials are kept: a file, or a database's URL."),
    ] = None,
    data: arguments.Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="The runs' folder.", show_default="runs/NAME")
    ] = None,
    force: arguments.Force = False,
    as_json: arguments.Json = False,
) -> None:
    """Count every network that a study allows, without torch, and train the feasible ones by its recipe.

    Whoever starts it with the same `--storage` takes part; one that dies is stood in for.

    [bold]Examples[/bold]

    archspec search efficientnet_growth --dry-run

    archspec search my_study.yaml --dry-run --plot front.svg --rows 50

    archspec search my_study.yaml --storage postgresql://me@there/studies --data ~/mnist
    """
    from archspec.search.study.explore import explore
    from archspec.search.study.find import open_study

    read = open_study(study)
    with console.bar("counting") as told:
        found = explore(read, told, jobs)
    found.check()
    if read.section.recipe is not None and not dry_run:
        _train(found, storage, data, out)
        return
    if not dry_run:
        message = "the study names no `recipe` to train by: `--dry-run` counts its networks"
        raise typer.BadParameter(message, param_hint="'STUDY'")
    if plot is not None:
        _plot(found, plot, force)
    if as_json:
        console.say_json(_data(found))
        return
    console.say(_heading(found))
    shown = (found.front or found.distinct)[:rows]
    console.table(_headers(found, shown), [_row(found, point) for point in shown])
    left = len(found.front or found.distinct) - len(shown)
    if left > 0:
        console.say(f"and {left:,} more: --rows", error=True)


def _heading(found: Explored) -> str:
    """How many points there are, and what became of them."""
    counted = f"{len(found.points):,} of them drawn" if found.sampled else "all of them"
    parts = [
        f"{found.size:,} points, {counted} tried",
        f"{found.networks:,} counted",
        f"{len(found.feasible):,} feasible",
    ]
    parts.append(f"{len(found.distinct):,} distinct")
    if found.study.counted_aims:
        aims = ", ".join(aim.text for aim in found.study.counted_aims)
        parts.append(f"{len(found.front):,} on the front ({aims})")
    return f"{found.study.name}: {', '.join(parts)}"


def _headers(found: Explored, shown: list[Point]) -> list[str]:
    return [*found.study.choices, *(shown[0].counted or {} if shown else ())]


def _row(found: Explored, point: Point) -> list[str]:
    return [*(str(value) for _, value in point.values), *(f"{count:,}" for count in (point.counted or {}).values())]


def _data(found: Explored) -> dict[str, Any]:
    return {
        "study": found.study.name,
        "size": found.size,
        "sampled": found.sampled,
        "tried": len(found.points),
        "counted": found.networks,
        "feasible": len(found.feasible),
        "distinct": [_point(point) for point in found.distinct],
        "front": [_point(point) for point in found.front],
    }


def _point(point: Point) -> dict[str, Any]:
    return {"choices": dict(point.values), "settings": dict(point.settings), **(point.counted or {})}


def _plot(found: Explored, out: str, force: bool) -> None:
    from archspec.pictures.plots import FORMATS
    from archspec.search.study.plot import plot_study

    format = Path(out).suffix.removeprefix(".").lower()
    if format not in FORMATS:
        raise typer.BadParameter(f"{out!r} ends with none of {', '.join(FORMATS)}", param_hint="'--plot'")
    write_picture(Path(out), plot_study(found, format=format), format, force)
    console.say(f"wrote {console.name(out)}", error=True)


def _train(found: Explored, storage: str | None, data: Path | None, out: Path | None) -> None:
    """Train as one worker, and show what all of them have found."""
    from archspec.search.trials.requirements import require_search

    require_search()
    with console.progress() as doing:
        doing("importing torch, Lightning and Optuna")
        from archspec.search.trials.storage import open_trials
        from archspec.search.trials.work import Worker

        folder = out or Path("runs") / found.study.name
        numbers = [point.number for point in found.distinct]
        trials = open_trials(found.study, storage or str(folder / "study.journal"), numbers)
    worker = Worker(found, trials, folder, data, _told)
    worker.work()
    best = sorted(trials.best_trials, key=lambda trial: trial.number)
    console.table(
        ["trial", *(aim.text for aim in found.study.aims), "settings"],
        [[str(each.number), *(f"{value:g}" for value in each.values), each.user_attrs["settings"]] for each in best],
    )


def _told(trial: FrozenTrial) -> None:
    values = ", ".join(f"{value:g}" for value in trial.values or ())
    settings = trial.user_attrs.get("settings")
    console.say(f"trial {trial.number} {trial.state.name.lower()}: {settings} {values}", error=True)
