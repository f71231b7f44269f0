"""Every code that the package's source gives to a diagnostic, found by reading the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import archspec

_CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")
_MAKERS = {
    "Diagnostic",
    "data_error",
    "weights_error",
    "OpError",
    "report",
    "fail",
    "_error",
    "_report",
    "_refuse",
    "_give_up",
}


def codes() -> set[str]:
    """The first arguments of all calls that make a diagnostic."""
    package = Path(archspec.__file__).parent
    return {code for file in package.rglob("*.py") for code in _in(ast.parse(file.read_text("utf-8")))}


def _in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in _MAKERS:
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and _CODE.fullmatch(part.value):
                    yield part.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
