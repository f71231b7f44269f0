"""A document's `init` → rules: which tensors of which nodes, and the torch.nn.init function that fills them.

What a page says of an op's weights becomes a rule:

>>> from archspec.elaborate.example import example
>>> graph = example('[{conv: 8, kernel_size: 3}]', init='{conv: kaiming_normal}')
>>> [(rule.op, rule.role, rule.function) for rule in graph.initialisers]
[('conv', 'weight', 'kaiming_normal')]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from archspec.elaborate.context import Context
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.site import Site
from archspec.elaborate.unused_init_rules import by_role, check_reach
from archspec.graph.learned import Initialiser
from archspec.graph.model import Block, inside
from archspec.language.diagnostics import did_you_mean
from archspec.language.document import Document
from archspec.language.pydantic_models import shown, value_text
from archspec.language.torch_init import FUNCTIONS, WORDS
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree
from archspec.ops import ops


def initialisers(context: Context, tree: Tree | None, scope: Scope) -> tuple[Initialiser, ...]:
    """The rules in the order written: by the name of an op, or by the address of a node."""
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return ()
    if not isinstance(tree, Mapping):
        context.report("wrong-type", "`init` is a mapping of ops or addresses to rules", tree.span, found=shown(tree))
        return ()
    return tuple(rule for key, value in tree.entries for rule in _rules(context, str(key.value), value, scope))


def check_addresses(context: Context, document: Document, root: Block | None) -> None:
    """Report the keys of `init` that are neither an op nor a node of this or, by its first name, another variant."""
    if not isinstance(document.init, Mapping):
        return
    keys = [key for key, _ in document.init.entries if key.value not in ops()]
    nodes = {} if root is None else {node.address: node for node in inside(root)}
    possible = set(_keys(document.body.tree)) if keys else set()
    for key in keys:
        name = str(key.value)
        first = name.split(".")[0]
        if name in nodes or first in possible or (root is None and first.isdigit()):
            continue
        context.report(
            "init",
            f"`{name}` is neither an op nor the address of a node",
            key.span,
            help=did_you_mean(name, chain(ops(), nodes)),
        )
    if root is not None:
        check_reach(context, document.init, nodes)


def _keys(tree: Tree | None) -> Iterator[str]:
    """Every key in a tree: the names that its nodes could have."""
    if isinstance(tree, Mapping):
        for key, value in tree.entries:
            yield str(key.value)
            yield from _keys(value)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _keys(item)


def _rules(context: Context, target: str, tree: Tree, scope: Scope) -> Iterator[Initialiser]:
    if target not in ops() and isinstance(tree, Mapping) and all(key.value in ops() for key, _ in tree.entries):
        for key, value in tree.entries:
            for inner in _rules(context, str(key.value), value, scope):
                yield inner._replace(inside=target, for_block=True)
        return
    op, address = (target, None) if target in ops() else (None, target)
    for role, rule in by_role(tree):
        try:
            yield Initialiser(op, address, role, *_function(context, rule, scope))
        except Failed:
            continue


def _function(context: Context, tree: Tree, scope: Scope) -> tuple[str, dict[str, Any]]:
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        _check_known(context, tree)
        return tree.value, {}
    if not isinstance(tree, Mapping) or not tree.entries:
        context.fail(
            "init", "a rule of `init` is a torch.nn.init function", tree.span, expected=_FORM, found=shown(tree)
        )
    named = [(key, value) for key, value in tree.entries if key.value in FUNCTIONS]
    if not named:
        _check_known(context, tree.entries[0][0])
    (key, main), *others = named
    if others:
        message = f"a rule names one function: found `{key.value}` and `{others[0][0].value}`"
        context.fail("init", message, others[0][0].span)
    name = str(key.value)
    given = [(field, value) for field, value in tree.entries if field is not key]
    arguments = _main(context, name, key, main, scope)
    for field, value in given:
        if field.value not in FUNCTIONS[name]:
            context.fail(
                "unknown-field",
                f"`{name}` has no field `{field.value}`",
                field.span,
                help=_fields(str(field.value), name),
            )
        arguments[str(field.value)] = _argument(context, name, str(field.value), value, scope)
    return name, arguments


_FORM = "`zeros`, or `{kaiming_normal: , mode: fan_out}`"


def _main(context: Context, name: str, key: Scalar, value: Tree, scope: Scope) -> dict[str, Any]:
    """The function's own value, which stands for its first argument."""
    if isinstance(value, Scalar) and value.value is None:
        return {}
    if not FUNCTIONS[name]:
        context.fail("main-argument", f"`{name}` takes no value", value.span, found=shown(value))
    first = FUNCTIONS[name][0]
    return {first: _argument(context, name, first, value, scope)}


def _argument(context: Context, function: str, name: str, tree: Tree, scope: Scope) -> Any:
    value = Site(context, scope, "").value(tree, f"`{name}` of `{function}`", words=True)
    words = WORDS.get(name)
    if words is None and isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if words is not None and value in words:
        return value
    close = did_you_mean(value, words or scope.names) if isinstance(value, str) else None
    expected = "a number" if words is None else ", ".join(f"`{word}`" for word in words)
    message = f"`{name}` of `{function}` cannot be {value_text(value)}"
    return context.fail("wrong-type", message, tree.span, expected=expected, help=close)


def _fields(field: str, name: str) -> str:
    return did_you_mean(field, FUNCTIONS[name]) or "it takes no fields"


def _check_known(context: Context, name: Scalar) -> None:
    if name.value not in FUNCTIONS:
        context.fail(
            "init",
            f"torch.nn.init has no `{name.value}`",
            name.span,
            help=did_you_mean(str(name.value), FUNCTIONS),
            expected=", ".join(f"`{each}`" for each in FUNCTIONS),
        )
