"""The fields of a call → an op with its fields, or a block's params with their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from archspec.elaborate.context import Context, Failed
from archspec.elaborate.library import op_signature
from archspec.elaborate.scope import Scope
from archspec.language.diagnostics import did_you_mean, nearest
from archspec.language.document import BlockDef
from archspec.language.nodes import MODIFIERS, Field, NodeDef, Signature
from archspec.language.params import Param
from archspec.language.source import Span
from archspec.language.tree import Tree
from archspec.language.validation import value_text
from archspec.ops import Op


def op_instance(context: Context, op: type[Op], node: NodeDef, scope: Scope, address: str, span: Span) -> Op:
    """The op with its fields evaluated and validated; every faulty field is reported."""
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
        return op(**values)
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
    span = node.callee.span if node.callee is not None else node.span
    check_call(context, block.signature, node, address, span)
    arguments: dict[str, Any] = {}
    own = around.inner(inputs).inner(arguments)
    failed = False
    for name, param in block.params.items():
        given = node.fields.get(name)
        try:
            arguments[name] = argument(
                context, param, given and given.value, scope, own, f"`{name}` of `{block.name}`", address
            )
        except Failed:
            failed = True
    if failed:
        raise Failed
    return arguments, own


def argument(
    context: Context, param: Param, given: Tree | None, scope: Scope, own: Scope, what: str, address: str
) -> Any:
    """One param's value: as given in the caller's scope, else its default in the definition's own."""
    tree, where = (given, scope) if given is not None else (param.default, own)
    assert tree is not None, "required params are checked before"
    value = context.value(tree, where, what, address, words=param.takes_words)
    check_type(context, param, value, tree.span, what, address, scope)
    return value


def check_type(context: Context, param: Param, value: Any, span: Span, what: str, address: str, scope: Scope) -> None:
    """Hold a value against its param's type."""
    if param.accepts(value) or (param.type == "int" and hasattr(value, "free_symbols")):
        return
    help_ = "use `round`, `floor`, `ceil` or `divisible`" if param.type == "int" and isinstance(value, float) else None
    context.fail(
        "wrong-type", f"{what} cannot be {value_text(value)}", span, address, expected=param.expects, help=help_
    )


def check_call(context: Context, signature: Signature, node: NodeDef, address: str, span: Span) -> None:
    """Hold the fields of a `use` against what it came to name; those of a plain call were checked when it was read."""
    if node.use is None:
        return
    unknown = [given for name, given in node.fields.items() if name not in signature.fields]
    for given in unknown:
        name = str(given.key.value)
        close = nearest(name, [*signature.fields, *MODIFIERS])
        context.report(
            "unknown-field",
            f"`{signature.name}` has no field `{name}`",
            given.key.span,
            address,
            expected=", ".join(f"`{each}`" for each in sorted(signature.fields)) or None,
            help=f"did you mean `{close}`?" if close else None,
        )
    missing = [name for name in signature.required if name not in node.fields]
    if missing:
        context.report(
            "missing-field", f"`{signature.name}` needs " + ", ".join(f"`{name}`" for name in missing), span, address
        )
    if unknown or missing:
        raise Failed


def _report_field(
    context: Context, op: type[Op], name: str, given: Field | None, value: Any, scope: Scope, address: str, span: Span
) -> None:
    what = f"`{name}` of `{op.name}`"
    place = given.value.span if given else span
    if isinstance(value, str) and value.isidentifier():
        words = _words(op.model_fields[name].annotation)
        expected = op.expects(name)
        close = did_you_mean(value, [*words, *scope.names])
        context.report(
            "unknown-name",
            f"{what}: there is no param `{value}` here",
            place,
            address,
            expected=expected,
            found=f"`{value}`",
            help=close,
        )
        return
    help_ = (
        "use `round`, `floor`, `ceil` or `divisible`"
        if isinstance(value, float) and "whole" in (op.expects(name) or "")
        else None
    )
    context.report(
        "wrong-type", f"{what} cannot be {value_text(value)}", place, address, expected=op.expects(name), help=help_
    )


def _words(annotation: Any) -> list[str]:
    """The literal words that a field accepts."""
    if get_origin(annotation) is Literal:
        return [word for word in get_args(annotation) if isinstance(word, str)]
    return [word for arm in get_args(annotation) for word in _words(arm)]
