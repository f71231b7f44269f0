"""Templates for pictures: a class can be given any module, but a sheet shows one, so a template is parted there.

Two blocks whose branch repeats twice in the one and three times in the other are one class, and two sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.graph.model import Block
from archspec.pictures.drawing.symbols import substituted
from archspec.templates import Expression, Template


class _Shown(Struct):
    """What a sheet shows inside: the modules that its template is given, and each block's template by its place."""

    modules: dict[str, Expression] = field(default_factory=dict)
    inner: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def fits(self, other: _Shown) -> bool:
        """Whether one sheet can show both."""
        return _agree(self.modules, other.modules) and _agree(self.inner, other.inner)

    def add(self, other: _Shown) -> None:
        """Show another block too."""
        self.modules |= other.modules
        self.inner |= other.inner


def _agree(one: Mapping[Any, object], other: Mapping[Any, object]) -> bool:
    return all(one[key] == value for key, value in other.items() if key in one)


def sheet_templates(templates: Sequence[Template]) -> list[Template]:
    """The templates, each parted by what its blocks hold; those inside others come first, here as there."""
    found: list[Template] = []
    number_of: dict[int, int] = {}
    for template in templates:
        for part in _parted(template, number_of):
            number_of |= {id(block): len(found) for block in part.instances}
            found.append(part)
    return found


def _parted(template: Template, number_of: Mapping[int, int]) -> Iterator[Template]:
    groups: list[tuple[_Shown, list[int]]] = []
    for place, block in enumerate(template.instances):
        modules = {each.name: value for each in template.parameters if (value := _module(each, place)) is not None}
        own = _Shown(modules, dict(_inner(block, (), number_of)))
        shown, places = next((group for group in groups if group[0].fits(own)), (own, []))
        if not places:
            groups.append((shown, places))
        shown.add(own)
        places.append(place)
    for shown, places in groups:
        yield template if len(groups) == 1 and not shown.modules else _of(template, shown, places)


def _module(parameter: Any, place: int) -> Expression | None:
    value: Expression | None = parameter.values[place]
    return value if parameter.sort == "module" else None


def _inner(block: Block, path: tuple[Any, ...], number_of: Mapping[int, int]) -> Iterator[tuple[tuple[Any, ...], int]]:
    """The template of each block inside a block, but for those inside such."""
    for child in block.children:
        place = (*path, child.slot)
        if isinstance(child, Block) and (number := number_of.get(id(child))) is not None:
            yield place, number
        elif isinstance(child, Block):
            yield from _inner(child, place, number_of)


def _of(template: Template, shown: _Shown, places: Sequence[int]) -> Template:
    """The template of some of its blocks: what all of these are given is no parameter any more."""
    values = {each.name: tuple(each.values[at] for at in places) for each in template.parameters}
    known = shown.modules | {name: each[0] for name, each in values.items() if each[0] and len({*each}) == 1}
    return replace(
        template,
        parameters=tuple(
            replace(each, values=values[each.name]) for each in template.parameters if each.name not in known
        ),
        children=tuple(replace(child, maker=substituted(child.maker, known)) for child in template.children),
        instances=tuple(template.instances[at] for at in places),
    )
