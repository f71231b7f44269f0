"""TensorFlow's `same` at any stride, and standardised kernels: as their definitions say."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from archspec.ops import OpError
from archspec.ops.collected_conditions import collected
from archspec.ops.shapes import symbol

from .realising import make, realise
from .test_properties import agree

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = st.integers(1, 3)


def padded(x: Tensor, kernel: int, stride: int, dilation: int, value: float) -> Tensor:
    """A tensor with TensorFlow's padding, as its documentation defines it."""
    for axis in range(2, x.dim()):
        size = x.shape[axis]
        reach = (kernel - 1) * dilation + 1
        total = max(reach - (size % stride or stride), 0)
        sides = [0, 0] * (x.dim() - 1 - axis) + [total // 2, total - total // 2]
        x = nn.functional.pad(x, sides, value=value)
    return x


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@MANY
@given(st.integers(1, 3), st.integers(1, 9), st.integers(1, 4), SMALL, SMALL, st.sampled_from([1, 2]))
def test_conv(rank: int, size: int, kernel: int, stride: int, dilation: int, groups: int) -> None:
    fields = {"out_channels": 4, "kernel_size": kernel, "stride": stride, "dilation": dilation, "groups": groups}
    op, shape = make("conv", padding="same", **fields), (2, *(size,) * rank)
    agree("conv", {**fields, "padding": "same"}, shape)
    module, x = realise(op, shape), torch.randn(2, *shape)
    assert op.infer(shape) == ((4, *(-(-size // stride),) * rank),)
    run = getattr(nn.functional, f"conv{rank}d")
    x_padded = padded(x, kernel, stride, dilation, 0)
    expected = run(x_padded, module.weight, module.bias, stride, 0, dilation, groups)
    torch.testing.assert_close(module(x), expected)


@MANY
@given(st.sampled_from(["max_pool", "avg_pool"]), st.integers(1, 3), st.integers(1, 9), st.integers(1, 4), SMALL)
def test_pools(name: str, rank: int, size: int, kernel: int, stride: int) -> None:
    fields: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": "same"}
    shape = (2, *(size,) * rank)
    agree(name, fields, shape)
    x = torch.randn(2, *shape)
    run = getattr(nn.functional, f"{name}{rank}d")
    zeros = run(padded(x, kernel, stride, 1, 0 if name == "avg_pool" else -torch.inf), kernel, stride)
    torch.testing.assert_close(realise(make(name, **fields), shape)(x), zeros)
    if name == "avg_pool":
        there = run(padded(torch.ones_like(x), kernel, stride, 1, 0), kernel, stride)
        found = realise(make(name, **fields, count_include_pad=False), shape)(x)
        torch.testing.assert_close(found, zeros / there)


@pytest.mark.parametrize("name", ["conv", "max_pool", "avg_pool"])
def test_a_symbolic_size_asks_for_nothing(name: str) -> None:
    with collected() as conditions:
        made = make(name, kernel_size=3, stride=2, padding="same", **({"out_channels": 4} if name == "conv" else {}))
        ((_, size),) = made.infer((2, symbol("H")))
    assert not conditions
    assert [size.subs({symbol("H"): each}) for each in (1, 2, 3, 224)] == [1, 1, 2, 112]


@pytest.mark.parametrize("gamma", [None, 1.7])
@pytest.mark.parametrize(
    "more", [{}, {"padding": "same"}, {"stride": 2, "padding": "same"}, {"groups": 2, "padding": 1}]
)
def test_standardised_kernels(gamma: float | None, more: dict[str, Any]) -> None:
    fields = {"out_channels": 6, "kernel_size": 3, "weight_standardization": True, "gamma": gamma, **more}
    op, x = make("conv", **fields), torch.randn(2, 4, 7, 7)
    module = realise(op, (4, 7, 7))
    assert op.infer((4, 7, 7)) == (tuple(module(x).shape[1:]),)
    assert op.parameters((4, 7, 7)) == {key: tuple(each.shape) for key, each in module.named_parameters()}
    kernels = module.weight
    flat = kernels.flatten(1)
    standard = (flat - flat.mean(1, keepdim=True)) / (flat.var(1, correction=0, keepdim=True) + 1e-6).sqrt()
    if gamma is not None:
        with torch.no_grad():
            module.gain.uniform_(0.5, 2)
        standard = standard * module.gain.flatten(1) * gamma * flat.shape[1] ** -0.5
    plain = realise(make("conv", **{**fields, "weight_standardization": False, "gamma": None}), (4, 7, 7))
    plain.load_state_dict({"weight": standard.view_as(kernels), "bias": module.bias})
    torch.testing.assert_close(module(x), plain(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"stride": 2, "padding": "same", "padding_mode": "reflect"}, "padding"),
        ({"stride": 2, "padding": "same", "connections": [[0], [1]]}, "padding"),
        ({"weight_standardization": True, "padding_mode": "reflect", "padding": 1}, "weight_standardization"),
        ({"gamma": 2.0}, "gamma"),
    ],
)
def test_what_cannot_be(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(OpError) as caught:
        make("conv", out_channels=2, kernel_size=3, **fields).infer((4, 7, 7))
    assert caught.value.field == field
