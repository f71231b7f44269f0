"""Classes that a generated file takes along: their text, read off the file that defines them, which is not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.abc import InspectLoader
from importlib.util import find_spec

from msgspec import Struct

IMPORTED = ("nn", "torch", "torchvision")
"""The packages that a generated file may import."""
USUAL = frozenset({"torch", "nn", "Tensor", "F"})
"""Names that every generated file has where it needs them."""


class Definition(Struct, frozen=True):
    """A class or function at the top of a file.

    `local` are the full names of what it uses of its own file, `imports` of what it uses of other packages, by the
    names that it has for them; less torch's usual ones.
    """

    path: str
    text: str
    local: Mapping[str, str]
    imports: Mapping[str, str]

    @property
    def names(self) -> Mapping[str, str]:
        """The full name of everything that the text names, itself too."""
        return {self.path.rpartition(".")[2]: self.path, **self.local, **self.imports}

    def renamed(self, names: Mapping[str, str]) -> str:
        """The text with other names for what it names."""
        lines = [line.encode() for line in self.text.splitlines()]
        for row, column, name in sorted(_places(self.text, names), reverse=True):
            before, after = lines[row][:column], lines[row][column + len(name.encode()) :]
            lines[row] = before + names[name].encode() + after
        return "\n".join(line.decode() for line in lines)


def is_copied(callee: str) -> bool:
    """Whether a class is taken along: a generated file imports torch and torchvision alone."""
    return callee.partition(".")[0] not in IMPORTED


def definitions(path: str) -> list[Definition]:
    """A class by its full name, after all that it needs of its own file.

    >>> [each.path.rpartition(".")[2] for each in definitions("archspec.ops.modules.convolution.ConnectedConv2d")]
    ['ConnectedConv', 'ConnectedConv2d']
    """
    found = _file(path.rpartition(".")[0])
    needed = {path}
    while more := {other for each in needed for other in found[each].local.values()} - needed:
        needed |= more
    return [each for each in found.values() if each.path in needed]


@cache
def _file(module: str) -> Mapping[str, Definition]:
    """The definitions of a file in their order, by their full names."""
    text = _text(module)
    tree = ast.parse(text)
    imported = dict(pair for statement in tree.body for pair in _imported(statement))
    defined = {each.name: each for each in tree.body if isinstance(each, (ast.ClassDef, ast.FunctionDef))}
    found = {}
    for name, node in defined.items():
        used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        local = {each: f"{module}.{each}" for each in defined if each in used and each != name}
        imports = {each: full for each, full in imported.items() if each in used and each not in USUAL}
        found[f"{module}.{name}"] = Definition(f"{module}.{name}", _segment(text, node), local, imports)
    return found


def _text(module: str) -> str:
    spec = find_spec(module)
    text = spec.loader.get_source(module) if spec and isinstance(spec.loader, InspectLoader) else None
    if text is None:
        raise ModuleNotFoundError(f"there is no source of {module}")
    return text


def _segment(text: str, node: ast.ClassDef | ast.FunctionDef) -> str:
    """The text of a definition with its decorators."""
    lines = text.splitlines()
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _imported(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with the full name of what it is: a module's own has no dot."""
    if isinstance(statement, ast.ImportFrom) and statement.module:
        for each in statement.names:
            yield each.asname or each.name, f"{statement.module}.{each.name}"
    elif isinstance(statement, ast.Import):
        yield from ((each.name, each.name) for each in statement.names)


def _places(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Where a name stands that is to be another: its line and column, in bytes."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and names.get(node.id, node.id) != node.id:
            yield node.lineno - 1, node.col_offset, node.id
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)) and names.get(node.name, node.name) != node.name:
            word = "class " if isinstance(node, ast.ClassDef) else "def "
            yield node.lineno - 1, node.col_offset + len(word), node.name
