"""The server: open pages by their address, each read once for each text of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from msgspec import Struct
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from archspec import __version__
from archspec.editor.page.analysis import Analysis, analyse
from archspec.editor.page.navigation import RenameError
from archspec.editor.server import answers
from archspec.language.source import Source


class Pages(Struct):
    """The open pages: which variant of each is shown, and what was made of its last text."""

    server: LanguageServer
    shown: dict[str, str]
    read: dict[str, tuple[str, str | None, Analysis]]

    def page(self, uri: str) -> Analysis:
        """A page as it is now; all answers about one text share what was read of it."""
        text, variant = self.server.workspace.get_text_document(uri).source, self.shown.get(uri)
        known = self.read.get(uri)
        if known is None or known[:2] != (text, variant):
            path = to_fs_path(uri)
            name = Path(path).name if path else uri
            known = text, variant, analyse(Source(name, text, Path(path) if path else None), variant)
            self.read[uri] = known
        return known[2]

    def tell(self, uri: str) -> None:
        """Send what is wrong with a page."""
        found = answers.diagnostics(self.page(uri), uri)
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))

    def close(self, uri: str) -> None:
        """Forget a page, and take back what was told of it."""
        self.read.pop(uri, None)
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


def language_server() -> LanguageServer:
    """A server that knows specs, blocks' files and recipes; `start_io` runs it."""
    server = LanguageServer("archspec", __version__)
    pages = Pages(server, {}, {})
    _follow(server, pages)
    _answer(server, pages)
    return server


def _follow(server: LanguageServer, pages: Pages) -> None:
    """Keep up with what is opened, typed and closed."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        pages.tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        pages.tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        pages.close(params.text_document.uri)

    @server.command(answers.SHOW_VARIANT)
    def show_variant(uri: str, variant: str) -> None:
        pages.shown[uri] = variant
        pages.tell(uri)
        for refresh in (server.workspace_inlay_hint_refresh, server.workspace_code_lens_refresh):
            refresh(None)


def _answer(server: LanguageServer, pages: Pages) -> None:
    """Answer what is asked of a page."""

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def inlay_hints(params: lsp.InlayHintParams) -> Any:
        return answers.inlay_hints(pages.page(params.text_document.uri), params.range)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> Any:
        return answers.hover_at(pages.page(params.text_document.uri), params.position)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", "[", "{", ":"]))
    def completion(params: lsp.CompletionParams) -> Any:
        return answers.completion_at(pages.page(params.text_document.uri), params.position)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> Any:
        uri = params.text_document.uri
        return answers.definition_of(pages.page(uri), uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> Any:
        uri = params.text_document.uri
        return answers.references_of(pages.page(uri), uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME)
    def rename(params: lsp.RenameParams) -> Any:
        uri = params.text_document.uri
        try:
            return answers.rename(pages.page(uri), uri, params.position, params.new_name)
        except RenameError as error:
            raise JsonRpcInvalidParams(str(error)) from None

    kinds = [lsp.CodeActionKind.QuickFix]

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))
    def code_action(params: lsp.CodeActionParams) -> Any:
        uri = params.text_document.uri
        return answers.code_actions(pages.page(uri), uri, params.range)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> Any:
        return answers.symbols(pages.page(params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: lsp.FoldingRangeParams) -> Any:
        return answers.folding(pages.page(params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    def lens(params: lsp.CodeLensParams) -> Any:
        uri = params.text_document.uri
        return answers.code_lenses(pages.page(uri), uri)
