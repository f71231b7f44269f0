"""Ops that see all dimensions, of every kind of tensor: with the batch in front, elsewhere, or without one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from archspec.ops import OpError
from archspec.ops.shapes import FLOAT, Batch, Shape, shape_of, whole
from archspec.ops.whole_tensors import DTYPES

from .realising import make, outputs, realise

MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
BATCH = 7
"""No other size is as large, so that it is told apart."""
SIZE = st.integers(1, 4)
AXIS = st.integers(-4, 3)
AXES = AXIS | st.lists(AXIS, min_size=1, max_size=2)
NUMBERS = st.sampled_from([0, 1, -2, 0.5])


def values(shape: Shape, below: int = 4) -> torch.Tensor:
    """A tensor of a shape, filled with noise or with small whole numbers."""
    dims = [BATCH * dim.count if type(dim) is Batch else dim for dim in whole(shape)]
    dtype = str(shape_dtype(shape))
    return torch.randn(dims) if dtype == FLOAT else torch.randint(0, below, dims).to(getattr(torch, dtype))


def shape_dtype(shape: Shape) -> str:
    return getattr(shape, "dtype", FLOAT)


@st.composite
def shapes(draw: st.DrawFn, dtypes: tuple[str, ...] = DTYPES) -> Shape:
    """A tensor of up to four dimensions; the batch is in front, at any other place, or missing."""
    dims: list[Any] = draw(st.lists(SIZE, max_size=3))
    place = draw(st.sampled_from([0, 0, 0, None, len(dims)]))
    if place is not None:
        dims.insert(place, Batch(draw(st.sampled_from([1, 1, 1, 2]))))
    return shape_of(dims or [1], draw(st.sampled_from(dtypes)))


def agree(name: str, fields: dict[str, Any], *given: Shape, stricter: bool = False) -> tuple[Shape, ...] | None:
    """Torch takes what the op takes, and gives it in the sizes and of the kind that are inferred.

    What the op refuses torch does too, but where the op is `stricter`.
    """
    op, inputs = make(name, **fields), [values(shape) for shape in given]
    try:
        inferred = op.infer(*given)
    except OpError as error:
        event(f"refused: {error.code}")
        if not stricter:
            with pytest.raises(Exception):  # noqa: B017 - torch has no one error of its own
                realise(op, *given)(*inputs)
        return None
    event("taken")
    results = outputs(realise(op, *given)(*inputs))
    assert [tuple(each.shape) for each in results] == [tuple(values(shape).shape) for shape in inferred]
    assert [str(each.dtype) for each in results] == [f"torch.{shape_dtype(shape)}" for shape in inferred]
    return inferred


def names_the_batch(shape: Shape, dims: int | list[int]) -> bool:
    sizes = whole(shape)
    given = [dims] if isinstance(dims, int) else dims
    return any(-len(sizes) <= dim < len(sizes) and type(sizes[dim]) is Batch for dim in given)


REDUCTIONS = ["sum", "amax", "amin", "std", "var", "logsumexp", "mean", "vector_norm"]


@pytest.mark.filterwarnings("ignore:std.*degrees of freedom", "ignore:var.*degrees of freedom")
@MANY
@given(st.sampled_from(REDUCTIONS), shapes(), AXES, st.booleans())
def test_reductions(name: str, shape: Shape, dims: int | list[int], keepdim: bool) -> None:
    # torch takes whole numbers for some of them, which it turns into floats
    strict = names_the_batch(shape, dims) or (name == "logsumexp" and shape_dtype(shape) != FLOAT)
    agree(name, {"dim": dims, "keepdim": keepdim}, shape, stricter=strict)


ALONG_ONE = ["prod", "max", "min", "argmax", "argmin", "cumsum", "normalize"]


@MANY
@given(st.sampled_from(ALONG_ONE), shapes(), AXIS, st.booleans())
def test_along_one_dimension(name: str, shape: Shape, dim: int, keepdim: bool) -> None:
    kept = {"keepdim": keepdim} if name in ALONG_ONE[:5] else {}
    strict = names_the_batch(shape, dim) or (name == "normalize" and shape_dtype(shape) != FLOAT)
    agree(name, {"dim": dim, **kept}, shape, stricter=strict)


@MANY
@given(shapes(), st.integers(1, 5), AXIS, st.booleans(), st.booleans())
def test_topk(shape: Shape, k: int, dim: int, largest: bool, ordered: bool) -> None:
    strict = names_the_batch(shape, dim) or shape_dtype(shape) == "bool"
    agree("topk", {"k": k, "dim": dim, "largest": largest, "sorted": ordered}, shape, stricter=strict)


@MANY
@given(shapes(), AXIS, st.booleans())
def test_sort(shape: Shape, dim: int, descending: bool) -> None:
    agree("sort", {"dim": dim, "descending": descending}, shape, stricter=names_the_batch(shape, dim))


@MANY
@given(shapes(), AXIS, st.integers(-5, 5))
def test_select(shape: Shape, dim: int, index: int) -> None:
    agree("select", {"index": index, "dim": dim}, shape, stricter=names_the_batch(shape, dim))


@MANY
@given(shapes(), AXIS, st.integers(-4, 4), st.none() | st.integers(-4, 4), st.integers(1, 3))
def test_slice(shape: Shape, dim: int, start: int, end: int | None, step: int) -> None:
    """Python gives what is there where a place is not, which may be nothing: that is refused."""
    agree("slice", {"start": start, "end": end, "step": step, "dim": dim}, shape, stricter=True)


@pytest.mark.parametrize(("start", "end", "step"), [(1, None, 1), (0, 2, 1), (-2, None, 1), (1, -1, 2), (-3, -1, 1)])
@pytest.mark.parametrize("dim", [1, 2, -1, -2])
def test_slice_is_pythons(start: int, end: int | None, step: int, dim: int) -> None:
    x = torch.arange(2 * 4 * 4).view(2, 4, 4)
    found = realise(make("slice", start=start, end=end, step=step, dim=dim), (4, 4))(x)
    assert torch.equal(found, x.movedim(dim, 0)[slice(start, end, step)].movedim(0, dim))
    assert make("slice", start=start, end=end, step=step, dim=dim).infer((4, 4)) == (tuple(found.shape[1:]),)


@MANY
@given(shapes(), AXIS)
def test_unbind(shape: Shape, dim: int) -> None:
    agree("unbind", {"dim": dim}, shape, stricter=True)


@MANY
@given(shapes(), st.integers(1, 3), AXIS)
def test_repeat_interleave(shape: Shape, repeats: int, dim: int) -> None:
    agree("repeat_interleave", {"repeats": repeats, "dim": dim}, shape)


@MANY
@given(shapes(), st.lists(st.integers(1, 2), max_size=5))
def test_tile(shape: Shape, dims: list[int]) -> None:
    agree("tile", {"dims": dims}, shape, stricter=any(type(dim) is Batch for dim in whole(shape)))


@MANY
@given(shapes(), AXES, st.integers(-2, 2) | st.lists(st.integers(-2, 2), min_size=1, max_size=2))
def test_roll(shape: Shape, dims: int | list[int], shifts: int | list[int]) -> None:
    given_dims = [dims] if isinstance(dims, int) else dims
    twice = len({dim % 4 for dim in given_dims}) < len(given_dims) or len(given_dims) > 1
    agree("roll", {"dims": dims, "shifts": shifts}, shape, stricter=names_the_batch(shape, dims) or twice)


@MANY
@given(shapes(), AXES)
def test_flip(shape: Shape, dims: int | list[int]) -> None:
    agree("flip", {"dims": dims}, shape, stricter=names_the_batch(shape, dims))


@MANY
@given(shapes(), st.lists(st.sampled_from([-1, 1, 2, 3, 4, "batch"]), max_size=4), shapes())
def test_expand(shape: Shape, size: list[Any], other: Shape) -> None:
    from_the_batch = any(type(dim) is Batch for dim in whole(other))
    inputs = [shape, other] if size.count("batch") == 1 and from_the_batch else [shape]
    agree("expand", {"size": size}, *inputs, stricter=True)


@pytest.mark.parametrize("size", [[4, 3, 5], [-1, 3, -1], [4, -1, 5]])
def test_expand_is_torchs(size: list[int]) -> None:
    x = torch.randn(2, 4, 1, 5)
    wanted = [given if given != -1 else has for given, has in zip(size, x.shape[1:])]
    assert torch.equal(realise(make("expand", size=size), (4, 1, 5))(x), x.expand(2, *wanted))


def test_a_token_is_given_to_each_example() -> None:
    op, token, x = make("expand", size=["batch", -1, -1]), torch.randn(1, 1, 5), torch.randn(3, 4, 5)
    shapes = shape_of((1, 1, 5)), (4, 5)
    assert op.infer(*shapes) == ((1, 5),)
    assert torch.equal(realise(op, *shapes)(token, x), token.expand(3, 1, 5))
    with pytest.raises(OpError, match="how large the batch is"):
        op.infer(shapes[0])


@MANY
@given(st.sampled_from(["stack", "concat"]), shapes(), AXIS, st.lists(st.sampled_from(DTYPES), max_size=2))
def test_stack_and_concat(name: str, shape: Shape, dim: int, dtypes: list[str]) -> None:
    others = [shape_of(whole(shape), dtype) for dtype in dtypes]
    agree(name, {"dim": dim}, shape, *others)


@MANY
@given(shapes(), shapes(("int64", "int64", FLOAT)), AXIS, st.booleans())
def test_lookups(shape: Shape, index: Shape, dim: int, alike: bool) -> None:
    if alike:
        index = shape_of(whole(shape), "int64")
    dims = whole(shape)
    if -len(dims) <= dim < len(dims) and not names_the_batch(shape, dim) and dims[dim] < 4:
        return  # places that do not exist are found only as it runs
    for name in ("gather", "take_along_dim", "index_select"):
        agree(name, {"dim": dim}, shape, index, stricter=True)


@MANY
@given(shapes(), st.integers(4, 6))
def test_one_hot(shape: Shape, count: int) -> None:
    agree("one_hot", {"num_classes": count}, shape)


COMPARISONS = ["eq", "ne", "gt", "ge", "lt", "le", "logical_and", "logical_or", "add", "mul", "maximum"]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Shape, Shape]:
    one = draw(shapes())
    dims = [1 if draw(st.integers(0, 3)) == 0 else dim for dim in whole(one)]
    return one, draw(shapes() | st.just(shape_of(dims, draw(st.sampled_from(DTYPES)))))


@MANY
@given(st.sampled_from(COMPARISONS), pairs())
def test_pairs(name: str, pair: tuple[Shape, Shape]) -> None:
    crossed = len({*map(len, map(whole, pair))}) > 1 or batches(pair) > 1
    agree(name, {}, *pair, stricter=crossed)


def batches(given: tuple[Shape, ...]) -> int:
    """At how many places, counted from the last, the batch stands in some of the values."""
    return len(
        {(at - len(whole(shape)), dim) for shape in given for at, dim in enumerate(whole(shape)) if type(dim) is Batch}
    )


@MANY
@given(st.sampled_from(COMPARISONS[:6]), shapes(), st.integers(0, 1), NUMBERS)
def test_pairs_with_a_number(name: str, shape: Shape, at: int, number: float) -> None:
    wraps = shape_dtype(shape) == "uint8" and number < 0  # torch compares with the number that is left: 254 for -2
    agree(name, {"numbers": [[at, number]]}, shape, stricter=wraps)


@MANY
@given(shapes(("bool", "bool", "int64")), pairs(), st.lists(st.tuples(st.integers(1, 2), NUMBERS), max_size=2))
def test_where(condition: Shape, pair: tuple[Shape, Shape], numbers: list[tuple[int, float]]) -> None:
    places = dict(numbers)
    rest = [each for at, each in enumerate(pair, start=1) if at not in places]
    agree("where", {"numbers": [[at, places[at]] for at in sorted(places)]}, condition, *rest, stricter=True)


@MANY
@given(pairs(), st.booleans(), st.sampled_from([0.0, -1.0, float("-inf")]))
def test_masked_fill(pair: tuple[Shape, Shape], of_truths: bool, value: float) -> None:
    mask = shape_of(whole(pair[1]), "bool") if of_truths else pair[1]
    if shape_dtype(pair[0]) == FLOAT:
        agree("masked_fill", {"value": value}, pair[0], mask, stricter=True)


@MANY
@given(shapes(), st.sampled_from(DTYPES))
def test_to(shape: Shape, dtype: str) -> None:
    agree("to", {"type": dtype}, shape)


@MANY
@given(shapes())
def test_logical_not(shape: Shape) -> None:
    agree("logical_not", {}, shape)


@MANY
@given(st.sampled_from(["abs", "neg", "sign", "square", "identity", "detach"]), shapes())
def test_functions_of_numbers(name: str, shape: Shape) -> None:
    # torch takes truths and bytes for some of them
    agree(name, {}, shape, stricter=name not in ("identity", "detach") and shape_dtype(shape) in ("bool", "uint8"))


@MANY
@given(shapes())
def test_embedding(shape: Shape) -> None:
    """Of whole numbers as they come, with a batch or without; torch takes int32 too."""
    agree("embedding", {"num_embeddings": 4, "embedding_dim": 3}, shape, stricter=shape_dtype(shape) == "int32")
