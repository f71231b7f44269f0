"""`archspec show`."""

from __future__ import annotations

from typing import Annotated

import typer

from archspec.cli import completions, console


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="An architecture, a variant, a recipe or a block.",
            show_default=False,
            autocompletion=completions.pages,
        ),
    ],
) -> None:
    """Print a page that comes with archspec: the spec of an architecture, a recipe, or a block's definition.

    [bold]Examples[/bold]

    archspec show lenet

    archspec show resnet18 | less

    archspec show lenet_mnist

    archspec show bottleneck
    """
    from archspec.api.bundled_pages import bundled_page

    console.say(bundled_page(name).text.rstrip("\n"))
