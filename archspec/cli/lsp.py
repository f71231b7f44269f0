"""`archspec lsp`."""

from __future__ import annotations

from importlib.util import find_spec


def lsp() -> None:
    """Answer an editor about the pages that are open in it, over standard input and output.

    An editor starts it by itself: see docs/editors.md.

    [bold]Examples[/bold]

    archspec lsp
    """
    from archspec.language.diagnostics import Diagnostic, SpecError

    if find_spec("pygls") is None:
        message = "the language server needs `pygls`, which archspec alone does not"
        raise SpecError([Diagnostic("missing-extra", message, help='pip install "archspec-nn[editor]"')])
    from archspec.editor.server.language_server import language_server

    language_server().start_io()
