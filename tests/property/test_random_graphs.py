"""What is inferred is what torch does, on random valid graphs."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from archspec.graph.model import Leaf
from tests.ops.realising import outputs, without_onednn
from tests.samples import read

from .graphs import foldable, specs


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(specs(), foldable()))
def test_the_inferred_graph_is_the_module_that_runs(text: str) -> None:
    architecture = read(text)
    module = architecture.build().eval()
    graph = architecture.graph

    seen: dict[str, tuple[int, ...]] = {}
    for address, part in module.named_modules():
        if address:
            part.register_forward_hook(
                lambda _, __, output, address=address: seen.update({address: tuple(outputs(output)[0].shape)})
            )
    with torch.no_grad(), without_onednn(), FlopCounterMode(display=False) as counter:
        output = module(torch.randn(2, *graph.root.input_shapes[0]))

    assert tuple(output.shape) == (2, *graph.root.shapes[0])
    assert seen == {address: (2, *graph.nodes[address].shapes[0]) for address in seen}
    modules = {node.address for node in graph.walk() if isinstance(node, Leaf) and node.op.module(*node.input_shapes)}
    assert modules <= seen.keys()
    assert counter.get_total_flops() == 2 * 2 * architecture.macs
    assert sum(each.numel() for each in module.parameters()) == architecture.params
    inferred = {
        f"{node.address}.{name}": shape
        for node in graph.walk()
        if isinstance(node, Leaf)
        for name, shape in {**node.parameters, **node.buffers}.items()
    }
    assert inferred == {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
