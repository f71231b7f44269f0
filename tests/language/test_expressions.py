import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models._utils import _make_divisible

from archspec.language.expressions import (
    MAX_ITEMS,
    MAX_NUMBER,
    Attributes,
    ExpressionError,
    Value,
    divisible,
    parse_expression,
)
from archspec.language.symbolic import symbol

H = symbol("H")
W = symbol("W")


class Input(Attributes):
    attribute_names = ("channels", "shape")

    def attribute(self, name: str) -> Value:
        values: dict[str, Value] = {"channels": 64, "shape": [64, H, W]}
        return values[name]


class Scope:
    """Names as the elaborator offers them: the values by name, and the names that it knows."""

    def __init__(self, **values: Any) -> None:
        self.values = values
        self.names = list(values)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


SCOPE = Scope(
    depths=[3, 4, 6, 3], base=64, width=1.1, act="silu", se=True, none=None, i=0, pair=(1, 2), three=3,
    input=Input(),
)  # fmt: skip


def evaluate(text: str) -> Any:
    return parse_expression(text).evaluate(SCOPE)


def told(text: str) -> dict[str, object]:
    """The fields of the error, without those that are empty."""
    with pytest.raises(ExpressionError) as raised:
        evaluate(text)
    error = raised.value
    assert str(error) == error.message
    fields = {name: getattr(error, name) for name in ("message", "expected", "found", "help", "column")}
    return {name: value for name, value in fields.items() if value is not None}


VALUES: dict[str, object] = {
    "1 + 2 * 3": 7,
    "-base // 7 % 5": 0,
    "2 ** 10": 1024,
    "2 ** -1": 0.5,
    "base / 64 * 2": 2.0,
    "7 // 2": 3,
    "+i": 0,
    "depths[0]": 3,
    "depths[-1]": 3,
    "depths[1:]": [4, 6, 3],
    "depths[:i + 2]": [3, 4],
    "depths[::2]": [3, 6],
    "depths + [1]": [3, 4, 6, 3, 1],
    "[0] * 3": [0, 0, 0],
    "2 * [i]": [0, 0],
    "[1] * -1": [],
    "(1, 2)": [1, 2],
    "[1,\n 2]": [1, 2],
    "  base": 64,
    "pair[1]": 2,
    "three": 3,
    "three * base": 192,
    "1 <= base < 100": True,
    "1 <= base < 10": False,
    "base == 64 and act == 'silu'": True,
    "se and not i": True,
    "i or base": 64,
    "se and depths": [3, 4, 6, 3],
    "none == None": True,
    "act != None": True,
    "3 in depths": True,
    "5 not in depths": True,
    "depths == [3, 4, 6, 3]": True,
    "pair == [1, 2]": True,
    "depths == 3": False,
    "2 if i == 0 else 1": 2,
    "1 / 0 if i else 5": 5,
    "input.channels == base": True,
    "input.shape[0]": 64,
    "len(input.shape)": 3,
    "min(depths)": 3,
    "max(1, base, 2)": 64,
    "round(2.6)": 3,
    "ceil(2.1)": 3,
    "floor(2.9)": 2,
    "len(depths)": 4,
    "sum(depths)": 16,
    "sum([])": 0,
    "abs(-3)": 3,
    "sqrt(16)": 4.0,
    "log(1)": 0.0,
    "round(log(100) / log(10))": 2,
    "divisible(base * width)": 72,
    "divisible(base, 10)": 60,
    "divisible(1, divisor=4, floor=2)": 2,
    "divisible(0, 4, 0)": 0,
    "1_000": 1000,
    "0x10": 16,
    # Sizes that are not known yet.
    "input.shape[1] * 2 - 1": 2 * H - 1,
    "input.shape[1] // 2 + 1": H // 2 + 1,
    "input.shape[1] ** 2": H**2,
    "-input.shape[1]": -H,
    "input.shape[1] - input.shape[1]": 0,
    "input.shape[1] == input.shape[1]": True,
    "input.shape[1] != input.shape[1] + 1": True,
    "input.shape[1] > 0": True,
    "input.shape[1] == 0": False,
    "input.shape[1] and 1": 1,
    "input.shape[1:] == [1]": False,
}


