from __future__ import annotations

import pytest
import torch

from archspec.codegen import source
from archspec.graph.model import Graph
from archspec.graph.taps import tap
from archspec.language.diagnostics import SpecError
from archspec.runtime.build import build
from archspec.runtime.verify import verify
from tests.codegen.samples import graph_of

CASES = [
    ("unet", ["enc2", "bottom"]),
    ("unet", ["bottom", "enc1.1"]),
    ("mobilenet", ["features.3", "features.5.conv.1", "features.18.2"]),
    ("mobilenet", ["features.1.conv.0.0"]),
    ("googlenet", ["inception3a.branch2", "conv2.conv", "inception4a"]),
    ("googlenet", ["fc", "aux1.fc1"]),
    ("densenet", ["features.denseblock2.denselayer3.conv1", "features.transition2"]),
    ("shuffle", ["tower_left.1.branch", "tower_right"]),
    ("efficientnet", ["features.2", "features.4.1.block.0.1"]),
]


def note(seen: dict[str, torch.Tensor], name: str, output: torch.Tensor) -> None:
    """Keep what a module gives the first time."""
    seen.setdefault(name, output.clone())


def activations(
    graph: Graph, addresses: list[str], images: tuple[torch.Tensor, ...]
) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
    """What hooks see at these addresses of the whole network."""
    module = build(graph)
    seen: dict[str, torch.Tensor] = {}
    for address in addresses:
        if address in dict(module.named_modules()):
            part = module.get_submodule(address)
            part.register_forward_hook(lambda _, __, out, name=address: note(seen, name, out))
    module.eval()(*images)
    return module, seen


@pytest.mark.parametrize(("name", "addresses"), CASES)
def test_gives_what_hooks_see(name: str, addresses: list[str]) -> None:
    graph = graph_of(name)
    images = tuple(torch.randn(1, *shape) for shape in graph.root.input_shapes)
    whole, seen = activations(graph, addresses, images)
    tapped = tap(graph, addresses)
    module = build(tapped).eval()
    assert verify(tapped, module) == []
    weights = whole.state_dict()
    assert set(module.state_dict()) <= set(weights)
    module.load_state_dict({key: weights[key] for key in module.state_dict()})
    outputs = module(*images)
    assert list(outputs) == [address for address in addresses if not address.startswith("aux")]
    for address in seen.keys() & outputs.keys():
        assert torch.equal(outputs[address], seen[address]), address


def test_leaves_out_what_is_not_needed() -> None:
    tapped = tap(graph_of("unet"), ["enc2"])
    assert [child.name for child in tapped.root.children] == ["enc1", "pool1", "enc2"]
    assert tapped.counts.params == sum(child.counts.params for child in tapped.root.children)
    assert "head" not in source(tapped)


def test_gives_a_mapping_in_the_order_asked() -> None:
    text = source(tap(graph_of("unet"), ["enc2", "enc1"]))
    assert 'return {"enc2": x, "enc1": enc1}' in text
    assert "-> dict[str, Tensor]:" in text


def test_a_wrong_address_gets_a_suggestion() -> None:
    with pytest.raises(SpecError, match="did you mean `enc2`"):
        tap(graph_of("unet"), ["enc_2"])


def test_a_node_with_several_outputs_is_refused() -> None:
    with pytest.raises(SpecError, match="takes one value"):
        tap(graph_of("shuffle"), ["tower_left.1.split"])


def test_no_address_is_refused() -> None:
    with pytest.raises(SpecError, match="no address"):
        tap(graph_of("unet"), [])


def test_a_recurrent_layer_is_tapped_at_its_main_output() -> None:
    module = build(tap(graph_of("sequence"), ["encoder"]))
    words, image = torch.zeros(2, 9, dtype=torch.long), torch.randn(2, 32)
    assert module(words, image)["encoder"].shape == (2, 9, 6)
