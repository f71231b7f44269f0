"""`archspec plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from archspec.cli import arguments
from archspec.cli.pictures import chosen_format, deliver
from archspec.cli.specs import read_specs

if TYPE_CHECKING:
    from archspec.api.architecture import Architecture

Of = Literal["stages", "family"]
Format = Literal["svg", "png", "pdf"]


def plot(
    specs: arguments.Specs,
    of: Annotated[
        Of | None,
        typer.Option(
            "--of",
            help="One architecture's stages, or a family: all variants of the specs.",
            show_default="stages of one SPEC, family of several",
        ),
    ] = None,
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    theme: Annotated[arguments.Theme, typer.Option("--theme", help="The colours; print is black and white.")] = "light",
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The plot's file, or - for stdout.", show_default="NAME_plot.svg"
        ),
    ] = None,
    format: Annotated[Format | None, arguments.FORMAT] = None,
    force: arguments.Force = False,
) -> None:
    """Plot what the stages of an architecture cost, or how the variants of a family compare.

    Of one SPEC: parameters, MACs and activation memory by stage. Of several: parameters against MACs. A SPEC that is
    a variant's name stands for that variant; by itself, the family is all that this variant is one of.

    [bold]Examples[/bold]

    archspec plot resnet50

    archspec plot efficientnet --of family --out efficientnet.png

    archspec plot resnet mobilenet_v2 densenet121 --theme print --format pdf
    """
    from archspec.pictures.plots.plot import Plot

    family = of == "family" or (of is None and len(specs) > 1)
    if not family and len(specs) > 1:
        raise typer.BadParameter("takes one SPEC", param_hint="'--of stages'")
    picked = chosen_format(out, format, get_args(Format))
    alone = len(specs) == 1 and variant is None
    architectures = [each for spec in specs for each in _read(spec, variant, settings, inputs, family, alone)]
    content = Plot([each.graph for each in architectures], family, theme).bytes(picked)
    name = "_".join(Path(spec).stem.replace(":", "_") for spec in specs[:3]) if family else architectures[0].name
    deliver(content, out or f"{name}_plot.{picked}", picked, force)


def _read(
    spec: str, variant: str | None, settings: list[str], inputs: list[str], family: bool, alone: bool
) -> list[Architecture]:
    """What a spec stands for: itself, or in the plot of a family its variants, as a variant does that is `alone`."""
    from archspec.api.documents import open_document
    from archspec.api.import_target import is_target

    chosen = None if is_target(spec) else open_document(spec, variant)[1]
    wanted = family and (alone or chosen is None)
    return read_specs(spec, variant, settings, inputs, all_variants=wanted)
