"""`archspec list`."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.cli import arguments, console
from archspec.cli.verdicts import tally_text
from archspec.graph.labels import count_text, rounded_text


def list_(as_json: arguments.Json = False) -> None:
    """List the bundled architectures by task, each with its year, its counts and the verdict on its figures.

    [bold]Examples[/bold]

    archspec list

    archspec list --json
    """
    from archspec.api.catalogue import listed
    from archspec.cli.json_output import listed_data

    with console.progress() as doing:
        doing("counting")
        found = listed()
        figures = [each.architecture.figures for each in found]
    if as_json:
        console.say_json([listed_data(each) for each in found])
        return
    groups: dict[str, list[Sequence[str]]] = {}
    for each, verdicts in zip(found, figures):
        groups.setdefault(each.task, []).append(
            (
                each.name,
                str(each.year or ""),
                count_text(each.architecture.params),
                rounded_text(each.architecture.macs),
                tally_text(verdicts),
                each.architecture.title,
            )
        )
    console.tables(("name", "year", "params", "MACs", "figures", "title"), groups, right=(2, 3))
