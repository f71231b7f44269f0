"""What may be typed where a cursor stands: keys, ops and blocks, fields, params, nodes, and words of a value."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from msgspec import Struct

from archspec.api.catalogue import CatalogueEntry, entries, entry
from archspec.editor.page.analysis import Analysis
from archspec.editor.page.cursor import Cursor, cursor_at
from archspec.editor.page.nodes import Home, every, graphs
from archspec.editor.page.sections import keys_at, words_at
from archspec.editor.schema.words import NODE_KEYS
from archspec.elaborate.symbol_table import op_signature, standard_names
from archspec.language.block_definition import BlockDef
from archspec.language.nodes import BODIES, MODIFIERS, Signature
from archspec.ops import ops

Sort = Literal["key", "op", "block", "field", "value", "node", "variant", "word"]
_NAMES_NODES = ("from", "over", "share")


class Item(Struct, frozen=True):
    """A word that may be typed: what is inserted for it (`${1:…}` where the reader goes on), and what it is."""

    label: str
    sort: Sort
    insert: str
    detail: str = ""
    about: str = ""


def completions(page: Analysis, line: int, column: int) -> list[Item]:
    """What may be typed behind `column - 1` characters of a line."""
    cursor = cursor_at(page.source, line, column)
    if cursor is None:
        return []
    found = _of_section(page, cursor) if (inside := _graph_path(page, cursor)) is None else _of_graph(page, *inside)
    return list({item.label: item for item in found}.values())


def _graph_path(page: Analysis, cursor: Cursor) -> tuple[Cursor, str, tuple[str | int, ...]] | None:
    """The block in whose graph the cursor stands, and the way from that graph on; `None` where it is in none."""
    path = cursor.path
    if path[:1] == ("graph",):
        block = page.document.name if page.kind == "block" and page.document is not None else ""
        return cursor, block, path[1:]
    if len(path) > 2 and path[0] == "blocks" and path[2] == "graph":
        return cursor, str(path[1]), path[3:]
    return None


def _of_graph(page: Analysis, cursor: Cursor, block: str, path: tuple[str | int, ...]) -> Iterator[Item]:
    home, place = _place(page, block, path)
    if place == "graph" and cursor.is_key:
        return  # a name that the author invents
    if place in ("graph", "node"):
        yield from _node_keys(page, cursor) if cursor.is_key else _callables(page, cursor)
    elif place == "nodes":
        yield from _nodes(page, home)
    else:
        called = _called(page, cursor)
        yield from _field_words(page, called.name, place) if called is not None else ()
        yield from _values(page, block)
        yield from _nodes(page, home)


def _place(page: Analysis, block: str, path: tuple[str | int, ...]) -> tuple[Home, str]:
    """The graph around a place, and what stands there: `graph`, `node`, `nodes` by name, or a field."""
    home: Home = (block,)
    state, name = "graph", ""
    for step in path:
        if state == "graph":
            state, name = "node", str(step)
        elif isinstance(step, int):
            if state == "node":
                home, name = (*home, name), str(step)
        elif step in ("graph", "nodes") and state == "node":
            home, state = ((*home, name) if step == "graph" else home), "graph"
        elif step == "else":
            state = "node"
        elif step in _NAMES_NODES or _is_join(page, step):
            state = "nodes"
        elif state == "nodes" and step not in ("repeat", "when"):
            state, name = "node", step
        elif state == "node":
            state = step
    return home, state


def _is_join(page: Analysis, name: str) -> bool:
    signature = page.library.signature(name)
    return signature is not None and signature.join


def _called(page: Analysis, cursor: Cursor) -> Signature | None:
    """What the node calls whose keys stand beside the cursor."""
    known = [signature for name in cursor.beside if (signature := page.library.signature(name)) is not None]
    fitting = (each for each in known if set(cursor.beside) - {each.name} <= each.fields | MODIFIERS)
    return next(fitting, next(iter(known), None))


def _node_keys(page: Analysis, cursor: Cursor) -> Iterator[Item]:
    """The fields of what the node calls, and the keys of any node."""
    called = _called(page, cursor)
    for name in _by_use(called) if called is not None else ():
        if called is not None and name not in cursor.beside:
            yield _field(page, called, name)
    for name, rule in NODE_KEYS.items():
        if name not in cursor.beside and (name in MODIFIERS or called is None):
            yield Item(name, "key", f"{name}: ", "", str(rule["description"]))
    if called is None and not set(BODIES) & set(cursor.beside):
        yield from _callables(page, cursor)


def _by_use(signature: Signature) -> list[str]:
    """The fields of a call, at last the one that the name's own value fills."""
    main = signature.positional[:1]
    return [*(name for name in signature.ordered if name not in main), *main]


def _field(page: Analysis, signature: Signature, name: str) -> Item:
    detail, about = field_text(page, signature.name, name)
    return Item(name, "field", f"{name}: ", detail, about)


def field_text(page: Analysis, called: str, name: str) -> tuple[str, str]:
    """What a field accepts, with its default, and what it is."""
    block = page.library.block(called)
    if block is not None and (param := block.params.get(name)) is not None:
        return param.expects, param.about or ""
    known = _catalogue().get(called)
    for field in known.fields if known is not None else ():
        if field.name == name:
            default = "" if field.default is None else f", {field.default} by default"
            return f"{field.expects}{default}", field.about or ""
    return "", ""


