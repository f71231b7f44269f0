"""The fields of a call → an op with its fields, or a block's params with their values.

What a call says, by its name's own value or by keys, becomes the fields of an op:

>>> from archspec.elaborate.example import example
>>> [conv] = example('{conv: {conv: 8, kernel_size: [3, 3], padding: 1}}').root.children
>>> conv.op.out_channels, conv.op.kernel_size, conv.op.padding
(8, (3, 3), 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from archspec.elaborate.call_plans import Plan, computed
from archspec.elaborate.context import Context
from archspec.elaborate.partial_calls import call_of
from archspec.elaborate.scope import MISSING, Failed, Scope
from archspec.elaborate.site import Site
from archspec.language.block_definition import BlockDef
from archspec.language.hints import unknown_field_help
from archspec.language.nodes import Field, NodeDef, Signature
from archspec.language.params import WORD, Param, is_path
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span
from archspec.language.symbolic import Symbolic
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree
from archspec.ops import Op
from archspec.ops.shapes import Batch


def op_instance(site: Site, plan: Plan, node: NodeDef, span: Span) -> Op:
    """The op with its fields evaluated and validated; every faulty field is reported."""
    assert plan.op is not None
    values = Scope()
    _fill(site, plan, values)
    try:
        return site.context.memo.op(
            plan.op, values if site.scope.batch == _EXAMPLES else _of_frames(values, site.scope.batch)
        )
    except ValidationError as error:
        for name in dict.fromkeys(str(item["loc"][0]) for item in error.errors() if item["loc"]):
            _report_field(site, plan.op, name, node.fields.get(name), values.get(name), span)
        raise Failed from None


_EXAMPLES = Batch()


def _of_frames(values: Mapping[str, Any], batch: Batch) -> dict[str, Any]:
    """The fields of an op where `batch`, which is a word among sizes, is more than the examples."""
    return {
        name: [batch if each == "batch" else each for each in value] if isinstance(value, list) else value
        for name, value in values.items()
    }


def block_arguments(site: Site, plan: Plan, own: Scope) -> dict[str, Any]:
    """A block's params with the values of one call, which its own scope takes as well."""
    assert plan.block is not None
    _fill(site, plan, own)
    return dict(zip(plan.block.params, map(own.get, plan.block.params)))


def _fill(site: Site, plan: Plan, own: Scope) -> None:
    """Add the values that a call gives to the callee's own scope, each as soon as the defaults after it may read it."""
    own.update(plan.constants)
    failed = False
    for name, text, kinds, run, is_word, given, param, what in plan.fillings:
        if kinds is None:
            own[name] = text
            continue
        where = own if given is None else site.scope
        value = where.get(text, MISSING) if run is None else computed(run, where)
        kind = type(value)
        if kind not in kinds or (kind is float and value.is_integer()):
            if is_word and value is MISSING and text not in where.faulty:
                value = text
            else:
                try:
                    value = argument(site, param, given, own, what)
                except Failed:
                    own.faulty |= {name}
                    failed = failed or given is not None or not param.faulty
                    continue
        own[name] = value
    if failed:
        raise Failed


def check_arguments(site: Site, block: BlockDef, node: NodeDef) -> None:
    """Find the faults of a block's call whose input could not be elaborated."""
    for name, param in block.params.items():
        given = node.fields.get(name)
        if given is not None:
            with suppress(Failed):
                argument(site, param, given.value, site.scope, f"`{name}` of `{block.name}`")


def argument(site: Site, param: Param, given: Tree | None, own: Scope, what: str) -> Any:
    """One param's value: as given in the caller's scope, else its default in the definition's own."""
    if given is None and param.faulty:
        raise Failed
    tree, where = (given, site.scope) if given is not None else (param.default, own)
    assert tree is not None, "required params are checked before"
    if param.type == WORD:
        param = _meant(param, own)
    if param.takes_call and isinstance(tree, MappingTree):
        return call_of(site.within(where), tree, what)
    if param.takes_call and isinstance(tree, Scalar) and is_path(tree):
        return tree.value
    value = site.within(where).value(tree, what, words=param.takes_words, expected=param.expects)
    if not param.accepts(value):
        check_type(site, param, value, tree.span, what)
    return value


def _meant(param: Param, own: Scope) -> Param:
    """A param whose default is a bare word: of the type of the value that has this name, if one has it."""
    assert isinstance(param.default, Scalar)
    named = own.get(str(param.default.value), MISSING)
    return param if named is MISSING else param.like(named)


def check_type(site: Site, param: Param, value: Any, span: Span, what: str) -> None:
    """Hold a value against its param's type."""
    if param.accepts(value) or (param.type in ("int", "float") and isinstance(value, Symbolic)):
        return
    help_ = _ROUND if param.type == "int" and isinstance(value, float) else None
    site.fail("wrong-type", f"{what} cannot be {value_text(value)}", span, expected=param.expects, help=help_)


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
            help=unknown_field_help(given, signature.fields, signature),
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


def _report_field(site: Site, op: type[Op], name: str, given: Field | None, value: Any, span: Span) -> None:
    what, expected = f"`{name}` of `{op.name}`", op.expects(name)
    place = given.value.span if given else span
    words = op.words(name)
    if isinstance(value, str) and value.isidentifier():
        site.report_word(value, place, what, expected, words)
        return
    unnamed = [item for item in _texts(given.value) if item.value not in words] if given else []
    reports = site.context.reporter.count
    for item in unnamed:
        with suppress(Failed):
            # What was taken for a word is read as what the field wants instead, which says what is wrong with it.
            site.value(item, what, expected=expected)
    if site.context.reporter.count > reports:
        return
    help_ = _ROUND if isinstance(value, float) and "whole" in expected else None
    site.report("wrong-type", f"{what} cannot be {value_text(value)}", place, expected=expected, help=help_)


def _texts(tree: Tree) -> Iterator[Scalar]:
    """The texts in a field's value."""
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from _texts(item)
    elif isinstance(tree, Scalar) and isinstance(tree.value, str):
        yield tree
