"""Values and numbers joined."""

from __future__ import annotations

from typing import Any

from archspec.importing.calls import Call, Value
from archspec.importing.words.registry import Word, says
from archspec.ops.shapes import dtype_of


@says("add", "sub", "mul", "div", "pow", "maximum", "minimum", "floor_divide", "remainder")
@says("eq", "ne", "gt", "ge", "lt", "le")
def arithmetic(call: Call) -> Word | None:
    """`x * 0.5` → `{mul: [x, 0.5]}`."""
    name = call.target.removesuffix("_")
    if call.get("alpha", 1) != 1 or call.get("rounding_mode") == "trunc":
        return None
    one, other = list(call.arguments.values())[:2]
    return joined("floor_divide" if call.get("rounding_mode") == "floor" else name, one, other)


@says("__and__", "bitwise_and", "__or__", "bitwise_or", "bitwise_not")
def truths(call: Call) -> Word | None:
    """`seen & ~masked` of truths → `logical_and`, `logical_not`."""
    taken = call.taken
    if any(dtype_of(value.shape) != "bool" for value in taken) or len(taken) != 2 - call.target.endswith("not"):
        return None
    return Word(f"logical_{call.target.strip('_').removeprefix('bitwise_')}", {}, tuple(taken))


@says("rsub")
def rsub(call: Call) -> Word | None:
    """`1 - x` → `{sub: [1, x]}`."""
    return joined("sub", call["other"], call["self"]) if call["alpha"] == 1 else None


@says("clamp_min", "clamp_max")
def clamp(call: Call) -> Word:
    """`x.clamp(min=0)` → `{maximum: [x, 0]}`."""
    op, bound = ("maximum", "min") if "min" in call.target else ("minimum", "max")
    return joined(op, call["self"], call[bound])


@says("matmul", "bmm")
def matmul(call: Call) -> Word:
    """`a @ b` → `{matmul: [a, b]}`."""
    one, other = list(call.arguments.values())[:2]
    return Word("matmul", {}, (one, other))


@says("cat")
def cat(call: Call) -> Word:
    """`torch.cat([a, b], 1)` → `{concat: [a, b]}`."""
    return Word("concat", {"dim": call["dim"]}, tuple(call["tensors"]))


def joined(op: str, *operands: Any) -> Word:
    """A join of values and numbers, each number with its place."""
    numbers = tuple((place, each) for place, each in enumerate(operands) if not isinstance(each, Value))
    values = tuple(each for each in operands if isinstance(each, Value))
    return Word(op, {"numbers": numbers} if numbers else {}, values)