@pytest.mark.parametrize(("text", "value"), VALUES.items(), ids=VALUES)
def test_values(text: str, value: object) -> None:
    result = evaluate(text)
    assert result == value
    assert type(result) is type(value)


ALLOWED = (
    "numbers, words in quotes, lists, names, arithmetic, comparisons, `and`, `or`, `not`, `a if c else b`, indexing, "
    "`[a for a in list]`, "
    "and calls of `min`, `max`, `round`, `ceil`, `floor`, `abs`, `sqrt`, `log`, `len`, `sum`, `range`, `divisible`"
)
KNOWN = "did you mean `base`?"
UNKNOWN_SIZE = "give the input a size in numbers, or write the expression without it"
ERRORS: dict[str, dict[str, object]] = {
    "": {"message": "the expression is empty"},
    "1 +": {"message": "`1 +` is not an expression", "column": 3},
    "base && se": {"message": "`base && se` is not an expression", "help": "write `and` for `&&`", "column": 6},
    "base = 3": {"message": "`base = 3` is not an expression", "help": "write `==` to compare", "column": 5},
    "2 * basse": {"message": "there is no name `basse` here", "help": KNOWN, "column": 4},
    "'é' == basse": {"message": "there is no name `basse` here", "help": KNOWN, "column": 7},
    "\n  basse": {"message": "there is no name `basse` here", "help": KNOWN, "column": 3},
    "true": {"message": "there is no name `true` here", "help": "write `True`", "column": 0},
    "_base": {"message": "the name `_base` starts with `_`", "help": "give it another name", "column": 0},
    "act.__class__": {"message": "the name `__class__` starts with `_`", "column": 0},
    "input.chanels": {"message": "`input` has no `.chanels`", "help": "did you mean `channels`?", "column": 0},
    "act.upper": {"message": "`act` is a word and has no `.upper`", "column": 0},
    "depths + 1": {
        "message": "cannot add a list and a number", "found": "`depths` = [3, 4, 6, 3] and `1`", "column": 0,
    },
    "act + 'x'": {"message": "cannot add a word and a word", "found": "`act` = 'silu' and `'x'`", "column": 0},
    "act * 2": {"message": "cannot multiply a word by a number", "found": "`act` = 'silu' and `2`", "column": 0},
    "se - none": {
        "message": "cannot subtract nothing (`None`) from a truth value",
        "found": "`se` = True and `none` = None",
        "column": 0,
    },
    "input + 1": {
        "message": "cannot add an object and a number", "found": "`input` = an object and `1`", "column": 0,
    },
    "-act": {"message": "cannot negate a word", "found": "`act` = 'silu'", "column": 0},
    "base / i": {"message": "division by zero", "found": "`i` = 0", "column": 0},
    "base % 0.0": {"message": "division by zero", "found": "`0.0`", "column": 0},
    "input.shape[1] // i": {"message": "division by zero", "found": "`i` = 0", "column": 0},
    "i ** -1": {"message": "division by zero", "found": "0 to the power of -1", "column": 0},
    "(-8) ** 0.5": {"message": "a negative number has no such power", "found": "`0.5`", "column": 0},
    "10 ** 100": {"message": "this number is too large", "expected": "at most 1e+15", "column": 0},
    "9 ** 9 ** 9": {"message": "this number is too large", "expected": "at most 1e+15", "column": 0},
    "10 ** 10 * 10 ** 10": {"message": "this number is too large", "expected": "at most 1e+15", "column": 0},
    "1e999": {"message": "this number is too large", "expected": "at most 1e+15", "column": 0},
    "[1] * 10_001": {"message": "this list is too long", "expected": "at most 10,000 values", "column": 0},
    "[[1] * 100] * 100": {"message": "this list is too long", "expected": "at most 10,000 values", "column": 0},
    "depths[7]": {
        "message": "`depths` has 4 items, so there is no `[7]`", "help": "the first item is `[0]`", "column": 0,
    },
    "depths['a']": {"message": "an index must be a whole number", "found": "'a'", "column": 0},
    "depths[1.0:]": {"message": "an end of a slice must be a whole number", "found": "1.0", "column": 0},
    "depths[::0]": {"message": "the step of a slice is zero", "column": 0},
    "act[0]": {"message": "`act` is a word and has no items", "found": "`act` = 'silu'", "column": 0},
    "act < 3": {"message": "cannot compare a word and a number by size", "found": "'silu' and 3", "column": 0},
    "3 in base": {
        "message": "cannot look for something in a number", "expected": "a list after `in`", "column": 0,
    },
    "act is none": {
        "message": "`is` is not allowed in an expression", "help": "write `==` or `!=`", "column": 0,
    },
    "input and 1": {"message": "an input is neither true nor false", "column": 0},
    "foo(1)": {"message": "`foo` cannot be called", "help": "did you mean `floor`?", "column": 0},
    "act.upper()": {
        "message": "`act.upper` cannot be called",
        "help": "known here: " + ALLOWED.split("calls of ")[1],
        "column": 0,
    },
    "min()": {"message": "`min` is given 0 values", "expected": "at least one value", "column": 0},
    "min([])": {"message": "`min` of an empty list", "column": 0},
    "min(base)": {"message": "`min` takes a list, not a number", "found": "64", "column": 0},
    "max(1, act)": {"message": "`max` takes numbers, not a word", "found": "'silu'", "column": 0},
    "ceil(1, 2)": {"message": "`ceil` is given 2 values", "expected": "one value", "column": 0},
    "ceil(act)": {"message": "`ceil` takes numbers, not a word", "found": "'silu'", "column": 0},
    "len(act)": {"message": "`len` takes a list, not a word", "found": "'silu'", "column": 0},
    "sqrt(-1)": {"message": "a negative number has no square root", "found": "-1", "column": 0},
    "log(0)": {"message": "only a number above 0 has a logarithm", "found": "0", "column": 0},
    "1 + log(-2.5)": {"message": "only a number above 0 has a logarithm", "found": "-2.5", "column": 4},
    "divisible(8, 0)": {
        "message": "`divisor` of `divisible` must be a whole number of at least 1", "found": "0", "column": 0,
    },
    "divisible(8, divisr=8)": {
        "message": "`divisible` takes no `divisr`", "help": "did you mean `divisor`?", "column": 0,
    },
    "divisible(8, 8, divisor=8)": {"message": "`divisible` is given `divisor` twice", "column": 0},
    "input.shape[1] == 4": {
        "message": "this depends on the symbolic size `H`", "help": UNKNOWN_SIZE, "column": 0,
    },
    "1 + (input.shape[1] > input.shape[2])": {
        "message": "this depends on the symbolic sizes `H` and `W`", "help": UNKNOWN_SIZE, "column": 5,
    },
    "ceil(input.shape[1] / 2)": {
        "message": "this depends on the symbolic size `H`", "help": UNKNOWN_SIZE, "column": 0,
    },
    "min(4, input.shape[1])": {
        "message": "this depends on the symbolic size `H`", "help": UNKNOWN_SIZE, "column": 0,
    },
    "depths[input.shape[1]]": {
        "message": "this depends on the symbolic size `H`", "help": UNKNOWN_SIZE, "column": 0,
    },
    "2 ** input.shape[1]": {
        "message": "this depends on the symbolic size `H`", "help": UNKNOWN_SIZE, "column": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ERRORS.items(), ids=map(repr, ERRORS))
def test_what_is_said_of_an_error(text: str, expected: dict[str, object]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("lambda: 1", "a `lambda`", 0),
        ("{x for x in depths}", "a comprehension", 0),
        ("{x: 1 for x in depths}", "a comprehension", 0),
        ("f'{base}'", "an f-string", 0),
        ("{'a': 1}", "a mapping in braces", 0),
        ("{1}", "a set in braces", 0),
        ("(a := 1)", "an assignment (`:=`)", 1),
        ("max(*depths)", "a `*` before a list", 4),
        ("depths[0:1, 2]", "a slice here", 7),
        ("3j", "`3j`", 0),
        ("b'a'", "`b'a'`", 0),
        ("...", "`Ellipsis`", 0),
    ],
)
def test_what_is_not_in_the_language_is_refused(text: str, what: str, column: int) -> None:
    assert told(text) == {
        "message": f"{what} is not allowed in an expression", "expected": ALLOWED, "column": column,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x + 1 for x in depths]", [4, 5, 7, 4]),
        ("sum(x for x in depths if x > 2)", 16),
        ("[a * b for a, b in [[1, 2], [3, 4]]]", [2, 12]),
        ("[[a, b] for a in range(2)][1]", None),
        ("[[a * b for a in range(2)] for b in range(1, 7, 3)]", [[0, 1], [0, 4]]),
        ("[base for base in range(2)] + [base]", [0, 1, 64]),
    ],
)
def test_comprehensions(text: str, expected: object) -> None:
    if expected is None:
        assert "there is no name `b`" in str(told(text)["message"])
    else:
        assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a for a, b in [[1, 2, 3]]]", "an item has no value for each name"),
        ("[x for x in base]", "`base` is a number and has no items"),
        ("[x for x in depths for y in depths]", "a comprehension goes over one list"),
        ("[1 for _ in depths]", "this cannot name the items of a list"),
        ("range(10 ** 9)", "this list is too long"),
        ("range(0, 4, 0)", "the step of a range is zero"),
        ("range(0.5)", "an end of a range must be a whole number"),
    ],
)
def test_what_is_wrong_with_a_comprehension(text: str, message: str) -> None:
    assert told(text)["message"] == message


