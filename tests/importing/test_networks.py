"""Networks of others: module → page → module, the same tensors and outputs equal to the last bit."""

from __future__ import annotations

import pytest
import timm
import torch
import torchvision
from torch import nn

import archspec
from archspec.importing.prove import prove
from tests.samples import read

EXACT = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "vgg11_bn",
]
LINES = {
    "alexnet": 21,
    "convnext_tiny": 33,
    "densenet121": 23,
    "mobilenet_v2": 45,
    "mobilenet_v3_small": 54,
    "resnet50": 16,
    "vgg11_bn": 30,
    "vit_b_16": 30,
}
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


TIMM = {
    "mixer_s32_224": 20,
    "resnet50": 14,
    "densenet121": 21,
    "convnext_tiny": 39,
    "vit_base_patch16_224": 32,
}
"""The same of timm's."""


@pytest.mark.parametrize(("name", "most"), TIMM.items())
def test_a_page_of_timm_is_short(name: str, most: int) -> None:
    with torch.device("meta"):
        module, example = timm.create_model(name), torch.empty(1, 3, 224, 224)
    page = archspec.from_module(module, example, proof=False).to_yaml()
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


def test_a_transformer_has_its_tokens_and_its_blocks() -> None:
    torch.manual_seed(0)
    module = torchvision.models.VisionTransformer(32, 8, 3, 4, 64, 128)
    example = torch.randn(2, 3, 32, 32)
    page = archspec.from_module(module, example, name="small_vit", proof=False)
    assert prove(module, page.build(), (example,), {}).exact
    assert '"encoder_layer_{i}": {encoder_block: , repeat: 3}' in page.to_yaml()
    assert "{parameter: [1, 1, 64]}" in page.to_yaml()


class Twice(nn.Module):
    """Functions, numbers, a tensor of its own, and a class derived from one of torch's."""

    class Norm(nn.LayerNorm):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.rand(8))
        self.norm = self.Norm(8)
        self.fc = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.nn.functional.linear(self.norm(x), self.fc.weight, self.fc.bias)
        return (1 - y) * self.scale + x.clamp(min=0.1) ** 2


def test_what_is_no_module_is_an_op_in_the_block_around_it() -> None:
    torch.manual_seed(0)
    module, example = Twice(), torch.randn(2, 5, 8)
    page = archspec.from_module(module, example, proof=False)
    assert not page.warnings
    assert prove(module, page.build(), (example,), {}).exact


def test_a_batch_that_is_folded_and_moved_is_seen() -> None:
    class Windows(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            batch, channels, size, _ = x.shape
            x = x.view(batch, channels, size // 4, 4, size // 4, 4).permute(0, 2, 4, 3, 5, 1)
            return x.reshape(-1, 16, channels).softmax(-1).view(batch, -1, channels).permute(1, 0, 2)

    example = torch.randn(13, 6, 8, 8)
    page = archspec.from_module(Windows(), example, proof=False)
    assert prove(Windows(), page.build(), (example,), {}).exact
    assert "batch * 4" in page.to_yaml()


def test_a_layer_norm_of_channels_comes_back_as_one() -> None:
    page = "archspec: 1\nname: n\ninput: [3, 8, 8]\ngraph: [{conv: 8, kernel_size: 3}, {layer_norm: , dim: 1}]\n"
    assert archspec.from_module(read(page).build(), torch.zeros(2, 3, 8, 8), name="n").to_yaml().endswith(page[-56:])


def test_what_runs_in_training_alone_is_told() -> None:
    module = nn.Sequential(nn.Linear(4, 4), Auxiliary())
    mode, unused = archspec.from_module(module, torch.zeros(2, 4)).warnings
    assert {mode.code, unused.code} == {"not-run"}
    assert "evaluation mode alone" in mode.message
    assert "2 tensors" in unused.message


class Auxiliary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x) if self.training else torch.relu(x)
