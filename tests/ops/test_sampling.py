"""Windows as columns, unpooling, and values read at places, of random sizes against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from archspec.ops import OpError
from archspec.ops.shapes import Shape

from .realising import make, outputs, realise
from .test_properties import agree, per_dim

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = st.integers(1, 3)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "kernel_size": draw(per_dim(SMALL, 2)),
        "stride": draw(per_dim(SMALL, 2)),
        "padding": draw(per_dim(st.integers(0, 2), 2)),
        "dilation": draw(per_dim(st.integers(1, 2), 2)),
    }


@MANY
@given(windows(), st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))
def test_unfold(fields: dict[str, Any], channels: int, height: int, width: int) -> None:
    agree("unfold", fields, (channels, height, width))


@MANY
@given(windows(), st.integers(1, 12), st.integers(1, 7), per_dim(st.integers(2, 6), 2), st.booleans())
def test_fold(fields: dict[str, Any], columns: int, places: int, size: Any, right: bool) -> None:
    if right:
        height, width = size if isinstance(size, list) else (size, size)
        try:
            ((columns, places),) = make("unfold", **fields).infer((2, height, width))
        except OpError:
            return
    agree("fold", {**fields, "output_size": size}, (columns, places))


@MANY
@given(st.integers(1, 3), SMALL, st.none() | SMALL, st.integers(0, 1), st.integers(1, 9), st.booleans())
def test_unpooling(rank: int, kernel: int, stride: int | None, padding: int, size: int, like: bool) -> None:
    """Every maximum goes back to its own place, in the size that is inferred or in that of the map before."""
    fields = {"kernel_size": kernel, "stride": stride, "padding": padding}
    shape: Shape = (2, *(size,) * rank)
    pool, x = make("max_pool_with_indices", **fields), torch.randn(2, *shape).abs() + 1
    try:
        values, indices = pool.infer(shape)
    except OpError:
        return
    pooled, places = outputs(realise(pool, shape)(x))
    assert (tuple(pooled.shape[1:]), tuple(places.shape[1:])) == (values, tuple(indices))
    unpool, given_shapes = make("max_unpool", **fields), (values, indices, *[shape] * like)
    try:
        (inferred,) = unpool.infer(*given_shapes)
    except OpError:
        with pytest.raises(Exception):  # noqa: B017 - torch has no one error of its own
            assert realise(unpool, *given_shapes)(pooled, places, *[x] * like).numel()
        return
    if not like and inferred != shape:
        return  # places are counted in the map that was pooled
    try:
        result = realise(unpool, *given_shapes)(pooled, places, *[x] * like)
    except ValueError as error:
        assert "invalid output_size" in str(error)
        return
    assert tuple(result.shape[1:]) == inferred
    assert torch.equal(result, torch.where(torch.isin(x, pooled), x, 0)) or kernel > (stride or kernel)


def test_indices_are_what_unpooling_needs() -> None:
    with pytest.raises(OpError, match="index of each value"):
        make("max_unpool", kernel_size=2).infer((4, 3, 3), (4, 3, 3))
    with pytest.raises(OpError, match="no `padding: same`"):
        make("max_pool_with_indices", kernel_size=2, padding="same").infer((4, 3, 3))


@MANY
@given(
    st.sampled_from(["bilinear", "nearest", "bicubic"]),
    st.sampled_from(["zeros", "border", "reflection"]),
    st.booleans(),
    st.lists(SMALL, min_size=1, max_size=4),
    st.lists(SMALL, min_size=2, max_size=4),
)
def test_grid_sample(mode: str, padding: str, corners: bool, image: list[int], grid: list[int]) -> None:
    fields = {"mode": mode, "padding_mode": padding, "align_corners": corners}
    agree("grid_sample", fields, tuple(image), tuple(grid))
    agree("grid_sample", fields, (2, 4, 5), (3, 3, 2))
    if mode != "bicubic":
        agree("grid_sample", fields, (2, 4, 5, 3), (3, 3, 2, 3))


@pytest.mark.filterwarnings("ignore:Since version 1.3.0, affine_grid behavior has changed")
@MANY
@given(st.booleans(), st.lists(SMALL, min_size=1, max_size=4), st.sampled_from([(2, 3), (3, 4), (2, 2), (3,)]))
def test_affine_grid(corners: bool, image: list[int], theta: Shape) -> None:
    agree("affine_grid", {"align_corners": corners}, theta, tuple(image))


def test_the_same_place_is_read_back() -> None:
    x, theta = torch.randn(2, 3, 5, 6), torch.eye(2, 3).repeat(2, 1, 1)
    grid = realise(make("affine_grid"), (2, 3), (3, 5, 6))(theta, x)
    torch.testing.assert_close(realise(make("grid_sample"), (3, 5, 6), (5, 6, 2))(x, grid), x)


def test_folding_is_the_adjoint_of_unfolding() -> None:
    fields = {"kernel_size": 3, "padding": 1}
    x = torch.randn(2, 3, 5, 6)
    columns = realise(make("unfold", **fields), (3, 5, 6))(x)
    counted = realise(make("fold", **fields, output_size=[5, 6]), tuple(columns.shape[1:]))(columns)
    ones = nn.functional.fold(nn.functional.unfold(torch.ones_like(x), 3, padding=1), (5, 6), 3, padding=1)
    torch.testing.assert_close(counted, x * ones)
