"""The page that is written of a graph is that graph: on random pages with all that the language has."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

import archspec
from archspec.importing.page import write

from .pages import pages, saved
from .test_pages import PAGES, PHASES


@settings(max_examples=PAGES // 4, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(pages())
def test_what_is_written_is_what_was_read(page: tuple[str, list[str]]) -> None:
    with saved(page[0]) as path:
        graph = archspec.read(path).graph
        path.write_text(write(graph))
        assert archspec.read(path).graph.fingerprint == graph.fingerprint, path.read_text()
