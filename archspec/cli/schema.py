"""`archspec schema`."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from archspec.cli import console


class Kind(str, Enum):
    """The sorts of page that have a schema."""

    spec = "spec"
    recipe = "recipe"
    block = "block"


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="[spec|recipe|block]", help="The sort of page.")] = Kind.spec,
) -> None:
    """Print the JSON Schema of a sort of page, by which an editor completes and checks it.

    [bold]Examples[/bold]

    archspec schema > archspec.schema.json

    archspec schema recipe
    """
    from archspec.editor.schema import schema as made

    console.say_json(made(kind.value))
