"""`archspec build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from archspec.cli import arguments, console
from archspec.cli.specs import read_specs
from archspec.cli.verdicts import lines
from archspec.graph.labels import count_text, rounded_text

if TYPE_CHECKING:
    from archspec.api.build import Built


def build(
    spec: arguments.Spec,
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="The folder in which each variant gets its own.")
    ] = Path("build"),
    all_variants: Annotated[
        bool, typer.Option("--all-variants", metavar="", help="Build every variant of the spec.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="FILE|NAME",
            help="Load weights too: a .pt or .safetensors file, or a torchvision name such as DEFAULT.",
            show_default=False,
        ),
    ] = None,
    weights_map: Annotated[
        Path | None,
        typer.Option(
            "--weights-map",
            metavar="FILE",
            help="Rules from the names in the weights' file to the network's, in YAML.",
            show_default=False,
        ),
    ] = None,
    first_conv: Annotated[
        Literal["sum", "fresh"],
        typer.Option("--first-conv", help="What becomes of its weights where the input has other channels."),
    ] = "sum",
    force: arguments.Force = False,
    as_json: arguments.Json = False,
) -> None:
    """Build the PyTorch module, run it once, prove its counts and shapes; write source, picture, atlas and report.

    The files go to build/VARIANT/, all of them or none. A documented figure that is missed fails the build.

    [bold]Examples[/bold]

    archspec build resnet50

    archspec build specs/googlenet.yaml --set num_classes=10 --out /tmp/nets

    archspec build specs/efficientnet.yaml --all-variants

    archspec build my_net.py:Net --input 3x224x224
    """
    if weights_map is not None and weights is None:
        raise typer.BadParameter("needs --weights", param_hint="'--weights-map'")
    if variant and all_variants:
        raise typer.BadParameter("not together with --variant", param_hint="'--all-variants'")
    from archspec.api import build
    from archspec.files.outputs import refuse_foreign

    architectures = read_specs(spec, variant, settings, inputs, all_variants)
    with console.progress() as doing:
        if not force:
            refuse_foreign(path for each in architectures for path in build.paths(out, each.name).values())
        built = build.build_all(architectures, weights, doing, weights_map, first_conv)
        written = build.write(built, out, force)
    if as_json:
        from archspec.cli.json_output import built_data

        console.say_json([built_data(each, build.paths(out, each.architecture.name).values()) for each in built])
        return
    for each in built:
        _show(each)
    console.say(f"wrote {', '.join(map(console.name, written))}")


def _show(built: Built) -> None:
    architecture = built.architecture
    counts = f"{count_text(architecture.params)} parameters, {rounded_text(architecture.macs)} MACs"
    console.say((architecture.name, "bold"), f": {counts}; torch agrees on every count and shape")
    if built.loaded is not None:
        console.say(f"  weights: {built.loaded}")
    if architecture.given and not built.verdicts:
        console.say("  no documented figure holds for these settings")
    for line in lines(built.verdicts):
        console.say(line)
