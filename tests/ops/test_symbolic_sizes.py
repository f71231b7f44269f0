"""Symbolic sizes: the formula is torch's own size wherever torch runs, and where it does not a condition says so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.language.symbolic import Symbolic, larger, scaled
from archspec.ops import Op, OpError, ops
from archspec.ops.collected_conditions import collected, possible
from archspec.ops.conditions import SizeCondition, at_least, broadcast, divisible_by, equal
from archspec.ops.legal_sizes import Legal
from archspec.ops.shapes import Dim, Shape, known, symbol

from .realising import example, make, realise
from .test_against_torch import PLAIN

H, W = symbol("H"), symbol("W")
SIZES = range(1, 400)


def concrete(shape: Shape, sizes: Mapping[str, int]) -> Shape:
    return tuple(dim if known(dim) else dim.at(sizes) for dim in shape)


def of_torch(op: Op, run: Callable[..., Any], shapes: Iterable[Shape]) -> list[Shape] | None:
    """The sizes that torch gives, without memory; `None` where it refuses the inputs."""
    values = [torch.empty(2, *shape, device="meta") for shape in shapes]
    try:
        output = run(*values)
    except (RuntimeError, ValueError, ZeroDivisionError):
        return None
    found = [tuple(each.shape[1:]) for each in (output if isinstance(output, tuple) else (output,))]
    return None if any(0 in shape for shape in found) else found


def inferred(op: Op, shapes: tuple[Shape, ...]) -> tuple[tuple[Shape, ...], tuple[SizeCondition, ...]]:
    with collected() as found:
        outputs = op.infer(*shapes)
    return outputs, tuple(found)


def hold(op: Op, *shapes: Shape, sizes: list[dict[str, int]] | None = None) -> int:
    """Hold an op's formula and conditions against torch; the number of sizes at which torch runs."""
    outputs, conditions = inferred(op, shapes)
    tried = sizes or [{"H": size, "W": size} for size in SIZES]
    first = [each for each in tried if all(condition.holds(each) for condition in conditions)][-1]
    with torch.device("meta"):
        run = realise(op, *(concrete(shape, first) for shape in shapes))
    ran = 0
    for each in tried:
        actual = of_torch(op, run, [concrete(shape, each) for shape in shapes])
        legal = all(condition.holds(each) for condition in conditions)
        assert legal == (actual is not None), (each, list(map(str, conditions)), actual)
        if actual is not None:
            ran += 1
            assert [concrete(shape, each) for shape in outputs] == actual, each
    return ran


ALONG = (8, "H")
MAP = (8, "H", 24)
WINDOWS: list[tuple[str, dict[str, Any]]] = [
    ("conv", {"out_channels": 2, "kernel_size": 7}),
    ("conv", {"out_channels": 2, "kernel_size": 3, "stride": 2, "padding": 1}),
    ("conv", {"out_channels": 2, "kernel_size": 5, "stride": 4, "dilation": 3}),
    ("conv", {"out_channels": 2, "kernel_size": 5, "padding": "same"}),
    ("conv", {"out_channels": 2, "kernel_size": 4, "padding": 3, "padding_mode": "reflect"}),
    ("conv", {"out_channels": 2, "kernel_size": 4, "padding": 3, "padding_mode": "circular"}),
    ("conv_transpose", {"out_channels": 2, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}),
    ("conv_transpose", {"out_channels": 2, "kernel_size": 2, "stride": 3, "padding": 4, "output_padding": 2}),
    *[
        (name, {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil})
        for name in ("max_pool", "avg_pool")
        for kernel, stride, padding in [(2, 2, 0), (3, 2, 1), (2, 3, 1), (2, 5, 0), (5, 7, 2), (4, 4, 2)]
        for ceil in (False, True)
    ],
    ("max_pool", {"kernel_size": 3, "stride": 2, "dilation": 2, "padding": 1, "ceil_mode": True}),
    ("lp_pool", {"kernel_size": 3, "stride": 2, "norm_type": 2, "ceil_mode": True}),
    ("adaptive_avg_pool", {"output_size": 7}),
    ("adaptive_max_pool", {"output_size": 300}),
    ("pad", {"padding": 3}),
    ("pad", {"padding": -3}),
    ("pad", {"padding": 5, "mode": "reflect"}),
    ("pad", {"padding": 5, "mode": "replicate"}),
    ("pad", {"padding": 5, "mode": "circular"}),
    ("instance_norm", {}),
    ("batch_norm", {}),
    ("flatten", {}),
]  # fmt: skip


