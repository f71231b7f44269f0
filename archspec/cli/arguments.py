"""The arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from archspec.cli import completions

Spec = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        help="A spec: its path or bundled name; or a TARGET (see below).",
        show_default=False,
        autocompletion=completions.specs,
    ),
]
Specs = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC",
        help="Specs: their paths or bundled names; or TARGETs (see below).",
        show_default=False,
        autocompletion=completions.specs,
    ),
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="package.module:callable, file.py:Class, or a model's file.", show_default=False
    ),
]
Inputs = Annotated[
    list[str],
    typer.Option(
        "--input",
        "-i",
        metavar="SIZE",
        help="The input's size without the batch: 1x64x64, or clip=3x8x112x112; of a TARGET also ids=16:int64.",
        show_default=False,
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(
        "--variant",
        "-v",
        metavar="NAME",
        help="One of the spec's variants.",
        show_default=False,
        autocompletion=completions.variants,
    ),
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="Set a param of the spec, or an argument of a TARGET; may be repeated.",
        show_default=False,
        autocompletion=completions.settings,
    ),
]
TargetSettings = Annotated[
    list[str],
    typer.Option(
        "--set", "-s", metavar="NAME=VALUE", help="Set an argument of a TARGET; may be repeated.", show_default=False
    ),
]
Depth = Annotated[
    int | None,
    typer.Option("--depth", "-d", metavar="N", min=1, help="How many levels of blocks are opened.", show_default=False),
]
Direction = Literal["TB", "LR"]
Theme = Literal["light", "dark", "print"]
FORMAT = typer.Option("--format", help="By default what the file's name ends with, or svg.", show_default=False)
"""Of the formats that a command draws in."""
Force = Annotated[bool, typer.Option("--force", metavar="", help="Overwrite files that archspec did not write.")]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print the report as JSON.")]
RecipeSettings = Annotated[
    list[str],
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="Set a value of the recipe (data.batch_size=64), or a param of its spec; may be repeated.",
        show_default=False,
    ),
]
RunFolder = Annotated[
    str,
    typer.Argument(metavar="RUN", help="The folder of a run that archspec train made.", show_default=False),
]
Data = Annotated[Path | None, typer.Option("--data", metavar="PATH", help="Where the data is.", show_default=False)]
Devices = Annotated[
    str | None, typer.Option("--devices", metavar="N", help="How many devices, or which: 0,2.", show_default="1")
]
Precision = Annotated[
    str | None,
    typer.Option("--precision", metavar="NAME", help="bf16-mixed, 16-mixed and so on.", show_default="32"),
]
Accelerator = Annotated[
    str | None,
    typer.Option("--accelerator", metavar="NAME", help="cpu, gpu and so on.", show_default="the best available"),
]
