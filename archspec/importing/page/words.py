"""Params in the field's words: `act` for an activation that differs, `width` for a block's only size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from archspec.ops import ops
from archspec.templates import (
    Chain,
    Comparison,
    Condition,
    Construct,
    Expression,
    Folding,
    Given,
    Item,
    Listed,
    Parameter,
    Reference,
    Template,
)

Names = Mapping[str, str]

_CLASSES = {"activation": "act", "normalization": "norm", "pooling": "pool"}
_SIZES = frozenset({"channels", "out_channels", "in_channels", "out_features"})


def reword(folding: Folding) -> None:
    """Give the params of all templates the field's words, wherever they are read and given."""
    words = {id(template): _words(template) for template in folding.templates}
    for template in folding.templates:
        own = words[id(template)]
        template.parameters = tuple(replace(each, name=own[each.name]) for each in template.parameters)
        template.children = tuple(
            replace(
                child,
                maker=child.maker and _reworded(child.maker, own, words),
                present=_reworded(child.present, own, words),
            )
            for child in template.children
        )


def _words(template: Template) -> Names:
    names = {each.name: each.name for each in template.parameters}
    for parameter in template.parameters:
        word = _word(parameter, template)
        if word and word not in names.values():
            names[parameter.name] = word
    return names


def _word(parameter: Parameter, template: Template) -> str | None:
    if parameter.sort == "class":
        kinds = {ops()[value.name].kind for value in parameter.values if isinstance(value, Reference)}
        return _CLASSES.get(kinds.pop()) if len(kinds) == 1 else None
    if parameter.name.startswith("unflattened_size") and "attention" in template.title.lower():
        return "heads"
    alone = len([each for each in template.parameters if each.leading]) == 1
    widened = parameter.name == "hidden_channels" and _is_widened(template, parameter.name)
    return "width" if alone and (parameter.name in _SIZES or widened) else None


def _is_widened(template: Template, name: str) -> bool:
    """Whether a multiple of a size stands in a template too, as the output of a bottleneck."""
    makers = (child.maker for child in template.children if child.maker)
    return any(each.parameter == name and each.factor > 1 for maker in makers for each in _givens(maker))


def _givens(expression: Expression) -> Iterator[Given]:
    """All that an expression reads."""
    if isinstance(expression, Given):
        yield expression
    inner: Iterable[Expression] = ()
    if isinstance(expression, Listed):
        inner = expression.items
    elif isinstance(expression, Chain):
        inner = (link.value for link in expression.links)
    elif isinstance(expression, Construct):
        inner = (item.value for item in expression.items)
    for each in inner:
        yield from _givens(each)


def _reworded(expression: Expression, own: Names, words: Mapping[int, Names]) -> Expression:
    """An expression over the new words of the template that it stands in, and of those that it calls."""

    def over(inner: Expression) -> Expression:
        return _reworded(inner, own, words)

    if isinstance(expression, Given):
        return replace(expression, parameter=own.get(expression.parameter, expression.parameter))
    if isinstance(expression, Listed):
        return replace(expression, items=tuple(map(over, expression.items)))
    if isinstance(expression, Condition):
        parts = (Comparison(over(part.left), over(part.right), part.equal) for part in expression.parts)
        return replace(expression, parts=tuple(parts))
    if isinstance(expression, Chain):
        links = (replace(link, value=over(link.value), present=over(link.present)) for link in expression.links)
        return replace(expression, links=tuple(links))
    return _call(expression, over, words) if isinstance(expression, Construct) else expression


def _call(call: Construct, over: Callable[[Expression], Expression], words: Mapping[int, Names]) -> Construct:
    theirs = words.get(id(call.callee), {}) if isinstance(call.callee, Template) else {}
    callee = over(call.callee) if isinstance(call.callee, Given) else call.callee

    def item(each: Item) -> Item:
        default = over(each.default) if each.default is not None else None
        return replace(each, name=theirs.get(each.name, each.name), value=over(each.value), default=default)

    return replace(call, callee=callee, items=tuple(map(item, call.items)))
