"""`archspec import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archspec.cli import arguments, console
from archspec.cli.settings import parse_settings
from archspec.graph.labels import count_text, rounded_text

if TYPE_CHECKING:
    from archspec.api.from_module import Imported


def import_(
    target: arguments.Target,
    inputs: arguments.Inputs = [],  # noqa: B006 - typer reads the default and makes a new list
    settings: arguments.TargetSettings = [],  # noqa: B006 - as above
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What the page is called.", show_default="after the TARGET"),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page's file, or - for stdout.", show_default="NAME.yaml"),
    ] = None,
    meta: Annotated[
        bool,
        typer.Option(
            "--meta", metavar="", help="Make it without weights, for what is too large; outputs are not compared."
        ),
    ] = False,
    no_proof: Annotated[
        bool, typer.Option("--no-proof", metavar="", help="Do not hold the page against the module.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", metavar="", help="Overwrite a page that is there.")] = False,
    as_json: arguments.Json = False,
) -> None:
    """Write the page of a module that exists, and prove that the page is the module.

    A TARGET is package.module:callable or file.py:Class, which is called with what --set gives it; or the file of a
    model. YOUR OWN PYTHON IS RUN: what the package or file does when it is imported, the class's constructor, and its
    forward. Each --input is the size of one example, without the batch: 3x224x224, or by name and type
    ids=16:int64.

    The page is read again, built, given the module's weights by name and run beside the module. It exits with 0 where
    both are equal, and with 1 where they are not (the first node that differs is said) or where something has no word
    in archspec: that is listed, and the page written, but it cannot be built.

    [bold]Examples[/bold]

    archspec import my_net.py:Net --input 3x224x224

    archspec import timm:create_model --set model_name=resnet18 --input 3x224x224

    archspec import my_text.py:Encoder --set layers=4 --input ids=16:int64 --out encoder.yaml

    archspec import big.py:llama_8b --meta --input 16:int64 --no-proof
    """
    from archspec.api.import_target import Asked, import_target, page_path, write_page

    asked = Asked(parse_settings(settings), tuple(inputs), name, meta, not no_proof)
    path = page_path(out, force) if out not in (None, "-") else None
    with console.progress() as doing:
        imported = import_target(target, asked, doing)
    if out == "-":
        sys.stdout.write(imported.architecture.to_yaml())
    else:
        path = path or page_path(f"{imported.architecture.name}.yaml", force)
        write_page(imported.architecture, path)
    _report(imported, path, as_json and out != "-")
    if not imported.fine:
        raise typer.Exit(1)


def _report(imported: Imported, path: Path | None, as_json: bool) -> None:
    """What is known of it: on stdout, unless the page stands there."""
    if as_json:
        from archspec.cli.json_output import imported_data

        console.say_json(imported_data(imported, path))
        return
    console.report(imported.diagnostics)
    to_stderr = path is None
    for line in _lines(imported):
        console.say(line, error=to_stderr)
    if path is not None:
        lines = imported.architecture.to_yaml().count("\n")
        console.say(f"wrote {console.name(path)}, {lines} lines")


def _lines(imported: Imported) -> list[str]:
    architecture, proof = imported.architecture, imported.proof
    counts = f"{count_text(architecture.params)} parameters, {rounded_text(architecture.macs)} MACs"
    memory = f" and {imported.memory / 1e6:,.0f} MB" if imported.memory else ""
    lines = [f"{architecture.name}: {counts}", f"  followed in {imported.seconds:.1f} s{memory}"]
    if imported.flops is not None:
        lines.append(
            f"  torch's FlopCounterMode counts {imported.flops:,} FLOPs, 2 a MAC; MACs are {architecture.macs:,}"
        )
    if imported.missing:
        lines.append(f"  not proven: {len(imported.missing)} operations have no op")
    elif proof is None:
        lines.append("  not proven")
    else:
        lines.append(f"  proven: {proof}" if proof.holds else f"  NOT proven: {proof}")
    return lines