@pytest.mark.parametrize("sign", ["&", "|", "^", "<<", ">>", "@"])
def test_operators_on_bits_and_matrices_are_refused(sign: str) -> None:
    expected = {"message": f"`{sign}` is not an operator here", "expected": ALLOWED, "column": 0}
    assert told(f"base {sign} 3") == expected


@pytest.mark.parametrize(
    "text",
    ["(" * 150 + "1" + ")" * 150, "-" * 900 + "1", "not " * 200 + "1", "1" + "+1" * 60, "[" * 90 + "]" * 90],
    ids=lambda text: text[:5],
)
def test_depth_is_bounded(text: str) -> None:
    try:
        evaluate(text)
    except ExpressionError as error:
        assert error.message == "this expression nests too deep"


def test_length_is_bounded() -> None:
    assert told("1" * 1001) == {
        "message": "this expression is too long", "expected": "at most 1000 characters", "found": "1001",
    }  # fmt: skip
    assert told("[" + "1," * 250 + "]") == {
        "message": "this expression is too long",
        "expected": "at most 200 names, values and operations",
        "found": "251",
    }  # fmt: skip


def test_names_are_those_that_are_looked_up() -> None:
    expression = parse_expression("divisible(out * width) if input.channels > max(a, [b][0]) else min")
    assert expression.names == {"out", "width", "input", "a", "b", "min"}
    assert expression.text == "divisible(out * width) if input.channels > max(a, [b][0]) else min"


