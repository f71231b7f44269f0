"""What a filled graph gives, and what in it nobody uses."""

from __future__ import annotations

from archspec.elaborate.body import Body, Value
from archspec.elaborate.context import Context, Failed
from archspec.elaborate.references import reference, single
from archspec.elaborate.scope import Scope
from archspec.graph import Result
from archspec.language.document import is_identifier
from archspec.language.tree import Mapping, Scalar, Tree
from archspec.language.validation import shown


def results_of(context: Context, body: Body, scope: Scope, output: Tree | None) -> tuple[Result, ...] | None:
    """The outputs that a definition names, or the last node's; `None` where one of them came to nothing."""
    try:
        named = _named(context, body, scope, output)
    except Failed:
        return None
    if any(value.broken for _, value in named):
        return None
    return tuple(Result(name, value.refs[0]) for name, value in named)


def warn_unused(context: Context, body: Body, results: tuple[Result, ...]) -> None:
    """Say which nodes have no effect."""
    used = {ref.child for ref in body.used} | {result.ref.child for result in results}
    for index, child in enumerate(body.children):
        if index not in used:
            context.report(
                "unused-node",
                f"nothing takes the output of `{child.name}`",
                child.span,
                child.address,
                help="take it with `from`, name it under `output`, or leave it out",
                severity="warning",
            )


def _named(context: Context, body: Body, scope: Scope, output: Tree | None) -> list[tuple[str | None, Value]]:
    if output is None:
        last = body.previous
        if last.broken:
            return [(None, last)]
        child = last.refs[0].child
        span = body.children[child].span if child >= 0 else None
        return [(None, last if span is None else single(context, last, "previous", span, body.prefix))]
    if isinstance(output, Scalar) and isinstance(output.value, str):
        return [(None, reference(context, body, scope, output, body.prefix))]
    if not isinstance(output, Mapping) or not output.entries:
        context.fail(
            "output",
            "`output` is a node's name, or a mapping of names to nodes",
            output.span,
            body.prefix,
            found=shown(output),
        )
    return [(_name(context, key, body), _value(context, body, scope, value)) for key, value in output.entries]


def _name(context: Context, key: Scalar, body: Body) -> str:
    name = str(key.value)
    if not is_identifier(name):
        context.fail("name", f"an output cannot be called `{name}`", key.span, body.prefix)
    return name


def _value(context: Context, body: Body, scope: Scope, tree: Tree) -> Value:
    if not (isinstance(tree, Scalar) and isinstance(tree.value, str)):
        context.fail("output", "an output is the name of a node", tree.span, body.prefix, found=shown(tree))
    return reference(context, body, scope, tree, body.prefix)
