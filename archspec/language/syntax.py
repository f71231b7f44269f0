"""A graph as written, before any word in it has a meaning: which nodes there are, and of what each is made.

Nothing here knows an op or a block, so a page can be read whose words mean nothing yet. `name_resolution` gives them
their meaning:

    {conv: w, kernel_size: 3, from: a}   →   a call with the keys `conv` and `kernel_size`, which takes `a`
                                         →   the op `conv` with the fields `out_channels` and `kernel_size`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic
from archspec.language.hints import taken_help, unknown_field_help
from archspec.language.nodes import BODIES, MODIFIERS, Field, Taken, taken_of
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

Path: TypeAlias = tuple[str | None, ...]
"""The names on the way to a node; `None` for a number that is not known before elaboration."""


class WrittenNode(Struct, frozen=True, eq=False):
    """One node: a `word`, a call with `keys`, a `body`, a `use` or a `share`; none of them where it is nothing.

    `sources` and `modifiers` hold whatever it is.
    """

    tree: Tree
    path: Path
    faulty: bool = False
    """Whether something is wrong with it, which stands among the faults of the graph that was read."""
    word: Scalar | None = None
    keys: tuple[Field, ...] = ()
    body: WrittenGraph | None = None
    splice: bool = False
    """Whether the nodes of the body are the enclosing graph's own."""
    use: Tree | None = None
    share: Scalar | None = None
    sources: tuple[Taken, ...] | None = None
    modifiers: Mapping[str, Field] = field(default_factory=dict)
    otherwise: WrittenGraph | None = None
    """The one node under `else`."""


class WrittenEntry(Struct, frozen=True, eq=False):
    """A node and the name it stands under; in a list it has none."""

    name: Scalar | None
    node: WrittenNode


class WrittenGraph(Struct, frozen=True, eq=False):
    """Nodes named by a mapping, or numbered by a list."""

    span: Span
    numbered: bool
    entries: tuple[WrittenEntry, ...]