@cache
def _catalogue() -> dict[str, CatalogueEntry]:
    return {each.name: each for each in entries()}


def entry_of(page: Analysis, name: str) -> CatalogueEntry | BlockDef | None:
    """The op or block of that name: a block of the page's own, or what comes with archspec."""
    block = page.library.block(name)
    if block is not None and not block.standard:
        return block
    return entry(name) if name in ops() or name in standard_names() else None


def _callables(page: Analysis, cursor: Cursor) -> Iterator[Item]:
    """Every op and block, as a call that has all that it needs."""
    whole = not cursor.is_key or not (cursor.flow == "{" or cursor.beside)
    for name in dict.fromkeys(page.library.names()):
        known = page.library.signature(name)
        if known is not None:
            found = _catalogue().get(name)
            yield Item(name, known.kind, _call(known, whole), known.kind, found.summary if found is not None else "")


def _call(signature: Signature, whole: bool) -> str:
    """A call with a hole for each value that it needs; `whole` as a node of its own, else as a key of one begun."""
    needed = [name for name in signature.required if name not in signature.positional[:1]]
    takes = bool(signature.required) or signature.join
    if whole and not takes:
        return signature.name
    first = ("[${1:a}, ${2:b}]" if signature.join else f"${{1:{signature.positional[0]}}}") if _fills(signature) else ""
    rest = [f"{name}: ${{{at}:{name}}}" for at, name in enumerate(needed, 2)]
    inside = ", ".join([f"{signature.name}: {first}", *rest])
    return f"{{{inside}}}" if whole else inside


def _fills(signature: Signature) -> bool:
    """Whether a value is needed behind the name."""
    return signature.join or bool(signature.positional and signature.positional[0] in signature.required)


def _nodes(page: Analysis, home: Home) -> Iterator[Item]:
    """The nodes of a graph, its inputs, and the node before."""
    yield Item("previous", "node", "previous", "the node before")
    yield Item("input", "node", "input", "the input of the graph")
    for node in every(graphs(page).get(home[0], ())):
        if node.home == home and node.name is not None:
            yield _word(str(node.name.value), "node")
    document = page.document
    block = document.blocks.get(home[0]) if document is not None else None
    for name in block.inputs if block is not None and len(home) == 1 else ():
        yield _word(name, "node")


def _values(page: Analysis, block: str = "") -> Iterator[Item]:
    """The params and computed values that an expression sees."""
    document = page.document
    for owner in (document.blocks.get(block), document) if document is not None else ():
        for name, param in owner.params.items() if owner is not None else ():
            value = page.settings.get(name) if owner is document else None
            yield Item(name, "value", name, param.expects if value is None else f"= {value}", param.about or "")
        for name in owner.let if owner is not None else ():
            yield _word(name, "value")


def _field_words(page: Analysis, called: str, name: str) -> Iterator[Item]:
    """The words that a field may be, and the ops where it takes one."""
    op = ops().get(called)
    if op is not None and name in op.model_fields and name in op_signature(op).fields:
        for word in _literals(op.model_json_schema(), name):
            yield _word(word, "word")
    block = page.library.block(called)
    param = block.params.get(name) if block is not None else None
    if param is not None and param.type == "op":
        yield from (_word(each, "op") for each in page.library.names())


def _literals(made: dict[str, object], name: str) -> Iterator[str]:
    """The words in the schema of one field of an op."""
    waiting: list[object] = [made["properties"][name]]  # type: ignore[index]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from map(str, each.get("enum", ()))
            yield from ("true", "false") if each.get("type") == "boolean" else ()
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _of_section(page: Analysis, cursor: Cursor) -> Iterator[Item]:
    """What the schema and the page's own names give outside of graphs."""
    path = cursor.path
    if cursor.is_key and not (cursor.flow == "[" and not cursor.beside):
        for name, rule in keys_at(page.kind, path).items():
            if name not in cursor.beside:
                yield Item(name, "key", f"{name}: ", "", str(rule.get("description", "")))
        if page.document is not None and _takes_settings(path):
            yield from (Item(each.label, each.sort, f"{each.label}: ", each.detail) for each in _params(page))
        return
    yield from (_word(each, "word") for each in words_at(page.kind, path))
    yield from _named_in(page, path)


def _takes_settings(path: tuple[str | int, ...]) -> bool:
    return (path[:1] == ("variants",) and len(path) == 2) or path[-1:] == ("with",) or path == ("weights", "set")


def _params(page: Analysis) -> Iterator[Item]:
    return (each for each in _values(page) if page.document is not None and each.label in page.document.params)


def _named_in(page: Analysis, path: tuple[str | int, ...]) -> Iterator[Item]:
    """The names of the page that a value outside of graphs may be."""
    if page.document is None or not path:
        return
    if path[-1] == "variant" or "variants" in path[1:]:
        yield from (_word(name, "variant") for name in page.document.variants)
    elif path[0] in ("output", "taps"):
        yield from _nodes(page, ("",))
    elif path[0] in ("params", "let", "variants", "input", "init"):
        yield from _values(page)
    elif path[0] == "blocks" and len(path) > 2:
        yield from _nodes(page, (str(path[1]),)) if path[2] == "output" else _values(page, str(path[1]))


def _word(name: str, sort: Sort) -> Item:
    return Item(name, sort, name)
