"""What is known of the word under the mouse: its meaning, what it is bound to, and what comes of it here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from archspec.api.catalogue import CatalogueEntry, written
from archspec.editor.page.analysis import Analysis
from archspec.editor.page.completion import entry_of, field_text
from archspec.editor.page.hints import node_text
from archspec.editor.page.navigation import word_at
from archspec.editor.page.nodes import Standing, every, graphs
from archspec.editor.page.sections import meaning
from archspec.editor.page.words import Word
from archspec.editor.schema.words import NODE_KEYS
from archspec.graph.labels import inputs_text, node_words
from archspec.graph.model import Block, Leaf, NodeType, inside
from archspec.language.block_definition import BlockDef
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Sequence, Tree, plain


class Hover(NamedTuple):
    """A text in Markdown about a place."""

    span: Span
    text: str


def hover(page: Analysis, line: int, column: int) -> Hover | None:
    """What is said of the word at a place; `None` where nothing is known."""
    word = word_at(page, line, column)
    if word is not None:
        lines = [each for each in _ABOUT[word.sort](page, word) if each]
        return Hover(word.span, "\n\n".join(lines)) if lines else None
    for key, path in _keys(page.tree, ()) if page.tree is not None else ():
        if key.line == line and key.column <= column <= key.end_column:
            said = meaning(page.kind, path)
            return Hover(key, said) if said else None
    return None


def _keys(tree: Tree, path: tuple[str | int, ...]) -> Iterator[tuple[Span, tuple[str | int, ...]]]:
    if isinstance(tree, MappingTree):
        for key, value in tree.entries:
            yield key.span, (*path, str(key.value))
            yield from _keys(value, (*path, str(key.value)))
    elif isinstance(tree, Sequence):
        for number, item in enumerate(tree.items):
            yield from _keys(item, (*path, number))


def _value(page: Analysis, word: Word) -> Iterator[str]:
    """A param or a computed value: what it accepts, how it is given, and what it is here."""
    block = word.home[0] if word.home else ""
    document = page.document
    owner = document.blocks.get(block) if document is not None and block else document
    if owner is None:
        return
    param, made = owner.params.get(word.name), owner.let.get(word.name)
    values = _bound(page, block, word.name)
    here = f" = {', '.join(values)}" if values else ""
    yield f"`{word.name}`{here}" + (f" in `{page.variant}`" if values and page.variant and not block else "")
    if made is not None:
        yield f"computed: `{written(plain(made))}`"
    if param is not None:
        default = "" if param.default is None else f", `{written(plain(param.default))}` by default"
        yield param.expects + default
        yield param.about or ""


def _bound(page: Analysis, block: str, name: str) -> list[str]:
    """The values of a name: in this variant, or in the calls of a block, the first of many."""
    if not block:
        return [_shown(page.settings[name])] if name in page.settings else []
    calls = [each.arguments for each in _all_nodes(page) if isinstance(each, Block) and each.kind == block]
    found = list(dict.fromkeys(_shown(each[name]) for each in calls if name in each))
    return [*found[:_MOST], *(["…"] if len(found) > _MOST else [])]


_MOST = 6
"""So many values of a block's param are shown."""


def _all_nodes(page: Analysis) -> Iterator[NodeType]:
    for top in page.made.nodes if page.made is not None else ():
        yield top
        yield from inside(top) if isinstance(top, Block) else ()


def _shown(value: Any) -> str:
    return f"`{written(value)}`"


def _node(page: Analysis, word: Word) -> Iterator[str]:
    for node in every(graphs(page).get(word.home[0], ())):
        if node.home == word.home and node.name is not None and node.name.value == word.name:
            yield from _made(page, node)
            return
    yield f"`{word.name}` is an input" if word.defines else ""


def _made(page: Analysis, node: Standing) -> Iterator[str]:
    made = node.made(page)
    if not made:
        yield f"`{node.label}`: nothing came of it yet"
        return
    first = made[0]
    yield f"**{node.label}**: {node_words(first) or 'a graph'}"
    yield f"`{inputs_text(first) or 'nothing'}` → `{node_text(made)}`"
    yield f"address: `{first.address}`" + (f" and {len(made) - 1} more" if len(made) > 1 else "")


def _callable(page: Analysis, word: Word) -> Iterator[str]:
    for nodes in graphs(page).values():
        for node in every(nodes):
            if node.callee is not None and node.callee.span == word.span:
                yield from _made(page, node)
    found = entry_of(page, word.name)
    if isinstance(found, BlockDef):
        yield found.about or f"a block of this {'page' if found.source is page.source else 'folder'}"
    elif isinstance(found, CatalogueEntry):
        yield found.about
        yield f"for example `{found.example}`" if found.example else ""


def _field(page: Analysis, word: Word) -> Iterator[str]:
    called = word.home[0]
    accepts, about = field_text(page, called, word.name)
    yield f"`{word.name}` of `{called}`: {accepts}" if accepts else ""
    yield about
    values = list(dict.fromkeys(_given(page, word)))
    yield f"here {', '.join(values[:_MOST])}" if values else ""


def _given(page: Analysis, word: Word) -> Iterator[str]:
    """What the field is in the nodes that came of the call in which it stands."""
    for nodes in graphs(page).values():
        for node in every(nodes):
            if any(each.key.span == word.span for each in node.fields):
                for made in node.made(page):
                    given = made.arguments if isinstance(made, Block) else _fields(made)
                    if word.name in given:
                        yield _shown(given[word.name])


def _fields(leaf: Leaf) -> dict[str, Any]:
    return {name: getattr(leaf.op, name) for name in type(leaf.op).model_fields}


def _key(page: Analysis, word: Word) -> Iterator[str]:
    yield str(NODE_KEYS[word.name]["description"]) if word.name in NODE_KEYS else ""


def _variant(page: Analysis, word: Word) -> Iterator[str]:
    variant = page.document.variants.get(word.name) if page.document is not None else None
    if variant is not None:
        given = {name: plain(tree) for name, tree in variant.settings.items()}
        yield f"`{word.name}`: `{written(given)}`" if given else f"`{word.name}`: all params at their defaults"


_ABOUT = {
    "value": _value,
    "node": _node,
    "op": _callable,
    "block": _callable,
    "field": _field,
    "key": _key,
    "variant": _variant,
}
