"""The fields of a call → an op with its fields, or a block's params with their values."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from archspec.elaborate.calls import call_of
from archspec.elaborate.context import Context, Failed
from archspec.elaborate.library import op_signature
from archspec.elaborate.modifiers import truth_help
from archspec.elaborate.scope import FAULTY, Scope, suggestion
from archspec.language.document import BlockDef
from archspec.language.nodes import Field, NodeDef, Signature, unknown_field_help
from archspec.language.params import Param
from archspec.language.source import Span
from archspec.language.tree import Mapping as MappingTree
from archspec.language.tree import Scalar, Tree
from archspec.language.validation import value_text
from archspec.ops import Op


def op_instance(context: Context, op: type[Op], node: NodeDef, scope: Scope, address: str, span: Span) -> Op:
    """The op with its fields evaluated and validated; every faulty field is reported."""
    if node.use is not None:
        check_call(context, op_signature(op), node, address, span)
    values, failed = {}, False
    for name, given in node.fields.items():
        try:
            values[name] = context.value(given.value, scope, f"`{name}` of `{op.name}`", address, words=True)
        except Failed:
            failed = True
    if failed:
        raise Failed
    try:
        return context.memo.op(op, values)
    except ValidationError as error:
        for name in dict.fromkeys(str(item["loc"][0]) for item in error.errors() if item["loc"]):
            _report_field(context, op, name, node.fields.get(name), values.get(name), scope, address, span)
        raise Failed from None


def block_arguments(
    context: Context,
    block: BlockDef,
    node: NodeDef,
    scope: Scope,
    around: Scope,
    inputs: Mapping[str, Any],
    address: str,
) -> tuple[dict[str, Any], Scope]:
    """A block's params with the values of one call, and the scope in which its graph is read."""
    if node.use is not None:
        check_call(context, block.signature, node, address, node.span)
    arguments: dict[str, Any] = {}
    own = around.inner(inputs).inner(arguments)
    failed = False
    for name, param in block.params.items():
        given = node.fields.get(name)
        try:
            arguments[name] = argument(
                context, param, given.value if given else None, scope, own, f"`{name}` of `{block.name}`", address
            )
        except Failed:
            failed = True
    if failed:
        raise Failed
    return arguments, own


def check_arguments(context: Context, block: BlockDef, node: NodeDef, scope: Scope, address: str) -> None:
    """Find the faults of a block's call whose input came to nothing."""
    check_call(context, block.signature, node, address, node.callee.span if node.callee is not None else node.span)
    for name, param in block.params.items():
        given = node.fields.get(name)
        if given is not None:
            with suppress(Failed):
                argument(context, param, given.value, scope, scope, f"`{name}` of `{block.name}`", address)


def argument(
    context: Context, param: Param, given: Tree | None, scope: Scope, own: Scope, what: str, address: str
) -> Any:
    """One param's value: as given in the caller's scope, else its default in the definition's own."""
    if given is None:
        if param.faulty:
            return FAULTY
        if (constant := param.constant) is not None:
            return constant.value
    tree, where = (given, scope) if given is not None else (param.default, own)
    assert tree is not None, "required params are checked before"
    if param.type == "op" and isinstance(tree, MappingTree):
        return call_of(context, tree, where, what, address)
    if not param.takes_words and (word := _unknown_word(tree, where)):
        _report_word(context, word, tree.span, where, what, address, param.expects)
        raise Failed
    value = context.value(tree, where, what, address, words=param.takes_words)
    check_type(context, param, value, tree.span, what, address)
    return value


def check_type(context: Context, param: Param, value: Any, span: Span, what: str, address: str) -> None:
    """Hold a value against its param's type."""
    if param.accepts(value) or (param.type in ("int", "float") and hasattr(value, "free_symbols")):
        return
    help_ = _ROUND if param.type == "int" and isinstance(value, float) else None
    context.fail(
        "wrong-type", f"{what} cannot be {value_text(value)}", span, address, expected=param.expects, help=help_
    )


_ROUND = "use `round`, `floor`, `ceil` or `divisible`"


def check_call(context: Context, signature: Signature, node: NodeDef, address: str, span: Span) -> None:
    """Hold the fields of a `use` against what it came to name; those of a plain call were checked when it was read."""
    if node.use is None:
        return
    unknown = [given for name, given in node.fields.items() if name not in signature.fields]
    for given in unknown:
        name = str(given.key.value)
        context.report(
            "unknown-field",
            f"`{signature.name}` has no field `{name}`",
            given.key.span,
            address,
            expected=", ".join(f"`{each}`" for each in sorted(signature.fields)) or None,
            help=unknown_field_help(name, signature.fields),
        )
    missing = [name for name in signature.required if name not in node.fields]
    if missing and not unknown:
        context.report(
            "missing-field",
            f"`{signature.name}` needs " + " and ".join(f"`{name}`" for name in missing),
            span,
            address,
            help="add " + " and ".join(f"`{name}: …`" for name in missing),
        )
    if unknown or missing:
        raise Failed


def _report_field(
    context: Context, op: type[Op], name: str, given: Field | None, value: Any, scope: Scope, address: str, span: Span
) -> None:
    what, expected = f"`{name}` of `{op.name}`", op.expects(name)
    place = given.value.span if given else span
    if isinstance(value, str) and value.isidentifier():
        _report_word(context, value, place, scope, what, address, expected, _words(op.model_fields[name].annotation))
        return
    help_ = _ROUND if isinstance(value, float) and "whole" in expected else None
    context.report("wrong-type", f"{what} cannot be {value_text(value)}", place, address, expected=expected, help=help_)


def _unknown_word(tree: Tree, scope: Scope) -> str | None:
    """A bare word that names nothing."""
    text = tree.value if isinstance(tree, Scalar) else None
    if not isinstance(text, str) or not text.isidentifier() or text in scope or keyword.iskeyword(text):
        return None
    return text


def _report_word(
    context: Context,
    word: str,
    span: Span,
    scope: Scope,
    what: str,
    address: str,
    expected: str,
    words: Iterable[str] = (),
) -> None:
    context.report(
        "unknown-name",
        f"{what}: there is no param `{word}` here",
        span,
        address,
        expected=expected,
        help=truth_help(word) if expected == "true or false" else suggestion(word, scope, words),
    )


def _words(annotation: Any) -> list[str]:
    """The literal words that a field accepts."""
    if get_origin(annotation) is Literal:
        return [word for word in get_args(annotation) if isinstance(word, str)]
    return [word for arm in get_args(annotation) for word in _words(arm)]
