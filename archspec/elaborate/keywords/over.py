"""`over`: one copy of a node for each of several values.

Each of several values goes through a copy of its own:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: tanh, b: relu, "c{i}": {conv: 8, kernel_size: 1, over: [a, b]}, sum: {add: [c0, c1]}}')
>>> [(node.name, node.inputs[0].child) for node in graph.walk()]
[('a', -1), ('b', 0), ('c0', 0), ('c1', 1), ('sum', 2)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from msgspec.structs import replace

from archspec.elaborate.block_builder import Body, Value
from archspec.elaborate.context import Context
from archspec.elaborate.placement import Place, Slot, place_under
from archspec.elaborate.references import choices_of, named, taken
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.site import Site
from archspec.language.nodes import Entry, NodeDef, taken_of
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Scalar, Tree
from archspec.language.yaml_tree import Sequence as SequenceTree


def over_values(site: Site, body: Body, node: NodeDef, over: Tree) -> list[Value]:
    """The values that `over` names, one by one; raises `Failed` where there are none."""
    for other in ("repeat", "each"):
        if other in node.modifiers:
            _refuse(site, node, f"`over` and `{other}` cannot be combined on one node")
    if node.sources is not None:
        _refuse(site, node, "`over` says what each copy takes, so `from` is not allowed")
    items = over.items if isinstance(over, SequenceTree) else (over,)
    sources = [taken_of(item) for item in items]
    names = [each for each in sources if each is not None]
    if len(names) < len(sources) or not names:
        message = "`over` is the name of several values, or a list of names"
        site.fail("over", message, over.span, found=shown(over))
    for each in names:
        if each.repeat is None:
            _refuse_several(site, body, each.name)
    values = taken(site, body, names)
    if any(value.broken for value in values):
        raise Failed
    return values


def _refuse_several(site: Site, body: Body, written: Scalar) -> None:
    """Refuse a node of several values that do not go on as one: which of them are meant must be said."""
    value = named(site, body, written)
    if value.broken or value.together or value.main or len(value.refs) == 1:
        return
    every = ", ".join(f'"{choice}"' for choice in choices_of(value, str(written.value)))
    message = f"`{written.value}` gives {len(value.refs)} values, and `over` takes each by its name"
    site.fail("several-outputs", message, written.span, help=f"write `over: [{every}]`")


def _refuse(site: Site, node: NodeDef, message: str) -> None:
    site.fail("modifiers", message, node.modifiers["over"].key.span)


def place_again(context: Context, body: Body, entry: Entry, scope: Scope, slot: Slot) -> Place:
    """Where a copy stands that calls the module of the first: under the name with the next free number."""
    assert entry.name is not None, "the copies of a list have modules of their own"
    names = (f"{entry.name.value}_{number}" for number in count(int(slot[-1]) + 1))
    name = next(each for each in names if each not in body.declared and each not in body.taken)
    body.taken[name] = entry.name.span
    return place_under(context, body, entry.node, name, scope, slot)


def named_after(values: Iterable[Value], made: Sequence[Value]) -> list[Value]:
    """The copies' values, labelled as what each one took, where each gives one."""
    if any(len(value.refs) != 1 for value in made):
        return list(made)
    return [replace(result, labels=value.labels) for value, result in zip(values, made)]
