"""How long a page is, and how long the code of the module that it equals."""

from __future__ import annotations

import ast
import inspect
import io
import textwrap
import tokenize

import torchvision
from torch import nn

from archspec.api import zoo
from archspec.language.document import Document

_BESIDE = ("references", "figures")
"""The parts of a page that say where it is from, not what the network is."""
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_page(document: Document) -> int:
    """The lines of a bundled page that say what the network is."""
    counted, part = 0, ""
    for line in (zoo.folder() / f"{document.name}.yaml").read_text("utf-8").splitlines():
        part = line.partition(":")[0] if line[:1].strip() else part
        counted += bool(line.partition("#")[0].strip()) and part not in _BESIDE
    return counted


def lines_of_reference(builder: str, module: nn.Module) -> int:
    """The lines of torchvision's classes in a module, and of the function that builds it."""
    made_by = inspect.unwrap(torchvision.models.get_model_builder(builder))
    return lines_of_classes(module) + lines_of_code(inspect.getsource(made_by))


def lines_of_classes(module: nn.Module) -> int:
    """The lines of a module's classes that are not torch's own."""
    classes = {type(each) for each in module.modules() if not type(each).__module__.startswith("torch.")}
    return sum(lines_of_code(textwrap.dedent(inspect.getsource(each))) for each in classes)


def lines_of_code(source: str) -> int:
    """The lines of a function or class without blank lines, comments and docstrings.

    >>> lines_of_code('def f():\\n    \"\"\"Of nothing.\"\"\"\\n\\n    return 1  # and no more\\n')
    2
    """
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - set(_docstrings(source)))


def _docstrings(source: str) -> list[int]:
    texts = (
        node.body[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None
    )
    return [line for text in texts for line in range(text.lineno, (text.end_lineno or text.lineno) + 1)]
