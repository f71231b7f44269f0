"""`archspec fit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archspec.cli import arguments, console
from archspec.cli.settings import parse_settings, with_input

if TYPE_CHECKING:
    from archspec.search.fit import Fit


def fit(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A spec: its path or bundled name.", show_default=False)],
    vary: Annotated[
        list[str],
        typer.Option("--vary", metavar="NAME=FROM:TO", help="A param; also NAME, NAME=[a, b], NAME=FROM:TO:STEP."),
    ],
    target: Annotated[
        list[str],
        typer.Option("--target", "-t", metavar="FIGURE=AMOUNT", help="Of params, macs, memory, depth; also <= and >=."),
    ],
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="SHARE", help="How far a figure may be from its amount.")
    ] = "1%",
    every: Annotated[bool, typer.Option("--every", metavar="", help="Count every value; no bisection.")] = False,
    write: Annotated[
        str | None,
        typer.Option("--write", metavar="NAME", help="Add the setting to the page as a variant.", show_default=False),
    ] = None,
    as_json: arguments.Json = False,
) -> None:
    """Find the setting with which a network comes to a figure, counted exactly.

    [bold]Examples[/bold]

    archspec fit efficientnet_b0 --vary width=0.5:2.0 --target macs=300M

    archspec fit efficientnet --vary phi=0:3 --target "params<=8M macs<=700M"

    archspec fit my_net.yaml --vary width=8:256:8 --target params=1M --write my_net_1m
    """
    from archspec.api.documents import open_document
    from archspec.search.fit import fit_document
    from archspec.search.ranges import parse_range
    from archspec.search.targets import parse_targets

    document, chosen = open_document(spec, variant)
    given = with_input(parse_settings(settings), inputs)
    ranges = [parse_range(document, each) for each in vary]
    found = fit_document(document, chosen, given, ranges, parse_targets(target), tolerance, every=every)
    path = _written(found, write) if write is not None else None
    if as_json:
        console.say_json(_data(found, path))
        return
    console.say(found.text)
    counts = ", ".join(f"{name} {count:,}" for name, count in found.counted.items())
    console.say(f"{counts} ({found.points:,} of {found.of:,} points counted)", error=True)
    if path is not None:
        console.say(f"variant {write} added to {console.name(path)}", error=True)


def _written(found: Fit, name: str) -> Path:
    """The page, with the setting as a new variant."""
    from archspec.api import zoo
    from archspec.files.atomic import write_whole
    from archspec.language.yaml_tree import plain
    from archspec.search.variant import with_variant

    path = found.document.source.path
    if path is None or path.resolve().parent == zoo.folder().resolve():
        raise typer.BadParameter("a bundled spec is not written to: copy it", param_hint="'--write'")
    settings = {**{key: plain(tree) for key, tree in found.given.items()}, **found.settings}
    write_whole(path, with_variant(found.document, name, settings, found.variant))
    return path


def _data(found: Fit, path: Path | None) -> dict[str, object]:
    return {
        "settings": dict(found.settings),
        **found.counted,
        "points": found.points,
        "of": found.of,
        "file": str(path) if path else None,
    }
