"""A document's `init` → rules: which tensors of which nodes, and the torch.nn.init function that fills them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from archspec.elaborate.context import Context, Failed
from archspec.elaborate.scope import Scope
from archspec.graph import Graph, Initialiser
from archspec.language.diagnostics import did_you_mean
from archspec.language.initialisation import FUNCTIONS
from archspec.language.tree import Mapping, Scalar, Sequence, Tree
from archspec.language.validation import shown
from archspec.ops import ops


def initialisers(context: Context, tree: Tree | None, scope: Scope) -> tuple[Initialiser, ...]:
    """The rules in the order written: by the name of an op, or by the address of a node."""
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return ()
    if not isinstance(tree, Mapping):
        context.report("wrong-type", "`init` is a mapping of ops or addresses to rules", tree.span, found=shown(tree))
        return ()
    found: list[Initialiser] = []
    for key, rule in tree.entries:
        try:
            found.extend(_rules(context, str(key.value), rule, scope))
        except Failed:
            continue
    return tuple(found)


def check_addresses(context: Context, graph: Graph, tree: Tree | None) -> None:
    """Report the keys of `init` that are neither an op nor a node of this or, by its first name, another variant."""
    if not isinstance(tree, Mapping):
        return
    document = context.library.document
    possible = set(_keys(document.body)) if document else set()
    for key, _ in tree.entries:
        name = str(key.value)
        if name not in ops() and name not in graph.nodes and name.split(".")[0] not in possible:
            context.report(
                "init",
                f"`init`: `{name}` is neither an op nor the address of a node",
                key.span,
                help=did_you_mean(name, [*ops(), *graph.nodes]),
            )


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
    op, address = (target, None) if target in ops() else (None, target)
    if isinstance(tree, Mapping) and (bias := tree.get("bias")) is not None:
        rest = Mapping(tuple((key, value) for key, value in tree.entries if key.value != "bias"), tree.span)
        if rest.entries:
            yield Initialiser(op, address, "weight", *_function(context, rest, scope))
        yield Initialiser(op, address, "bias", *_function(context, bias, scope))
        return
    yield Initialiser(op, address, "weight", *_function(context, tree, scope))


def _function(context: Context, tree: Tree, scope: Scope) -> tuple[str, dict[str, Any]]:
    if isinstance(tree, Scalar):
        return _known(context, str(tree.value), tree), {}
    if not isinstance(tree, Mapping):
        context.fail(
            "init",
            "a rule of `init` is a torch.nn.init function",
            tree.span,
            expected="`zeros`, or `{kaiming_normal: , mode: fan_out}`",
            found=shown(tree),
        )
    named = [(key, value) for key, value in tree.entries if key.value in FUNCTIONS]
    if len(named) != 1:
        key = tree.entries[0][0]
        return _known(context, str(key.value), key), {}
    ((key, main),) = named
    name = str(key.value)
    arguments = {}
    if not (isinstance(main, Scalar) and main.value is None):
        _check(context, FUNCTIONS[name][:1], name, key)
        arguments[FUNCTIONS[name][0]] = context.value(main, scope, f"`{name}`", "", words=True)
    for field, value in tree.entries:
        if field is not key:
            if field.value not in FUNCTIONS[name]:
                context.fail(
                    "unknown-field",
                    f"`{name}` has no field `{field.value}`",
                    field.span,
                    help=_fields(str(field.value), FUNCTIONS[name]),
                )
            arguments[str(field.value)] = context.value(value, scope, f"`{field.value}` of `{name}`", "", words=True)
    return name, arguments


def _check(context: Context, fields: Collection[str], name: str, key: Scalar) -> None:
    if not fields:
        context.fail("main-argument", f"`{name}` takes no value", key.span)


def _fields(name: str, fields: Collection[str]) -> str:
    return did_you_mean(name, fields) or "it takes no fields"


def _known(context: Context, name: str, place: Tree) -> str:
    if name not in FUNCTIONS:
        context.fail(
            "init",
            f"torch.nn.init has no `{name}`",
            place.span,
            help=did_you_mean(name, FUNCTIONS) or ", ".join(FUNCTIONS),
        )
    return name
