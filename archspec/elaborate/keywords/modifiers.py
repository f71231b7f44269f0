"""The modifiers that any node may carry: how many copies, whether at all, and the shape its author asserts.

A node that is switched off is not there, and its input goes on:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: {conv: 8, kernel_size: 1}, b: {relu: , when: norm}, c: tanh}', params='{norm: false}')
>>> [(node.name, node.inputs[0].child) for node in graph.walk()]
[('a', -1), ('c', 0)]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.elaborate.block_builder import Value
from archspec.elaborate.keywords.each import Row, rows_of
from archspec.elaborate.keywords.hidden_index import warn_hidden
from archspec.elaborate.keywords.repeat import index_of, repeated
from archspec.elaborate.scope import Scope
from archspec.elaborate.site import Site
from archspec.elaborate.truth_values import truth
from archspec.language.budget import COPY, NAMES
from archspec.language.nodes import NodeDef
from archspec.language.pydantic_models import value_text
from archspec.language.yaml_tree import Tree
from archspec.ops.shapes import shape_text


def copies(site: Site, node: NodeDef) -> Iterator[tuple[int, Scope]]:
    """The scope of each copy of a node: one, `repeat` many, or one for each row."""
    repeat, each = node.modifier("repeat"), node.modifier("each")
    if repeat is not None and each is not None:
        site.fail(
            "modifiers",
            "`repeat` and `each` cannot be combined on one node",
            node.modifiers["repeat"].key.span,
            help="put one of them on a group: `{nodes: [...], each: ...}`",
        )
    if repeat is not None or each is not None:
        warn_hidden(site, node)
    if each is not None:
        rows = rows_of(site, each)
        return enumerate(_of_rows(site, each, rows))
    if repeat is not None:
        return enumerate(repeated(site, repeat))
    return iter([(0, site.scope)])


def _of_rows(site: Site, each: Tree, rows: Sequence[Row]) -> Iterator[Scope]:
    name = index_of("each", each)
    for index, row in enumerate(rows):
        site.context.bounds.pay(COPY + (len(site.scope) + len(row)) // NAMES, each.span)
        yield site.scope.inner({name: index, **row})


def switched_on(site: Site, node: NodeDef) -> bool:
    """Whether `when` holds."""
    return flag(site, node, "when", default=True)


def flag(site: Site, node: NodeDef, name: str, default: bool = False) -> bool:
    """The truth value of a modifier."""
    given = node.modifier(name)
    return default if given is None else truth(site, given, name)


def check_expected(site: Site, node: NodeDef, value: Value) -> None:
    """Hold the shape that the author asserts against the inferred one; `null` stands for any size."""
    tree = node.modifier("expect")
    if tree is None or value.broken:
        return
    expected = site.value(tree, "`expect`", words=True)
    if not isinstance(expected, list):
        site.report(
            "wrong-type",
            "`expect` is a shape",
            tree.span,
            expected="a list such as `[256, 56, 56]`",
            found=value_text(expected),
        )
        return
    shape = value.shapes[0]
    if len(shape) != len(expected) or any(
        want is not None and str(want) != str(got) for want, got in zip(expected, shape)
    ):
        wanted = "×".join("?" if size is None else str(size) for size in expected)
        # The shape is known all the same, and what comes after can be checked.
        site.report(
            "expect",
            "the shape is not the expected one",
            tree.span,
            expected=wanted or "no dimensions",
            found=shape_text(shape) or "no dimensions",
        )
