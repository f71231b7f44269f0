"""`archspec completion`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from archspec.cli import console

VARIABLE = "_ARCHSPEC_COMPLETE"
"""What a shell sets where it asks for the words that may follow."""


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="The shell.", show_default=False)],
) -> None:
    """Print the script by which a shell completes commands, options, architectures, variants, params and addresses.

    [bold]Examples[/bold]

    archspec completion bash >> ~/.bashrc

    archspec completion zsh >> ~/.zshrc

    archspec completion fish > ~/.config/fish/completions/archspec.fish
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    console.say(get_completion_script(prog_name="archspec", complete_var=VARIABLE, shell=shell))
