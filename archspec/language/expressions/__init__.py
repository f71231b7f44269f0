"""Expressions over a spec's params: Python's syntax, a small closed part of it, of bounded cost.

Text is parsed once to Python's syntax tree, checked against what is allowed, and compiled to closures. No Python code
is ever run from it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from archspec.language.budget import PARTS, spend
from archspec.language.expressions.compiler import Compiler
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.functions import divisible
from archspec.language.expressions.lookup import Closure, Lookup
from archspec.language.expressions.syntax_tree import MAX_LENGTH, syntax_tree
from archspec.language.expressions.values import MAX_ITEMS, MAX_NUMBER, Attributes, Value

__all__ = [
    "MAX_ITEMS",
    "MAX_LENGTH",
    "MAX_NUMBER",
    "Attributes",
    "Expression",
    "ExpressionError",
    "Lookup",
    "Value",
    "divisible",
    "parse_expression",
    "syntax_tree",
]


class Expression(Struct, frozen=True):
    """A parsed expression: its text, the names it reads, and how to compute it."""

    text: str
    names: frozenset[str]
    rounds: bool
    """Whether it calls a function that rounds."""
    run: Callable[[Lookup], Any]
    """Computes it, as `evaluate` does, for those who see to a `RecursionError` themselves."""

    def evaluate(self, lookup: Lookup) -> Value:
        """The value, with names looked up in `lookup`.

        Where `lookup` has an attribute `names`, the message about an unknown name suggests one of them. Raises
        `ExpressionError` where there is no value, and lets through what else `lookup` raises. Where `lookup` has a
        method `note_rounding`, it is given the text, the value before and the value after of each call that rounds.

        >>> parse_expression("divisible(out * width)").evaluate({"out": 32, "width": 1.1})
        32
        """
        try:
            return cast(Value, self.run(lookup))
        except RecursionError:
            raise ExpressionError("this nests too deep to be computed") from None


@lru_cache(maxsize=4096)
def parse_expression(text: str, calls: frozenset[str] = frozenset()) -> Expression:
    """Read an expression; raises `ExpressionError` for anything outside the language.

    `calls` are names that it may call beside the language's functions: what they call is looked up as names are.

    >>> sorted(parse_expression("stride == 1 and input.channels == out").names)
    ['input', 'out', 'stride']
    """
    tree = syntax_tree(text)
    compiler = Compiler(text, tree.indent, calls)
    run = compiler.compile(tree.body)
    price = tree.parts // PARTS
    if price > 1:
        run = _paid(run, price)
    return Expression(text, frozenset(compiler.names), compiler.rounds, run)


def _paid(run: Closure, price: int) -> Closure:
    """The same computation, paid for each time."""

    def paid(lookup: Lookup) -> Any:
        spend(price)
        return run(lookup)

    return paid
