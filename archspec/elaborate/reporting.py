"""What is found wrong in one elaboration, reported at the place where the user can fix it."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.elaborate.scope import Failed
from archspec.language.diagnostics import Diagnostic, Findings, Note
from archspec.language.source import Span


class CallFrame(NamedTuple):
    """One call of a block on the way to the node at hand."""

    block: str
    span: Span
    standard: bool
    home: str
    """The name of the text that defines the block."""


class Reporter(Struct):
    """Adds findings, with the calls of blocks through which elaboration came to them."""

    findings: Findings
    frames: list[CallFrame] = field(default_factory=list)
    count: int = 0
    """How often something was reported, told anew or not."""
    _told: set[tuple[str, Span | None]] = field(default_factory=set)

    def report(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> None:
        """Add a finding; one inside a standard block is shown where the user called that block."""
        self.add(Diagnostic(code, message, span, node or None, **details))

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a finding that another step made, as `report` does; copies of a node tell of the same fault once."""
        self.count += 1
        found = self._at_the_call(diagnostic)
        key = (found.code, found.span)
        if found.span is None or key not in self._told:
            self._told.add(key)
            self.findings.add(found)

    def fail(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> NoReturn:
        """Report, and give the node up."""
        self.report(code, message, span, node, **details)
        raise Failed

    def enter(self, frame: CallFrame, address: str) -> None:
        """Begin a block's definition, unless it contains itself; who calls this takes the frame back."""
        for each in self.frames:
            if each.block == frame.block and each.home == frame.home:
                chain = " → ".join([*(each.block for each in self.frames), frame.block])
                self.fail("recursion", f"`{frame.block}` contains itself", frame.span, address, found=chain)
        self.frames.append(frame)

    def _at_the_call(self, diagnostic: Diagnostic) -> Diagnostic:
        """Move the place out of standard blocks to the innermost call that the user can edit, and note calls."""
        span, notes, frames = diagnostic.span, diagnostic.notes, self.frames
        first = next((index for index, frame in enumerate(frames) if frame.standard), None)
        if first is not None and span is not None and span.source.standard:
            notes = (*notes, Note(f"inside the standard block `{frames[-1].block}`", span))
            span, frames = frames[first].span, frames[:first]
        if frames:
            notes = (*notes, Note(f"in `{frames[-1].block}`, called here", frames[-1].span))
        return replace(diagnostic, span=span, notes=notes)