class Reader(Struct):
    """Reads trees as graphs and nodes, collecting what is wrong with them whatever their words mean."""

    faults: list[Diagnostic] = field(default_factory=list)
    block: str | None = None
    """The block whose graph is read, `None` for the document's own."""
    _faulty: bool = False
    """Whether the node being read has a fault of its own."""
    _path: Path = ()

    def graph(self, tree: Tree, what: str = "a graph", *, in_place: bool = False) -> WrittenGraph:
        """A mapping of named nodes or a list of numbered ones; `in_place`, they are the enclosing graph's own."""
        around = self._path
        self._path = around[:-1] if in_place else around
        entries = self._entries(tree, in_place)
        self._path = around
        if entries is None:
            message = f"{what} is a mapping of nodes by name, or a list of them"
            self._error("graph", message, tree.span, found=shown(tree))
        elif not entries:
            self._error("graph", f"{what} has no nodes", tree.span)
        return WrittenGraph(tree.span, not isinstance(tree, MappingTree), entries or ())

    def branches(self, tree: Tree, what: str, path: Path) -> tuple[WrittenGraph, bool]:
        """The branches of the join at `path`, and whether something is wrong with them as a whole."""
        self._path, self._faulty = path, False
        return self.graph(tree, what, in_place=True), self._faulty

    def _entries(self, tree: Tree, in_place: bool) -> tuple[WrittenEntry, ...] | None:
        if isinstance(tree, MappingTree):
            return tuple([WrittenEntry(key, self.node(value, str(key.value))) for key, value in tree.entries])
        return tuple(self._numbered(tree, in_place)) if isinstance(tree, Sequence) else None

    def _numbered(self, tree: Sequence, in_place: bool) -> list[WrittenEntry]:
        entries: list[WrittenEntry] = []
        certain = not in_place
        for number, item in enumerate(tree.items):
            node = self.node(item, str(number) if certain else None)
            entries.append(WrittenEntry(None, node))
            certain = certain and not node.splice and not {"when", "repeat", "each", "over"} & set(node.modifiers)
        return entries

    def node(self, tree: Tree, name: str | None = None) -> WrittenNode:
        """One node: a name, a call, or a nested graph."""
        around, self._faulty, self._path = (self._faulty, self._path), False, (*self._path, name)
        node = self._node(tree)
        self._faulty, self._path = around
        return node

    def _node(self, tree: Tree) -> WrittenNode:
        if isinstance(tree, Sequence):
            body = self.graph(tree)
            return WrittenNode(tree, self._path, self._faulty, body=body)
        if isinstance(tree, Scalar):
            return self._bare(tree)
        return self._mapping(tree)

    def _bare(self, tree: Scalar) -> WrittenNode:
        if isinstance(tree.value, str):
            return WrittenNode(tree, self._path, word=tree)
        message = "a node is the name of an op or block, or a mapping with one in it"
        help_ = "a node that does nothing is `identity`" if tree.value is None else None
        self._error("node", message, tree.span, found=shown(tree), help=help_)
        return WrittenNode(tree, self._path, True)

    def _mapping(self, tree: MappingTree) -> WrittenNode:
        modifiers = {str(key.value): Field(key, value) for key, value in tree.entries if key.value in MODIFIERS}
        rest = tuple([Field(key, value) for key, value in tree.entries if key.value not in MODIFIERS])
        bodies = [each for each in rest if each.key.value in BODIES]
        sources = self._sources(modifiers.pop("from", None))
        otherwise = self._else(modifiers)
        if bodies:
            node = self._with_body(tree, rest, bodies, sources, modifiers)
            return replace(node, otherwise=otherwise, faulty=self._faulty)
        if not rest:
            help_ = "for example `{conv: 64, kernel_size: 3}`"
            self._error("node", "a node needs the name of an op or block", tree.span, help=help_)
        return WrittenNode(
            tree, self._path, self._faulty, keys=rest, sources=sources, modifiers=modifiers, otherwise=otherwise
        )

    def _else(self, modifiers: dict[str, Field]) -> WrittenGraph | None:
        """The node that stands in the place of one that is switched off, under its name."""
        given = modifiers.pop("else", None)
        if given is None:
            return None
        if "when" not in modifiers:
            self._error(
                "else", "`else` says what stands there `when` a node does not", given.key.span, help="add `when`"
            )
        around, self._path = self._path, self._path[:-1]
        node = self.node(given.value, around[-1] if around else None)
        self._path = around
        return WrittenGraph(given.value.span, False, (WrittenEntry(None, node),))

    def _with_body(
        self,
        tree: MappingTree,
        rest: tuple[Field, ...],
        bodies: list[Field],
        sources: tuple[Taken, ...] | None,
        modifiers: Mapping[str, Field],
    ) -> WrittenNode:
        (key, value), *more = bodies
        for other, _ in more:
            self._error("node", f"`{key.value}` and `{other.value}` cannot be combined in one node", other.span)
        keys = tuple([each for each in rest if each.key.value not in BODIES])
        body = use = share = None
        if key.value == "use":
            use = value
        else:
            for given in keys:
                self._unknown_key(given, str(key.value))
        if key.value == "share":
            share = self._shared(value)
        elif key.value != "use":
            body = self.graph(value, f"`{key.value}`", in_place=key.value == "nodes")
        splice = key.value == "nodes"
        return WrittenNode(tree, self._path, self._faulty, None, keys, body, splice, use, share, sources, modifiers)

    def _unknown_key(self, given: Field, body: str) -> None:
        expected = ", ".join(f"`{each}`" for each in sorted(MODIFIERS))
        help_ = unknown_field_help(given, MODIFIERS)
        message = f"a node with `{body}` has no field `{given.key.value}`"
        self._error("unknown-field", message, given.key.span, expected=expected, help=help_)

    def _shared(self, value: Tree) -> Scalar | None:
        if isinstance(value, Scalar) and isinstance(value.value, str):
            return value
        message = "`share` is the name of an earlier node"
        self._error("share", message, value.span, found=shown(value), help=taken_help(value))
        return None

    def _sources(self, given: Field | None) -> tuple[Taken, ...] | None:
        if given is None:
            return None
        items = given.value.items if isinstance(given.value, Sequence) else (given.value,)
        sources = tuple(filter(None, map(taken_of, items)))
        if len(sources) == len(items) and items:
            return sources
        message = "`from` is the name of an earlier node, or a list of names"
        wrong = next((item for item in items if taken_of(item) is None), given.value)
        self._error("from", message, given.value.span, found=shown(given.value), help=taken_help(wrong))
        return ()

    def _error(self, code: str, message: str, span: Span, **details: str | None) -> None:
        self._faulty = True
        node = address_of(self._path, self.block)
        self.faults.append(Diagnostic(code, message, span, node, **details))  # type: ignore[arg-type]


def address_of(path: Path, block: str | None) -> str | None:
    """A node as messages call it; `None` where that is not known before elaboration."""
    if not path or None in path:
        return None
    address = ".".join(filter(None, path))
    return f"{address} of block `{block}`" if block else address
