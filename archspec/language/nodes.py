"""The graph as written: entries, nodes and their modifiers, before anything is counted or expanded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean, nearest
from archspec.language.identifiers import is_identifier
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

MODIFIERS = frozenset({"from", "when", "repeat", "each", "over", "training", "expect", "freeze", "replace"})
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
    join: bool = False
    takes_list: bool = False
    """Whether a list as the name's value fills the first field alone."""
    takes_call: bool = False
    """Whether a mapping as the name's value is a call that fills the first field."""
    faulty: bool = False
    """Whether the definition came to nothing, which has been reported: a call of it is left alone."""


Vocabulary = Callable[[str], Signature | None]


class Field(NamedTuple):
    """One field of a call as written."""

    key: Scalar
    value: Tree


class Taken(NamedTuple):
    """What a node takes: the name of a value, or the template of several with how many there are."""

    name: Scalar
    repeat: Tree | None = None

    @property
    def span(self) -> Span:
        return self.name.span

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All that is written of it."""
        return (self.name,) if self.repeat is None else (self.name, self.repeat)


def taken_of(tree: Tree) -> Taken | None:
    """`name`, or `{from: "name{i}", repeat: n}`; `None` where a tree is neither."""
    if isinstance(tree, Scalar):
        return Taken(tree) if isinstance(tree.value, str) else None
    if not isinstance(tree, MappingTree) or {str(key.value) for key, _ in tree.entries} != {"from", "repeat"}:
        return None
    name = tree.get("from")
    return Taken(name, tree.get("repeat")) if isinstance(name, Scalar) and isinstance(name.value, str) else None


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


class GraphText(Struct, frozen=True, eq=False):
    """The text of a graph, read as nodes once: against the names that its own document or definition sees."""

    tree: Tree
    what: str
    block: str | None = None
    """The block whose graph it is, `None` for a document's own."""
    _read: list[GraphDef] = field(default_factory=list)
    _faults: list[Diagnostic] = field(default_factory=list)

    def graph(self, vocabulary: Vocabulary, names: Callable[[], tuple[str, ...]], findings: Findings) -> GraphDef:
        """The nodes; what is wrong with them is told each time."""
        if not self._read:
            told = len(findings.items)
            self._read.append(NodeParser(vocabulary, names, findings, self.block).graph(self.tree, self.what))
            # Looking a name up may tell of a file, too.
            self._faults.extend(findings.items[told:])
        for fault in self._faults:
            findings.add(fault)
        return self._read[0]

    @property
    def sound(self) -> GraphDef | None:
        """The nodes, where they were read and nothing was wrong with them."""
        return self._read[0] if self._read and not self._faults else None


