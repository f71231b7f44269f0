"""`archspec summary`."""

from __future__ import annotations

from typing import Annotated

import typer

from archspec.cli import arguments, console
from archspec.cli.specs import read_spec


def summary(
    spec: arguments.Spec,
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    depth: arguments.Depth = 1,
    audit: Annotated[
        bool, typer.Option("--audit", metavar="", help="Show what the spec rounds when it scales.")
    ] = False,
    as_json: arguments.Json = False,
) -> None:
    """Show shapes, parameters and multiply-accumulates, block by block.

    [bold]Examples[/bold]

    archspec summary resnet50

    archspec summary specs/efficientnet.yaml --variant efficientnet_b3 --depth 2

    archspec summary efficientnet_b3 --audit

    archspec summary vgg16 --set num_classes=10 --json

    archspec summary torchvision.models:resnet18 --input 3x224x224
    """
    from archspec.reports.architecture_json import summary_data
    from archspec.reports.summary_table import render

    shown = read_spec(spec, variant, settings, inputs).summary(depth, audit=audit)
    if as_json:
        console.say_json(summary_data(shown))
    elif console.is_terminal():
        console.render(render(shown))
    else:
        console.say(str(shown))
