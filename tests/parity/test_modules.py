"""The built modules against torchvision's: names, shapes, outputs, gradients and statistics, equal bit for bit."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
import torch
import torchvision
from torch import Tensor, nn

import archspec

from .reference import DOCUMENTS, OTHER_KERNELS, SAMPLE, VARIANTS, example, meta, pair, values

EVERY = pytest.mark.parametrize("variant", SAMPLE)
WITH_AUXILIARIES = pytest.mark.parametrize("variant", [name for name in SAMPLE if "aux" in DOCUMENTS[name].params])
WITH_TRANSFORM = pytest.mark.parametrize(
    "variant", [name for name in SAMPLE if "transform_input" in DOCUMENTS[name].params]
)
ROUNDING = 1e-5
"""How far those may differ that are computed by other kernels, in parts of the largest number."""
DROPS = (nn.Dropout, torchvision.ops.StochasticDepth)


def test_all_of_torchvisions_classics_are_there() -> None:
    families = ("vgg", "resnet", "resnext", "wide_resnet", "densenet", "efficientnet_b")
    others = {"alexnet", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"}
    builders = torchvision.models.list_models(module=torchvision.models)
    assert set(SAMPLE) >= {name for name in builders if name.startswith(families)} | others
    assert set(VARIANTS) >= set(builders)
    assert set(VARIANTS) >= {"r3d_18", "mc3_18", "r2plus1d_18"}


@EVERY
def test_the_state_dict_has_the_same_keys_shapes_and_types(variant: str) -> None:
    ours, theirs = meta(variant)
    assert layout(ours) == layout(theirs)


@EVERY
def test_the_output_is_the_same_in_evaluation(variant: str) -> None:
    ours, theirs = pair(variant)
    x = example(variant)
    with torch.inference_mode():
        assert_equal(ours.eval()(x), theirs.eval()(x), variant not in OTHER_KERNELS)


@EVERY
def test_a_training_step_is_the_same(variant: str) -> None:
    """Outputs with the auxiliary ones in their order, gradients, running statistics, and the weights after the step."""
    ours, theirs = pair(variant, num_classes=10)
    x = example(variant, least=299 if variant == "inception_v3" else 48)
    exact = variant not in OTHER_KERNELS
    if not exact:  # in doubles, for the rounding of single precision grows on the way back, by the number of threads
        ours, theirs, x = ours.double(), theirs.double(), x.double()
    outputs = [step(module, x) for module in (ours, theirs)]
    assert_equal(*outputs, exact)
    assert getattr(outputs[0], "_fields", None) == getattr(outputs[1], "_fields", None)
    assert_same_tensors(gradients(ours), gradients(theirs), exact)
    assert_same_tensors(ours.state_dict(), theirs.state_dict(), exact)


@EVERY
def test_the_drop_rates_are_the_same(variant: str) -> None:
    """What is dropped, in the order of the forward pass; torchvision's idle modules do not count."""
    ours, theirs = meta(variant)
    x = example(variant, least=299).to("meta")
    assert drops(ours, x) == drops(theirs, x)


@WITH_AUXILIARIES
def test_without_auxiliary_heads_it_is_torchvisions_without_them(variant: str) -> None:
    ours, theirs = pair(variant, aux=False)
    assert layout(ours) == layout(theirs)
    x = example(variant, least=96)
    without_drops(ours), without_drops(theirs)
    assert isinstance(ours.train()(x), Tensor)
    assert_equal(ours.train()(x), theirs.train()(x))


@WITH_TRANSFORM
def test_images_are_normalised_anew_as_torchvision_does_it(variant: str) -> None:
    ours, theirs = pair(variant, transform_input=True)
    x = example(variant)
    with torch.inference_mode():
        given = ours.eval()(x)
        assert_equal(given, theirs.eval()(x))
        plain = archspec.load(variant)
        plain.load_state_dict(ours.state_dict())
        assert not torch.equal(plain.eval()(x), given)


def test_another_weight_gives_another_output() -> None:
    """The comparison can fail."""
    ours, theirs = pair("resnet18")
    x = example("resnet18")
    with torch.no_grad():
        theirs.layer3[1].bn2.bias[0] += 0.01
        ours.eval(), theirs.eval()
        with pytest.raises(AssertionError):
            assert_equal(ours(x), theirs(x))


def layout(module: nn.Module) -> dict[str, tuple[torch.Size, torch.dtype, bool]]:
    learned = {name for name, _ in module.named_parameters()}
    return {name: (each.shape, each.dtype, name in learned) for name, each in module.state_dict().items()}


def step(module: nn.Module, x: Tensor) -> object:
    """One step of gradient descent on all outputs; gives the outputs."""
    without_drops(module)
    output = module.train()(x)
    loss = sum((each * torch.linspace(-1, 1, each.numel()).view_as(each)).sum() for each in values(output))
    assert isinstance(loss, Tensor)
    loss.backward()
    torch.optim.SGD(module.parameters(), lr=0.01).step()
    return output


def gradients(module: nn.Module) -> dict[str, Tensor]:
    found = {name: each.grad for name, each in module.named_parameters()}
    assert all(each is not None and each.any() for each in found.values())
    return {name: each for name, each in found.items() if each is not None}


def without_drops(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, DROPS):
            each.p = 0.0


def drops(module: nn.Module, x: Tensor) -> list[tuple[type[nn.Module], float]]:
    """The drops that one training pass goes through."""
    passed: list[tuple[type[nn.Module], float]] = []
    for each in module.modules():
        if isinstance(each, DROPS):
            each.register_forward_hook(lambda called, *_: passed.append((type(called), called.p)))
    with torch.no_grad():
        module.train()(x)
    return passed


def assert_equal(mine: object, theirs: object, exact: bool = True) -> None:
    mine, theirs = values(mine), values(theirs)
    assert len(mine) == len(theirs)
    for place, (one, other) in enumerate(zip(mine, theirs)):
        assert other.isfinite().all()
        same = torch.equal(one, other) if exact else apart(one, other) <= ROUNDING * largest([other])
        assert same, f"output {place} differs by {apart(one, other)}"


def assert_same_tensors(mine: dict[str, Tensor], theirs: dict[str, Tensor], exact: bool = True) -> None:
    assert mine.keys() == theirs.keys()
    within = 0.0 if exact else ROUNDING * largest(theirs.values())
    differing = {name: far for name, one in mine.items() if (far := apart(one, theirs[name])) > within}
    assert not differing


def largest(tensors: Iterable[Tensor]) -> float:
    return max(float(each.detach().abs().max()) for each in tensors)


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).detach().abs().max()) if one.shape == other.shape else math.inf
