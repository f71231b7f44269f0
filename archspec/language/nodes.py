"""The nodes of a graph, each with the op or block that it calls, before anything is counted or expanded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct, field

from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree
from archspec.language.yaml_tree import Sequence as SequenceTree

MODIFIERS = frozenset(
    (
        "from",
        "when",
        "else",
        "repeat",
        "each",
        "over",
        "training",
        "expect",
        "freeze",
        "replace",
        "carry",
        "tie",
        "parametrize",
    )
)
BODIES = ("graph", "nodes", "use", "share")
RESERVED = MODIFIERS | set(BODIES)
TAPS, WITHIN = "taps", "within"
"""The fields of a part that are no settings of it."""


class Signature(Struct, frozen=True):
    """What a call of an op or block may say: the fields, and those that the name's own value fills, in order."""

    name: str
    kind: Literal["op", "block"]
    fields: frozenset[str]
    required: tuple[str, ...]
    positional: tuple[str, ...]
    ordered: tuple[str, ...] = ()
    """All fields, in the order of the definition."""
    join: bool = False
    takes_numbers: bool = False
    """Whether numbers may stand among what it joins."""
    takes_list: bool = False
    """Whether a list as the name's value fills the first field alone."""
    takes_call: bool = False
    """Whether a mapping as the name's value is a call that fills the first field."""
    faulty: bool = False
    """Whether the definition could not be read, which is already reported: a call of it is left alone."""


Vocabulary = Callable[[str], Signature | None]


class Field(NamedTuple):
    """One field of a call as written."""

    key: Scalar
    value: Tree


class Taken(NamedTuple):
    """What a node takes: the name of a value, or the template of several with how many there are; or a number."""

    name: Scalar
    repeat: Tree | None = None
    when: Tree | None = None
    """The condition under which it is taken."""
    others: tuple[Scalar, ...] = ()
    """The names that stand beside the first in each turn."""

    @property
    def span(self) -> Span:
        return self.name.span

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All that is written of it."""
        return (*self.names, *(each for each in (self.repeat, self.when) if each is not None))

    @property
    def names(self) -> tuple[Scalar, ...]:
        """The names of one turn."""
        return (self.name, *self.others)


def taken_of(tree: Tree, numbers: bool = False) -> Taken | None:
    """`name`, or `{from: "name{i}", repeat: n, when: …}` of one or several, or a number where it may; else `None`."""
    if isinstance(tree, Scalar):
        number = numbers and type(tree.value) in (int, float)
        return Taken(tree) if isinstance(tree.value, str) or number else None
    keys = set(tree.names) if isinstance(tree, MappingTree) else set()
    if not isinstance(tree, MappingTree) or not {"from"} < keys <= {"from", "repeat", "when"}:
        return None
    written = tree.get("from")
    names = written.items if isinstance(written, SequenceTree) else (written,)
    if not names or not all(isinstance(each, Scalar) and isinstance(each.value, str) for each in names):
        return None
    first, *others = (each for each in names if isinstance(each, Scalar))
    return Taken(first, tree.get("repeat"), tree.get("when"), tuple(others))


class NodeDef(Struct, frozen=True, eq=False, dict=True):
    """One node as written: one of `callee`, `use`, `share`, `body` says what it is, unless it is `broken`."""

    span: Span
    broken: bool = False
    opaque: bool = False
    """Whether a broken node may hold others whose names the graph around it would see."""
    callee: Scalar | None = None
    use: Tree | None = None
    share: Scalar | None = None
    body: GraphDef | None = None
    splice: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)
    operands: tuple[Taken, ...] | None = None
    branches: GraphDef | None = None
    sources: tuple[Taken, ...] | None = None
    modifiers: Mapping[str, Field] = field(default_factory=dict)
    otherwise: GraphDef | None = None
    """The one node that stands in its place where it is switched off."""

    @property
    def graphs(self) -> Iterator[GraphDef]:
        """The nodes that are written in it."""
        return (graph for graph in (self.body, self.branches, self.otherwise) if graph is not None)

    @cached_property
    def plain(self) -> bool:
        """Whether it is one node as it stands: no modifiers, no group, nothing wrong."""
        return not (self.modifiers or self.splice or self.broken)

    @cached_property
    def called_at(self) -> Span:
        """The word of the op or block, where there is one."""
        return self.callee.span if self.callee is not None else self.span

    def modifier(self, name: str) -> Tree | None:
        """The value of a modifier, `None` where it is left out."""
        given = self.modifiers.get(name)
        return given.value if given else None


class Entry(Struct, frozen=True, eq=False):
    """A node and the name it stands under; in a list it has none."""

    name: Scalar | None
    node: NodeDef


class GraphDef(Struct, frozen=True, eq=False, dict=True):
    """The children of a block: named by a mapping, numbered by a list."""

    span: Span
    numbered: bool
    entries: tuple[Entry, ...]

    @cached_property
    def declared(self) -> Mapping[str, Span]:
        """Where each name stands that is written out, and no template."""
        names = [entry.name for entry in reversed(self.entries) if entry.name is not None]
        return {str(name.value): name.span for name in names if "{" not in str(name.value)}
