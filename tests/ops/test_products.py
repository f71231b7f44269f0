"""Einsum, distances and bilinear forms of random sizes against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.ops import OpError
from archspec.ops.shapes import Batch, Shape, shape_of

from .realising import BATCH, counted, make, realise
from .test_any_tensor import agree, pairs

MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
LETTERS = "bijkl"


@st.composite
def equations(draw: st.DrawFn, least: int) -> tuple[str, list[Shape]]:
    """An equation and inputs of its sizes; `b` is the batch, which stands in front."""
    sizes = {letter: draw(st.integers(least, 4)) for letter in LETTERS[1:]}
    parts = [draw(st.lists(st.sampled_from(LETTERS[1:]), max_size=3)) for _ in range(draw(st.integers(1, 3)))]
    texts = ["b" + "".join(part) for part in parts]
    seen = sorted({*"".join(texts)} - {"b"})
    output = "".join(draw(st.permutations(seen)))[: draw(st.integers(0, len(seen)))]
    inputs = [shape_of((Batch(), *(sizes[letter] for letter in text[1:]))) for text in texts]
    return f"{','.join(texts)}->b{output}", inputs


@MANY
@given(equations(least=1))
def test_einsum(case: tuple[str, list[Shape]]) -> None:
    equation, inputs = case
    agree("einsum", {"equation": equation}, *inputs)


@MANY
@given(equations(least=2))
def test_what_einsum_counts(case: tuple[str, list[Shape]]) -> None:
    """Torch counts no product over a single term, which is a product of elements to it."""
    equation, inputs = case
    op = make("einsum", equation=equation)
    with torch.backends.opt_einsum.flags(enabled=False), counted() as macs:
        realise(op, *inputs)(*[torch.randn(BATCH, *shape) for shape in inputs])
    assert op.macs(inputs, op.infer(*inputs)) == macs()


@pytest.mark.parametrize(
    ("equation", "expected"),
    [("bij,bjk", "`,` between inputs"), ("bij,bjk->bim", "of the output"), ("bi,bjk->bik", "for each dimension"),
     ("bij,bik->bjk", "one size"), ("bij,bjk->ik", "summed over"), ("b..,bjk->bk", "letters")],
)  # fmt: skip
def test_equations_that_cannot_be(equation: str, expected: str) -> None:
    with pytest.raises(OpError) as caught:
        make("einsum", equation=equation).infer((3, 4), (4, 5))
    assert expected in str(caught.value.expected)


@MANY
@given(st.sampled_from(["cosine_similarity", "pairwise_distance"]), pairs(), st.integers(-3, 3), st.booleans())
def test_distances(name: str, pair: tuple[Shape, Shape], dim: int, keepdim: bool) -> None:
    fields: dict[str, Any] = {"dim": dim} if name == "cosine_similarity" else {"norm": 2.0, "keepdim": keepdim}
    agree(name, fields, *pair, stricter=True)


@MANY
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_bilinear(shape: list[int], features: int, out: int, bias: bool) -> None:
    op, shapes = make("bilinear", out_features=out, bias=bias), (tuple(shape), (*shape[:-1], features))
    module = realise(op, *shapes)
    assert op.parameters(*shapes) == {key: tuple(each.shape) for key, each in module.named_parameters()}
    assert op.infer(*shapes) == (tuple(module(*(torch.randn(2, *each) for each in shapes)).shape[1:]),)
    if len(shape) > 1:
        with pytest.raises(OpError, match="`bilinear` cannot take"):
            op.infer(shapes[0], (shape[0] + 1, *shapes[1][1:]))


def test_einsum_is_matmul() -> None:
    agree_shapes = ((3, 4), (4, 5))
    one = make("einsum", equation="bij,bjk->bik")
    other = make("matmul")
    assert one.infer(*agree_shapes) == other.infer(*agree_shapes)
    assert one.macs(agree_shapes, one.infer(*agree_shapes)) == other.macs(agree_shapes, other.infer(*agree_shapes))
