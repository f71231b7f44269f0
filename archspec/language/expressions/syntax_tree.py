"""Text → Python's syntax tree, bounded in length, size and depth before anything walks it."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import NamedTuple

from archspec.language.budget import PARTS, spend
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.values import crop

MAX_LENGTH = 1000
"""Characters of an expression."""
MAX_PARTS = 200
"""Names, values and operations of an expression."""
MAX_DEPTH = 50
"""How deep its parts nest; a chain such as `a + b + c` nests to the left."""


class SyntaxTree(NamedTuple):
    """Python's syntax tree of a text, the spaces in front of it by which its columns fall short, and its size."""

    body: ast.expr
    indent: int
    parts: int


def syntax_tree(text: str) -> SyntaxTree:
    """The bounded syntax tree of a text; raises `ExpressionError` where it is none of Python's expressions."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            "this expression is too long",
            expected=f"at most {MAX_LENGTH} characters",
            found=f"{len(text)}",
        )
    spend(len(text) // PARTS)
    return _bounded_tree(text)


@lru_cache(maxsize=1024)
def _bounded_tree(text: str) -> SyntaxTree:
    """The tree of a text, which is the same in each copy of its block; it is never changed."""
    body, indent = _syntax_tree(text)
    return SyntaxTree(body, indent, _size(body))


def _syntax_tree(text: str) -> tuple[ast.expr, int]:
    """The text's syntax tree, and by how much its columns fall short because of spaces in front."""
    # Python would end a text that is folded over lines at its first line.
    flat = re.sub(r"\s", " ", text)
    stripped = flat.lstrip()
    indent = len(flat) - len(stripped)
    if not stripped:
        raise ExpressionError("the expression is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(stripped, mode="eval").body, indent
    except SyntaxError as error:
        # Python gives no offset, or one past the end, where the text ends too soon.
        column = indent + min((error.offset or len(stripped) + 1) - 1, len(stripped))
        raise ExpressionError(
            f"`{crop(text)}` is not an expression", help=_syntax_help(stripped), column=column
        ) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    except ValueError:
        # NUL bytes and surrogates.
        raise ExpressionError(f"`{crop(ascii(text))}` is not an expression") from None


def _size(body: ast.expr) -> int:
    """The number of a tree's parts, bounded before anything walks it by recursion."""
    parts = 0
    level: list[ast.AST] = [body]
    for _ in range(MAX_DEPTH):
        parts += sum(isinstance(node, ast.expr) for node in level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise _too_deep()
    if parts > MAX_PARTS:
        raise ExpressionError(
            "this expression is too long",
            expected=f"at most {MAX_PARTS} names, values and operations",
            found=f"{parts}",
        )
    return parts


def _syntax_help(text: str) -> str | None:
    for sign, word in (("&&", "and"), ("||", "or"), ("!", "not")):
        if re.search(re.escape(sign) + "(?!=)", text):
            return f"write `{word}` for `{sign}`"
    if re.search("(?<![=<>!])=(?!=)", text):
        return "write `==` to compare"
    return None


def _too_deep() -> ExpressionError:
    return ExpressionError("this expression nests too deep", expected=f"at most {MAX_DEPTH} levels")
