"""The holes of a constructor call filled with what parameters settled for them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_

from msgspec.structs import replace

from archspec.templates.constructor_calls import Chain, Construct, Expression, Given, Hole, Item, Link, Listed, listed
from archspec.templates.template import Child, Template


def filled_child(child: Child, given: Sequence[Expression]) -> Child:
    """A child with the holes of its call, and of whether it is there, filled."""
    maker = None if child.maker is None else filled(child.maker, given)
    return replace(child, maker=maker, present=filled(child.present, given))


def filled(expression: Expression, given: Sequence[Expression]) -> Expression:
    """An expression with its holes filled; itself where it has none."""
    if isinstance(expression, Hole):
        return given[expression.number]
    if isinstance(expression, Listed):
        return listed(tuple(filled(item, given) for item in expression.items), expression.per_dimension)
    if isinstance(expression, Construct):
        callee = _filled_callee(expression.callee, given)
        items = tuple(_filled_item(item, given) for item in expression.items)
        same = callee is expression.callee and all(map(is_, items, expression.items))
        return expression if same else replace(expression, callee=callee, items=items)
    if isinstance(expression, Chain):
        return replace(expression, links=tuple(_filled_link(link, given) for link in expression.links))
    return expression


def _filled_callee(callee: str | Template | Given | Hole, given: Sequence[Expression]) -> str | Template | Given | Hole:
    if not isinstance(callee, Hole):
        return callee
    parameter = given[callee.number]
    assert isinstance(parameter, Given), "a class that differs is a parameter"
    return parameter


def _filled_item(item: Item, given: Sequence[Expression]) -> Item:
    value = filled(item.value, given)
    return item if value is item.value else replace(item, value=value)


def _filled_link(link: Link, given: Sequence[Expression]) -> Link:
    value, present = filled(link.value, given), filled(link.present, given)
    same = value is link.value and present is link.present
    return link if same else replace(link, value=value, present=present)
