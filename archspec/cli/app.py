"""The application: every command by its name, and how errors are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from archspec.cli import console
from archspec.cli.completion import VARIABLE
from archspec.cli.interrupts import quitting_at_once
from archspec.language.diagnostics import Diagnostic, SpecError

BROKEN_PIPE = 141
"""What a shell sees of a program whose reader went away."""

INTERNAL = 70
"""What sysexits.h calls an internal fault of a program."""
PASSED_ON = (typer.Exit, typer.Abort, typer.BadParameter)
"""What typer itself turns into an exit code."""

HELP = """
Write the network as a page of YAML; get exactly that network: a PyTorch module, proven counts, a picture.

[bold]Examples[/bold]

archspec list

archspec build resnet50

archspec summary vgg16 --set num_classes=10

archspec new my_net && archspec build my_net.yaml
"""

TARGETS = (
    "A TARGET in the place of a SPEC stands for the page of a module that exists: package.module:callable,"
    " file.py:Class, or a model's file. Your own Python is run, with --set for its arguments and --input for its sizes:"
    " see archspec import --help."
)
"""What the help of a command says that takes a SPEC."""

COMMANDS = {
    "build": "build:build",
    "check": "check:check",
    "lock": "lock:lock",
    "summary": "summary:summary",
    "draw": "draw:draw",
    "diff": "diff:diff",
    "plot": "plot:plot",
    "fit": "fit:fit",
    "search": "search:search",
    "import": "import_:import_",
    "train": "train:train",
    "evaluate": "evaluate:evaluate",
    "predict": "predict:predict",
    "list": "list:list_",
    "blocks": "blocks:blocks",
    "show": "show:show",
    "new": "new:new",
    "watch": "watch:watch",
    "schema": "schema:schema",
    "completion": "completion:completion",
    "lsp": "lsp:lsp",
}
"""The commands in the order of the help, and where each is: the module of this package and the function in it."""


def application(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands. Each is imported and its options are read for that, which takes time."""
    app = typer.Typer(
        name="archspec",
        help=HELP,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["--help", "-h"]},
        epilog="A SPEC is the path of a spec, or the name of a bundled architecture or variant: see archspec list.",
    )
    app.callback()(_root)
    for name in commands:
        module, function = COMMANDS[name].split(":")
        command = getattr(import_module(f"archspec.cli.{module}"), function)
        app.command(name, epilog=TARGETS if {"spec", "specs"} & {*command.__annotations__} else None)(guarded(command))
    return app


def main() -> None:
    """Run the command line: exit 0 fine, 1 a spec or a figure is wrong or a file cannot be written, 2 wrong usage."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # The shell closed it (`>&-`): nobody wants to read it.
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays open
        elif hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character shows another; it is no reason to fail.
            stream.reconfigure(errors="replace")
    try:
        with quitting_at_once():
            app = application(_asked(_typed() or sys.argv[1:]))
        app(prog_name="archspec")
    except OSError as error:
        _abandon_output()
        sys.exit(_failed(error))


def _typed() -> list[str]:
    """The words of the line that a shell wants completed, where it asks for that."""
    if VARIABLE not in os.environ:
        return []
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
    return os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]


def _asked(arguments: Iterable[str]) -> Iterable[str]:
    """The command that is asked for, alone; all of them where it is none, since a help may list them."""
    name = next((each for each in arguments if not each.startswith("-")), None)
    return (name,) if name in COMMANDS else COMMANDS


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with its faults reported: a `SpecError`, a file that cannot be written, a reader that went away."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except SpecError as error:
            _tell(error.diagnostics, kwargs)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            _abandon_output()
            raise typer.Exit(BROKEN_PIPE) from None
        except OSError as error:
            _abandon_output()
            raise typer.Exit(_failed(error)) from None
        except Exception as error:
            if isinstance(error, PASSED_ON):
                raise
            if (missing := _missing(error)) is not None:
                _tell([missing], kwargs)
                raise typer.Exit(1) from None
            if os.environ.get("ARCHSPEC_TRACEBACK"):
                raise
            console.report([_internal(error)])
            raise typer.Exit(INTERNAL) from None

    return run


def _tell(diagnostics: Iterable[Diagnostic], options: Mapping[str, Any]) -> None:
    """Print what a command could not do, as JSON where its report is."""
    if not options.get("as_json"):
        console.report(diagnostics)
        return
    from archspec.cli.json_output import diagnostic_data

    console.say_json({"diagnostics": [diagnostic_data(diagnostic) for diagnostic in diagnostics]})


def _internal(error: Exception) -> Diagnostic:
    message = f"{type(error).__name__}: {error}"
    help_ = "a bug in archspec; set ARCHSPEC_TRACEBACK=1 for a traceback"
    return Diagnostic("internal", message, help=help_)


def _missing(error: Exception) -> Diagnostic | None:
    """The error for torch that does not exist, whatever asked for it."""
    from archspec.runtime.requirements import PACKAGES, missing_torch

    package = str(error.name).split(".")[0] if isinstance(error, ImportError) else ""
    return missing_torch(package) if package in PACKAGES else None


def _failed(error: OSError) -> int:
    """Say which file could not be read or written, and why."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    reason = error.strerror or str(error)
    place = f"{console.name(error.filename)}: " if error.filename else ""
    console.say(("error: ", "bold red"), f"{place}{reason[:1].lower()}{reason[1:]}", error=True)
    return 1


def _abandon_output() -> None:
    """Let what stdout still holds go nowhere, so that leaving Python does not fail over it once more."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _version(asked: bool) -> None:
    if asked:
        from archspec import __version__

        typer.echo(f"archspec {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, metavar="", help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that come before the command."""
