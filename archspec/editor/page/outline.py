"""The outline of a page, and what of it can be folded."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.editor.page.analysis import Analysis
from archspec.editor.page.nodes import Standing, graphs
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree


class Item(Struct, frozen=True):
    """A line of the outline: what it is called, what it is, its word, the last line of it, and what it holds."""

    name: str
    detail: str
    span: Span
    last: int
    items: tuple[Item, ...] = ()


def outline(page: Analysis) -> list[Item]:
    """The page's keys with what they name; a graph with its nodes."""
    nodes = graphs(page)
    entries = page.tree.entries if isinstance(page.tree, MappingTree) else ()
    return [_section(key, value, nodes) for key, value in entries]


def _section(key: Scalar, value: Tree, nodes: dict[str, tuple[Standing, ...]]) -> Item:
    name = str(key.value)
    items: Iterator[Item] = iter(())
    if name == "graph":
        items = map(_node, nodes.get("", ()) or next(iter(nodes.values()), ()))
    elif name == "blocks" and isinstance(value, MappingTree):
        items = (_block(each, tree, nodes.get(str(each.value), ())) for each, tree in value.entries)
    elif name in ("params", "let", "variants") and isinstance(value, MappingTree):
        items = (Item(str(each.value), "", each.span, last_line(each, tree)) for each, tree in value.entries)
    return Item(name, "", key.span, last_line(key, value), tuple(items))


def _block(key: Scalar, value: Tree, nodes: tuple[Standing, ...]) -> Item:
    return Item(str(key.value), "block", key.span, last_line(key, value), tuple(map(_node, nodes)))


def _node(node: Standing) -> Item:
    detail = str(node.callee.value) if node.callee is not None and node.name is not None else ""
    last = last_line(node.name, node.written.tree) if node.name is not None else last_line(node.written.tree)
    return Item(node.label, detail, node.begins, last, tuple(map(_node, node.children)))


def folds(page: Analysis) -> list[tuple[int, int]]:
    """The first and the last line of all that takes several lines."""
    found = dict(_folds(page.tree)) if page.tree is not None else {}
    return sorted((line, last) for line, last in found.items() if last > line)


def _folds(tree: Tree) -> Iterator[tuple[int, int]]:
    if isinstance(tree, MappingTree):
        for key, value in tree.entries:
            yield from _folds(value)
            yield key.span.line, last_line(key, value)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield item.span.line, last_line(item)
            yield from _folds(item)


def last_line(*trees: Tree) -> int:
    """The last line of what some trees hold."""
    return max(map(_last, trees))


def _last(tree: Tree) -> int:
    last = tree.span.end_line
    if isinstance(tree, MappingTree):
        return max([last, *(last_line(key, value) for key, value in tree.entries)])
    return max([last, *map(_last, tree.items)]) if isinstance(tree, Sequence) else last