class NodeParser(Struct):
    """Reads trees as nodes against a vocabulary, collecting what is wrong."""

    vocabulary: Vocabulary
    names: Callable[[], tuple[str, ...]]
    findings: Findings
    block: str | None = None
    """The block whose graph is read, `None` for the document's own."""
    partial: bool = False
    """Whether required fields may be missing, as in a call that another one completes."""
    _faulty: bool = False
    """Whether the node being read has a fault of its own."""
    _path: tuple[str | None, ...] = ()
    """The names on the way to the node being read; `None` for a number that is not known before elaboration."""

    def graph(self, tree: Tree, what: str = "a graph", *, in_place: bool = False) -> GraphDef:
        """A mapping of named nodes or a list of numbered ones; `in_place`, they are the enclosing graph's own."""
        around = self._path
        self._path = around[:-1] if in_place else around
        try:
            if isinstance(tree, MappingTree):
                named = tuple(Entry(key, self.node(value, str(key.value))) for key, value in tree.entries)
                graph = GraphDef(tree.span, False, named)
            elif isinstance(tree, Sequence):
                graph = GraphDef(tree.span, True, self._numbered(tree, in_place))
            else:
                self._error(
                    "graph", f"{what} is a mapping of nodes by name, or a list of them", tree.span, found=shown(tree)
                )
                return GraphDef(tree.span, True, ())
        finally:
            self._path = around
        if not graph.entries:
            self._error("graph", f"{what} has no nodes", tree.span)
        return graph

    def _numbered(self, tree: Sequence, in_place: bool) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        certain = not in_place
        for number, item in enumerate(tree.items):
            node = self.node(item, str(number) if certain else None)
            entries.append(Entry(None, node))
            certain = certain and not node.splice and not {"when", "repeat", "each", "over"} & set(node.modifiers)
        return tuple(entries)

    def node(self, tree: Tree, name: str | None = None) -> NodeDef:
        """One node: a name, a call, or a nested graph."""
        around, self._faulty, self._path = (self._faulty, self._path), False, (*self._path, name)
        node = self._node(tree)
        faulty, (self._faulty, self._path) = self._faulty, around
        if node and not faulty:
            return node
        sources = node.sources if node and not node.modifiers else None
        return NodeDef(tree.span, broken=True, opaque=_holds_names(tree), sources=sources)

    def _node(self, tree: Tree) -> NodeDef | None:
        if isinstance(tree, Sequence):
            return NodeDef(tree.span, body=self.graph(tree))
        if isinstance(tree, Scalar):
            return self._bare(tree)
        return self._mapping(tree)

    def _bare(self, tree: Scalar) -> NodeDef | None:
        if not isinstance(tree.value, str):
            self._error(
                "node",
                "a node is the name of an op or block, or a mapping with one in it",
                tree.span,
                found=shown(tree),
            )
            return None
        signature = self.vocabulary(tree.value)
        if signature is None:
            self._unknown(tree)
        if signature is None or signature.faulty:
            return None
        self._check_required(signature, {}, tree)
        return NodeDef(tree.span, callee=tree)

    def _mapping(self, tree: MappingTree) -> NodeDef | None:
        modifiers = {str(key.value): Field(key, value) for key, value in tree.entries if key.value in MODIFIERS}
        rest = [(key, value) for key, value in tree.entries if key.value not in MODIFIERS]
        bodies = [(key, value) for key, value in rest if key.value in BODIES]
        sources = self._sources(modifiers.pop("from", None))
        if bodies:
            return self._with_body(tree, rest, bodies, sources, modifiers)
        found = self._callee(tree, rest)
        if found is None or found[2].faulty:
            return NodeDef(tree.span, broken=True, opaque=_holds_names(tree), sources=None if modifiers else sources)
        callee, value, signature = found
        fields = {str(key.value): Field(key, item) for key, item in rest if key is not callee}
        self._check_fields(signature, fields)
        node = NodeDef(tree.span, callee=callee, fields=fields, sources=sources, modifiers=modifiers)
        return self._with_main(node, signature, value)

    def _with_body(
        self,
        tree: MappingTree,
        rest: list[tuple[Scalar, Tree]],
        bodies: list[tuple[Scalar, Tree]],
        sources: tuple[Taken, ...] | None,
        modifiers: Mapping[str, Field],
    ) -> NodeDef | None:
        (key, value), *more = bodies
        for other, _ in more:
            self._error("node", f"`{key.value}` and `{other.value}` cannot stand in one node", other.span)
        fields = {str(name.value): Field(name, item) for name, item in rest if name.value not in BODIES}
        if key.value == "use":
            return NodeDef(tree.span, use=value, fields=fields, sources=sources, modifiers=modifiers)
        for name in fields.values():
            self._unknown_field(name.key, f"a node with `{key.value}`", MODIFIERS)
        if key.value == "share":
            if not (isinstance(value, Scalar) and isinstance(value.value, str)):
                self._error("share", "`share` is the name of an earlier node", value.span, found=shown(value))
                return None
            return NodeDef(tree.span, share=value, sources=sources, modifiers=modifiers)
        body = self.graph(value, f"`{key.value}`", in_place=key.value == "nodes")
        return NodeDef(tree.span, body=body, splice=key.value == "nodes", sources=sources, modifiers=modifiers)

    def _callee(self, tree: MappingTree, rest: list[tuple[Scalar, Tree]]) -> tuple[Scalar, Tree, Signature] | None:
        """The key that names an op or block: the one of which all others are fields."""
        if not rest:
            self._error(
                "node",
                "a node needs the name of an op or block",
                tree.span,
                help="for example `{conv: 64, kernel_size: 3}`",
            )
            return None
        names = {str(key.value) for key, _ in rest}
        callable_keys = [
            (key, value, signature) for key, value in rest if (signature := self.vocabulary(str(key.value)))
        ]
        if not callable_keys:
            self._unknown(rest[0][0])
            return None
        fitting = [each for each in callable_keys if names - {str(each[0].value)} <= each[2].fields]
        first = (fitting or callable_keys)[0]
        if not fitting and self._is_misspelt_op(str(rest[0][0].value), first[2]):
            self._unknown(rest[0][0])
            return None
        if first[2].faulty:
            return first
        rivals = [key for key, _, _ in callable_keys if key is not first[0] and str(key.value) not in first[2].fields]
        if rivals:
            self._error(
                "two-ops",
                f"a node holds one op or block: found `{first[0].value}` and `{rivals[0].value}`",
                rivals[0].span,
                help="write them as two nodes, one after the other",
            )
            return None
        return first

    def _is_misspelt_op(self, name: str, other: Signature) -> bool:
        """Whether a node's first key is an op's name misspelt, rather than a field of the other op that was found."""
        known = self.vocabulary(name) is not None or name in other.fields or nearest(name, other.fields)
        return not known and nearest(name, self.names()) is not None

    def _with_main(self, node: NodeDef, signature: Signature, value: Tree) -> NodeDef | None:
        assert node.callee is not None
        if signature.join:
            return self._join(node, signature, value)
        empty = isinstance(value, Scalar) and value.value is None and not value.quoted
        if isinstance(value, MappingTree) and not signature.takes_call:
            self._error(
                "main-argument",
                f"the fields of `{signature.name}` stand beside its name, not under it",
                value.span,
                help=f"write `{{{', '.join(f'{name}: …' for name in dict.fromkeys((signature.name, *value.names)))}}}`",
            )
            return None
        fields = dict(node.fields)
        if isinstance(value, Sequence) and signature.kind == "block" and not signature.takes_list:
            self._check_positional(signature, value, fields)
            fields |= {name: Field(node.callee, item) for name, item in zip(signature.positional, value.items)}
        elif not empty:
            if not signature.positional:
                self._error(
                    "main-argument", f"`{signature.name}` takes no value of its own", value.span, found=shown(value)
                )
                return None
            main = signature.positional[0]
            if main in fields:
                self._error(
                    "field-twice",
                    f"`{main}` is given twice: as the value of `{signature.name}` and as a field",
                    fields[main].key.span,
                )
            fields[main] = Field(node.callee, value)
        self._check_required(signature, fields, node.callee)
        return replace(node, fields=fields)

    def _join(self, node: NodeDef, signature: Signature, value: Tree) -> NodeDef | None:
        if isinstance(value, MappingTree):
            return replace(node, branches=self.graph(value, f"`{signature.name}`", in_place=True))
        operands = [taken_of(item) for item in value.items] if isinstance(value, Sequence) else [None]
        if all(operands):
            if node.sources:
                self._error(
                    "from",
                    f"`{signature.name}` names its inputs itself, so `from` has no meaning",
                    node.sources[0].span,
                )
            return replace(node, operands=tuple(filter(None, operands)))
        items = value.items if isinstance(value, Sequence) else ()
        wrong = next((item for item, taken in zip(items, operands) if taken is None), value)
        self._error(
            "join",
            f"`{signature.name}` joins nodes by name, or branches written in place",
            wrong.span,
            expected=f"`{{{signature.name}: [a, b]}}` or `{{{signature.name}: {{branch1: …, branch2: …}}}}`",
            found=shown(wrong),
        )
        return None

    def _sources(self, given: Field | None) -> tuple[Taken, ...] | None:
        if given is None:
            return None
        items = given.value.items if isinstance(given.value, Sequence) else (given.value,)
        sources = tuple(filter(None, map(taken_of, items)))
        if len(sources) != len(items) or not items:
            self._error(
                "from",
                "`from` is the name of an earlier node, or a list of names",
                given.value.span,
                found=shown(given.value),
            )
            return ()
        return sources

    def _check_positional(self, signature: Signature, value: Sequence, fields: Mapping[str, Field]) -> None:
        if len(value.items) > len(signature.positional):
            self._error(
                "too-many-arguments",
                f"`{signature.name}` takes at most {len(signature.positional)} values in order, found "
                f"{len(value.items)}",
                value.items[len(signature.positional)].span,
                expected=", ".join(f"`{name}`" for name in signature.positional),
            )
        for name in signature.positional[: len(value.items)]:
            if name in fields:
                self._error(
                    "field-twice", f"`{name}` is given twice: in the list and as a field", fields[name].key.span
                )

    def _check_fields(self, signature: Signature, fields: Mapping[str, Field]) -> None:
        for name, given in fields.items():
            if name not in signature.fields:
                self._unknown_field(given.key, f"`{signature.name}`", signature.fields)

    def _check_required(self, signature: Signature, fields: Mapping[str, Field], callee: Scalar) -> None:
        missing = [name for name in signature.required if name not in fields]
        misspelt = {nearest(name, signature.fields) for name in fields if name not in signature.fields}
        # A misspelt field is one mistake, not two.
        if missing and not self.partial and not misspelt & set(missing):
            self._error(
                "missing-field",
                f"`{signature.name}` needs {' and '.join(f'`{name}`' for name in missing)}",
                callee.span,
                help=missing_help(signature, missing),
            )

    def _unknown_field(self, key: Scalar, owner: str, known: Iterable[str]) -> None:
        name = str(key.value)
        self._error(
            "unknown-field",
            f"{owner} has no field `{name}`",
            key.span,
            expected=", ".join(f"`{each}`" for each in sorted(known)) or None,
            help=unknown_field_help(name, known),
        )

    def _unknown(self, name: Scalar) -> None:
        text = str(name.value)
        self._error(
            "unknown-op",
            f"there is no op or block `{text}`",
            name.span,
            help=did_you_mean(text, self.names())
            or _torch_name(text, self.names())
            or "`archspec blocks` lists them all",
        )

    def _error(self, code: str, message: str, span: Span, **details: str | None) -> None:
        self._faulty = True
        self.findings.add(Diagnostic(code, message, span, self._address(), **details))  # type: ignore[arg-type]

    def _address(self) -> str | None:
        """The node being read, as messages call it; `None` where that is not known before elaboration."""
        if not self._path or None in self._path:
            return None
        address = ".".join(filter(None, self._path))
        return f"{address} of block `{self.block}`" if self.block else address


