"""`archspec check`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, Literal

import typer

from archspec.api.check import Checked
from archspec.api.check import check as checked_variants
from archspec.api.documents import recipe_at
from archspec.api.import_target import Asked, checked_target, is_target
from archspec.cli import arguments, console, verdicts
from archspec.cli.settings import parse_settings
from archspec.language.diagnostics import Findings, SpecError
from archspec.language.source import Span


def check(
    specs: arguments.Specs,
    variant: arguments.Variant = None,
    settings: arguments.TargetSettings = [],  # noqa: B006 - typer reads the default and makes a new list
    inputs: arguments.Inputs = [],  # noqa: B006 - as above
    as_json: arguments.Json = False,
    format: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="For a reader, a program, or GitHub, which shows findings at their lines."),
    ] = "text",
    locked: Annotated[
        bool, typer.Option("--locked", metavar="", help="Fail where a network is not the one of archspec.lock.")
    ] = False,
) -> None:
    """Check specs and their documented figures, without torch but for a TARGET.

    All variants of each are checked, unless one is named. Every fault is told at once. A block's file is checked by its
    example, a recipe with the network that it trains, and a TARGET by its page, which is proven to be the module.

    [bold]Examples[/bold]

    archspec check specs/*.yaml

    archspec check resnet --variant resnet50 --json

    archspec check my_block.yaml my_recipe.yaml

    archspec check my_net.py:Net --input 3x224x224

    archspec check specs/*.yaml --format github
    """
    asked = Asked(parse_settings(settings), tuple(inputs))
    with console.progress() as doing:
        results: list[Checked] = []
        for spec in specs:
            doing(f"checking {console.name(spec)}")
            results.extend(checked_target(spec, asked, doing) if is_target(spec) else _checked(spec, variant))
    if locked:
        from archspec.api.lock import held_against, read_lock

        results = held_against(read_lock(), results, variant)
    if as_json or format == "json":
        from archspec.cli.json_output import checked_data

        console.say_json([checked_data(result) for result in results])
    else:
        _show(results)
    if format == "github":
        from archspec.cli.github import workflow_commands

        for line in workflow_commands(results):
            console.say(line)
    if not all(result.fine for result in results):
        raise typer.Exit(1)


def _checked(spec: str, variant: str | None) -> Iterable[Checked]:
    """What came of a spec, or of a recipe and the network that it trains."""
    try:
        recipe = recipe_at(spec)
    except SpecError as error:
        return [Checked(spec, variant, None, (), error.diagnostics)]
    if recipe is None:
        return checked_variants(spec, variant)
    from archspec.training.run.check_recipe import check_recipe

    return [check_recipe(recipe)]


def _show(results: list[Checked]) -> None:
    width = max((len(result.variant or "") for result in results), default=0)
    for spec, group in groupby(results, key=lambda result: result.spec):
        findings = Findings()
        warned: set[tuple[str, Span | None]] = set()
        console.say(console.name(spec))
        for result in group:
            name = f"{result.variant or '':<{width}}  " if width else ""
            console.say("  ", name, *verdicts.outcome(result))
            for rule in result.rules:
                console.say(f"    {rule.text}, as {_places(rule.nodes)} asks")
            for diagnostic in result.diagnostics:
                if (diagnostic.code, diagnostic.span) not in warned:
                    findings.add(diagnostic)
            # Another variant says the same of a line in other numbers.
            warned |= {(each.code, each.span) for each in result.diagnostics if each.severity == "warning"}
        console.report(findings)
    wrong = sum(not result.fine for result in results)
    total = f"{len(results)} checked, "
    console.say(total, (f"{wrong} wrong", "bold red") if wrong else ("all fine", "green"))


def _places(nodes: Sequence[str]) -> str:
    """The nodes that ask for something: the first, and how many more."""
    return f"`{nodes[0]}`" if len(nodes) == 1 else f"`{nodes[0]}` with {len(nodes) - 1} more"
