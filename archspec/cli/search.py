"""`archspec search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archspec.cli import arguments, console
from archspec.cli.pictures import write_picture

if TYPE_CHECKING:
    from archspec.search.study.explore import Explored
    from archspec.search.study.space import Point

ROWS = 20
"""So many networks are listed unless more are asked for."""


def search(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="A study: its path or bundled name.")],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", metavar="", help="Count the networks, train none: all there is yet."),
    ] = False,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many networks to list.")] = ROWS,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Plot the networks: .svg, .png or .pdf.", show_default=False),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="How many processes.", show_default="cores")
    ] = None,
    force: arguments.Force = False,
    as_json: arguments.Json = False,
) -> None:
    """Count every network that a study allows, without torch: how many there are, which are feasible, which are best.

    [bold]Examples[/bold]

    archspec search efficientnet_growth --dry-run

    archspec search my_study.yaml --dry-run --plot front.svg --rows 50
    """
    if not dry_run:
        raise typer.BadParameter("networks are counted and not trained yet: give --dry-run", param_hint="'STUDY'")
    from archspec.search.study.explore import explore
    from archspec.search.study.find import open_study

    read = open_study(study)
    with console.bar("counting") as told:
        found = explore(read, told, jobs)
    found.check()
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
    if found.study.aims:
        aims = ", ".join(aim.text for aim in found.study.aims)
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