def test_parsing_the_same_text_again_costs_nothing() -> None:
    assert parse_expression("a + 1") is parse_expression("a + 1")


def test_a_lookup_without_names_gives_no_suggestion() -> None:
    with pytest.raises(ExpressionError) as raised:
        parse_expression("basse").evaluate({"base": 1})
    assert raised.value.help is None


def test_what_a_lookup_raises_goes_through() -> None:
    class Circular:
        def __getitem__(self, name: str) -> object:
            raise ExpressionError(f"`{name}` depends on itself")

    with pytest.raises(ExpressionError, match="`a` depends on itself"):
        parse_expression("a").evaluate(Circular())


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**16, -(10**5000)], ids=["inf", "nan", "16", "5000"])
@pytest.mark.parametrize("text", ["a", "a + 1", "2 ** a", "ceil(a)", "[a][0]", "sum([a])", "(-1) ** a"])
def test_numbers_that_are_looked_up_are_bounded_too(text: str, value: float) -> None:
    with pytest.raises(ExpressionError, match="this number is too large"):
        parse_expression(text).evaluate({"a": value})


@given(st.floats(0, 1e5), st.integers(1, 64), st.none() | st.integers(1, 64))
def test_divisible_is_the_rule_of_torchvision(value: float, divisor: int, floor: int | None) -> None:
    assert divisible(value, divisor, floor) == _make_divisible(value, divisor, floor)


