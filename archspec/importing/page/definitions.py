"""Templates → the page's own blocks: their params, and their graphs."""

from __future__ import annotations

from archspec.importing.page.bodies import body
from archspec.importing.page.channels import with_let
from archspec.importing.page.layout import Body
from archspec.importing.page.nodes import Nodes
from archspec.importing.page.scalars import Tree, Word, tree_of
from archspec.templates import Constant, Parameter, Reference, Template


def definition(template: Template, nodes: Nodes) -> Tree:
    """One block of the page."""
    parts: dict[str, Tree] = {}
    if len(template.input_names) != 1:
        parts[Word("inputs")] = [Word(name) for name in template.input_names]
    if params := {Word(each.name): _param(each) for each in template.parameters}:
        parts[Word("params")] = params
    return Body({**parts, **with_let(body(template, nodes))})


def _param(parameter: Parameter) -> Tree:
    """A param's default, where that shows its type; else its type, or both."""
    word = _type(parameter)
    default = parameter.default
    if default is None or not isinstance(default, (Constant, Reference)):
        return Word(word)
    shown = Word(default.name) if isinstance(default, Reference) else tree_of(default)
    if isinstance(default, Constant) and type(default.value).__name__ == word:
        return shown
    return {Word("type"): Word(word), Word("default"): shown}


def _type(parameter: Parameter) -> str:
    """The type of a param's values: one of the language's words."""
    if parameter.sort in ("class", "module"):
        nothing = any(value == Constant(None) for value in parameter.values)
        return "any" if nothing and parameter.default != Constant(None) else "op"
    if parameter.sort == "flag":
        return "bool"
    values = [value.value for value in (*parameter.values, parameter.default) if isinstance(value, Constant)]
    kinds = {type(value).__name__ for value in values}
    (kind,) = kinds if len(kinds) == 1 else ("any",)
    return {"int": "int", "float": "float", "str": "str", "bool": "bool", "tuple": "list"}.get(kind, "any")
