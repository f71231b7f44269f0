"""A generated `forward`, read: the statement that runs each child."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from archspec.pictures.atlas.read_constructors import simple
from archspec.templates import Template


def calls(template: Template, forward: ast.FunctionDef) -> dict[int, ast.stmt]:
    """The statement of each child, by its number; statements stand in the children's order.

    A child with a module is known by its name. What stands between two of them are those without one, where they are
    as many.
    """
    statements = list(simple(forward.body))
    found: dict[int, ast.stmt] = {}
    waiting: list[ast.stmt] = []
    number = 0
    for statement in statements:
        name = _module(statement)
        at = next((each for each in range(number, len(template.children)) if _name(template, each) == name), None)
        if name is None or at is None:
            waiting.append(statement)
            continue
        found |= _matched(_without_module(template, number, at), waiting)
        found[at] = statement
        number, waiting = at + 1, []
    rest = _without_module(template, number, len(template.children))
    return found | _matched(rest, waiting[: len(rest)])


def _matched(numbers: Sequence[int], statements: Sequence[ast.stmt]) -> dict[int, ast.stmt]:
    return dict(zip(numbers, statements)) if len(numbers) == len(statements) else {}


def _name(template: Template, number: int) -> str | None:
    """What a child's module is called, if it has one; a tied child calls another's."""
    child = template.children[number]
    owner = child if child.tied is None else template.children[child.tied]
    return owner.node.name if owner.maker is not None else None


def _without_module(template: Template, start: int, end: int) -> list[int]:
    return [number for number in range(start, end) if _name(template, number) is None]


def _module(statement: ast.stmt) -> str | None:
    """The module that a statement calls: `self.NAME(…)` or `self["NAME"](…)`."""
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                return name
            case ast.Call(func=ast.Subscript(value=ast.Name(id="self"), slice=ast.Constant(value=str(name)))):
                return name
    return None