def named(fields: Mapping[str, Any]) -> str:
    return "-".join(map(str, fields.values())) or "plain"


def shape_of(*dims: int | str) -> Shape:
    return tuple(symbol(dim) if isinstance(dim, str) else dim for dim in dims)


@pytest.mark.parametrize("dims", [ALONG, MAP], ids=["sequence", "map"])
@pytest.mark.parametrize(("name", "fields"), WINDOWS, ids=[f"{name}-{named(fields)}" for name, fields in WINDOWS])
def test_what_takes_windows(name: str, fields: dict[str, Any], dims: tuple[int | str, ...]) -> None:
    assert hold(make(name, **fields), shape_of(*dims)) > 300


@pytest.mark.parametrize(
    "factor", [0.1, 0.29, 0.3, 0.333, 1 / 3, 0.5, 0.57, 0.7, 0.75, 1.1, 1.15, 1.5, 2, 2.3, 3.7, 10]
)
def test_floats_times_sizes(factor: float) -> None:
    assert hold(make("upsample", scale_factor=float(factor)), (3, H)) > 300
    assert hold(make("upsample", scale_factor=(float(factor), 2.0), mode="bilinear"), (3, H, W)) > 300


@pytest.mark.parametrize(
    ("name", "fields", "shape", "rule"),
    [
        ("reshape", {"shape": (-1, 8)}, (3, H), "H must be divisible by 8"),
        ("reshape", {"shape": (16, -1)}, (12, H), "H must be divisible by 4"),
        ("reshape", {"shape": (16, 3)}, (12, H), "H must be 4"),
        ("unflatten", {"unflattened_size": (6, -1), "dim": 2}, (3, H), "H must be divisible by 6"),
        ("unflatten", {"unflattened_size": (6, -1), "dim": 2}, (3, H + 1), "H must be 5 more than a multiple of 6"),
        ("unflatten", {"unflattened_size": (4, 5), "dim": 2}, (3, H), "H must be 20"),
        ("pixel_unshuffle", {"downscale_factor": 3}, (4, H, 12), "H must be divisible by 3"),
        ("pixel_shuffle", {"upscale_factor": 3}, (9, H, W), ""),
    ],
)  # fmt: skip
def test_what_must_divide(name: str, fields: dict[str, Any], shape: Shape, rule: str) -> None:
    op = make(name, **fields)
    assert hold(op, shape)
    _, conditions = inferred(op, (shape,))
    legal = Legal.of("H", conditions)
    assert legal.all if not rule else str(legal) == rule


