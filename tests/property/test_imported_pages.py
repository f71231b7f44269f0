"""A module is traced to the page that it was built of: on random pages with all that the language has."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, assume, event, given, settings

import archspec
from archspec.ops.shapes import known
from tests.importing.round_trip import difference

from .pages import pages, saved
from .test_pages import PAGES, PHASES, SIZES, noise

torch.set_num_threads(1)


@settings(max_examples=max(5, PAGES // 16), deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(pages())
def test_a_module_comes_back_as_its_page(page: tuple[str, list[str]]) -> None:
    with saved(page[0]) as path:
        graph = archspec.read(path).graph
        assume(all(known(*shape) for shape in graph.root.input_shapes))
        assume(not any(node.training for node in graph.walk()))
        module = archspec.load(path).eval()
    try:
        imported = archspec.from_module(module, *noise(graph, SIZES[0]), name="page")
    except archspec.SpecError as error:
        told = error.diagnostics[0]
        event(f"refused: {told.message[:60]}")
        assert told.code == "import" and "not the module" not in told.message, f"{page[0]}\n{error}"
        return
    if any(warning.code == "no-word" for warning in imported.warnings):
        event("without a word")
        return
    assert difference(graph, imported.graph) == "", f"{page[0]}\n{imported.to_yaml()}"
