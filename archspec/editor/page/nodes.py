"""The nodes of a page as they are written, whatever is wrong with it: what each calls, and the nodes inside it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.editor.page.analysis import Analysis
from archspec.graph.model import NodeType
from archspec.language.diagnostics import Findings
from archspec.language.name_resolution import GraphText, Resolver
from archspec.language.nodes import Field, Signature
from archspec.language.source import Span
from archspec.language.syntax import Reader, WrittenGraph, WrittenNode
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree

Home = tuple[str, ...]
"""The graph whose names a node sees: the block that defines it (empty for the page itself), then names inwards."""


class Standing(Struct, frozen=True, eq=False):
    """A node as it stands on the page; `home` is the graph that it stands in."""

    name: Scalar | None
    written: WrittenNode
    home: Home
    callee: Scalar | None
    signature: Signature | None
    main: Tree | None
    """What stands behind the name of what it calls."""
    children: tuple[Standing, ...]

    @property
    def label(self) -> str:
        """The node's name, or what it calls."""
        return str((self.name or self.callee or Scalar("graph", self.written.tree.span)).value)

    @property
    def fields(self) -> Iterator[Field]:
        """What it gives to what it calls, but for what stands behind the name."""
        return (each for each in self.written.keys if each.key is not self.callee)

    @property
    def called_at(self) -> Span:
        """The place by which the graph knows it."""
        return self.callee.span if self.callee is not None else self.written.tree.span

    @property
    def begins(self) -> Span:
        """Where it begins: its name, or itself."""
        return (self.name or self.written.tree).span

    def made(self, page: Analysis) -> list[NodeType]:
        """The nodes of the graph that came of it, one for each copy."""
        return page.nodes.get(self.called_at, [])


def graphs(page: Analysis) -> dict[str, tuple[Standing, ...]]:
    """The nodes of each of the page's graphs: its own under an empty name, and those of its blocks."""
    if page.document is None:
        return {}
    blocks = page.document.blocks.items()
    own = {} if page.kind == "block" else {"": _nodes(page, page.document.body, "")}
    return {**own, **{name: _nodes(page, block.body, name) for name, block in blocks}}


def every(nodes: tuple[Standing, ...]) -> Iterator[Standing]:
    """Nodes with all inside them, each before what it holds."""
    for node in nodes:
        yield node
        yield from every(node.children)


def _nodes(page: Analysis, text: GraphText, block: str) -> tuple[Standing, ...]:
    return _Reading(page, block).graph(text.written, (block,))


class _Reading(Struct):
    page: Analysis
    block: str

    def graph(self, written: WrittenGraph, home: Home) -> tuple[Standing, ...]:
        return tuple([self._node(entry.name, entry.node, home, at) for at, entry in enumerate(written.entries)])

    def _node(self, name: Scalar | None, node: WrittenNode, home: Home, at: int) -> Standing:
        callee, signature, main = self._called(node)
        inner = (*home, str(name.value) if name is not None else str(at))
        children = [
            *(self.graph(node.body, home if node.splice else inner) if node.body is not None else ()),
            *(self.graph(node.otherwise, home) if node.otherwise is not None else ()),
        ]
        if signature is not None and signature.join and isinstance(main, MappingTree):
            branches, _ = Reader(block=self.block or None).branches(main, "branches", node.path)
            children += self.graph(branches, home)
        return Standing(name, node, home, callee, signature, main, tuple(children))

    def _called(self, node: WrittenNode) -> tuple[Scalar | None, Signature | None, Tree | None]:
        """What a node calls, as the compiler takes it."""
        library = self.page.library
        if node.word is not None:
            return node.word, library.signature(str(node.word.value)), None
        if not node.keys or node.use is not None or node.body is not None or node.share is not None:
            return None, None, None
        found = Resolver(library.signature, library.names, Findings()).callee(node)
        if found is None:
            return None, None, None
        (key, value), signature = found
        return key, signature, value
