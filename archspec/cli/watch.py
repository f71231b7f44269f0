"""`archspec watch`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from archspec.cli import arguments, console


def watch(
    spec: Annotated[Path, typer.Argument(metavar="FILE", help="The spec's file.", show_default=False)],
    variant: arguments.Variant = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 is any that is free.")] = 0,
    opened: Annotated[bool, typer.Option("--open", metavar="", help="Open it in the browser.")] = False,
) -> None:
    """Show a spec in the browser while it is written: its picture, counts and messages follow its file.

    A picture stays while the text is broken; sliders set the params, and two variants stand side by side. The page is
    for this machine alone, at an address that nobody else knows. Ctrl-C ends it.

    [bold]Examples[/bold]

    archspec watch my_net.yaml --open
    """
    from archspec.editor.live.server import LiveServer
    from archspec.editor.live.watched import Watched
    from archspec.language.read_text import read_source

    read_source(spec)
    with LiveServer(Watched(spec, variant), port) as server:
        console.say(f"{console.name(spec)} is at {server.url}")
        if opened:
            import webbrowser

            webbrowser.open(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
