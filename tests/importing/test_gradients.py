"""What keeps a tensor from training is on the page, and a cast that no op makes is told."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archspec
from tests.importing.kinds import StraightThrough


def test_what_trains_is_the_same() -> None:
    module, x = StraightThrough(), torch.randn(2, 3, 8, 8)
    made = archspec.from_module(module, x, proof=False).build()
    made.load_state_dict(module.state_dict())
    for each in (module, made):
        each(x).sum().backward()
    theirs, ours = dict(module.named_parameters()), dict(made.named_parameters())
    assert [name for name, each in ours.items() if not each.requires_grad] == ["b.weight", "b.bias"]
    assert torch.equal(theirs["a.weight"].grad, ours["a.weight"].grad)


class Backbone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm = nn.Linear(5, 5), nn.LayerNorm(5)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.fc(x)) + x


@pytest.mark.parametrize("frozen", [["0", "1"], ["0"], ["0.fc"]])
def test_blocks_that_do_not_train(frozen: list[str]) -> None:
    module = nn.Sequential(Backbone(), Backbone())
    for path in frozen:
        module.get_submodule(path).requires_grad_(False)
    made = archspec.from_module(module, torch.randn(2, 5), proof=False).build()
    trained = {name: each.requires_grad for name, each in module.named_parameters()}
    assert {name: each.requires_grad for name, each in made.named_parameters()} == trained


class Double(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.double() * 2


def test_a_cast_to_another_precision_is_told() -> None:
    page = archspec.from_module(Double(), torch.randn(2, 5), proof=False)
    assert [warning.code for warning in page.warnings] == ["no-word"]


def test_hooks_and_layers_that_train_in_part_are_told() -> None:
    module = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    module[0].register_full_backward_hook(lambda *given: None)
    module[1].weight.requires_grad_(False)
    page = archspec.from_module(module, torch.randn(2, 5), proof=False)
    told = [warning.found for warning in page.warnings if warning.code == "not-run"]
    assert told == ["`0` has hooks", "only some of the parameters of `1` train"]
