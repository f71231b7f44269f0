"""The words of a page that name something: where each is defined, and where it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct, field

from archspec.editor.page.analysis import Analysis
from archspec.editor.page.nodes import Home, Standing, every, graphs
from archspec.elaborate.keywords.repeat import index_of
from archspec.elaborate.site import part_of
from archspec.language.budget import of_one_page
from archspec.language.document import Document
from archspec.language.expressions import ExpressionError, syntax_tree
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

Sort = Literal["variant", "value", "block", "op", "node", "field", "key"]


class Word(NamedTuple):
    """A word and what it names; of the same thing where `sort`, `name` and `home` are the same.

    A value's home is its block, or nothing for the page's own; a node's is its graph; a field's what is called.
    """

    span: Span
    sort: Sort
    name: str
    home: Home = ()
    defines: bool = False

    @property
    def names(self) -> tuple[str, str, Home]:
        """What it names."""
        return self.sort, self.name, self.home

    @property
    def exact(self) -> bool:
        """Whether the word stands at its place as it is, so that another can take its place."""
        span = self.span
        line = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
        return span.line == span.end_line and line.strip("\"'") == self.name


def words(page: Analysis) -> list[Word]:
    """Every word of a page that names something, in no order."""
    if page.document is None or not isinstance(page.tree, MappingTree):
        return []
    with of_one_page():
        return list(_Words(page, page.document, graphs(page)).all(page.tree))


_BASE = re.compile(r"[A-Za-z_][\w-]*(?:\{[^{}]*\}[\w-]*)*")


class _Words(Struct):
    page: Analysis
    document: Document
    graphs: Mapping[str, tuple[Standing, ...]]
    _known: dict[Home, frozenset[str]] = field(default_factory=dict)
    _values: dict[str, frozenset[str]] = field(default_factory=dict)

    def all(self, tree: MappingTree) -> Iterator[Word]:
        if self.page.kind == "block":
            for block in self.graphs:
                yield from self._defined(tree, block)
        else:
            for key, value in tree.entries:
                yield from _SECTIONS.get(str(key.value), _nothing)(self, value)
        for block, nodes in self.graphs.items():
            yield from self._of_nodes(nodes, block, frozenset())

    def values(self, tree: Tree, block: str = "") -> Iterator[Word]:
        """Names that a definition gives to values, and what they are computed from."""
        for key, value in _entries(tree):
            yield Word(key.span, "value", str(key.value), (block,), defines=True)
            described = isinstance(value, MappingTree) and {"type", "default", "about"}.issuperset(value.names)
            computed = value.get("default") if described and isinstance(value, MappingTree) else value
            yield from self._read(computed, block) if computed is not None else ()

    def variants(self, tree: Tree) -> Iterator[Word]:
        for key, value in _entries(tree):
            yield Word(key.span, "variant", str(key.value), defines=True)
            yield from self.settings(value)

    def settings(self, tree: Tree) -> Iterator[Word]:
        """Values given to the page's params."""
        for key, value in _entries(tree):
            yield Word(key.span, "value", str(key.value), ("",))
            yield from self._read(value, "")

    def blocks(self, tree: Tree) -> Iterator[Word]:
        for key, value in _entries(tree):
            yield Word(key.span, "block", str(key.value), defines=True)
            if isinstance(value, MappingTree):
                yield from self._defined(value, str(key.value))

    def _defined(self, tree: MappingTree, block: str) -> Iterator[Word]:
        for name in ("params", "let"):
            if (given := tree.get(name)) is not None:
                yield from self.values(given, block)
        inputs = tree.get("inputs")
        for item in inputs.items if isinstance(inputs, Sequence) else ():
            if isinstance(item, Scalar):
                plain = str(item.value).rstrip("*?")
                yield Word(_first(item.span, plain), "node", plain, (block,), defines=True)
        if (output := tree.get("output")) is not None:
            yield from self.nodes_named(output, (block,))

    def inputs(self, tree: Tree) -> Iterator[Word]:
        for key, value in _entries(tree):
            yield Word(key.span, "node", str(key.value), ("",), defines=True)
            yield from self._read(value, "")
        yield from self._read(tree, "")

    def outputs(self, tree: Tree) -> Iterator[Word]:
        yield from self.nodes_named(tree, ("",))

    def figures(self, tree: Tree) -> Iterator[Word]:
        for item in tree.items if isinstance(tree, Sequence) else ():
            if isinstance(item, MappingTree):
                yield from self._variants_named(item.get("variant"))
                if (given := item.get("with")) is not None:
                    yield from self.settings(given)

    def references(self, tree: Tree) -> Iterator[Word]:
        for item in tree.items if isinstance(tree, Sequence) else ():
            if isinstance(item, MappingTree):
                yield from self._variants_named(item.get("variants"))

    def weights(self, tree: Tree) -> Iterator[Word]:
        if isinstance(tree, MappingTree) and (given := tree.get("set")) is not None:
            yield from self.settings(given)

    def _variants_named(self, tree: Tree | None) -> Iterator[Word]:
        for each in tree.items if isinstance(tree, Sequence) else (tree,):
            if isinstance(each, Scalar) and isinstance(each.value, str):
                yield Word(each.span, "variant", each.value)

    def _of_nodes(self, nodes: tuple[Standing, ...], block: str, around: frozenset[str]) -> Iterator[Word]:
        for node in nodes:
            bound = around.union(_bound(node))
            yield from self._of_node(node, block, bound)
            yield from self._of_nodes(node.children, block, bound)

    def _of_node(self, node: Standing, block: str, bound: frozenset[str]) -> Iterator[Word]:
        written = node.written
        if node.name is not None:
            yield Word(node.name.span, "node", str(node.name.value), node.home, defines=True)
            yield from self._in_template(node.name, block, bound)
        for taken in written.sources or ():
            yield from self._taken(taken.name, node.home, block, bound)
            for tree in taken.trees[1:]:
                yield from self._read(tree, block, node.home, bound)
        if written.share is not None:
            yield from self._taken(written.share, node.home, block, bound)
        if written.use is not None:
            yield from self._read(written.use, block, node.home, bound)
        for name, given in written.modifiers.items():
            yield Word(given.key.span, "key", name)
            if name in ("over", "tie"):
                yield from self.nodes_named(given.value, node.home)
            else:
                yield from self._read(given.value, block, node.home, bound)
        yield from self._of_call(node, block, bound)

    def _of_call(self, node: Standing, block: str, bound: frozenset[str]) -> Iterator[Word]:
        called = str(node.callee.value) if node.callee is not None else ""
        if node.callee is not None and node.signature is not None:
            yield Word(node.callee.span, node.signature.kind, called)
        for given in node.fields:
            sort: Sort = "value" if called in self.document.blocks else "field"
            yield Word(given.key.span, sort, str(given.key.value), (called,))
            yield from self._read(given.value, block, node.home, bound)
        if node.signature is not None and node.signature.join:
            if not isinstance(node.main, MappingTree):
                yield from self._operands(node, block, bound)
        elif node.main is not None:
            yield from self._read(node.main, block, node.home, bound)

    def _operands(self, node: Standing, block: str, bound: frozenset[str]) -> Iterator[Word]:
        main = node.main
        for item in main.items if isinstance(main, Sequence) else (main,):
            if isinstance(item, Scalar):
                yield from self._taken(item, node.home, block, bound)
            elif isinstance(item, MappingTree) and isinstance(name := item.get("from"), Scalar):
                yield from self._taken(name, node.home, block, bound)
                for key, value in item.entries:
                    yield from self._read(value, block, node.home, bound) if key.value != "from" else ()

    def nodes_named(self, tree: Tree, home: Home) -> Iterator[Word]:
        """The nodes that the texts in a tree name."""
        if isinstance(tree, Scalar):
            yield from self._taken(tree, home, home[0], frozenset())
        elif isinstance(tree, Sequence):
            for item in tree.items:
                yield from self.nodes_named(item, home)
        else:
            for key, value in tree.entries:
                yield from self.nodes_named(value, home) if key.value not in ("repeat", "when") else ()

    def _taken(self, written: Scalar, home: Home, block: str, bound: frozenset[str]) -> Iterator[Word]:
        """A node that is named, by itself or with one of its outputs; a template stands for the same template."""
        match = _BASE.match(written.value) if isinstance(written.value, str) else None
        if match is None:
            return
        name = match[0]
        if name == "previous" or (name not in self._nodes_of(home) and name in self._values_of(block)):
            yield from self._read(written, block, home, bound)
            return
        yield Word(_first(written.span, name), "node", name, home)
        yield from self._in_template(written, block, bound)

    def _in_template(self, written: Scalar, block: str, bound: frozenset[str]) -> Iterator[Word]:
        for hole in re.finditer(r"\{([^{}]*)\}", str(written.value)):
            yield from self._expression(written, hole[1], hole.start(1), block, ("",), bound)

    def _read(self, tree: Tree, block: str, home: Home = ("",), bound: frozenset[str] = frozenset()) -> Iterator[Word]:
        """The names that a value is computed from, and what it calls."""
        if isinstance(tree, Scalar):
            if isinstance(tree.value, str):
                yield from self._expression(tree, tree.value, 0, block, home, bound)
        elif isinstance(tree, Sequence):
            for item in tree.items:
                yield from self._read(item, block, home, bound)
        else:
            for key, value in tree.entries:
                if (signature := self.page.library.signature(str(key.value))) is not None:
                    yield Word(key.span, signature.kind, str(key.value))
                yield from self._read(value, block, home, bound)

    def _expression(
        self, written: Scalar, text: str, offset: int, block: str, home: Home, bound: frozenset[str]
    ) -> Iterator[Word]:
        try:
            tree = syntax_tree(text)
        except ExpressionError:
            return
        names = [each for each in ast.walk(tree.body) if isinstance(each, ast.Name)]
        hidden = {each.id for each in names if isinstance(each.ctx, ast.Store)}.union(bound)
        for each in names:
            span = part_of(written, offset + each.col_offset + tree.indent, len(each.id))
            if each.id not in hidden and (word := self._meant(each.id, span, block, home)) is not None:
                yield word

    def _meant(self, name: str, span: Span, block: str, home: Home) -> Word | None:
        for owner in dict.fromkeys((block, "")):
            if name in self._values_of(owner):
                return Word(span, "value", name, (owner,))
        if name in self._nodes_of(home):
            return Word(span, "node", name, home)
        signature = self.page.library.signature(name)
        return Word(span, signature.kind, name) if signature is not None else None

    def _values_of(self, block: str) -> frozenset[str]:
        if block not in self._values:
            owner = self.document.blocks.get(block) if block else self.document
            self._values[block] = frozenset({*owner.params, *owner.let} if owner is not None else ())
        return self._values[block]

    def _nodes_of(self, home: Home) -> frozenset[str]:
        if home not in self._known:
            nodes = every(self.graphs.get(home[0]) or ())
            own = {str(each.name.value) for each in nodes if each.name is not None and each.home == home}
            block = self.document.blocks.get(home[0])
            inputs = block.inputs if block is not None else _names(self.document.input)
            self._known[home] = frozenset(own.union(inputs if len(home) == 1 else ()))
        return self._known[home]


