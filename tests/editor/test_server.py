"""The language server over standard input and output, as an editor speaks to it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient
from typer.testing import CliRunner

from archspec.cli.app import application
from archspec.editor.server.positions import place, position
from archspec.language.source import Source
from tests.editor.test_page import NET, at

WRONG = NET.replace("width, kernel_size: 1}", "width, kernal_size: 1}").replace("relu: relu", "relu: rleu")


class Editor(LanguageClient):
    """A client that keeps what it is told of its page."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.told: asyncio.Queue[list[lsp.Diagnostic]] = asyncio.Queue()
        self.uri = ""
        self.refreshed = 0

        def told(params: lsp.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(list(params.diagnostics))

        def refresh(*_: object) -> None:
            self.refreshed += 1

        self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(told)
        self.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)(refresh)
        self.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)(refresh)

    @property
    def page(self) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri)

    async def opened(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        self.uri = path.as_uri()
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, "yaml", 1, text)))
        return await self.told.get()

    async def typed(self, text: str, version: int) -> list[lsp.Diagnostic]:
        document = lsp.VersionedTextDocumentIdentifier(version, self.uri)
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [whole]))
        return await self.told.get()


Told = Callable[[Editor], Awaitable[None]]


def converse(told: Told) -> None:
    """Speak with a server that is started for it."""

    async def run() -> None:
        editor = Editor()
        await editor.start_io(sys.executable, "-m", "archspec", "lsp")
        await editor.initialize_async(lsp.InitializeParams(capabilities=lsp.ClientCapabilities()))
        editor.initialized(lsp.InitializedParams())
        try:
            await told(editor)
        finally:
            await editor.shutdown_async(None)
            editor.exit(None)
            await editor.stop()  # type: ignore[no-untyped-call]

    asyncio.run(asyncio.wait_for(run(), 120))


def where(words: str, text: str = NET) -> lsp.Position:
    line, column = at(text, words)
    return lsp.Position(line - 1, column - 1)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_editor_is_answered(tmp_path: Path) -> None:
    async def told(editor: Editor) -> None:
        found = await editor.opened(tmp_path / "net.yaml", WRONG)
        assert [each.code for each in found if each.severity == lsp.DiagnosticSeverity.Error] == [
            "unknown-op",
            "unknown-field",
        ]
        assert "help: did you mean `relu`?" in found[0].message
        everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
        context = lsp.CodeActionContext(found)
        actions = await editor.text_document_code_action_async(lsp.CodeActionParams(editor.page, everywhere, context))
        assert [each.title for each in actions or ()] == ["write `relu`", "write `kernel_size`", "make all 2 fixes"]
        assert not any(each.severity == lsp.DiagnosticSeverity.Error for each in await editor.typed(NET, 2))
        await _asks(editor, everywhere)
        show = lsp.ExecuteCommandParams("archspec.showVariant", [editor.uri, "net_wide"])
        await editor.workspace_execute_command_async(show)
        hints = await editor.text_document_inlay_hint_async(lsp.InlayHintParams(editor.page, everywhere))
        assert editor.refreshed and hints and str(hints[0].label).startswith("16×32×32")

    converse(told)


async def _asks(editor: Editor, everywhere: lsp.Range) -> None:
    hints = await editor.text_document_inlay_hint_async(lsp.InlayHintParams(editor.page, everywhere))
    assert hints and hints[0].label == "8×32×32 · 224 · 221 k"
    hover = await editor.text_document_hover_async(lsp.HoverParams(editor.page, where("  stem")))
    assert hover is not None and "3×3 conv, 8" in str(hover.contents)
    offered: Any = await editor.text_document_completion_async(lsp.CompletionParams(editor.page, where("{linear")))
    assert "linear" in [each.label for each in offered.items]
    found: Any = await editor.text_document_definition_async(lsp.DefinitionParams(editor.page, where("tail, stem")))
    assert found.range.start == lsp.Position(14, 2)
    context = lsp.ReferenceContext(include_declaration=True)
    used = await editor.text_document_references_async(lsp.ReferenceParams(context, editor.page, where("{width")))
    assert used is not None and len(used) == 5
    change = await editor.text_document_rename_async(lsp.RenameParams(editor.page, where("{width"), "wide"))
    assert change is not None and change.changes is not None and len(change.changes[editor.uri]) == 5
    with pytest.raises(Exception, match="not a plain name"):
        await editor.text_document_rename_async(lsp.RenameParams(editor.page, where("{width"), "a b"))
    symbols = await editor.text_document_document_symbol_async(lsp.DocumentSymbolParams(editor.page))
    assert symbols and symbols[-2].name == "output"
    assert await editor.text_document_folding_range_async(lsp.FoldingRangeParams(editor.page))
    lenses = await editor.text_document_code_lens_async(lsp.CodeLensParams(editor.page))
    assert [each.command.title for each in lenses or () if each.command][-1] == "1 agrees"


def test_columns_are_counted_as_the_protocol_counts_them() -> None:
    source = Source("x", "a: 𝔸é # b\n")
    assert position(source, 1, 6) == lsp.Position(0, 6)
    for column in range(1, 11):
        assert place(source, position(source, 1, column)) == (1, column)
    assert place(source, lsp.Position(7, 3)) == (8, 1)


def test_without_pygls_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.cli.lsp.find_spec", lambda name: None)
    result = CliRunner().invoke(application(["lsp", "list"]), ["lsp"])
    assert result.exit_code == 1 and 'pip install "archspec-nn[editor]"' in result.stderr
