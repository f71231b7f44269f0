"""A drawing as its author wishes it: own words, colours, frames, and what is hidden or matters most.

An address is of a node and of what is in it; `*` in it is any name. A box is a layer with what goes along, so it is
meant where one of its nodes is; where it stands for several layers, where one of each is. It is hidden where all are.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import get_args

from msgspec.structs import replace
from pydantic import ValidationError

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.draw_section import DrawSection, DrawWishes
from archspec.ops.base import Kind
from archspec.pictures.drawing.captions import line
from archspec.pictures.drawing.model import Box, Drawing, Edge, Group, Item, Line, Sheet

ROLES: tuple[str, ...] = (*get_args(Kind), "block", "input", "output")


def check(graph: Graph, wishes: DrawWishes) -> None:
    """Raise `SpecError` for addresses that name no node of the network, and variants that are not there."""
    wrong = [
        Diagnostic(
            "unknown-address",
            f"`{graph.name}` has no node `{address}` to draw otherwise",
            wishes.places.get(address),
            help=did_you_mean(address, (*graph.nodes, *ROLES)),
        )
        for address in dict.fromkeys(_addresses(wishes.section))
        if not any(map(_named(address), graph.nodes))
    ]
    if wrong:
        raise SpecError(wrong)


def _addresses(section: DrawSection) -> Iterator[str]:
    yield from section.labels
    yield from (each for each in section.colours if each not in ROLES)
    yield from (each for own in section.brackets.values() for each in own)
    yield from (*section.hide, *section.open, *section.emphasis)


def wished(drawing: Drawing, section: DrawSection) -> Drawing:
    """The same drawing, as a section says; what cannot be seen of it is told."""
    if section == DrawSection():
        return drawing
    main, *insets = (_sheet(sheet, section) for sheet in drawing.sheets)
    return replace(
        drawing,
        title=section.titles.get(drawing.name, section.title) or drawing.title,
        main=main,
        insets=tuple(insets),
        unseen=tuple(_unseen(drawing, section)),
        caption=section.caption or drawing.caption,
        tints={name: colour for name, colour in section.colours.items() if name in ROLES},
    )


def _unseen(drawing: Drawing, section: DrawSection) -> Iterator[str]:
    """What has no box of its own in a drawing, so that it cannot be hidden."""
    boxes = list(drawing.boxes())
    for pattern in section.hide:
        if not any(_whole(box, [pattern]) for box in boxes):
            yield f"`{pattern}` has no box of its own here, and is not hidden"


def _sheet(sheet: Sheet, section: DrawSection) -> Sheet:
    hidden = {box.id for box in sheet.boxes() if box.role not in ("input", "output") and _whole(box, section.hide)}
    edges = list(sheet.edges)
    for id in hidden:
        edges = list(_past(edges, id))
    items = _looking(_without(sheet.items, hidden), _labels(sheet, section.labels), section)
    for words, addresses in section.brackets.items():
        items = tuple(_bracketed(items, words, addresses, f"bracket {words} of {sheet.key}"))
    return replace(sheet, items=items, edges=tuple(edges))


def _labels(sheet: Sheet, labels: Mapping[str, str]) -> dict[str, str]:
    """The words for boxes and frames, by their ids: of what an address names, or the first box of what is in that."""
    found: dict[str, str] = {}
    for pattern, words in labels.items():
        own = [group.id for group in sheet.groups() if fnmatchcase(group.id, pattern)]
        own += [box.id for box in sheet.boxes() if any(fnmatchcase(each, pattern) for each in (box.id, *_nodes(box)))]
        within = [box.id for box in sheet.boxes() if _meant(box, [pattern])]
        found |= dict.fromkeys(own or within[:1], words)
    return found


def _named(pattern: str) -> Callable[[str], bool]:
    """Whether an address is one that a pattern names, or of what is in that."""
    return lambda address: fnmatchcase(address, pattern) or fnmatchcase(address, f"{pattern}.*")


def _nodes(box: Box) -> list[str]:
    return [address for row in box.members for address in row]


def _meant(box: Box, patterns: Iterable[str]) -> bool:
    """Whether an address is of a box: of a node in each of the layers that it stands for."""
    rows = [row for row in box.members if row] or [(box.id,)]
    return any(all(sum(map(_named(each), row)) >= min(box.times, len(row)) for row in rows) for each in patterns)


def _whole(box: Box, patterns: Iterable[str]) -> bool:
    """Whether all of a box is what addresses name."""
    nodes = _nodes(box)
    return bool(nodes) and all(any(_named(each)(node) for each in patterns) for node in nodes)


def _past(edges: Sequence[Edge], id: str) -> Iterator[Edge]:
    """The edges without those of a box: what it takes first goes on to what takes it."""
    first = next((edge for edge in edges if edge.target == id), None)
    for edge in edges:
        if edge.source == id and first is not None:
            yield replace(edge, source=first.source, outputs=first.outputs)
        elif id not in (edge.source, edge.target):
            yield edge


def _without(items: Iterable[Item], hidden: Container[str]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            inner = tuple(_without(item.items, hidden))
            yield from [replace(item, items=inner)] if inner else []
        elif item.id not in hidden:
            yield item


def _looking(items: Iterable[Item], labels: Mapping[str, str], section: DrawSection) -> tuple[Item, ...]:
    """Boxes and frames with their words, colours and lines."""
    return tuple(
        replace(item, title=labels.get(item.id, item.title), items=_looking(item.items, labels, section))
        if isinstance(item, Group)
        else _box(item, labels.get(item.id), section)
        for item in items
    )


def _box(box: Box, label: str | None, section: DrawSection) -> Box:
    own = (colour for pattern, colour in section.colours.items() if pattern not in ROLES and _meant(box, [pattern]))
    return replace(
        box,
        lines=_labelled(box, label) if label and box.sign is None else box.lines,
        tint=next(own, section.colours.get(box.role)),
        emphasised=_meant(box, section.emphasis),
    )


def _labelled(box: Box, label: str) -> tuple[Line, ...]:
    """The words of a box under its author's name for it."""
    return (line(label, "name"), *(each for each in box.lines if each.rank != "name"))


def _bracketed(items: Sequence[Item], words: str, addresses: Sequence[str], id: str) -> Iterator[Item]:
    """The items with those of these addresses in a frame of their own, where the first of them stands."""
    held = [item for item in items if _is_held(item, addresses)]
    for item in items:
        if held and item is held[0]:
            yield Group(id, words, words, False, tuple(held))
        elif isinstance(item, Group) and item not in held:
            yield replace(item, items=tuple(_bracketed(item.items, words, addresses, id)))
        elif item not in held:
            yield item


def _is_held(item: Item, addresses: Sequence[str]) -> bool:
    if isinstance(item, Box):
        return item.role not in ("input", "output") and _meant(item, addresses)
    return all(_is_held(each, addresses) for each in item.items)


def wishes_of(page: DrawWishes, given: Mapping[str, object]) -> DrawWishes:
    """A page's wishes with what was given beside them, which goes before; raises `SpecError` for what is no wish."""
    own = {name: value for name, value in given.items() if value}
    if not own:
        return page
    try:
        section = DrawSection.model_validate({**page.section.model_dump(), **own}, strict=False)
    except ValidationError as error:
        name, *_ = error.errors()[0]["loc"]
        message = f"`{name}` of a picture cannot be `{own.get(str(name))}`"
        raise SpecError([Diagnostic("unknown-choice", message)]) from None
    return DrawWishes(section, page.places)
