"""Names of nodes → values: `bn1`, `input`, `previous`, `parts[0]`, `backbone.layer2`.

A name becomes the number of a child, and the block's own input is -1:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: {conv: 3, kernel_size: 1}, b: relu, sum: {add: [previous, a]}, last: {add: [sum, input]}}')
>>> [(node.name, [ref.child for ref in node.inputs]) for node in graph.root.children]
[('a', [-1]), ('b', [0]), ('sum', [1, 0]), ('last', [2, -1])]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from archspec.elaborate.block_builder import BROKEN, Body, Value
from archspec.elaborate.keywords.repeat import repeated
from archspec.elaborate.node_names import expanded, is_template
from archspec.elaborate.scope import Scope
from archspec.elaborate.site import Site
from archspec.elaborate.truth_values import truth
from archspec.language.diagnostics import Note, did_you_mean
from archspec.language.nodes import Taken
from archspec.language.plural import plural
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar

_REFERENCE = re.compile(r"^(\w[\w-]*(?:\.\w[\w-]*)*)(?:\[(-?\d+)\])?$", re.ASCII)


def reference(site: Site, body: Body, written: Scalar) -> Value:
    """The value that a name stands for, or several that go on as one; raises `Failed` where it stands for none."""
    value = named(site, body, written)
    return value if value.broken else single(site, value, str(written.value), written.span)


def named(site: Site, body: Body, written: Scalar) -> Value:
    """The value, or all the values, that a name stands for; raises `Failed` where it stands for none."""
    text = expanded(site, str(written.value), written.span)
    return _found(site, body, text, written)


def taken(site: Site, body: Body, sources: Sequence[Taken]) -> list[Value]:
    """Each value that a list of names stands for, one at least; where several go on as one, all of them."""
    values = listed(site, body, sources)
    if not values and sources and (name := str(sources[0].name.value)) in body.left_out:
        message = f"`{name}` is left out here"
        site.fail("inputs", message, sources[0].span, help=f"switch the node off: `when: {name}`")
    if not values and sources:
        message = "no value is named here: `repeat` is 0"
        site.fail("inputs", message, sources[0].span, expected="at least one value")
    return values


def listed(site: Site, body: Body, sources: Sequence[Taken]) -> list[Value]:
    """As `taken`, and perhaps none: inputs that are left out are none, nor are those whose `when` does not hold."""
    return [
        value
        for each in sources
        for inner in _scopes(site, each)
        for name in each.names
        if name.value not in body.left_out
        if each.when is None or truth(site.within(inner), each.when, "when")
        for value in split(reference(site.within(inner), body, name))
    ]


def operands(site: Site, body: Body, written: Sequence[Taken]) -> list[Value]:
    """Each value or number that stands in a list of an arithmetic op: a node's name, a number, or an expression."""
    return [
        value
        for each in written
        if each.name.value not in body.left_out
        for value in ([_number(site, each.name)] if _is_number(body, site.scope, each) else taken(site, body, [each]))
    ]


def _is_number(body: Body, scope: Scope, written: Taken) -> bool:
    """Whether an operand is a number rather than a node: it is written as one, or computed from params."""
    text = written.name.value
    if not isinstance(text, str):
        return True
    match = _REFERENCE.match(text)
    if match is None:
        return written.repeat is written.when is None and not is_template(text)
    name, _ = _node_and_output(body, match[1])
    nodes = (body.names, body.inputs, body.declared, ("previous",))
    return name in scope and not any(name in each for each in nodes)


def _number(site: Site, written: Scalar) -> Value:
    number = site.value(written, "an operand")
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        site.fail(
            "join",
            f"an operand cannot be {value_text(number)}",
            written.span,
            expected="the name of a node, or a number",
        )
    return Value((), (), number=number)


def split(value: Value) -> list[Value]:
    """The values that go on as one, one by one; any other as it is."""
    return value.each() if value.together else [value]


def _scopes(site: Site, taken: Taken) -> Iterable[Scope]:
    """The scope of each copy of a name."""
    return [site.scope] if taken.repeat is None else repeated(site, taken.repeat)


