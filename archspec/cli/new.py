"""`archspec new`."""

from __future__ import annotations

from typing import Annotated

import typer

from archspec.cli import console


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The network's name, or the path of its spec.", show_default=False)
    ],
) -> None:
    """Write a commented spec to start from; an existing file is never overwritten.

    [bold]Examples[/bold]

    archspec new my_net && archspec build my_net.yaml
    """
    from archspec.api.new import starter, starter_path
    from archspec.files.outputs import write_all

    path = starter_path(name)
    write_all({path: starter(path.stem).encode()})
    console.say(f"wrote {console.name(path)}; next: archspec build {console.name(path)}")
