"""What a filled graph gives, and what in it nobody uses.

Without an `output` a graph gives its last value, and with one what it names:

>>> from archspec.elaborate.example import example
>>> graph = '{a: {conv: 8, kernel_size: 3}, b: relu}'
>>> example(graph).root.results
(Result(name=None, ref=Ref(child=1, output=0)),)
>>> example(graph, output='{low: a, high: b}').root.results
(Result(name='low', ref=Ref(child=0, output=0)), Result(name='high', ref=Ref(child=1, output=0)))
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from archspec.elaborate.block_builder import BROKEN, Body, Value, together
from archspec.elaborate.context import Context
from archspec.elaborate.references import listed, reference, single
from archspec.elaborate.scope import Failed
from archspec.elaborate.site import Site
from archspec.graph.model import Result
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.nodes import taken_of
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree


def results_of(site: Site, body: Body, output: Tree | None, *, training: bool = False) -> tuple[Result, ...] | None:
    """The outputs that a definition names, or the last node's; `None` where one of them could not be elaborated.

    A named output whose node is switched off is left out. Inside a block that is not `training` itself, none may exist
    in training mode only; of the network's own (which have no prefix), one at least must exist always.
    """
    last = body.previous
    if output is None and body.prefix and len(last.refs) == 1 and not last.training:
        return (Result(None, last.refs[0]),)
    try:
        named = _named(site, body, output)
    except Failed:
        return None
    if any(value.broken for _, value in named):
        return None
    only_training = [value for _, value in named if value.training]
    if only_training and not training and (body.prefix or len(only_training) == len(named)):
        whose = f"`{body.prefix}`" if body.prefix else "the network"
        site.report(
            "training",
            f"{whose} gives a value that exists in training mode only",
            output.span if output is not None else body.children[only_training[0].refs[0].child].span,
            help="mark the whole of it `training: true`" if body.prefix else "give one that exists always as well",
        )
        return None
    return tuple(_numbered(named) if not body.prefix else _plain(named))


def _plain(named: list[tuple[str | None, Value]]) -> Iterator[Result]:
    """One result for each value: several under one name all have it, those without have their own."""
    for name, value in named:
        for index, ref in enumerate(value.refs):
            yield Result(name or (value.names[index] if len(value.refs) > 1 else None), ref)


def _numbered(named: list[tuple[str | None, Value]]) -> Iterator[Result]:
    """The network's own results: each has a name of its own."""
    for name, value in named:
        several = len(value.refs) > 1
        for index, ref in enumerate(value.refs):
            own = None if name else value.names[index]
            yield Result(own or f"{name or 'output'}{index}" if several else name, ref)


def warn_unused(context: Context, body: Body, results: tuple[Result, ...]) -> None:
    """Say which nodes have no effect."""
    used = {ref.child for child in body.children for ref in child.inputs}
    used.update([result.ref.child for result in results])
    for index, child in enumerate(body.children):
        if index in used or child.address in context.gathered.tapped:
            continue
        passed_over = body.passed_over.get(index)
        context.report(
            "unused-node",
            f"nothing takes the output of `{child.name}`{_why(body, index)}",
            child.span,
            child.address,
            help=_IN_SERIES if index in body.apart else "take it with `from`, name it under `output`, or leave it out",
            notes=(passed_over,) if passed_over is not None else (),
            severity="warning",
        )


_IN_SERIES = "for copies in series put `from` on a group around them: `{nodes: …, from: …}`"


def _why(body: Body, index: int) -> str:
    start = body.apart.get(index)
    return f": with `from` each copy takes `{start}`, and none the copy before it" if start else ""


def _named(site: Site, body: Body, output: Tree | None) -> list[tuple[str | None, Value]]:
    if output is None:
        last = body.previous
        if last.broken:
            return [(None, last)]
        child = last.refs[0].child
        if len(last.refs) > 1 and child >= 0:
            help_ = "name the outputs under `output`"
            last = single(site, last, body.called(last), body.children[child].span, help_)
        return [(None, last)]
    if isinstance(output, Scalar) and isinstance(output.value, str):
        return [(None, reference(site, body, output))]
    if isinstance(output, Sequence) and output.items:
        values = [each for item in output.items for each in _listed(site, body, item)]
        if not values:
            site.fail("output", "`output` names no value", output.span)
        return [(None, together(values))]
    if not isinstance(output, Mapping) or not output.entries:
        site.fail(
            "output",
            "`output` is a node's name, a list of names, or a mapping of names to nodes",
            output.span,
            found=shown(output),
        )
    there = [(key, value) for key, value in output.entries if getattr(value, "value", None) not in body.switched_off]
    if not there:
        site.fail("output", "every output is switched off", output.span)
    return [_output(site, body, key, value) for key, value in there]


def _output(site: Site, body: Body, key: Scalar, tree: Tree) -> tuple[str, Value]:
    """One named output; its value is broken where something is wrong with it."""
    name = str(key.value)
    if not is_identifier(name):
        site.report("name", f"an output cannot be called `{name}`", key.span, expected=NAME_RULE)
    try:
        return name, _value(site, body, tree)
    except Failed:
        return name, BROKEN


def _listed(site: Site, body: Body, item: Tree) -> list[Value]:
    """The values of one item of a list of outputs."""
    source = taken_of(item)
    if source is None:
        site.fail("output", "an output is the name of a node", item.span, found=shown(item))
    values = listed(site, body, [source])
    return [value if value.broken else replace(value, labels=(body.label(value),)) for value in values]


def _value(site: Site, body: Body, tree: Tree) -> Value:
    if not (isinstance(tree, Scalar) and isinstance(tree.value, str)):
        site.fail("output", "an output is the name of a node", tree.span, found=shown(tree))
    return reference(site, body, tree)
