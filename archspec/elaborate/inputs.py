"""A document's inputs: their names and shapes, with the sizes that stay symbolic."""

from __future__ import annotations

import re

from archspec.elaborate.context import Context
from archspec.elaborate.scope import Failed, Scope
from archspec.language.diagnostics import did_you_mean
from archspec.language.document import Document, is_input_name
from archspec.language.identifiers import NAME_RULE
from archspec.language.tree import Mapping, Scalar, Sequence, Tree
from archspec.language.validation import shown, value_text
from archspec.shapes import Dim, Shape, symbol

MAX_SIZE = 10**9
_SYMBOL = re.compile(r"^[A-Z][A-Za-z0-9]*$")


def input_names(document: Document) -> tuple[str, ...]:
    """`input` where there is one without a name."""
    return document.input.names if isinstance(document.input, Mapping) else ("input",)


def input_shapes(context: Context, document: Document, scope: Scope) -> tuple[Shape, ...]:
    """The shape of each input; raises `Failed` after reporting all that is wrong."""
    if not isinstance(document.input, Mapping):
        shapes = [_shape(context, document.input, scope, "`input`")]
    else:
        shapes = [_named(context, key, tree, scope) for key, tree in document.input.entries]
    if not shapes:
        context.fail("input", "`input` names no input", document.input.span, expected="`{name: [3, 224, 224], …}`")
    good = tuple(shape for shape in shapes if shape is not None)
    if len(good) < len(shapes):
        raise Failed
    return good


def _named(context: Context, key: Scalar, tree: Tree, scope: Scope) -> Shape | None:
    shape = _shape(context, tree, scope, f"input `{key.value}`")
    if is_input_name(str(key.value)):
        return shape
    context.report("name", f"an input cannot be called `{key.value}`", key.span, expected=NAME_RULE)
    return None


def _shape(context: Context, tree: Tree, scope: Scope, what: str) -> Shape | None:
    if not isinstance(tree, Sequence) or not tree.items:
        context.report(
            "input",
            f"{what} is a shape",
            tree.span,
            expected="a list of sizes without the batch, such as `[3, 224, 224]`",
            found=shown(tree),
        )
        return None
    dims = [_dim(context, item, scope, what) for item in tree.items]
    return None if any(dim is None for dim in dims) else tuple(dims)


def _dim(context: Context, tree: Tree, scope: Scope, what: str) -> Dim | None:
    text = tree.value if isinstance(tree, Scalar) else None
    if isinstance(text, str) and _SYMBOL.match(text) and text not in scope:
        return symbol(text)
    if isinstance(text, str) and text.isidentifier() and text not in scope:
        help_ = did_you_mean(text, scope.names) or f"write a symbol with a capital letter: `{text.capitalize()}`"
        context.report("unknown-name", f"a size of {what}: there is no param `{text}`", tree.span, help=help_)
        return None
    try:
        size = context.value(tree, scope, f"a size of {what}", "")
    except Failed:
        return None
    if isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= MAX_SIZE:
        return size
    context.report(
        "input",
        f"a size of {what} cannot be {value_text(size)}",
        tree.span,
        expected=f"a whole number from 1 to {MAX_SIZE:,}, an expression over params, or a symbol such as `H`",
    )
    return None
