"""Points of a search: settings, and what the network comes to under them, counted once for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from archspec.api import zoo
from archspec.api.architecture import setting_trees
from archspec.elaborate import Counting, elaborate
from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document
from archspec.language.yaml_tree import Tree
from archspec.ops.shapes import Count
from archspec.search.figures import FIGURES, Known
from archspec.search.targets import Counted

Settings: TypeAlias = tuple[tuple[str, Any], ...]
"""Params and their values, in order."""


class Points:
    """Counts a page under many settings; what does not depend on a setting is worked out once for all of them."""

    def __init__(
        self, document: Document, variant: str | None, given: Mapping[str, Tree], figures: Iterable[str]
    ) -> None:
        self._about = document, variant, given
        self._figures = tuple(figures)
        self._memo, self._known = Counting(), Known()
        self._counted: dict[str, Counted | None] = {}
        self._own: dict[str, int] = {}
        self._settings: dict[str, Mapping[str, Any]] = {}
        self.refused: SpecError | None = None
        """Why the last point that is no network is none."""

    def __len__(self) -> int:
        """How many points were counted."""
        return len(self._counted)

    def counted(self, settings: Settings) -> Counted | None:
        """The figures under some settings; `None` where the page makes no network of them."""
        key = repr(settings)
        if key not in self._counted:
            self._counted[key] = self._count(settings)
        return self._counted[key]

    def graph(self, settings: Settings) -> Graph:
        """The network under some settings; raises `SpecError` where there is none."""
        document, variant, given = self._about
        trees = {**given, **setting_trees(dict(settings))}
        return elaborate(document, variant, trees, Findings(), zoo.find, self._memo)

    def params(self, settings: Settings) -> Mapping[str, Any]:
        """The page's params and what follows from them under some settings that make a network."""
        return self._settings[repr(settings)]

    def count_of(self, name: str) -> int:
        """One figure of the page as it stands."""
        if name not in self._own:
            self._own[name] = _whole(name, self.figure(name, self.graph(())))
        return self._own[name]

    def figure(self, name: str, graph: Graph) -> Count:
        """One figure of a network of these points."""
        return FIGURES[name](graph, self._known)

    def _count(self, settings: Settings) -> Counted | None:
        try:
            graph = self.graph(settings)
        except SpecError as error:
            self.refused = error
            return None
        self._known.make_room()
        self._settings[repr(settings)] = graph.settings
        return {name: _whole(name, self.figure(name, graph)) for name in self._figures}


def _whole(name: str, count: Count) -> int:
    """A count that is a number; one that depends on a size which the page leaves open is refused."""
    if isinstance(count, int):
        return count
    message = f"`{name}` depends on sizes that the page leaves open"
    raise SpecError([Diagnostic("target", message, found=str(count), help="give the input's size with `--input`")])
