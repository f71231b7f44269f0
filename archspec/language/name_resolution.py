"""The words of a written graph → the ops and blocks that they mean, against one vocabulary.

Which key of a call names an op, and so which are its fields, is known only here:

    {stride: 2, conv: 64, kernel_size: 3}   →   `conv` with `out_channels`, `kernel_size` and `stride`
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.hints import (
    Names,
    call_help,
    cut_in_pieces,
    is_misspelt,
    join_help,
    main_help,
    meant,
    missing_help,
    nested_help,
    unknown_field_help,
    unknown_op_help,
)
from archspec.language.nodes import Entry, Field, GraphDef, NodeDef, Signature, Vocabulary, taken_of
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.syntax import Path, Reader, WrittenGraph, WrittenNode, address_of
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree


class GraphText(Struct, frozen=True, eq=False):
    """A graph's text: as nodes whose words are open, and once read against the names that its definition sees."""

    written: WrittenGraph
    tree: Tree
    block: str | None = None
    """The block whose graph it is, `None` for a document's own."""
    faults: tuple[Diagnostic, ...] = ()
    """What is wrong with it whatever its words mean."""
    _read: list[GraphDef] = field(default_factory=list)
    _told: list[Diagnostic] = field(default_factory=list)

    @classmethod
    def of(cls, tree: Tree, what: str, block: str | None = None) -> GraphText:
        """The graph that a tree holds, which messages call `what`."""
        reader = Reader(block=block)
        written = reader.graph(tree, what)
        return cls(written, tree, block, tuple(reader.faults))

    def graph(self, vocabulary: Vocabulary, names: Names, findings: Findings) -> GraphDef:
        """The nodes with their meaning; what is wrong with them is told each time."""
        if not self._read:
            told = len(findings.items)
            for fault in self.faults:
                findings.add(fault)
            self._read.append(Resolver(vocabulary, names, findings, self.block).graph(self.written))
            # Looking a name up may tell of a file, too.
            self._told.extend(findings.items[told:])
        for fault in self._told:
            findings.add(fault)
        return self._read[0]

    @property
    def sound(self) -> GraphDef | None:
        """The nodes, where they were read and nothing was wrong with them."""
        return self._read[0] if self._read and not self._told else None


def call_in(tree: Tree, vocabulary: Vocabulary, names: Names, findings: Findings) -> NodeDef:
    """A call that is given as a value: another one completes it, so fields that it needs may be missing."""
    reader = Reader()
    written = reader.node(tree)
    for fault in reader.faults:
        findings.add(fault)
    return Resolver(vocabulary, names, findings, partial=True).node(written)


