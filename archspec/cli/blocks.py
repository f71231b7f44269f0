"""`archspec blocks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archspec.cli import arguments, completions, console

if TYPE_CHECKING:
    from archspec.api.catalogue import CatalogueEntry, FieldEntry


def blocks(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="An op or block to show in full.",
            show_default=False,
            autocompletion=completions.callables,
        ),
    ] = None,
    as_json: arguments.Json = False,
) -> None:
    """List the ops and blocks that a spec can use, or show one of them in full.

    [bold]Examples[/bold]

    archspec blocks

    archspec blocks conv

    archspec blocks bottleneck
    """
    from archspec.api.catalogue import entries, entry

    if as_json:
        from archspec.cli.json_output import entry_data

        console.say_json(entry_data(entry(name)) if name else [entry_data(each) for each in entries()])
    elif name:
        _show(entry(name))
    else:
        rows = [(each.name, each.sort, each.summary, ", ".join(map(_short, each.fields))) for each in entries()]
        console.table(("name", "sort", "what it is", "fields"), rows, fold=(2, 3))


def _short(field: FieldEntry) -> str:
    return field.name if field.default is None else f"{field.name}={field.default}"


def _show(shown: CatalogueEntry) -> None:
    console.say((shown.name, "bold"), f": {shown.sort}")
    console.say("\n", shown.about)
    if shown.fields:
        console.say(("\nfields\n", "bold"))
        rows = [("  " + field.name, _default(field), _accepts(field)) for field in shown.fields]
        console.table(("  name", "default", "accepts"), rows)
    if shown.definition:
        console.say(("\ndefinition\n", "bold"))
        console.say(_indented(shown.definition))
    if shown.example:
        console.say(("\nexample\n", "bold"))
        console.say(_indented(shown.example))


def _default(field: FieldEntry) -> str:
    return "(required)" if field.default is None else field.default


def _accepts(field: FieldEntry) -> str:
    return field.expects + (f": {field.about}" if field.about else "")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.rstrip().split("\n"))
