"""What a page says is what the module does: on random pages with all that the language has.

ARCHSPEC_PAGES sets how many pages are tried, 100 where it is left out.
"""

from __future__ import annotations

import os
from typing import Any

import torch
from hypothesis import HealthCheck, Phase, event, given, settings

import archspec
from archspec.graph.model import Graph
from archspec.graph.size_rules import size_rules
from archspec.ops.shapes import known
from archspec.runtime.symbolic_size_trials import verify_sizes
from archspec.runtime.verify import verify
from tests.ops.realising import without_onednn

from .interpreter import Interpreter, close, values_of
from .pages import pages, saved

PAGES = int(os.environ.get("ARCHSPEC_PAGES", "100"))
PHASES = [phase for phase in Phase if phase is not Phase.shrink or PAGES <= 100]
"""A long run tells of what it found as it is."""
SIZES = ({"H": 9, "W": 12}, {"H": 16, "W": 16})
"""What stands for symbolic sizes."""


torch.set_num_threads(1)


@settings(max_examples=PAGES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(pages())
def test_the_module_does_what_the_page_says(page: tuple[str, list[str]]) -> None:
    text, taps = page
    with saved(text) as path:
        graph, module = archspec.read(path).graph, archspec.load(path)
        tapped = archspec.load(path, taps=taps) if taps else None
    for word in WORDS:
        if word in text:
            event(word)
    symbolic = any(not known(dim) for shape in graph.root.input_shapes for dim in shape)
    assert not symbolic or verify_sizes(graph, module) == []
    for sizes in filter(size_rules(graph).hold, SIZES) if symbolic else SIZES[:1]:
        assert verify(graph, module, sizes) == []
        inputs = noise(graph, sizes)
        for training in (False, True):
            agrees(graph, module.train(training), inputs)
        if tapped is not None:
            activations_agree(graph, module, tapped, inputs, taps)


WORDS = ("share", "over", "inplace", "training", "repeat", "each", "use:", "layer_norm", "H", "freeze", "chunk", "pair")


def noise(graph: Graph, sizes: dict[str, int]) -> list[torch.Tensor]:
    shapes = [[dim if known(dim) else sizes[str(dim)] for dim in shape] for shape in graph.root.input_shapes]
    return [torch.randn(2, *shape) for shape in shapes]


def agrees(graph: Graph, module: Any, inputs: list[torch.Tensor]) -> None:
    """Hold a module's outputs against the graph run op by op; nothing that it is given changes, and gradients come."""
    before = [value.clone() for value in inputs]
    interpreter = Interpreter(graph, module)
    with without_onednn():
        outputs = values_of(module(*inputs))
        expected = interpreter(*inputs)
    assert len(outputs) == len(expected)
    assert all(map(close, outputs, expected))
    assert all(map(torch.equal, inputs, before))
    total = sum(value.sum() for value in outputs)
    if module.training and isinstance(total, torch.Tensor) and total.requires_grad:
        total.backward()


def activations_agree(graph: Graph, module: Any, tapped: Any, inputs: list[torch.Tensor], taps: list[str]) -> None:
    """Hold the activations that a tapped module gives, with the weights of the whole one, against the graph's."""
    state = module.state_dict()
    tapped.load_state_dict({name: state[name] for name in tapped.state_dict()})
    interpreter = Interpreter(graph, module.eval())
    with torch.no_grad(), without_onednn():
        interpreter(*inputs)
        found = values_of(tapped.eval()(*inputs))
    assert len(found) == len(taps)
    assert all(close(value, interpreter.seen[tap][0]) for value, tap in zip(found, taps))