JOINS: list[tuple[str, dict[str, Any], tuple[Shape, ...], str]] = [
    ("concat", {}, ((4, 2 * (H // 2)), (4, H)), "H must be divisible by 2"),
    ("concat", {}, ((4, 8 * (H // 8)), (4, H), (4, 2 * (H // 2))), "H must be divisible by 8"),
    ("concat", {}, ((4, (H + 1) // 2), (4, H // 2)), "H must be divisible by 2"),
    ("concat", {}, ((4, (H - 1) // 2), (4, H // 2)), "H must be odd"),
    ("concat", {}, ((4, 2 * (H // 16)), (4, H // 8)), "H must be 0 to 7 more than a multiple of 16"),
    ("concat", {}, ((4, H), (4, 7)), "H must be 7"),
    ("add", {}, ((4, H + 1), (4, H + 1)), ""),
    ("add", {}, ((4, 2 * (H // 2)), (4, H)), "H must be 1, or divisible by 2"),
    ("add", {}, ((4, H), (1, 5), (4, H)), "H must be 1 or 5"),
    ("add", {}, ((4, scaled(H, 0.7)), (4, scaled(H, 0.7))), ""),
    ("concat", {}, ((4, 3 * scaled(H, 1 / 3)), (4, H)), "H must be 3"),
    ("mul", {}, ((4, H), (4, 5)), "H must be 1 or 5"),
    ("mul", {}, ((4, H // 32), (4, H)), "H must be 1 or 32 to 63"),
    ("mul", {}, ((4, (H + 1) // 2), (4, H)), "H must be 1 or 2"),
    ("mul", {}, ((4, H), (4, 1)), ""),
    ("matmul", {}, ((4, H), (2 * (H // 2), 3)), "H must be divisible by 2"),
    ("matmul", {}, ((H, 2, 4), (3, 4, 2)), "H must be 1 or 3"),
]


@pytest.mark.parametrize(("name", "fields", "shapes", "rule"), JOINS, ids=str)
def test_joins(name: str, fields: dict[str, Any], shapes: tuple[Shape, ...], rule: str) -> None:
    op = make(name, **fields)
    _, conditions = inferred(op, shapes)
    legal = Legal.of("H", conditions)
    assert legal.all if not rule else str(legal).startswith(rule)
    positive = [{"H": size} for size in SIZES if all(0 not in concrete(shape, {"H": size}) for shape in shapes)]
    assert hold(op, *shapes, sizes=positive)


SEVERAL = [{"H": high, "W": wide} for high in range(1, 25) for wide in range(1, 25)]


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("add", ((4, H, W), (4, W, H))),
        ("mul", ((4, H, 3), (4, W, 3))),
        ("mul", ((H, 1, W), (H, W, 1))),
        ("concat", ((4, 2 * (H // 2) + 1), (4, W))),
        ("matmul", ((3, H), (W, 3))),
        ("add", ((4, H * W), (4, 12))),
    ],
)
def test_two_symbols(name: str, shapes: tuple[Shape, ...]) -> None:
    assert 0 < hold(make(name), *shapes, sizes=SEVERAL) <= len(SEVERAL)


def test_a_product_of_two_symbols_that_must_divide() -> None:
    assert hold(make("reshape", shape=(-1, 16)), (3, H, W), sizes=SEVERAL)
    _, (condition,) = inferred(make("reshape", shape=(-1, 16)), ((3, H, W),))
    assert str(condition) == "3*H*W must be divisible by 16"


@pytest.mark.parametrize(
    ("name", "fields", "shapes"),
    [
        ("concat", {}, ((4, H), (4, H + 1))),
        ("add", {}, ((4, 2 * H), (4, 7))),
        ("concat", {}, ((4, 2 * H * W), (4, 7))),
        ("concat", {}, ((4, H // 2 + H), (4, H // 2 + H + 3))),
        ("concat", {}, ((4, 4 * (H // 4)), (4, 4 * (H // 8) + 2))),
        ("matmul", {}, ((4, H), (H + 1, 3))),
        ("pixel_unshuffle", {"downscale_factor": 4}, ((3, 2 * H + 1, 4),)),
        ("unflatten", {"unflattened_size": (2, -1), "dim": 1}, ((4 * H + 1,),)),
    ],
)
def test_what_fits_at_no_size_is_refused(name: str, fields: dict[str, Any], shapes: tuple[Shape, ...]) -> None:
    with pytest.raises(OpError):
        make(name, **fields).infer(*shapes)


@pytest.mark.parametrize("op", PLAIN, ids=[op.name for op in PLAIN])
def test_every_op_at_every_size(op: type[Op]) -> None:
    """Each size of each input that is not the channels in turn; a new op is tried with no edit."""
    for place, shape in enumerate(op.example_inputs):
        for dim in range(len(shape)):
            shapes = list(op.example_inputs)
            shapes[place] = (*shape[:dim], H, *shape[dim + 1 :])
            if type(shape) is tuple and all(type(each) is tuple for each in op.example_inputs):
                _one_symbol(example(op), tuple(shapes))


def _one_symbol(op: Op, shapes: tuple[Shape, ...]) -> None:
    try:
        outputs, conditions = inferred(op, shapes)
    except OpError:
        return
    for size in SIZES:
        sizes = {"H": size}
        numbers = [concrete(shape, sizes) for shape in shapes]
        legal = all(condition.holds(sizes) for condition in conditions)
        try:
            expected = op.infer(*numbers)
        except OpError:
            assert not legal, (size, list(map(str, conditions)))
            continue
        assert legal, (size, list(map(str, conditions)))
        assert [concrete(shape, sizes) for shape in outputs] == [*map(tuple, expected)]
        macs = op.macs(shapes, outputs)
        assert (macs.at(sizes) if isinstance(macs, Symbolic) else macs) == op.macs(numbers, expected)


Made = tuple[Any, Callable[[Mapping[str, int]], Any]]


def grown(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    """A size made of others, and the same as a function of numbers."""
    numbers = st.integers(-6, 6)
    divisors = st.sampled_from([2, 3, 4, 5, 8, -3])

    def joined(operation: Callable[[Any, Any], Any], one: Made, other: Made) -> Made:
        return operation(one[0], other[0]), lambda sizes: operation(one[1](sizes), other[1](sizes))

    def constant(number: int) -> Made:
        return number, lambda sizes: number

    return st.one_of(
        st.builds(joined, st.sampled_from([operator.add, operator.sub]), inner, inner),
        st.builds(joined, st.just(larger), inner, inner),
        st.builds(joined, st.just(operator.mul), inner, numbers.map(constant)),
        st.builds(joined, st.sampled_from([operator.floordiv, operator.mod]), inner, divisors.map(constant)),
    )


made = st.recursive(
    st.sampled_from([(H, operator.itemgetter("H")), (W, operator.itemgetter("W")), (3, lambda sizes: 3)]),
    grown,
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(made, st.integers(1, 60), st.integers(1, 60))
def test_arithmetic_is_that_of_the_numbers(size: Made, high: int, wide: int) -> None:
    formula, of_numbers = size
    sizes = {"H": high, "W": wide}
    value = of_numbers(sizes)
    if not isinstance(formula, Symbolic):
        assert formula == value
        return
    assert formula.at(sizes) == value
    assert formula.lower <= value <= formula.upper
    assert formula.at({"H": high}) == formula.at({"H": high}), "one symbol alone can be put in"
    partly: Any = formula.at({"H": high})
    assert (partly.at({"W": wide}) if isinstance(partly, Symbolic) else partly) == value
    text = str(formula).replace("/", "//").replace("floor", "")
    assert eval(text, {"max": max}, dict(sizes)) == value, "the text says the same"
    assert formula + 0 == formula and formula - formula == 0 and 2 * formula - formula == formula


@settings(max_examples=150, deadline=None)
@given(made, made, st.integers(2, 7), st.sampled_from([equal, broadcast, divisible_by, at_least]))
def test_verdicts_on_conditions_are_right(one: Made, other: Made, number: int, kind: Any) -> None:
    first, second = one[0], number if kind in (divisible_by, at_least) else other[0]
    condition = kind(first, second)
    pairs = [{"H": high, "W": wide} for high in range(1, 40) for wide in range(1, 40, 3)]
    holding = [sizes for sizes in pairs if condition.holds(sizes)]
    with collected() as found:
        if not possible(condition):
            assert not holding
        elif not found:
            assert len(holding) == len(pairs)
    if condition.names == {"H"}:
        legal = Legal.of("H", [condition])
        listed = set(legal.sizes(400))
        for size in range(1, 300):
            assert (size in listed) == condition.holds({"H": size}), (size, legal)


def test_floors_of_floors_are_one() -> None:
    size: Dim = H
    for _ in range(3):
        size = size // 2
    assert str(size) == "floor(H/8)"
    size = H
    for _ in range(5):
        size = (size + 2 - 3) // 2 + 1
    assert str(size) == "floor((H + 31)/32)"
    assert str(2 * (H // 2) // 2) == "floor(H/2)"
    assert str((H + H // 2) // 2) == "floor(3*H/4)"
    assert str(scaled(H, 1.5)) == "floor(3*H/2)"


def test_rules_of_several_conditions() -> None:
    def rule(*conditions: SizeCondition) -> str:
        return str(Legal.of("H", conditions))

    assert rule(divisible_by(H, 4), divisible_by(H, 6)) == "H must be divisible by 12"
    assert rule(divisible_by(H, 8), at_least(H, 30)) == "H must be divisible by 8 and at least 32"
    assert rule(at_least(H, 7)) == "H must be at least 7"
    assert rule(at_least(H - 10**7, 1)) == "H must be at least 10000001"
    assert rule(divisible_by(H + 1, 2), divisible_by(H + 1, 3)) == "H must be 5 more than a multiple of 6"
    assert not Legal.of("H", [divisible_by(H, 2), divisible_by(H + 1, 2)])
    assert ops()["add"]