_SECTIONS = {
    "params": _Words.values,
    "let": _Words.values,
    "variants": _Words.variants,
    "blocks": _Words.blocks,
    "input": _Words.inputs,
    "output": _Words.outputs,
    "taps": _Words.outputs,
    "figures": _Words.figures,
    "references": _Words.references,
    "weights": _Words.weights,
}
"""What each key of a spec holds."""


def _nothing(reader: _Words, tree: Tree) -> Iterator[Word]:
    return iter(())


def _bound(node: Standing) -> set[str]:
    """The names that hold for the copies of a node alone: its index, and the columns of its table."""
    bound = set()
    for keyword in ("repeat", "each", "over"):
        if (given := node.written.modifiers.get(keyword)) is not None:
            bound.add(index_of(keyword, given.value))
            bound.update(_columns(given.value) if keyword == "each" else ())
    return bound


def _columns(tree: Tree) -> Iterator[str]:
    columns, rows = (tree.get("columns"), tree.get("rows")) if isinstance(tree, MappingTree) else (None, tree)
    for name in columns.items if isinstance(columns, Sequence) else ():
        yield str(name.value) if isinstance(name, Scalar) else ""
    for row in rows.items if isinstance(rows, Sequence) else ():
        yield from _names(row)


def _entries(tree: Tree) -> tuple[tuple[Scalar, Tree], ...]:
    return tree.entries if isinstance(tree, MappingTree) else ()


def _names(tree: Tree) -> tuple[str, ...]:
    return tree.names if isinstance(tree, MappingTree) else ()


def _first(span: Span, text: str) -> Span:
    """The first characters of a place, behind the quote where there is one."""
    line = span.source.line(span.line)
    column = span.column + (line[span.column - 1 : span.column] in ("'", '"'))
    return Span(span.source, span.line, column, span.line, column + len(text))
