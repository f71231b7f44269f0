"""Numbers and dtypes among operands: what an op reads runs in torch, with the dtype and the values that it says."""

import math
import operator
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import archspec
from archspec.ops import OpError
from archspec.ops.shapes import FLOAT, Carried, Shape, dtype_of

from .realising import make, realise

VALUES: dict[str, list[float]] = {
    "float32": [1.5, -2.0, 3.0],
    "int64": [1, -2, 3],
    "int32": [1, -2, 3],
    "uint8": [1, 2, 44],
    "bool": [1, 0, 1],
}
NUMBERS = (2, -2, 7.5, -1.5, -0.0, 1e-07, -1e-07, -2e20, 300, 2**40)
EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": lambda one, other: power(one, other),
    "maximum": max,
    "minimum": min,
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def power(one: float, other: float) -> Any:
    """The power; a whole one modulo 2 ** 64, which the widest dtype is run over by."""
    if isinstance(one, int) and isinstance(other, int) and other >= 0:
        return pow(one, other, 2**64)
    return one**other


def given(dtype: str) -> Tensor:
    return torch.tensor(VALUES[dtype]).to(getattr(torch, dtype))


def agrees(got: float, name: str, one: float, other: float, dtype: str) -> bool:
    """Whether torch's value is what Python makes of the two; whole numbers run over at the end of their dtype."""
    try:
        exact = EXACT[name](one, other)
        if isinstance(exact, complex):
            return math.isnan(got)
        if dtype in ("uint8", "int32", "int64"):
            return (int(got) - int(exact)) % 2 ** (8 if dtype == "uint8" else int(dtype[3:])) == 0
        if dtype == "bool":
            return bool(got) == bool(exact)
        near = math.isclose(got, float(exact), rel_tol=1e-4, abs_tol=1e-6)
        return near or not math.isfinite(got) or abs(one / other) > 1e6
    except (ZeroDivisionError, OverflowError):
        return True


def holds(name: str, operands: list[Any]) -> bool:
    """Check one op of tensors, by dtype, and numbers; false where it refuses them."""
    numbers = tuple((at, each) for at, each in enumerate(operands) if not isinstance(each, str))
    shapes: list[Shape] = [Carried((3,), dtype=each) for each in operands if isinstance(each, str)]
    op = make(name, numbers=numbers)
    try:
        (shape,) = op.infer(*shapes)
    except OpError as error:
        assert error.found
        return False
    try:
        result = realise(op, *shapes)(*(given(each) for each in operands if isinstance(each, str)))
    except RuntimeError as error:
        assert "ZeroDivisionError" in str(error)
        return True
    dtype = dtype_of(shape)
    assert str(result.dtype) == f"torch.{dtype}", (name, operands)
    columns = [given(each).tolist() if isinstance(each, str) else [each] * 3 for each in operands]
    for got, one, other in zip(result.tolist(), *columns):
        assert agrees(got, name, one, other, dtype), (name, operands, one, other, got)
    return True


@pytest.mark.parametrize("name", EXACT)
def test_an_op_of_a_number_runs_as_it_reads(name: str) -> None:
    pairs = [*product(VALUES, NUMBERS), *product(NUMBERS, VALUES)]
    assert sum(holds(name, [*pair]) for pair in pairs) >= 2 * len(NUMBERS)


@pytest.mark.parametrize("name", EXACT)
def test_an_op_of_two_dtypes_runs_as_it_reads(name: str) -> None:
    assert sum(holds(name, [*pair]) for pair in product(VALUES, VALUES)) >= 16


@pytest.mark.parametrize("graph", ["{pow: [s, a]}", "{pow: [-2, a]}", "{compute: s ** a}", '{compute: "pow(-2, a)"}'])
def test_the_power_of_a_negative_number(graph: str, tmp_path: Path) -> None:
    page = tmp_path / "net.yaml"
    page.write_text(f"archspec: 1\nname: net\ninput: {{a: [4]}}\nparams: {{s: -2}}\ngraph:\n  c: {graph}\n")
    a = torch.tensor([[0.0, 1.0, 2.0, 3.0]])
    assert archspec.load(page)(a).tolist() == [[1.0, -2.0, 4.0, -8.0]]


@pytest.mark.parametrize(("name", "fields"), [("constant_pad", {"padding": [1, 1]}), ("masked_fill", {})])
@pytest.mark.parametrize("dtype", VALUES)
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 0.5, 256.0, "-inf"])
def test_a_value_put_among_others_is_held_by_their_dtype(name: str, fields: Any, dtype: str, value: Any) -> None:
    shapes = [Carried((3,), dtype=dtype), Carried((3,), dtype="bool")][: 2 - (name == "constant_pad")]
    op = make(name, value=value, **fields)
    number = float(value)
    held = dtype == FLOAT or (math.isfinite(number) and torch.tensor(number).to(getattr(torch, dtype)) == number)
    if not held:
        with pytest.raises(OpError, match=dtype):
            op.infer(*shapes)
        return
    op.infer(*shapes)
    result = realise(op, *shapes)(*[each[None] for each in (given(dtype), torch.ones(3).bool())][: len(shapes)])
    assert result[0, 0].item() == number


def test_positions_without_a_step_are_refused() -> None:
    for fields in ({"type": "float32"}, {"type": "int64"}):
        with pytest.raises(OpError, match="`step`") as raised:
            make("positions", length=8, step=0, **fields).infer()
        assert raised.value.field == "step"