class Resolver(Struct):
    """Gives the words of written nodes their meaning, collecting what is wrong."""

    vocabulary: Vocabulary
    names: Names
    findings: Findings
    block: str | None = None
    """The block whose graph it is, `None` for the document's own."""
    partial: bool = False
    """Whether required fields may be missing."""
    _faulty: bool = False
    """Whether the node at hand has a fault of its own."""
    _path: Path = ()

    def graph(self, written: WrittenGraph) -> GraphDef:
        """The nodes of a graph."""
        entries = [Entry(entry.name, self.node(entry.node)) for entry in written.entries]
        return GraphDef(written.span, written.numbered, tuple(entries))

    def node(self, written: WrittenNode) -> NodeDef:
        """One node; broken where something is wrong with it."""
        around, self._faulty, self._path = (self._faulty, self._path), written.faulty, written.path
        node = self._node(written)
        faulty, (self._faulty, self._path) = self._faulty, around
        if node is not None and not faulty:
            return node
        sources = None if written.modifiers else written.sources
        return NodeDef(written.tree.span, broken=True, opaque=_holds_names(written.tree), sources=sources)

    def _node(self, written: WrittenNode) -> NodeDef | None:
        node = self._meant(written)
        if node is None or written.otherwise is None:
            return node
        graph = self.graph(written.otherwise)
        (other,) = graph.entries
        if other.node.sources is None and other.node.operands is None:
            # It takes what the node would have taken.
            other = replace(other, node=replace(other.node, sources=node.sources))
        return replace(node, otherwise=replace(graph, entries=(other,)))

    def _meant(self, written: WrittenNode) -> NodeDef | None:
        if written.word is not None:
            return self._bare(written.word)
        span, sources, modifiers = written.tree.span, written.sources, written.modifiers
        if written.body is not None:
            body, splice = self.graph(written.body), written.splice
            return NodeDef(span, body=body, splice=splice, sources=sources, modifiers=modifiers)
        if written.share is not None:
            return NodeDef(span, share=written.share, sources=sources, modifiers=modifiers)
        if written.use is not None:
            fields = {str(each.key.value): each for each in written.keys}
            return NodeDef(span, use=written.use, fields=fields, sources=sources, modifiers=modifiers)
        return self._call(written) if written.keys else None

    def _bare(self, word: Scalar) -> NodeDef | None:
        signature = self.vocabulary(str(word.value))
        if signature is None:
            self._unknown(word)
        if signature is None or signature.faulty:
            return None
        self._check_required(signature, {}, word)
        return NodeDef(word.span, callee=word)

    def _call(self, written: WrittenNode) -> NodeDef | None:
        found = self.callee(written)
        if found is None or found[1].faulty:
            return None
        (callee, value), signature = found
        if (piece := cut_in_pieces(written.tree, callee, signature.fields)) is not None:
            self._unknown_field(signature, *piece)
            return None
        fields = {str(each.key.value): each for each in written.keys if each.key is not callee}
        self._check_fields(signature, fields)
        node = NodeDef(
            written.tree.span, callee=callee, fields=fields, sources=written.sources, modifiers=written.modifiers
        )
        return self._with_main(node, signature, value)

    def callee(self, written: WrittenNode) -> tuple[Field, Signature] | None:
        """The key that names an op or block: the one of which all others are fields."""
        keys = written.keys
        names = {str(each.key.value) for each in keys}
        callable_keys = [(each, known) for each in keys if (known := self.vocabulary(str(each.key.value)))]
        if not callable_keys:
            self._unknown(keys[0].key, nested_help(keys, _in_list(written.path), self.vocabulary))
            return None
        fitting = [each for each in callable_keys if names - {str(each[0].key.value)} <= each[1].fields]
        first, signature = (fitting or callable_keys)[0]
        if not fitting and is_misspelt(str(keys[0].key.value), signature, self.vocabulary, self.names):
            self._unknown(keys[0].key)
            return None
        if signature.faulty:
            return first, signature
        rivals = [
            key for (key, _), _ in callable_keys if key is not first.key and str(key.value) not in signature.fields
        ]
        if rivals:
            self._error(
                "two-ops",
                f"a node holds one op or block: found `{first.key.value}` and `{rivals[0].value}`",
                rivals[0].span,
                help="write them as two nodes, one after the other",
            )
            return None
        return first, signature

    def _with_main(self, node: NodeDef, signature: Signature, value: Tree) -> NodeDef | None:
        assert node.callee is not None
        if signature.join:
            return self._join(node, signature, value)
        empty = isinstance(value, Scalar) and value.value is None and not value.quoted
        if isinstance(value, MappingTree) and (not signature.takes_call or signature.fields.issuperset(value.names)):
            message = f"the fields of `{signature.name}` are written beside its name, not under it"
            self._error("main-argument", message, value.span, help=call_help(signature, value))
            return None
        fields = dict(node.fields)
        if isinstance(value, Sequence) and signature.kind == "block" and not signature.takes_list:
            self._check_positional(signature, value, fields)
            fields |= {name: Field(node.callee, item) for name, item in zip(signature.positional, value.items)}
        elif not empty:
            if not signature.positional:
                message = f"`{signature.name}` takes no value after its name"
                help_ = main_help(signature, value)
                self._error("main-argument", message, value.span, found=shown(value), help=help_)
                return None
            main = signature.positional[0]
            if main in fields:
                message = f"`{main}` is given twice: as the value of `{signature.name}` and as a field"
                self._error("field-twice", message, fields[main].key.span)
            fields[main] = Field(node.callee, value)
        self._check_required(signature, fields, node.callee, value)
        return replace(node, fields=fields)

    def _join(self, node: NodeDef, signature: Signature, value: Tree) -> NodeDef | None:
        if isinstance(value, MappingTree):
            return replace(node, branches=self._branches(value, f"`{signature.name}`"))
        given = _listed(value, signature)
        operands = [taken_of(item, signature.takes_numbers) for item in given]
        if all(operands) and (operands or isinstance(value, Sequence)):
            if node.sources:
                message = f"`{signature.name}` names its inputs itself, so `from` is not allowed"
                self._error("from", message, node.sources[0].span)
            return replace(node, operands=tuple(filter(None, operands)))
        wrong = next((item for item, taken in zip(given, operands) if taken is None), value)
        self._error(
            "join",
            f"`{signature.name}` joins nodes by name, or branches written in place",
            wrong.span,
            expected=f"`{{{signature.name}: [a, b]}}` or `{{{signature.name}: {{branch1: …, branch2: …}}}}`",
            found=shown(wrong),
            help=join_help(signature.name, wrong, whole=wrong is value),
        )
        return None

    def _branches(self, value: Tree, what: str) -> GraphDef:
        """Branches written in place: that a mapping holds some is known by the join's name alone."""
        reader = Reader(block=self.block)
        written, faulty = reader.branches(value, what, self._path)
        for fault in reader.faults:
            self.findings.add(fault)
        graph = self.graph(written)
        self._faulty = self._faulty or faulty
        return graph

    def _check_positional(self, signature: Signature, value: Sequence, fields: Mapping[str, Field]) -> None:
        count = len(signature.positional)
        if len(value.items) > count:
            self._error(
                "too-many-arguments",
                f"`{signature.name}` takes at most {count} values in order, found {len(value.items)}",
                value.items[count].span,
                expected=", ".join(f"`{name}`" for name in signature.positional),
            )
        for name in signature.positional[: len(value.items)]:
            if name in fields:
                message = f"`{name}` is given twice: in the list and as a field"
                self._error("field-twice", message, fields[name].key.span)

    def _check_fields(self, signature: Signature, fields: Mapping[str, Field]) -> None:
        for name, given in fields.items():
            if name not in signature.fields:
                self._unknown_field(signature, given.key, unknown_field_help(given, signature.fields, signature))

    def _unknown_field(self, signature: Signature, key: Scalar, help: str | None) -> None:
        message = f"`{signature.name}` has no field `{key.value}`"
        expected = ", ".join(f"`{each}`" for each in sorted(signature.fields)) or None
        self._error("unknown-field", message, key.span, expected=expected, help=help)

    def _check_required(
        self, signature: Signature, fields: Mapping[str, Field], callee: Scalar, main: Tree | None = None
    ) -> None:
        missing = [name for name in signature.required if name not in fields]
        # A misspelt field is one mistake, not two.
        misspelt = {meant(name, signature.fields) for name in fields if name not in signature.fields}
        if missing and not self.partial and not misspelt & set(missing):
            self._error(
                "missing-field",
                f"`{signature.name}` needs {' and '.join(f'`{name}`' for name in missing)}",
                callee.span,
                help=missing_help(signature, missing, main),
            )

    def _unknown(self, name: Scalar, help: str | None = None) -> None:
        text = str(name.value)
        if text == "opaque":
            message = "`opaque` stands where a module did what archspec has no op for: the page cannot be read"
            help_ = "write there what it computes, with ops and blocks; `place` names the line of the module"
            self._error("opaque", message, name.span, help=help_)
            return
        help_ = help or unknown_op_help(text, self.names())
        self._error("unknown-op", f"there is no op or block `{text}`", name.span, help=help_)

    def _error(self, code: str, message: str, span: Span, **details: str | None) -> None:
        self._faulty = True
        node = address_of(self._path, self.block)
        self.findings.add(Diagnostic(code, message, span, node, **details))  # type: ignore[arg-type]


def _in_list(path: Path) -> bool:
    """Whether the node there is an item of a list."""
    return not path or path[-1] is None or path[-1].isdigit()


def _holds_names(tree: Tree) -> bool:
    return isinstance(tree, MappingTree) and any(
        key.value == "nodes" or isinstance(value, MappingTree) for key, value in tree.entries
    )


def _listed(value: Tree, signature: Signature) -> tuple[Tree, ...]:
    """What a join names; in arithmetic one operand alone goes with the node before it: `{mul: 0.5}`."""
    if isinstance(value, Sequence):
        return value.items
    alone = signature.takes_numbers and isinstance(value, Scalar) and value.value is not None
    return (Scalar("previous", value.span), value) if alone else ()
