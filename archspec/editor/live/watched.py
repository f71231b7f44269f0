"""A spec's file while it changes: what is wrong with it now, and the network of its last text that was whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Condition
from typing import Any

from archspec.api.architecture import Architecture, read_document, setting_trees
from archspec.editor.page.analysis import Analysis, analyse
from archspec.graph.labels import count_text, outputs_text, rounded_text
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import read_source
from archspec.language.source import Source

Settings = Mapping[str, Any]


class Watched:
    """One file. `look` reads it where it has changed, and `changed` is told then; `version` counts the texts."""

    def __init__(self, path: Path, variant: str | None = None) -> None:
        self.path, self.variant = path, variant
        self.changed = Condition()
        self.version = 0
        self._text: str | None = None
        self._found: tuple[Diagnostic, ...] = ()
        self._good: Analysis | None = None

    def look(self) -> bool:
        """Read the file; whether it is another than before."""
        with self.changed:
            try:
                source = read_source(self.path)
            except SpecError as error:
                return self._told(None, error.diagnostics)
            if source.text == self._text:
                return False
            page = analyse(Source(self.path.name, source.text, self.path), self.variant)
            if page.architecture is not None:
                self._good = page
            return self._told(source.text, page.found)

    def _told(self, text: str | None, found: tuple[Diagnostic, ...]) -> bool:
        if self.version and text == self._text and found == self._found:
            return False
        self._text, self._found, self.version = text, found, self.version + 1
        self.changed.notify_all()
        return True

    def state(self) -> dict[str, Any]:
        """What the page shows of the text as it is now, and what can be set of the last network that was whole."""
        with self.changed:
            good = self._good
            return {
                "version": self.version,
                "file": self.path.name,
                "fine": not any(each.severity == "error" for each in self._found),
                "messages": [str(each) for each in self._found],
                "variants": list(good.document.variants) if good is not None and good.document is not None else [],
                "variant": good.variant if good is not None else None,
                "params": list(_numbers(good)) if good is not None else [],
                "picture": good is not None,
            }

    def counts(self, variant: str | None, settings: Settings) -> dict[str, Any]:
        """What is counted of the last network that was whole, under settings."""
        with self.changed:
            made = self._under(variant, settings)
            return {
                "params": count_text(made.params),
                "macs": rounded_text(made.macs),
                "depth": made.depth,
                "output": outputs_text(made.graph.root),
            }

    def picture(self, variant: str | None, settings: Settings) -> bytes:
        """The picture of the last network that was whole, with the lines of page and source behind each box."""
        with self.changed:
            made = self._under(variant, settings)
            return made.draw().writers["html"]()

    def _under(self, variant: str | None, settings: Settings) -> Architecture:
        if self._good is None or self._good.document is None:
            raise SpecError([Diagnostic("empty-spec", "there is no network yet")])
        return read_document(self._good.document, variant or self._good.variant, setting_trees(settings))


def _numbers(page: Analysis) -> Iterator[dict[str, Any]]:
    """The params that are numbers, which a slider can set."""
    document = page.document
    for name, param in document.params.items() if document is not None else ():
        value = page.settings.get(name)
        if param.type in ("int", "float") and type(value) in (int, float):
            yield {"name": name, "value": value, "whole": param.type == "int", "about": param.about or ""}
