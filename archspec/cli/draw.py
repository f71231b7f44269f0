"""`archspec draw`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from archspec.cli import arguments, console
from archspec.cli.settings import parse_settings

Format = Literal["svg", "png", "pdf", "dot"]


def draw(
    spec: arguments.Spec,
    variant: arguments.Variant = None,
    settings: arguments.Settings = [],  # noqa: B006 - typer reads the default and makes a new list
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The picture's file, or - for stdout.", show_default="NAME.svg"
        ),
    ] = None,
    depth: arguments.Depth = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name ends with, or svg.", show_default=False),
    ] = None,
    force: arguments.Force = False,
) -> None:
    """Draw a spec: blocks as clusters, shapes on edges, a colour for each kind of op.

    As many levels of blocks are opened as stay readable, unless --depth says how many; 1 opens none.

    [bold]Examples[/bold]

    archspec draw resnet18

    archspec draw googlenet --depth 1 --out googlenet.png

    archspec draw my_net.yaml --format dot --out -
    """
    from archspec.architecture import read_document
    from archspec.building import picture
    from archspec.checking import open_document

    chosen_format = _format(out, format)
    document, chosen = open_document(spec, variant)
    architecture = read_document(document, chosen, parse_settings(settings))
    console.report(architecture.warnings)
    content = picture(architecture.graph, chosen_format, depth)
    if out == "-":
        sys.stdout.buffer.write(content)
        return
    path = Path(out or f"{architecture.name}.{chosen_format}")
    _write(path, content, chosen_format, force)
    console.say(f"wrote {console.name(path)}")


def _write(path: Path, content: bytes, format: str, force: bool) -> None:
    from archspec.outputs import refuse_foreign, write_all
    from archspec.seal import sealed

    if not force:
        refuse_foreign([path], format)
    write_all({path: sealed(content, format)})


def _format(out: str | None, format: Format | None) -> Format:
    """The format that was asked for, which must not contradict the file's name."""
    suffix = "" if out in (None, "-") else Path(str(out)).suffix.removeprefix(".").lower()
    known: tuple[Format, ...] = get_args(Format)
    named = next((each for each in known if each == suffix), None)
    if format and named and format != named:
        raise typer.BadParameter(f"{format} does not fit the name {out!r}", param_hint="'--format'")
    if suffix and not (format or named):
        message = f"{out!r} ends with none of {', '.join(known)}; say which with --format"
        raise typer.BadParameter(message, param_hint="'--out'")
    return format or named or "svg"