WORDS = [
    "a", "b", "xs", "input", "input.shape", "input.channels", "1", "2", "0", "-", "+", "*", "/", "//", "%", "**",
    "(", ")", "[", "]", ",", "==", "<", " in ", " not ", " and ", " or ", " if ", " else ", "min(", "divisible(",
    "sum(", "len(", "'w'", ".5", "10**15", "1e300", ":", "None", "sqrt(", "round(", "lambda ", "{", "}", "é", "is",
    "*xs",
]  # fmt: skip
FUZZ = Scope(a=3, b=0.5, xs=[1, [2, H], "w", None], input=Input())


@settings(deadline=None, max_examples=500)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=15).map("".join)))
def test_any_text_has_a_value_or_an_error_of_ours(text: str) -> None:
    try:
        parse_expression(text).evaluate(FUZZ)
    except ExpressionError as error:
        assert error.column is None or 0 <= error.column <= len(text)


def _random_expression(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(["a", "b", "xs", "input.shape[1]", "2", "0", "[a]", "7.5", "'w'", "10**15"])
    left, right = _random_expression(rng, depth - 1), _random_expression(rng, rng.randrange(depth))
    return rng.choice(
        [
            f"({left} {rng.choice(['+', '-', '*', '/', '//', '%', '**', '==', '<', 'in', 'and', 'or'])} {right})",
            f"[{left}, {right}]",
            f"([{left}] * {right})",
            f"{rng.choice(['min', 'max', 'sum', 'len', 'ceil', 'sqrt', 'log', 'divisible'])}({left})",
            f"({left} if {right} else {left})",
            f"{left}[{right}]",
        ]
    )


@settings(deadline=None, max_examples=500)
@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_well_formed_text_has_a_bounded_value_or_an_error_of_ours(rng: random.Random, depth: int) -> None:
    start = time.process_time()
    try:
        value = parse_expression(_random_expression(rng, depth)).evaluate(FUZZ)
    except ExpressionError:
        return
    finally:
        assert time.process_time() - start < 2
    assert not isinstance(value, (int, float)) or abs(value) <= MAX_NUMBER
    assert not isinstance(value, list) or len(value) <= MAX_ITEMS


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["[0] * 5000 == [0] * 5000"] * 20).replace("+", " and "),
        " and ".join(["1 not in [0] * 10_000"] * 20),
        " + ".join(["sum([1] * 10_000)"] * 20),
        "((((9 ** 15) ** 15) ** 15) ** 15) ** 15",
        "[[[[0] * 10_000] * 10_000] * 10_000] * 10_000",
        "input.shape[1] ** 16 ** 16",
    ],
)
def test_cost_is_bounded(text: str) -> None:
    start = time.process_time()
    try:
        evaluate(text)
    except ExpressionError as error:
        assert error.message in (
            "this number is too large",
            "this list is too long",
            "cannot raise a size to this power",
        )
    assert time.process_time() - start < 1
