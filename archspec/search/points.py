"""Points of a search: settings, and what the network comes to under them, counted once for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from archspec.api import zoo
from archspec.api.architecture import setting_trees
from archspec.elaborate import Memo, elaborate
from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document
from archspec.language.yaml_tree import Tree
from archspec.search.figures import FIGURES
from archspec.search.targets import Counted


class Points:
    """Counts a page under many settings; what does not depend on a setting is worked out once for all of them."""

    def __init__(
        self, document: Document, variant: str | None, given: Mapping[str, Tree], figures: Iterable[str]
    ) -> None:
        self._about = document, variant, given
        self._figures = tuple(figures)
        self._memo = Memo()
        self.refused: SpecError | None = None
        """Why the last point that is no network is none."""
        self.counted = lru_cache(maxsize=None)(self._counted)
        """The figures under some settings; `None` where the page makes no network of them."""

    def graph(self, settings: tuple[tuple[str, Any], ...]) -> Graph:
        """The network under some settings; raises `SpecError` where there is none."""
        document, variant, given = self._about
        trees = {**given, **setting_trees(dict(settings))}
        return elaborate(document, variant, trees, Findings(), zoo.find, self._memo)

    def _counted(self, settings: tuple[tuple[str, Any], ...]) -> Counted | None:
        try:
            graph = self.graph(settings)
        except SpecError as error:
            self.refused = error
            return None
        return {name: _whole(name, FIGURES[name](graph)) for name in self._figures}


def _whole(name: str, count: Any) -> int:
    """A count that is a number; one that depends on a size which the page leaves open is refused."""
    if isinstance(count, int):
        return count
    message = f"`{name}` depends on sizes that the page leaves open"
    raise SpecError([Diagnostic("target", message, found=str(count), help="give the input's size with `--input`")])
