"""The arguments that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

Spec = Annotated[
    str,
    typer.Argument(metavar="SPEC", help="A spec: its path or bundled name.", show_default=False),
]
Specs = Annotated[
    list[str],
    typer.Argument(metavar="SPEC", help="Specs: their paths or bundled names.", show_default=False),
]
Variant = Annotated[
    str | None,
    typer.Option("--variant", "-v", metavar="NAME", help="One of the spec's variants.", show_default=False),
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set", "-s", metavar="NAME=VALUE", help="Set a param of the spec; may be repeated.", show_default=False
    ),
]
Depth = Annotated[
    int | None,
    typer.Option("--depth", "-d", metavar="N", min=1, help="How many levels of blocks are opened.", show_default=False),
]
Force = Annotated[bool, typer.Option("--force", metavar="", help="Overwrite files that archspec did not write.")]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print the report as JSON.")]
