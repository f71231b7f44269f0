"""`archspec diff`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import typer

from archspec.cli import arguments, console
from archspec.cli.pictures import chosen_format, deliver
from archspec.cli.specs import of_target, read_spec

Format = Literal["svg", "png", "pdf", "dot", "mermaid", "tikz", "drawio", "pptx"]

STYLES = {"added": "green", "removed": "red", "changed": "yellow"}


def diff(
    spec: arguments.Spec,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[OTHER]", help="What to compare it with; SPEC itself where it is left out.", show_default=False
        ),
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
    inputs: Annotated[
        list[str],
        typer.Option(
            "--input", "-i", metavar="SIZE", help="Of each TARGET: the size of each example.", show_default=False
        ),
    ] = [],  # noqa: B006 - as above
    depth: arguments.Depth = None,
    weights: Annotated[
        bool, typer.Option("--weights", metavar="", help="Name every tensor that does not carry over.")
    ] = False,
    as_json: arguments.Json = False,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Draw it: the picture's file, or - for stdout."),
    ] = None,
    direction: Annotated[
        arguments.Direction,
        typer.Option("--direction", help="Of a picture: from top to bottom, or from left to right."),
    ] = "TB",
    theme: Annotated[
        arguments.Theme | None,
        typer.Option(
            "--theme",
            help="Of a picture; by default light, and an SVG dark for readers who prefer it.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the picture's name ends with, or svg.", show_default=False),
    ] = None,
    force: arguments.Force = False,
) -> None:
    """Show what differs between two specs, variants or settings, and which weights would carry over.

    Blocks are aligned by what they hold: + stands before what OTHER has alone, - before what SPEC has alone, and ~
    before what changed. Weights carry over where the state_dict has the same name and shape in both.

    [bold]Examples[/bold]

    archspec diff resnet50 resnext50_32x4d

    archspec diff resnet50 --set groups=2

    archspec diff efficientnet --variant efficientnet_b3 --depth 2

    archspec diff old.yaml new.yaml --json

    archspec diff resnet50 resnet101 --out deeper.svg

    archspec diff resnet18 my_net.py:Net --input 3x224x224
    """
    from archspec.analysis.comparison import compare
    from archspec.reports.difference import Difference
    from archspec.reports.difference_json import difference_data

    if out is None and (format or theme or force or direction != "TB"):
        raise typer.BadParameter("is needed for --format, --theme, --direction and --force", param_hint="'--out'")
    if out is not None and (depth is not None or weights or as_json):
        raise typer.BadParameter("draws a picture, which has no --depth, --weights or --json", param_hint="'--out'")
    picked = chosen_format(out, format, get_args(Format))
    old = read_spec(spec, own_variant, own_settings, of_target(spec, inputs))
    new = read_spec(other or spec, variant, settings, of_target(other or spec, inputs))
    shown = Difference(compare(old.graph, new.graph), depth, weights)
    if out is not None:
        from archspec.api.build import rendered

        deliver(rendered(shown.draw(direction=direction, theme=theme), picked), out, picked, force)
        return
    if as_json:
        console.say_json(difference_data(shown.comparison))
        return
    for status, line in shown.lines():
        console.say((line, STYLES.get(status, "")))
