"""`archspec new`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from archspec.cli import completions, console


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The network's name, or the path of its spec.", show_default=False)
    ],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PAGE",
            help="A bundled spec, variant, recipe or block.",
            show_default=False,
            autocompletion=completions.pages,
        ),
    ] = None,
) -> None:
    """Write a commented spec to start from, or a copy of a page that comes with archspec; no file is overwritten.

    Beside it lies archspec.schema.json, by which an editor's YAML extension completes and checks the page.

    [bold]Examples[/bold]

    archspec new my_net && archspec build my_net.yaml

    archspec new my_net --from resnet18

    archspec new my_recipe --from lenet_mnist
    """
    from archspec.api.bundled_pages import copied
    from archspec.api.new import starter, starter_path
    from archspec.editor.schema import FILE, schema
    from archspec.files.outputs import write_all

    path = starter_path(name)
    files = {path: (copied(start, path.stem) if start else starter(path.stem)).encode()}
    beside = path.parent / FILE
    if not beside.exists():
        files[beside] = json.dumps(schema()).encode()
    write_all(files)
    console.say(f"wrote {console.name(path)}; next: archspec {'check' if start else 'build'} {console.name(path)}")
