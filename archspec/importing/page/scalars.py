"""Values and expressions as YAML writes them."""

from __future__ import annotations

import re
from typing import Any

from archspec.language.batch import Batch
from archspec.templates import Comparison, Condition, Constant, Counted, Expression, Given, Listed


class Word(str):
    """A text that stands on the page as it is: a name, a number, an expression."""

    __slots__ = ()


class Name(Word):
    """A node's name, which stays a text where it is a number."""

    __slots__ = ()


Tree = Any
"""What a page holds: a `Word`, a list of trees, or a mapping of names to trees."""


def tree_of(expression: Expression) -> Tree:
    """An expression as a tree: a list where all of it is known, else one text.

    >>> tree_of(Constant((1, 2))), tree_of(Given("width", 4)), tree_of(Listed((Constant(1), Given("stride"))))
    (['1', '2'], '4 * width', ['1', 'stride'])
    """
    if isinstance(expression, Listed):
        return [tree_of(item) for item in expression.items]
    if isinstance(expression, Constant):
        return value_tree(expression.value)
    return Word(text_of(expression))


def value_tree(value: Any) -> Tree:
    """A plain value as a tree."""
    if isinstance(value, (tuple, list)):
        return [value_tree(each) for each in value]
    return Word(value_text(value))


def value_text(value: Any) -> str:
    """A plain value in YAML's and the language's words.

    >>> [value_text(each) for each in (None, True, 1e-6, "reflect", Batch(64))]
    ['null', 'true', '1.0e-06', 'reflect', 'batch * 64']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Batch):
        return "batch" if value.count == 1 else f"batch * {value.count}"
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return str(value)


def text_of(expression: Expression) -> str:
    """An expression in the language's words."""
    if isinstance(expression, Constant):
        value = expression.value
        return "None" if value is None else value_text(value)
    if isinstance(expression, Given):
        return _given_text(expression)
    if isinstance(expression, Listed):
        return f"[{', '.join(map(text_of, expression.items))}]"
    if isinstance(expression, Counted):
        return f"{expression.start} + {expression.step} * i"
    if isinstance(expression, Condition):
        return (" and " if expression.every else " or ").join(map(_compared, expression.parts))
    raise TypeError(expression)


def _given_text(given: Given) -> str:
    text = given.parameter if given.factor == 1 else f"{given.factor} * {given.parameter}"
    return text if given.divisor == 1 else f"{text} // {given.divisor}"


def _compared(part: Comparison) -> str:
    return f"{text_of(part.left)} {'==' if part.equal else '!='} {text_of(part.right)}"


_PLAIN = re.compile(r"[A-Za-z0-9_.+/~(<-][^\[\]{},:#\"'&*!|>%@`]*([*!>][^\[\]{},:#\"'&|%@`]*)*")
_NUMBER_LIKE = re.compile(r"[-+.0-9].*")


def scalar(text: Word) -> str:
    """A word as it stands on the page.

    >>> scalar(Word("0")), scalar(Name("0"))
    ('0', '"0"')
    """
    return f'"{text}"' if isinstance(text, Name) and _NUMBER_LIKE.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """A text as a scalar that YAML reads back as this text, in a list or mapping in one line too.

    >>> [quoted(each) for each in ("width", "stride != 1", "parts[0]", "[1, stride]", "conv{i}")]
    ['width', 'stride != 1', '"parts[0]"', '"[1, stride]"', '"conv{i}"']
    """
    return text if _PLAIN.fullmatch(text) and text == text.strip() else f'"{text}"'
