"""A document's inputs: their names and shapes, with the sizes that stay symbolic."""

from __future__ import annotations

import re

from archspec.elaborate.context import Context
from archspec.elaborate.scope import Scope
from archspec.language.document import Document, is_identifier
from archspec.language.tree import Mapping, Scalar, Sequence, Tree
from archspec.language.validation import shown, value_text
from archspec.shapes import Dim, Shape, symbol

_SYMBOL = re.compile(r"^[A-Z][A-Za-z0-9]*$")


def input_names(document: Document) -> tuple[str, ...]:
    """`input` where there is one without a name."""
    return document.input.names if isinstance(document.input, Mapping) else ("input",)


def input_shapes(context: Context, document: Document, scope: Scope) -> tuple[Shape, ...]:
    """The shape of each input; raises `Failed` after reporting what is wrong."""
    if not isinstance(document.input, Mapping):
        return (_shape(context, document.input, scope, "`input`"),)
    for key, _ in document.input.entries:
        if not is_identifier(str(key.value)):
            context.fail("name", f"an input cannot be called `{key.value}`", key.span)
    return tuple(_shape(context, tree, scope, f"input `{key.value}`") for key, tree in document.input.entries)


def _shape(context: Context, tree: Tree, scope: Scope, what: str) -> Shape:
    if not isinstance(tree, Sequence) or not tree.items:
        context.fail(
            "input",
            f"{what} is a shape",
            tree.span,
            expected="a list of sizes without the batch, such as `[3, 224, 224]`",
            found=shown(tree),
        )
    return tuple(_dim(context, item, scope, what) for item in tree.items)


def _dim(context: Context, tree: Tree, scope: Scope, what: str) -> Dim:
    if (
        isinstance(tree, Scalar)
        and isinstance(tree.value, str)
        and _SYMBOL.match(tree.value)
        and tree.value not in scope
    ):
        return symbol(tree.value)
    size = context.value(tree, scope, what, "")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 10**9:
        context.fail(
            "input",
            f"a size of {what} is a whole number from 1",
            tree.span,
            expected="a number, an expression over params, or a symbol such as `H`",
            found=value_text(size),
        )
    return size
