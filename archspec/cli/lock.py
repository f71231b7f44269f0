"""`archspec lock`."""

from __future__ import annotations

from typing import Annotated

import typer

from archspec.cli import arguments, console


def lock(
    specs: arguments.Specs,
    path: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="The lock's file.")] = "archspec.lock",
) -> None:
    """Write down which networks specs come to; archspec check --locked fails where one has become another.

    All variants are locked. What the lock holds of other specs stays.

    [bold]Examples[/bold]

    archspec lock specs/*.yaml && archspec check specs/*.yaml --locked
    """
    from pathlib import Path

    from archspec.api.check import check
    from archspec.api.lock import lock as write_lock

    results = [result for spec in specs for result in check(spec)]
    write_lock(results, Path(path))
    console.say(f"locked {len(results)} network{'s' if len(results) != 1 else ''} in {console.name(path)}")
