"""Where names are looked up: the document's blocks, files beside it, the standard blocks, the ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct, field

from archspec.language.block_definition import BlockDef, parse_block_file
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document
from archspec.language.file_kind import is_block_file
from archspec.language.nodes import GraphDef, Signature
from archspec.language.read_text import is_file, read_source
from archspec.language.source import Source
from archspec.ops import Op, builtin_ops, ops

FindDocument = Callable[[str, Path | None], "tuple[Document, str | None] | None"]
"""From a bundled name or a path beside a spec to a document and the variant meant."""
_BLOCKS = Path(__file__).parents[1] / "blocks"


@cache
def standard_names() -> frozenset[str]:
    """The names of the blocks that come with archspec."""
    return frozenset(file.stem for file in _BLOCKS.glob("*.yaml"))


@cache
def standard_block(name: str) -> BlockDef:
    """A block that comes with archspec, by its name; raises `KeyError` for an unknown one."""
    if name not in standard_names():
        raise KeyError(name)
    findings = Findings()
    source = Source(f"blocks/{name}.yaml", (_BLOCKS / f"{name}.yaml").read_text("utf-8"), standard=True)
    block = parse_block_file(source, findings, standard=True)
    findings.check()
    assert block is not None, "a block that could not be read has an error"
    return block


@cache
def op_signature(op: type[Op]) -> Signature:
    """What a call of an op may say."""
    fields = {name: info for name, info in op.model_fields.items() if name not in op.internal}
    required = tuple(name for name, info in fields.items() if info.is_required())
    join = op.kind == "join"
    positional = (op.main,) if op.main and not join else ()
    return Signature(op.name, "op", frozenset(fields), required, positional, tuple(fields), join, op.takes_numbers)


class Library(Struct):
    """The names that one document's graph may call."""

    document: Document | None
    findings: Findings
    _beside: dict[str, BlockDef | None] = field(default_factory=dict)
    _faulty: set[str] = field(default_factory=set)
    _meanings: dict[str, BlockDef | type[Op] | None] = field(default_factory=dict)
    _standard: dict[str, bool] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Everything that can be called."""
        return (*self._own, *standard_names(), *ops())

    @property
    def _own(self) -> Mapping[str, BlockDef]:
        return self.document.blocks if self.document else {}

    def signature(self, name: str) -> Signature | None:
        """What a call of `name` may say, or `None` where nothing is called so."""
        block = self.block(name)
        if block is not None:
            return block.signature
        if self.is_faulty(name):
            return Signature(name, "block", frozenset(), (), (), faulty=True)
        op = ops().get(name)
        return op_signature(op) if op else None

    def is_faulty(self, name: str) -> bool:
        """Whether there is a block of that name that could not be read, which is already reported."""
        return name in self._faulty or bool(self.document and name in self.document.faulty_blocks)

    def block(self, name: str) -> BlockDef | None:
        """The block of that name: the nearest definition wins; only a document's own may stand for an op."""
        if name in self._own:
            return self._own[name]
        if self.is_faulty(name) or name in builtin_ops():
            return None
        beside = self._file_beside(name)
        if beside is not None or self.is_faulty(name):
            return beside
        return standard_block(name) if name in standard_names() else None

    def meaning(self, name: str) -> BlockDef | type[Op] | None:
        """The block or op that is called `name`, if nothing is wrong with it; looked up once."""
        if name not in self._meanings:
            self._meanings[name] = self.block(name) or (None if self.is_faulty(name) else ops().get(name))
        return self._meanings[name]

    def is_standard(self, name: str) -> bool:
        """Whether a name means one of archspec's own ops or blocks, and so the same in every document."""
        known = self._standard.get(name)
        if known is None:
            builtin = name in builtin_ops() and name not in self._own
            meaning = None if builtin else self.meaning(name)
            known = self._standard[name] = builtin or (isinstance(meaning, BlockDef) and meaning.standard)
        return known

    def declares(self, block: BlockDef) -> bool:
        """Whether a block is the document's own, and so sees its params."""
        return self._own.get(block.name) is block

    def is_own(self, name: str) -> bool:
        """Whether a name means a block of the document's own, or of a file beside it."""
        block = self.meaning(name) if name not in ops() or name in self._own else None
        return isinstance(block, BlockDef) and not block.standard

    def body(self, block: BlockDef) -> GraphDef:
        """A block's graph, read against the names that its definition sees."""
        if (sound := block.body.sound) is not None:
            return sound
        seen = Library(None, self.findings) if block.standard else self
        return block.body.graph(seen.signature, seen.names, self.findings)

    def graph(self, document: Document) -> GraphDef:
        """The document's own graph."""
        return document.body.graph(self.signature, self.names, self.findings)

    def check_own_blocks(self) -> None:
        """Read every block of the document, called or not, so that its faults are found."""
        for block in self._own.values():
            if block.name in ops():
                self.findings.add(
                    Diagnostic(
                        "hidden-op",
                        f"`{block.name}` means this page's block here, and not the op of that name",
                        block.span,
                        help="choose another name, or say that it is meant: `# allow: hidden-op`",
                        severity="warning",
                    )
                )
            self.body(block)

    def _file_beside(self, name: str) -> BlockDef | None:
        if name not in self._beside:
            self._beside[name] = self._read_beside(name)
        return self._beside[name]

    def _read_beside(self, name: str) -> BlockDef | None:
        if self.document is None or self.document.source.path is None or not name.isidentifier():
            return None
        path = self.document.source.path.parent / f"{name}.yaml"
        if path == self.document.source.path or not is_file(path):
            return None
        try:
            source = read_source(path)
            if not is_block_file(source):
                return None
            block = parse_block_file(source, self.findings, standard=False)
        except SpecError as error:
            block = None
            for diagnostic in error.diagnostics:
                self.findings.add(diagnostic)
        if block is not None and block.name != name:
            self._report_other_name(block, name, path)
            block = None
        if block is None:
            self._faulty.add(name)
        return block

    def _report_other_name(self, block: BlockDef, name: str, path: Path) -> None:
        self.findings.add(
            Diagnostic(
                "name",
                f"`{path.name}` holds the block `{block.name}`",
                block.span,
                expected=f"`block: {name}`",
                found=f"`block: {block.name}`",
                help="a block's file must have the block's name",
            )
        )
