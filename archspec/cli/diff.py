"""`archspec diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archspec.cli import arguments, console
from archspec.cli.settings import parse_settings

if TYPE_CHECKING:
    from archspec.architecture import Architecture

STYLES = {"added": "green", "removed": "red", "changed": "yellow"}


def diff(
    spec: arguments.Spec,
    other: Annotated[
        str | None,
        typer.Argument(metavar="[OTHER]", help="What to hold against it; left out, itself.", show_default=False),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option("--variant", "-v", metavar="NAME", help="The variant of OTHER.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str],
        typer.Option(
            "--set", "-s", metavar="NAME=VALUE", help="Set a param of OTHER; may be repeated.", show_default=False
        ),
    ] = [],  # noqa: B006 - typer reads the default and makes a new list
    own_variant: Annotated[
        str | None,
        typer.Option("--own-variant", metavar="NAME", help="The variant of SPEC.", show_default=False),
    ] = None,
    own_settings: Annotated[
        list[str],
        typer.Option(
            "--own-set", metavar="NAME=VALUE", help="Set a param of SPEC; may be repeated.", show_default=False
        ),
    ] = [],  # noqa: B006 - as above
    depth: arguments.Depth = None,
    weights: Annotated[
        bool, typer.Option("--weights", metavar="", help="Name every tensor that does not carry over.")
    ] = False,
    as_json: arguments.Json = False,
) -> None:
    """Show what differs between two specs, variants or settings, and which weights would carry over.

    Blocks are aligned by what they hold: + stands before what OTHER has alone, - before what SPEC has alone, and ~
    before what changed. Weights carry over where the state_dict has the same name and shape in both.

    [bold]Examples[/bold]

    archspec diff resnet50 resnext50_32x4d

    archspec diff resnet50 --set groups=2

    archspec diff efficientnet --variant efficientnet_b3 --depth 2

    archspec diff old.yaml new.yaml --json
    """
    from archspec.backends.difference import Difference, difference_data
    from archspec.comparison import compare

    old = _read(spec, own_variant, own_settings)
    new = _read(other or spec, variant, settings)
    shown = Difference(compare(old.graph, new.graph), depth, weights)
    if as_json:
        console.say_json(difference_data(shown.comparison))
        return
    for status, line in shown.lines():
        console.say((line, STYLES.get(status, "")))


def _read(spec: str, variant: str | None, settings: list[str]) -> Architecture:
    from archspec.architecture import read_document
    from archspec.checking import open_document

    document, chosen = open_document(spec, variant)
    architecture = read_document(document, chosen, parse_settings(settings))
    console.report(architecture.warnings)
    return architecture
