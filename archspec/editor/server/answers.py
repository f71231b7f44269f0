"""What is known of a page, as the protocol says it."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as lsp

from archspec.editor.page.analysis import Analysis
from archspec.editor.page.completion import Item, completions
from archspec.editor.page.fixes import Fix, fixes
from archspec.editor.page.hints import hints
from archspec.editor.page.hover import hover
from archspec.editor.page.lens import Lens, lenses
from archspec.editor.page.navigation import Target, definition, inner, references, renamed, word_at
from archspec.editor.page.outline import Item as Outlined
from archspec.editor.page.outline import folds, outline
from archspec.editor.page.words import Word
from archspec.editor.server.positions import place, position, range_of
from archspec.language.diagnostics import Diagnostic
from archspec.language.source import Source, Span

SHOW_VARIANT = "archspec.showVariant"
"""The command behind the lens over a variant."""
_START = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))


def diagnostics(page: Analysis, uri: str) -> list[lsp.Diagnostic]:
    """Each finding at its place; one without a place on this page stands at its top."""
    return [_diagnostic(page, each, uri) for each in page.found]


def _diagnostic(page: Analysis, found: Diagnostic, uri: str) -> lsp.Diagnostic:
    here = found.span is not None and found.span.source is page.source
    details = [f"{name}: {value}" for name in ("expected", "found", "help") if (value := getattr(found, name))]
    if found.span is not None and not here:
        details.insert(0, f"at {found.span}")
    return lsp.Diagnostic(
        range_of(found.span) if found.span is not None and here else _START,
        "\n".join([found.message, *details]),
        severity=lsp.DiagnosticSeverity.Error if found.severity == "error" else lsp.DiagnosticSeverity.Warning,
        code=found.code,
        source="archspec",
        related_information=[
            lsp.DiagnosticRelatedInformation(lsp.Location(uri, range_of(note.span)), note.message)
            for note in found.notes
            if note.span is not None and note.span.source is page.source
        ],
    )


def inlay_hints(page: Analysis, within: lsp.Range) -> list[lsp.InlayHint]:
    """A hint behind each node of a range of lines."""
    return [
        lsp.InlayHint(position(page.source, each.line, each.column), each.text, padding_left=True)
        for each in hints(page)
        if within.start.line <= each.line - 1 <= within.end.line
    ]


def hover_at(page: Analysis, at: lsp.Position) -> lsp.Hover | None:
    """What is known of the word at a position."""
    found = hover(page, *place(page.source, at))
    if found is None:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text), range_of(found.span))


_KINDS = {
    "key": lsp.CompletionItemKind.Keyword,
    "op": lsp.CompletionItemKind.Function,
    "block": lsp.CompletionItemKind.Class,
    "field": lsp.CompletionItemKind.Field,
    "value": lsp.CompletionItemKind.Variable,
    "node": lsp.CompletionItemKind.Reference,
    "variant": lsp.CompletionItemKind.Constant,
    "word": lsp.CompletionItemKind.EnumMember,
}


def completion_at(page: Analysis, at: lsp.Position) -> lsp.CompletionList:
    """What may be typed at a position."""
    return lsp.CompletionList(False, [_completion(each) for each in completions(page, *place(page.source, at))])


def _completion(item: Item) -> lsp.CompletionItem:
    snippet = "${" in item.insert
    return lsp.CompletionItem(
        item.label,
        kind=_KINDS[item.sort],
        detail=item.detail or None,
        documentation=item.about or None,
        insert_text=item.insert,
        insert_text_format=lsp.InsertTextFormat.Snippet if snippet else lsp.InsertTextFormat.PlainText,
    )


def definition_of(page: Analysis, uri: str, at: lsp.Position) -> lsp.Location | None:
    """Where the word at a position is defined."""
    word = word_at(page, *place(page.source, at))
    target = definition(page, word) if word is not None else None
    return _location(page, uri, target) if target is not None else None


def _location(page: Analysis, uri: str, target: Target) -> lsp.Location:
    if target.path is None:
        span = Span(page.source, target.line, target.column, target.line, target.end_column)
        return lsp.Location(uri, range_of(span))
    line = target.line - 1  # a block's name is of plain letters, so its columns are the same in all units
    start, end = lsp.Position(line, target.column - 1), lsp.Position(line, target.end_column - 1)
    return lsp.Location(target.path.absolute().as_uri(), lsp.Range(start, end))


def references_of(page: Analysis, uri: str, at: lsp.Position) -> list[lsp.Location]:
    """All words that mean what the one at a position does."""
    word = word_at(page, *place(page.source, at))
    return [lsp.Location(uri, _inner(each)) for each in references(page, word)] if word is not None else []


def _inner(word: Word) -> lsp.Range:
    line, start, end = inner(word.span)
    source: Source = word.span.source
    return lsp.Range(position(source, line, start), position(source, line, end))


def rename(page: Analysis, uri: str, at: lsp.Position, name: str) -> lsp.WorkspaceEdit | None:
    """Another name for the word at a position; raises `RenameError` where it cannot have that."""
    word = word_at(page, *place(page.source, at))
    if word is None:
        return None
    return lsp.WorkspaceEdit({uri: [lsp.TextEdit(_inner(each), name) for each in renamed(page, word, name)]})


def code_actions(page: Analysis, uri: str, within: lsp.Range) -> list[lsp.CodeAction]:
    """A fix for each finding on some lines, and all of them at once where they are several."""
    found = fixes(page, within.start.line + 1, within.end.line + 1)
    actions = [_action(page, uri, each.title, [each]) for each in found]
    return [*actions, _action(page, uri, f"make all {len(found)} fixes", found)] if len(found) > 1 else actions


def _action(page: Analysis, uri: str, title: str, chosen: list[Fix]) -> lsp.CodeAction:
    edits = [
        lsp.TextEdit(
            lsp.Range(position(page.source, each.line, each.column), position(page.source, each.line, each.end_column)),
            each.text,
        )
        for each in chosen
    ]
    told = [_diagnostic(page, each.finding, uri) for each in chosen]
    kind = lsp.CodeActionKind.QuickFix
    return lsp.CodeAction(title, kind=kind, diagnostics=told, edit=lsp.WorkspaceEdit({uri: edits}))


def symbols(page: Analysis) -> list[lsp.DocumentSymbol]:
    """The outline."""
    return _symbols(page, outline(page))


def _symbols(page: Analysis, items: Iterable[Outlined]) -> list[lsp.DocumentSymbol]:
    return [
        lsp.DocumentSymbol(
            each.name or " ",
            lsp.SymbolKind.Class if each.detail == "block" else lsp.SymbolKind.Field,
            lsp.Range(range_of(each.span).start, _end(page, each.last)),
            range_of(each.span),
            detail=each.detail or None,
            children=_symbols(page, each.items),
        )
        for each in items
    ]


def _end(page: Analysis, line: int) -> lsp.Position:
    return position(page.source, line, len(page.source.line(line)) + 1)


def folding(page: Analysis) -> list[lsp.FoldingRange]:
    """What can be folded."""
    return [lsp.FoldingRange(first - 1, last - 1) for first, last in folds(page)]


def code_lenses(page: Analysis, uri: str) -> list[lsp.CodeLens]:
    """What stands above variants and figures; a click on a variant shows the page's hints for it."""
    return [lsp.CodeLens(range_of(each.span), _command(each, uri)) for each in lenses(page)]


def _command(lens: Lens, uri: str) -> lsp.Command:
    if lens.variant is None:
        return lsp.Command(lens.text, "")
    return lsp.Command(lens.text, SHOW_VARIANT, arguments=[uri, lens.variant])