def _holds_names(tree: Tree) -> bool:
    return isinstance(tree, MappingTree) and any(
        key.value == "nodes" or isinstance(value, MappingTree) for key, value in tree.entries
    )


_INFERRED = ("in_channels", "in_features", "num_features", "num_channels", "input_size")
"""What torch.nn asks for and the input tells."""


def unknown_field_help(name: str, known: Iterable[str]) -> str | None:
    """What to do about a field that a call does not have."""
    if name in _INFERRED:
        return "leave it out: the input tells it"
    if not is_identifier(name):
        return "put an expression with a `,` in it in quotes"
    close = nearest(name, [*known, *MODIFIERS])
    return f"did you mean `{close}`?" if close else None


def missing_help(signature: Signature, missing: Iterable[str]) -> str:
    """How a call with its missing fields would be written."""
    main = signature.positional[:1]
    fields = [f"{name}: …" for name in missing if name not in main]
    if set(main) & set(missing):
        return f"write `{{{', '.join((f'{signature.name}: …', *fields))}}}`"
    return "add " + " and ".join(f"`{field}`" for field in fields)


def _torch_name(text: str, names: Iterable[str]) -> str | None:
    """The help for one who writes torch's own name of a class: `BatchNorm2d` is `batch_norm`."""
    bare = re.sub("[123]d$", "", text.lower()).replace("_", "")
    known = next((name for name in names if name.replace("_", "") == bare), None)
    return known and f"did you mean `{known}`?"
