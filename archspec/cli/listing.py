"""`archspec list`."""

from __future__ import annotations

from archspec.backends.words import count_text, rounded_text
from archspec.cli import arguments, console


def list_(as_json: arguments.Json = False) -> None:
    """List the bundled architectures.

    [bold]Examples[/bold]

    archspec list

    archspec list --json
    """
    from archspec.catalogue import architectures
    from archspec.reports import listed_data

    with console.progress() as doing:
        doing("counting")
        found = list(architectures())
    if as_json:
        console.say_json([listed_data(*each) for each in found])
        return
    rows = [
        (name, count_text(made.params), rounded_text(made.macs), made.title, made.document.about or "")
        for name, made in found
    ]
    console.table(("name", "params", "MACs", "title", "about"), rows, right=(1, 2))
