"""`archspec new`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from archspec.cli import console


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The network's name, or the path of its spec.", show_default=False)
    ],
) -> None:
    """Write a commented spec to start from; an existing file is never overwritten.

    Beside it lies archspec.schema.json, by which an editor's YAML extension completes and checks the page.

    [bold]Examples[/bold]

    archspec new my_net && archspec build my_net.yaml
    """
    from archspec.api.new import starter, starter_path
    from archspec.editor.schema import FILE, schema
    from archspec.files.outputs import write_all

    path = starter_path(name)
    files = {path: starter(path.stem).encode()}
    beside = path.parent / FILE
    if not beside.exists():
        files[beside] = json.dumps(schema()).encode()
    write_all(files)
    console.say(f"wrote {console.name(path)}; next: archspec build {console.name(path)}")
