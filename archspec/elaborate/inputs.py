"""A document's inputs: their names and shapes, with the sizes that stay symbolic, and how each is carried.

Sizes are numbers or symbols, and a shape that follows from a symbol is a formula in it:

>>> from archspec.elaborate.example import example
>>> graph = example('[{max_pool: 2}]', input='[3, H, 32]')
>>> graph.root.input_shapes, graph.root.shapes
(((3, H, 32),), ((3, floor(H/2), 16),))
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from archspec.elaborate.context import Context
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.site import Site
from archspec.language.diagnostics import did_you_mean
from archspec.language.document import Document
from archspec.language.identifiers import NAME_RULE, is_input_name
from archspec.language.pydantic_models import Expects, Section, shown, validate, value_text
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree
from archspec.ops.shapes import FLOAT, Carried, Dim, Shape, symbol

MAX_SIZE = 10**9
_TRUTH = Expects("true or false")
_SYMBOL = re.compile(r"^[A-Z][A-Za-z0-9]*$")


class InputSection(Section):
    """An input that is more than a tensor of floats with one example in each row."""

    shape: Any = None
    """The sizes without the batch; an empty list for one number of each example."""
    fields: Any = None
    """The tensors of one example by name, where each example is a mapping of them."""
    dtype: Annotated[Literal["float32", "int64", "bool", "uint8"], Expects("`float32`, `int64`, `bool` or `uint8`")] = (
        "float32"
    )
    """The type of its numbers."""
    list: Annotated[bool, _TRUTH] = False
    """Whether it is a list of tensors, one for each example."""
    optional: Annotated[bool, _TRUTH] = False
    """Whether it may be left out."""


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
    _check_order(context, document.input, good)
    return good


def _check_order(context: Context, tree: Tree, shapes: tuple[Shape, ...]) -> None:
    """Inputs that may be left out come last, as the arguments of a function do; and one is always there."""
    optional = [isinstance(shape, Carried) and shape.optional for shape in shapes]
    if optional == sorted(optional) and not optional[0]:
        return
    assert isinstance(tree, Mapping), "only a named input can be optional"
    key = tree.entries[optional.index(True)][0]
    help_ = "write it last" if not all(optional) else "at least one input must always be given"
    context.fail("input", f"`{key.value}` is optional, but an input after it is not", key.span, help=help_)


def _named(context: Context, key: Scalar, tree: Tree, scope: Scope) -> Shape | None:
    shape = _input(context, tree, scope, f"input `{key.value}`")
    if is_input_name(str(key.value)):
        return shape
    context.report("name", f"an input cannot be called `{key.value}`", key.span, expected=NAME_RULE)
    return None


def _input(context: Context, tree: Tree, scope: Scope, what: str) -> Shape | None:
    """A shape, or a mapping that says more of the input than its shape."""
    if not isinstance(tree, Mapping):
        return _shape(context, tree, scope, what)
    section = validate(InputSection, tree, what, context.reporter.findings, frozenset({"shape", "fields"}))
    if section is None:
        return None
    if (section.shape is None) == (section.fields is None):
        expected = "`shape`, or `fields` where each example is a mapping of tensors"
        context.report("input", f"{what} needs one of `shape` and `fields`", tree.span, expected=expected)
        return None
    if section.fields is not None:
        fields = _fields(context, section.fields, scope, what)
        return None if fields is None else Carried((), "records", fields=fields, optional=section.optional)
    dims = _dims(context, section.shape, scope, what)
    if dims is None:
        return None
    if not section.list and section.dtype == FLOAT and not section.optional:
        return dims
    form: Literal["list", "tensor"] = "list" if section.list else "tensor"
    return Carried(dims, form, dtype=section.dtype, optional=section.optional)


def _fields(context: Context, tree: Tree, scope: Scope, what: str) -> list[tuple[str, Shape]] | None:
    """The tensors of one example by name."""
    if not isinstance(tree, Mapping) or not tree.entries:
        expected = "such as `{boxes: [N, 4], labels: {shape: [N], dtype: int64}}`"
        context.report("input", f"`fields` of {what} is a mapping of names to shapes", tree.span, expected=expected)
        return None
    shapes = [(str(key.value), _input(context, each, scope, f"`{key.value}` of {what}")) for key, each in tree.entries]
    good = [(name, shape) for name, shape in shapes if shape is not None]
    return good if len(good) == len(shapes) else None


def _shape(context: Context, tree: Tree, scope: Scope, what: str) -> Shape | None:
    """A shape with one dimension at least."""
    if isinstance(tree, Sequence) and tree.items:
        return _dims(context, tree, scope, what)
    _report_shape(context, tree, what)
    return None


def _dims(context: Context, tree: Tree, scope: Scope, what: str) -> Shape | None:
    """A shape; one without dimensions is a single number for each example."""
    if not isinstance(tree, Sequence):
        _report_shape(context, tree, what)
        return None
    dims = [_dim(context, item, scope, what) for item in tree.items]
    return None if any(dim is None for dim in dims) else tuple(dims)


def _report_shape(context: Context, tree: Tree, what: str) -> None:
    context.report(
        "input",
        f"{what} is a shape",
        tree.span,
        expected="a list of sizes without the batch, such as `[3, 224, 224]`",
        found=shown(tree),
        help=_brackets(tree),
    )


def _brackets(tree: Tree) -> str | None:
    """The help for sizes that stand without brackets."""
    sizes = str(tree.value) if isinstance(tree, Scalar) and tree.value is not None else ""
    return f"write a list in brackets: `[{sizes}]`" if re.fullmatch(r"\w+(\s*,\s*\w+)*", sizes) else None


def _dim(context: Context, tree: Tree, scope: Scope, what: str) -> Dim | None:
    text = tree.value if isinstance(tree, Scalar) else None
    if isinstance(text, str) and _SYMBOL.match(text) and text not in scope:
        return symbol(text)
    if isinstance(text, str) and text.isidentifier() and text not in scope:
        help_ = did_you_mean(text, scope.names) or f"write a symbol with a capital letter: `{text.capitalize()}`"
        context.report("unknown-name", f"a size of {what}: there is no param `{text}`", tree.span, help=help_)
        return None
    try:
        size = Site(context, scope, "").value(tree, f"a size of {what}")
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
