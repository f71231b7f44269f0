"""The page that is written of a graph is that graph: on random pages with all that the language has."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

import archspec
from archspec.importing.page import write

from .pages import PART, PART_TEXT, pages
from .test_pages import PAGES, PHASES


@settings(max_examples=PAGES // 4, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(pages())
def test_what_is_written_is_what_was_read(page: tuple[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.yaml"
        path.write_text(page[0])
        (path.parent / f"{PART}.yaml").write_text(PART_TEXT)
        graph = archspec.read(path).graph
        path.write_text(write(graph))
        assert archspec.read(path).graph.fingerprint == graph.fingerprint, path.read_text()
