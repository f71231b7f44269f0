"""Networks of others: module → page → module, the same tensors and outputs equal to the last bit."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import nn

import archspec
from archspec.importing.prove import prove

EXACT = ["alexnet", "vgg11_bn", "squeezenet1_1", "resnet18", "mnasnet0_5", "shufflenet_v2_x0_5", "densenet121"]
LINES = {"alexnet": 23, "vgg11_bn": 38, "resnet18": 31, "resnet50": 34}
"""No page may be longer than this."""


@pytest.mark.parametrize("name", EXACT)
def test_a_network_of_torchvision_is_the_module_of_its_page(name: str) -> None:
    torch.manual_seed(0)
    module = torchvision.models.get_model(name, weights=None)
    example = torch.randn(2, 3, 64, 64)
    page = archspec.from_module(module, example, name=name, proof=False)
    assert not page.warnings
    proof = prove(module, page.build(), (example,), {})
    assert proof.exact, str(proof)
    assert proof.parameters == page.params


@pytest.mark.parametrize(("name", "most"), LINES.items())
def test_a_page_is_short(name: str, most: int) -> None:
    module = torchvision.models.get_model(name, weights=None)
    page = archspec.from_module(module, torch.zeros(1, 3, 224, 224), name=name, proof=False).to_yaml()
    assert page.count("\n") <= most, page


def test_the_mode_of_a_module_is_left_as_it_is() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Dropout(), nn.Linear(4, 2))
    module[1].eval()
    archspec.from_module(module, torch.zeros(1, 4))
    assert [each.training for each in module.modules()] == [True, True, False, True]


class WithoutWords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.special.bessel_j0(self.conv(x))


def test_what_has_no_word_is_listed_with_its_line() -> None:
    architecture = archspec.from_module(WithoutWords(), torch.zeros(1, 3, 8, 8))
    (warning,) = architecture.warnings
    assert "`special_bessel_j0`" in warning.message
    assert warning.found is not None and warning.found.startswith(__file__)
    assert architecture.params == 16
    assert "opaque" in architecture.to_yaml()


class Branching(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum() > 0 else -x


def test_a_branch_that_depends_on_data_is_told() -> None:
    with pytest.raises(archspec.SpecError, match=r"torch.export cannot follow `Branching`"):
        archspec.from_module(Branching(), torch.zeros(1, 3))