def _found(site: Site, body: Body, text: str, written: Scalar) -> Value:
    match = _REFERENCE.match(text)
    if match is None:
        site.fail(
            "reference",
            f"`{text}` is not the name of a node",
            written.span,
            expected="`name`, `name[0]`, `name.output` or `name.output[0]`",
        )
    name, label = _node_and_output(body, match[1])
    index = match[2]
    value = _named(site, body, name, written.span)
    if value.broken:
        return BROKEN
    if label is not None:
        value, name = _labelled(site, value, name, label, written.span), f"{name}.{label}"
    return value if index is None else _numbered(site, value, name, int(index), written.span)


def _node_and_output(body: Body, path: str) -> tuple[str, str | None]:
    """The node that a path names, and which of its outputs: a node's own name may have dots."""
    if "." not in path or path in body.names or path in body.declared or path in body.left_out:
        return path, None
    name, _, label = path.rpartition(".")
    return name, label


def single(site: Site, value: Value, name: str, span: Span, help: str | None = None) -> Value:
    """The value itself, where it is one or several that are passed on together; otherwise the main one."""
    if value.broken or value.together or len(value.refs) == 1:
        return value
    if value.main:
        return value.pick(0)
    choices = choices_of(value, name)
    few = ", ".join(f"`{choice}`" for choice in choices[:8]) + (", …" if len(choices) > 8 else "")
    whose = "the node before" if name == "previous" else f"`{name}`"
    return site.fail(
        "several-outputs",
        f"{whose} gives {len(value.refs)} values, and one is needed",
        span,
        expected=few,
        help=help or f'for example `from: "{choices[0]}"`',
    )


def choices_of(value: Value, name: str) -> list[str]:
    """How each of several values is named."""
    labels = [label for label in value.labels if label]
    return [f"{name}.{label}" for label in labels] or [f"{name}[{index}]" for index in range(len(value.refs))]


def _named(site: Site, body: Body, name: str, span: Span) -> Value:
    if name == "previous":
        return body.previous
    if name in body.left_out:
        help_ = f"switch the node off: `when: {name}`"
        site.fail("inputs", f"`{name}` is left out here", span, help=help_)
    if name in body.names:
        return body.names[name]
    if name in body.inputs:
        return body.inputs[name]
    later = body.declared.get(name)
    if later is not None:
        own = site.address == body.address(name)
        site.fail(
            "later-node",
            f"`{name}` takes its own value" if own else f"`{name}` comes later than the node that takes it",
            span,
            help="a node can take only nodes above it",
            notes=() if own else (Note(f"`{name}` is here", later),),
        )
    if body.incomplete:
        return BROKEN
    return site.fail("unknown-node", f"there is no node `{name}` here", span, help=_nearby(body, name))


def _nearby(body: Body, name: str) -> str | None:
    """The help for a name that no node above has."""
    if not name.isdigit():
        return did_you_mean(name, (known for known in chain(body.names, body.inputs) if not known.isdigit()))
    first = next(filter(str.isdigit, body.names), None)
    if first is None:
        return "only the items of a list have numbers" if body.names else "there is no item before this one"
    last = next(filter(str.isdigit, reversed(body.names)))
    return (
        f"the items before this one are `{first}` to `{last}`"
        if first != last
        else "the only item before this one is `0`"
    )


def _numbered(site: Site, value: Value, name: str, index: int, span: Span) -> Value:
    if -len(value.refs) <= index < len(value.refs):
        return value.pick(index % len(value.refs))
    count = len(value.refs)
    return site.fail(
        "unknown-output",
        f"`{name}` has {plural(count, 'output')}",
        span,
        expected=f"`{name}[0]`" + (f" to `{name}[{count - 1}]`" if count > 1 else ""),
        found=f"`{name}[{index}]`",
    )


def _labelled(site: Site, value: Value, name: str, label: str, span: Span) -> Value:
    if label in value.labels:
        return value.labelled(label)
    return site.fail(
        "unknown-output",
        f"`{name}` has no output `{label}`",
        span,
        help=_output_help(name, label, value),
    )


def _output_help(name: str, label: str, value: Value) -> str | None:
    known = [each for each in value.labels if each]
    if known:
        return did_you_mean(label, known)
    if len(value.refs) == 1:
        return f"nodes inside a block cannot be taken from outside; the block gives one value, `{name}`"
    return f"its outputs have no names: write `{name}[0]`"
