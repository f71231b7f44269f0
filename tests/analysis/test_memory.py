"""Activation memory, against the values that a module's ops give when it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import archspec
from archspec.analysis.memory import _bytes, activation_memory
from archspec.graph.model import Block, Leaf
from archspec.ops.shapes import Carried, folded, product, records

NAMES = ["lenet", "vgg11", "googlenet", "resnet18", "densenet121", "mobilenet_v3_small", "efficientnet_b0"]


class Outputs(TorchDispatchMode):
    """Runs a module and adds up the bytes of every tensor that an op makes and that is no view."""

    made = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            values = result if isinstance(result, (tuple, list)) else [result]
            self.made += values[0].numel() * values[0].element_size()
        return result


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_bytes_of_what_torch_makes(name: str) -> None:
    architecture = archspec.read(name)
    module = architecture.build(device="meta").eval()
    example = torch.zeros(1, *architecture.graph.root.input_shapes[0], device="meta")
    with torch.no_grad(), Outputs() as outputs:
        module(example)
    assert outputs.made == activation_memory(architecture.graph)[""]


def test_an_op_has_the_bytes_of_its_output() -> None:
    """Also where torch makes it in several steps, as a local response norm."""
    architecture = archspec.read("alexnet_2012")
    module = architecture.build(device="meta").eval()
    seen: dict[str, int] = {}
    for address, part in module.named_modules():
        part.register_forward_hook(lambda _, __, output, address=address: seen.update({address: output.numel() * 4}))
    module(torch.zeros(1, *architecture.graph.root.input_shapes[0], device="meta"))
    memory = activation_memory(architecture.graph)
    ops = [leaf for leaf in architecture.graph.walk() if isinstance(leaf, Leaf) and not leaf.op.shares_memory]
    assert [memory[leaf.address] for leaf in ops] == [seen[leaf.address] for leaf in ops]


def test_a_block_has_the_sum_of_what_is_inside() -> None:
    graph = archspec.read("googlenet").graph
    memory = activation_memory(graph)
    assert memory.keys() == {"", *graph.nodes}
    for block in [graph.root, *(node for node in graph.walk() if isinstance(node, Block))]:
        assert memory[block.address] == sum(memory[child.address] for child in block.children)


def test_what_runs_in_training_only_counts_nothing() -> None:
    memory = activation_memory(archspec.read("googlenet").graph)
    assert {bytes_ for address, bytes_ in memory.items() if address.startswith("aux1")} == {0}


def test_half_precision_is_half() -> None:
    graph = archspec.read("vgg11").graph
    assert 2 * activation_memory(graph, 2)[""] == activation_memory(graph)[""]


def test_a_symbolic_size_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("archspec: 1\nname: net\ninput: [3, H, W]\ngraph: [{conv: 8, kernel_size: 1}, relu]\n")
    graph = archspec.read(path).graph
    assert activation_memory(graph)[""] == 2 * 4 * product(graph.root.shapes[0])


def test_items_that_stand_in_the_batch_count_all() -> None:
    assert _bytes(folded((256, 7, 7), 1000), 4) == 1000 * 256 * 49 * 4
    assert _bytes(records(boxes=(100, 4), labels=Carried((100,), dtype="int64")), 4) == 100 * 4 * 4 + 100 * 8
