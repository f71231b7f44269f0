"""What a module does in training: the page's module does it too, and says what training alone does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn

import archspec
from archspec.importing.prove import prove
from archspec.importing.trace import trace


def gap_in_training(module: nn.Module, example: Tensor, page: archspec.Architecture) -> float:
    """The greatest difference of two outputs in training without noise."""
    gap = prove(module, page.build(), (example,), {}).trained
    assert gap is not None
    return gap


class Residual(nn.Module):
    """A branch that may be dropped in one of several idioms."""

    def __init__(self, idiom: str) -> None:
        super().__init__()
        self.fc, self.idiom = nn.Linear(8, 8), idiom

    def forward(self, x: Tensor) -> Tensor:
        return x + self.dropped(self.fc(x))

    def dropped(self, x: Tensor) -> Tensor:
        keep = 0.75
        if not self.training:
            return x
        row = (len(x), *[1] * (x.dim() - 1))
        if self.idiom == "bernoulli":
            return x * x.new_empty(row).bernoulli_(keep).div_(keep)
        if self.idiom == "floor":
            return x.div(keep) * (keep + torch.rand(row, dtype=x.dtype, device=x.device)).floor_()
        if self.idiom == "torchvision":
            return torchvision.ops.stochastic_depth(x, 1 - keep, "batch")
        return nn.functional.dropout(x, 1 - keep)


IDIOMS = {
    "bernoulli": "{stochastic_depth: 0.25}",
    "floor": "{stochastic_depth: 0.25}",
    "torchvision": "{stochastic_depth: 0.25, mode: batch}",
    "dropout": "{dropout: 0.25}",
}


@pytest.mark.parametrize(("idiom", "word"), IDIOMS.items())
def test_noise_is_said_in_its_word(idiom: str, word: str) -> None:
    torch.manual_seed(0)
    module, example = nn.Sequential(Residual(idiom), Residual(idiom)), torch.randn(4, 3, 8)
    page = archspec.from_module(module, example)
    assert word in page.to_yaml()
    assert gap_in_training(module, example, page) < 1e-6


def test_a_rate_that_is_not_the_modules_shows(tmp_path: Path) -> None:
    module, example = Residual("bernoulli"), torch.randn(4, 3, 8)
    other = tmp_path / "residual.yaml"
    other.write_text(archspec.from_module(module, example).to_yaml().replace("0.25", "0.5"))
    assert gap_in_training(module, example, archspec.read(other)) > 0.1


def test_auxiliary_heads_run_in_training_alone() -> None:
    with torch.device("meta"):
        module = torchvision.models.googlenet(init_weights=False)
    graph = trace(module, (torch.zeros(2, 3, 64, 64, device="meta"),)).graph
    assert [result.name for result in graph.root.results] == ["logits", "aux_logits2", "aux_logits1"]
    assert {node.name for node in graph.root.children if node.training} == {"aux1", "aux2"}
    assert graph.counts.params == 13_004_888


class Otherwise(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x) if self.training else torch.sigmoid(x)


def test_what_evaluation_alone_does_is_told() -> None:
    traced = trace(nn.Sequential(nn.Linear(2, 2), Otherwise()), (torch.zeros(2, 2),))
    assert "sigmoid" in str(traced.untrained)
    assert [node.name for node in traced.graph.root.children] == ["0", "1"]
    assert traced.graph.nodes["1"].op.name == "sigmoid"  # type: ignore[union-attr]


def test_torchs_own_layers_need_no_second_look() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1), nn.BatchNorm1d(4))
    example = torch.randn(8, 4)
    assert gap_in_training(module, example, archspec.from_module(module, example)) == 0
