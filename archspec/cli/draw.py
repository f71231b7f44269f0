"""`archspec draw`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import typer

from archspec.cli import arguments, completions, console
from archspec.cli.pictures import chosen_format, deliver
from archspec.cli.specs import read_spec
from archspec.pictures.displayable import ending

Format = Literal["svg", "png", "pdf", "html", "dot", "mermaid", "tikz", "drawio", "pptx"]


def draw(
    spec: arguments.Spec,
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The picture's file, or - for stdout.", show_default="NAME.svg"
        ),
    ] = None,
    view: Annotated[
        Literal["figure", "overview", "detail", "volumes"] | None,
        typer.Option(
            "--view",
            help="The stages and each distinct block once, the stages alone, every op, or feature maps as boxes.",
            show_default="figure, or overview where --depth or --open is given",
        ),
    ] = None,
    depth: arguments.Depth = None,
    opened: Annotated[
        list[str],
        typer.Option(
            "--open",
            metavar="ADDRESS",
            help="A block to draw open; may be repeated.",
            show_default=False,
            autocompletion=completions.addresses,
        ),
    ] = [],  # noqa: B006
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="ADDRESS", help="A block to draw by itself.", show_default=False),
    ] = None,
    colour: Annotated[
        Literal["kind", "params", "macs", "memory"], typer.Option("--colour", help="What the colours show.")
    ] = "kind",
    direction: Annotated[
        arguments.Direction, typer.Option("--direction", help="From top to bottom, or from left to right.")
    ] = "TB",
    theme: Annotated[
        arguments.Theme | None,
        typer.Option(
            "--theme", help="By default light, and SVG and HTML dark for readers who prefer it.", show_default=False
        ),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", metavar="", help="Draw what runs in training only, too: dashed.")
    ] = False,
    title: Annotated[bool, typer.Option(" /--no-title", help="Leave out the heading.", show_default=False)] = True,
    legend: Annotated[bool, typer.Option(" /--no-legend", help="Leave out the legend.", show_default=False)] = True,
    shapes: Annotated[
        bool, typer.Option(" /--no-shapes", help="Leave out the shapes of values.", show_default=False)
    ] = True,
    width: Annotated[
        str | None,
        typer.Option(
            "--width",
            metavar="SIZE",
            help="Lay it out for a column of a paper (85mm), its page (178mm) or a slide (16:9).",
            show_default=False,
        ),
    ] = None,
    min_pt: Annotated[
        float, typer.Option("--min-pt", metavar="N", help="How small its text may be at that width, in points.")
    ] = 6.0,
    scale: Annotated[float, typer.Option("--scale", metavar="X", help="How many times as large.")] = 1.0,
    dpi: Annotated[
        float | None, typer.Option("--dpi", metavar="N", help="Pixels of a PNG to an inch.", show_default="192")
    ] = None,
    transparent: Annotated[bool, typer.Option("--transparent", metavar="", help="Leave out the ground.")] = False,
    font: Annotated[
        str | None,
        typer.Option("--font", metavar="NAME", help="A family for its text, as the system has it.", show_default=False),
    ] = None,
    format: Annotated[Format | None, arguments.FORMAT] = None,
    force: arguments.Force = False,
) -> None:
    """Draw a spec: its stages in order, and beside them each distinct block once, its numbers in a table.

    --view, --depth and --open say how much is drawn open.

    [bold]Examples[/bold]

    archspec draw resnet18

    archspec draw googlenet --view overview --theme print --out googlenet.pdf

    archspec draw resnet50 --open layer3.0 --colour params --out layer3.png

    archspec draw googlenet --only inception3a --out inception3a.pdf

    archspec draw efficientnet_b0 --format html

    archspec draw resnet18 --width 85mm --no-title --out resnet18.tex

    archspec draw my_net.yaml --format mermaid --out -

    archspec draw my_net.py:Net --input 3x224x224
    """
    from archspec.api.build import rendered

    if view == "volumes" and (
        depth
        or opened
        or only
        or colour != "kind"
        or direction != "TB"
        or training
        or not (title and legend and shapes)
    ):
        raise typer.BadParameter(
            "has no --depth, --open, --only, --colour, --direction, --training, --no-title, --no-legend or --no-shapes",
            param_hint="'--view volumes'",
        )
    picked = chosen_format(out, format, get_args(Format))
    architecture = read_spec(spec, variant, settings, inputs)
    picture = architecture.draw(
        view,
        depth=depth,
        open=opened,
        only=only,
        colour=colour,
        direction=direction,
        theme=theme,
        training=training,
        title=title,
        legend=legend,
        shapes=shapes,
        width=width,
        min_pt=min_pt,
        scale=scale,
        dpi=dpi,
        transparent=transparent,
        font=font,
    )
    content = rendered(picture, picked)
    for note in picture.notes:
        console.say(f"note: {note}", error=True)
    deliver(content, out or f"{picture.name}.{ending(picked)}", picked, force)
