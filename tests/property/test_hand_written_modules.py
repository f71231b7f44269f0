"""A module that somebody wrote comes back from its page: the same graph, the same tensors, equal outputs.

ARCHSPEC_PAGES sets how many are tried, as for pages.
"""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, event, given, settings

from archspec.graph.same_values import SameValues
from archspec.importing.page import write
from archspec.importing.prove import prove
from archspec.importing.trace import trace
from tests.samples import read

from .modules import module_of, modules
from .test_pages import PAGES, PHASES


@settings(max_examples=max(10, PAGES // 10), deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(modules())
def test_a_module_is_the_module_of_its_page(written: tuple[str, list[tuple[int, ...]]]) -> None:
    text, shapes = written
    module = module_of(text)
    inputs = tuple(torch.randn(2, *shape) for shape in shapes)
    traced = trace(module, inputs, {}, "net")
    assert not traced.missing, f"{text}\n{traced.missing}"
    assert read(write(traced.graph)).graph.fingerprint == traced.graph.fingerprint, f"{text}\n{write(traced.graph)}"
    page = write(traced.graph, renames=True)
    architecture, values = read(page), SameValues()
    assert values.of(architecture.graph.root) == values.of(traced.graph.root), f"{text}\n{page}"
    proof = prove(module, architecture.build(), inputs, {})
    assert proof.same_tensors or not proof.added, f"{text}\n{page}\n{proof}"
    assert proof.holds, f"{text}\n{page}\n{proof}"
    event(f"{len(shapes)} inputs, {'dict' if '{' in text else 'plain'} outputs")
