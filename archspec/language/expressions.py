"""Expressions over a spec's params: Python's syntax, a small closed part of it, of bounded cost.

Text is parsed once to Python's syntax tree, checked against what is allowed, and compiled to closures. No Python code
is ever run from it.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, NoReturn, Protocol, TypeAlias, cast

from msgspec import Struct

from archspec.language.batch import Batch
from archspec.language.budget import COMPARED, ITEMS, PARTS, spend
from archspec.language.diagnostics import did_you_mean
from archspec.language.symbolic import Symbolic, TooComplexError, UndecidedError

MAX_LENGTH = 1000
"""Characters of an expression."""
MAX_PARTS = 200
"""Names, values and operations of an expression."""
MAX_DEPTH = 50
"""How deep its parts nest; a chain such as `a + b + c` nests to the left."""
MAX_NUMBER = 10**15
"""The largest number, either side of zero, that is written, looked up or computed."""
_LEAST = -MAX_NUMBER  # not worked out anew for each number
MAX_ITEMS = 10_000
"""Values in a list that is written or computed, counted through the lists in it."""


class Attributes(Struct):
    """An object whose attributes an expression may read, such as `input` with its `channels`."""

    attribute_names: ClassVar[Collection[str]] = ()
    """The names that `attribute` knows."""

    truth: ClassVar[bool | None] = None
    """What it is as a condition, where it can be one."""

    def attribute(self, name: str) -> Value:
        """The value of one attribute; raises `KeyError` for a name it does not know."""
        raise KeyError(name)


Value: TypeAlias = "bool | int | float | str | list[Value] | Attributes | Batch | Symbolic | None"


class Lookup(Protocol):
    """Names and their values."""

    def __getitem__(self, name: str, /) -> object:
        """The value of a name; raises `KeyError` for one that is not known."""
        ...


_Run: TypeAlias = Callable[[Lookup], Any]


class ExpressionError(Exception):
    """An expression cannot be read or has no value; its fields are those of a `Diagnostic`.

    `column` is where in the expression's text the trouble lies, counted from 0, and `width` how far it reaches.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        help: str | None = None,
        column: int | None = None,
        width: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        self.help = help
        self.column = column
        self.width = width


class Expression(Struct, frozen=True):
    """A parsed expression: its text, the names it reads, and how to compute it."""

    text: str
    names: frozenset[str]
    rounds: bool
    """Whether it calls a function that rounds."""
    run: Callable[[Lookup], Any]
    """Computes it, as `evaluate` does, for those who see to a `RecursionError` themselves."""

    def evaluate(self, lookup: Lookup) -> Value:
        """The value, with names looked up in `lookup`.

        Where `lookup` has an attribute `names`, the message about an unknown name suggests one of them. Raises
        `ExpressionError` where there is no value, and lets through what else `lookup` raises. Where `lookup` has a
        method `note_rounding`, it is given the text, the value before and the value after of each call that rounds.

        >>> parse_expression("divisible(out * width)").evaluate({"out": 32, "width": 1.1})
        32
        """
        try:
            return cast(Value, self.run(lookup))
        except RecursionError:
            raise ExpressionError("this nests too deep to be computed") from None


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Read an expression; raises `ExpressionError` for anything outside the language.

    >>> sorted(parse_expression("stride == 1 and input.channels == out").names)
    ['input', 'out', 'stride']
    """
    tree = syntax_tree(text)
    compiler = _Compiler(text, tree.indent)
    run = compiler.compile(tree.body)
    price = tree.parts // PARTS
    if price > 1:
        run = _paid(run, price)
    return Expression(text, frozenset(compiler.names), compiler.rounds, run)


class SyntaxTree(NamedTuple):
    """Python's syntax tree of a text, the spaces in front of it by which its columns fall short, and its size."""

    body: ast.expr
    indent: int
    parts: int


def syntax_tree(text: str) -> SyntaxTree:
    """The bounded syntax tree of a text; raises `ExpressionError` where it is none of Python's expressions."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            "this expression is too long",
            expected=f"at most {MAX_LENGTH} characters",
            found=f"{len(text)}",
        )
    spend(len(text) // PARTS)
    body, indent = _syntax_tree(text)
    return SyntaxTree(body, indent, _size(body))


def _paid(run: _Run, price: int) -> _Run:
    """The same computation, paid for each time."""

    def paid(lookup: Lookup) -> Any:
        spend(price)
        return run(lookup)

    return paid


def divisible(value: float, divisor: int = 8, floor: int | None = None) -> int:
    """The multiple of `divisor` nearest to `value`, at least `floor`, and no less than nine tenths of `value`.

    Halves round up; `floor` left out is the divisor. A result below nine tenths of `value` is raised by one divisor.
    This is the rule by which the MobileNets and EfficientNets scale their channels.

    >>> divisible(36), divisible(3), divisible(11)
    (40, 8, 16)
    """
    least = divisor if floor is None else floor
    result = max(least, math.floor(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


_ALLOWED = (
    "numbers, words in quotes, lists, names, arithmetic, comparisons, `and`, `or`, `not`, `a if c else b`, indexing, "
    "`[a for a in list]`, "
    "and calls of "
)


def _syntax_tree(text: str) -> tuple[ast.expr, int]:
    """The text's syntax tree, and by how much its columns fall short because of spaces in front."""
    # Python would end a text that is folded over lines at its first line.
    flat = re.sub(r"\s", " ", text)
    stripped = flat.lstrip()
    indent = len(flat) - len(stripped)
    if not stripped:
        raise ExpressionError("the expression is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(stripped, mode="eval").body, indent
    except SyntaxError as error:
        # Python gives no offset, or one past the end, where the text ends too soon.
        column = indent + min((error.offset or len(stripped) + 1) - 1, len(stripped))
        raise ExpressionError(
            f"`{_crop(text)}` is not an expression", help=_syntax_help(stripped), column=column
        ) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    except ValueError:
        # NUL bytes and surrogates.
        raise ExpressionError(f"`{_crop(ascii(text))}` is not an expression") from None


def _size(body: ast.expr) -> int:
    """The number of a tree's parts, bounded before anything walks it by recursion."""
    parts = 0
    level: list[ast.AST] = [body]
    for _ in range(MAX_DEPTH):
        parts += sum(isinstance(node, ast.expr) for node in level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise _too_deep()
    if parts > MAX_PARTS:
        raise ExpressionError(
            "this expression is too long",
            expected=f"at most {MAX_PARTS} names, values and operations",
            found=f"{parts}",
        )
    return parts


def _syntax_help(text: str) -> str | None:
    for sign, word in (("&&", "and"), ("||", "or"), ("!", "not")):
        if re.search(re.escape(sign) + "(?!=)", text):
            return f"write `{word}` for `{sign}`"
    if re.search("(?<![=<>!])=(?!=)", text):
        return "write `==` to compare"
    return None


def _too_deep() -> ExpressionError:
    return ExpressionError("this expression nests too deep", expected=f"at most {MAX_DEPTH} levels")


class _Compiler:
    """Turns a syntax tree into closures, refusing what is not in the language."""

    def __init__(self, text: str, indent: int) -> None:
        self._bytes = re.sub(r"\s", " ", text).lstrip().encode()
        self._indent = indent
        self.names: set[str] = set()
        self.rounds = False
        self._compilers: dict[type[ast.expr], Callable[[Any], _Run]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.List: self._list,
            ast.Tuple: self._list,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.Compare: self._compare,
            ast.BoolOp: self._boolean,
            ast.IfExp: self._choice,
            ast.Subscript: self._subscript,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
        }

    def compile(self, node: ast.expr) -> _Run:
        compiler = self._compilers.get(type(node))
        if compiler is None:
            self._refuse(node, f"{_CALLED.get(type(node), 'this')} is not allowed in an expression")
        return compiler(node)

    def _constant(self, node: ast.Constant) -> _Run:
        value = node.value
        if value is not None and not isinstance(value, (bool, int, float, str)):
            self._refuse(node, f"`{self._text(node)}` is not allowed in an expression")
        if isinstance(value, (int, float)):
            _bounded(value, self._column(node))
        return lambda lookup: value

    def _name(self, node: ast.Name) -> _Run:
        name, column = node.id, self._column(node)
        if name.startswith("_"):
            raise ExpressionError(f"the name `{name}` starts with `_`", help="give it another name", column=column)
        self.names.add(name)

        def run(lookup: Lookup) -> Any:
            try:
                value = lookup[name]
            except KeyError:
                raise _unknown_name(name, lookup, column) from None
            if type(value) in _REAL and _LEAST <= value <= MAX_NUMBER:  # type: ignore[operator]
                return value
            return _result(value, column)

        return run

    def _list(self, node: ast.List | ast.Tuple) -> _Run:
        items, column = [self.compile(item) for item in node.elts], self._column(node)
        return lambda lookup: _bounded_list([item(lookup) for item in items], column)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> _Run:
        """`[row[1] for row in stages if row[0] > 1]`: a list, paid for by its items."""
        (each, *more), column = node.generators, self._column(node)
        if more:
            self._refuse(node, "a comprehension goes over one list", help="write one inside the other's list")
        targets, source, text = self._targets(each.target), self.compile(each.iter), self._text(each.iter)
        outer = self.names
        self.names = set()
        item, tests = self.compile(node.elt), [self.compile(test) for test in each.ifs]
        self.names = outer | self.names.difference(targets.names)

        def run(lookup: Lookup) -> list[Any]:
            found = []
            for value in _indexable(source(lookup), text, column):
                spend(1)
                inner = _Bound(lookup, targets.bound(value, column))
                if all(_truth(test(inner), column) for test in tests):
                    found.append(item(inner))
            return _bounded_list(found, column)

        return run

    def _targets(self, node: ast.expr) -> _Targets:
        """The names that each item of a list gets, several where it is a list itself."""
        several = isinstance(node, (ast.Tuple, ast.List))
        parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
        names = tuple(part.id for part in parts if isinstance(part, ast.Name) and not part.id.startswith("_"))
        if len(names) < len(parts) or not names:
            self._refuse(node, "this is no name for the items of a list")
        return _Targets(names, several)

    def _unary(self, node: ast.UnaryOp) -> _Run:
        operand, column = self.compile(node.operand), self._column(node)
        if isinstance(node.op, ast.Not):
            return lambda lookup: not _truth(operand(lookup), column)
        if isinstance(node.op, ast.Invert):
            self._refuse(node, "`~` is not an operator here")
        apply, verb = (operator.neg, "negate") if isinstance(node.op, ast.USub) else (operator.pos, "put `+` before")
        text = self._text(node.operand)

        def run(lookup: Lookup) -> Any:
            value = operand(lookup)
            if not _is_number(value):
                raise ExpressionError(f"cannot {verb} {_kind(value)}", found=_is(text, value), column=column)
            return apply(value)

        return run

    def _binary(self, node: ast.BinOp) -> _Run:
        operation = _OPERATIONS.get(type(node.op))
        if operation is None:
            self._refuse(node, f"`{_SIGNS[type(node.op)]}` is not an operator here")
        left, right, column = self.compile(node.left), self.compile(node.right), self._column(node)
        texts = self._text(node.left), self._text(node.right)
        apply, check = operation.apply, operation.check
        always, unless_zero = check is None, check is _check_divisor

        def run(lookup: Lookup) -> Any:
            one, other = left(lookup), right(lookup)
            if (always or (unless_zero and other)) and type(one) in _REAL and type(other) in _REAL:
                result = apply(one, other)
                return result if _LEAST <= result <= MAX_NUMBER else _result(result, column)
            return _arithmetic(operation, one, other, texts, column)

        return run

    def _compare(self, node: ast.Compare) -> _Run:
        first = self.compile(node.left)
        rest: list[tuple[Callable[[Any, Any, int], bool], _Run]] = []
        for sign, operand in zip(node.ops, node.comparators):
            if type(sign) not in _COMPARISONS:
                self._refuse(node, "`is` is not allowed in an expression", help="write `==` or `!=`")
            rest.append((_COMPARISONS[type(sign)], self.compile(operand)))
        column = self._column(node)

        def run(lookup: Lookup) -> bool:
            left = first(lookup)
            for holds, operand in rest:
                right = operand(lookup)
                if not holds(left, right, column):
                    return False
                left = right
            return True

        return run

    def _boolean(self, node: ast.BoolOp) -> _Run:
        *operands, last = [self.compile(value) for value in node.values]
        stops_at, column = isinstance(node.op, ast.Or), self._column(node)

        def run(lookup: Lookup) -> Any:
            for operand in operands:
                value = operand(lookup)
                if _truth(value, column) is stops_at:
                    return value
            return last(lookup)

        return run

    def _choice(self, node: ast.IfExp) -> _Run:
        condition, then, other = map(self.compile, (node.test, node.body, node.orelse))
        column = self._column(node.test)
        return lambda lookup: then(lookup) if _truth(condition(lookup), column) else other(lookup)

    def _subscript(self, node: ast.Subscript) -> _Run:
        if isinstance(node.slice, ast.Slice):
            return self._sliced(node, node.slice)
        value, index, column = self.compile(node.value), self.compile(node.slice), self._column(node)
        text = self._text(node.value)
        return lambda lookup: _item(_indexable(value(lookup), text, column), index(lookup), text, column)

    def _sliced(self, node: ast.Subscript, bounds: ast.Slice) -> _Run:
        value, text, column = self.compile(node.value), self._text(node.value), self._column(node)
        ends = [self.compile(end) if end else None for end in (bounds.lower, bounds.upper, bounds.step)]

        def run(lookup: Lookup) -> Any:
            items = _indexable(value(lookup), text, column)
            spend(len(items) // ITEMS)
            return items[slice(*(end and _whole(end(lookup), "an end of a slice", column) for end in ends))]

        def checked(lookup: Lookup) -> Any:
            try:
                return run(lookup)
            except ValueError:
                raise ExpressionError("the step of a slice is zero", column=column) from None

        return checked

    def _attribute(self, node: ast.Attribute) -> _Run:
        value, name, column, text = self.compile(node.value), node.attr, self._column(node), self._text(node.value)
        if name.startswith("_"):
            raise ExpressionError(f"the name `{name}` starts with `_`", column=column)

        def run(lookup: Lookup) -> Any:
            owner = value(lookup)
            if not isinstance(owner, Attributes):
                raise ExpressionError(f"`{text}` is {_kind(owner)} and has no `.{name}`", column=column)
            try:
                return _result(owner.attribute(name), column)
            except KeyError:
                raise ExpressionError(
                    f"`{text}` has no `.{name}`", help=did_you_mean(name, owner.attribute_names), column=column
                ) from None

        return run

    def _call(self, node: ast.Call) -> _Run:
        column = self._column(node)
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
            name = self._text(node.func)
            raise ExpressionError(
                f"`{_crop(name)}` cannot be called",
                help=did_you_mean(name, _FUNCTIONS) or _FUNCTION_LIST,
                column=column,
            )
        name = node.func.id
        function, most, keywords = _FUNCTIONS[name]
        given = {keyword.arg or "**": self.compile(keyword.value) for keyword in node.keywords}
        for keyword in given:
            if keyword not in keywords:
                raise ExpressionError(
                    f"`{name}` takes no `{keyword}`", help=did_you_mean(keyword, keywords), column=column
                )
        arguments = [self.compile(argument) for argument in node.args]
        clash = next((keyword for keyword in keywords[: max(0, len(arguments) - 1)] if keyword in given), None)
        if clash:
            raise ExpressionError(f"`{name}` is given `{clash}` twice", column=column)
        if not arguments or (most and len(arguments) > most):
            raise ExpressionError(
                f"`{name}` is given {_count(len(arguments), 'value')}",
                expected="at least one value" if not most else "one value" if most == 1 else f"one to {most} values",
                column=column,
            )
        run = self._called(_Call(name, column), function, arguments, given)
        return self._noted(run, arguments[0], self._text(node)) if name in _ROUNDING else run

    @staticmethod
    def _called(call: _Call, function: Callable[..., Any], arguments: list[_Run], given: dict[str, _Run]) -> _Run:
        def run(lookup: Lookup) -> Any:
            values = [argument(lookup) for argument in arguments]
            named = {keyword: value(lookup) for keyword, value in given.items()} if given else {}
            return _result(function(call, *values, **named), call.column)

        return run

    def _noted(self, run: _Run, argument: _Run, text: str) -> _Run:
        """The same call; a lookup that takes notes is told what was rounded."""
        self.rounds = True

        def noted(lookup: Lookup) -> Any:
            result = run(lookup)
            note = getattr(lookup, "note_rounding", None)
            if note is not None:
                note(text, argument(lookup), result)
            return result

        return noted

    def _refuse(self, node: ast.expr, message: str, help: str | None = None) -> NoReturn:
        expected = None if help else _ALLOWED + _FUNCTION_LIST
        raise ExpressionError(message, expected=expected, help=help, column=self._column(node))

    def _column(self, node: ast.expr) -> int:
        return self._indent + len(self._bytes[: node.col_offset].decode())

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return _crop(repr(node.value))
        return _crop(self._bytes[node.col_offset : node.end_col_offset].decode())


_CALLED: dict[type[ast.expr], str] = {
    ast.Lambda: "a `lambda`",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.Dict: "a mapping in braces",
    ast.Set: "a set in braces",
    ast.Starred: "a `*` before a list",
    ast.NamedExpr: "an assignment (`:=`)",
    ast.Await: "`await`",
    ast.Yield: "`yield`",
    ast.YieldFrom: "`yield`",
    ast.Slice: "a slice here",
}
_SIGNS: dict[type[ast.operator], str] = {
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}


# Values


def _is_number(value: object) -> bool:
    return type(value) in _NUMBERS


_REAL = frozenset({int, float})
_NUMBERS = frozenset({int, float, Symbolic})
_SCALARS = frozenset({int, float, bool, str})
_PLAIN = (bool, str, list, tuple, dict, type(None))


def _kind(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing (`None`)"
    for kind, words in _KINDS.items():
        if isinstance(value, kind):
            return words
    return "a value of another kind"


_KINDS: dict[type, str] = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a word",
    list: "a list",
    tuple: "a list",
    Attributes: "an object",
    Symbolic: "a size",
    Batch: "the batch",
}


def _is(text: str, value: object) -> str:
    """`text` = value, or the value alone where the text says it already."""
    shown = _crop(repr(value)) if not isinstance(value, Attributes) else _kind(value)
    return f"`{text}`" if shown == text else f"`{text}` = {shown}"


def _crop(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _unknown_name(name: str, lookup: Lookup, column: int) -> ExpressionError:
    known = map(str, getattr(lookup, "names", ()))
    python = {"true": "True", "false": "False", "null": "None", "none": "None"}.get(name)
    help = f"write `{python}`" if python else did_you_mean(name, known)
    return ExpressionError(f"there is no name `{name}` here", help=help, column=column, width=len(name))


def _unknown_size(value: Symbolic, column: int) -> ExpressionError:
    names = sorted(value.names)
    which = " and ".join(f"`{name}`" for name in names)
    return ExpressionError(
        f"this depends on the symbolic size {which}"
        if len(names) == 1
        else f"this depends on the symbolic sizes {which}",
        help="give the input a size in numbers, or write the expression without it",
        column=column,
    )


def _bounded(value: float, column: int) -> None:
    # Written so that not-a-number fails too.
    if not _LEAST <= value <= MAX_NUMBER:
        raise _too_large(column)


def _too_large(column: int) -> ExpressionError:
    return ExpressionError("this number is too large", expected=f"at most {MAX_NUMBER:.0e}", column=column)


def _bounded_list(items: list[Any], column: int) -> list[Any]:
    left = MAX_ITEMS
    stack: list[Collection[Any]] = [items]
    while stack:
        level = stack.pop()
        left -= len(level)
        if left < 0:
            raise ExpressionError("this list is too long", expected=f"at most {MAX_ITEMS:,} values", column=column)
        stack.extend(item for item in level if isinstance(item, (list, tuple)))
    spend((MAX_ITEMS - left) // ITEMS)
    return items


def _result(value: Any, column: int) -> Any:
    """A value that was looked up or computed, bounded."""
    if type(value) in _REAL and not _LEAST <= value <= MAX_NUMBER:
        raise _too_large(column)
    return value


def _truth(value: Any, column: int) -> bool:
    if type(value) is bool:
        return value
    if isinstance(value, Attributes):
        if value.truth is None:
            raise ExpressionError("an input is neither true nor false", column=column)
        return value.truth
    if type(value) is Symbolic:
        return not _same(value, 0, column)
    return bool(value)


# Arithmetic


def _arithmetic(operation: _Operation, left: Any, right: Any, texts: tuple[str, str], column: int) -> Any:
    if not (_is_number(left) and _is_number(right)):
        if Batch in (type(left), type(right)) and (size := _of_batch(operation, left, right)) is not None:
            return size
        if operation.lists and (result := operation.lists(left, right)) is not None:
            return _bounded_list(result, column)
        message = operation.message.format(_kind(left), _kind(right))
        found = " and ".join(_is(text, value) for text, value in zip(texts, (left, right)))
        raise ExpressionError(f"cannot {message}", found=found, column=column)
    if operation.check:
        operation.check(left, right, texts[1], column)
    try:
        return _result(operation.apply(left, right), column)
    except ZeroDivisionError:
        raise ExpressionError("division by zero", found=_is(texts[1], right), column=column) from None
    except OverflowError:
        raise _too_large(column) from None
    except UndecidedError:
        raise _unknown_size(right, column) from None
    except TooComplexError:
        raise ExpressionError("this size is too complex", column=column) from None


def _of_batch(operation: _Operation, left: Any, right: Any) -> Batch | int | None:
    """A multiple of the batch, or a part of one, which must divide it; `None` for what is no size."""
    if not all(type(each) in (int, Batch, Symbolic) for each in (left, right)):
        return None
    if Symbolic in (type(left), type(right)):
        return operation.apply(left, right) if operation.apply is operator.mul else None
    divides = operation.apply is operator.floordiv and type(left) is Batch and right and not left % right
    return operation.apply(left, right) if divides or operation.apply is operator.mul else None


def _check_divisor(left: Any, right: Any, text: str, column: int) -> None:
    if right == 0:
        raise ExpressionError("division by zero", found=_is(text, right), column=column)


def _check_power(base: Any, exponent: Any, text: str, column: int) -> None:
    """Refuse a power before it is computed: Python would fill the memory with its digits."""
    if type(exponent) is Symbolic:
        raise _unknown_size(exponent, column)
    if type(base) is Symbolic:
        if type(exponent) is not int or not 0 <= exponent <= 16:
            raise ExpressionError(
                "cannot raise a size to this power",
                expected="a whole number from 0 to 16",
                found=_is(text, exponent),
                column=column,
            )
    elif base == 0 and exponent < 0:
        raise ExpressionError("division by zero", found=f"0 to the power of {exponent}", column=column)
    elif base < 0 and exponent != int(exponent):
        raise ExpressionError("a negative number has no such power", found=_is(text, exponent), column=column)
    elif base != 0 and exponent * math.log(abs(base)) > 1.001 * math.log(MAX_NUMBER):
        raise _too_large(column)


def _joined(left: Any, right: Any) -> list[Any] | None:
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return [*left, *right]
    return None


def _repeated(left: Any, right: Any) -> list[Any] | None:
    if isinstance(right, (list, tuple)):
        left, right = right, left
    if not isinstance(left, (list, tuple)) or type(right) is not int:
        return None
    # One item more than is allowed is enough to be refused.
    return [*left] * min(right, MAX_ITEMS + 1 if len(left) < 2 else MAX_ITEMS // len(left) + 1)


class _Operation(Struct, frozen=True):
    """One arithmetic operator: on numbers, on lists where it has a meaning, and how to say that it has none."""

    apply: Callable[[Any, Any], Any]
    message: str
    lists: Callable[[Any, Any], list[Any] | None] | None = None
    check: Callable[[Any, Any, str, int], None] | None = None


_OPERATIONS: dict[type[ast.operator], _Operation] = {
    ast.Add: _Operation(operator.add, "add {} and {}", lists=_joined),
    ast.Sub: _Operation(operator.sub, "subtract {1} from {0}"),
    ast.Mult: _Operation(operator.mul, "multiply {} by {}", lists=_repeated),
    ast.Div: _Operation(operator.truediv, "divide {} by {}", check=_check_divisor),
    ast.FloorDiv: _Operation(operator.floordiv, "divide {} by {}", check=_check_divisor),
    ast.Mod: _Operation(operator.mod, "take the remainder of {} by {}", check=_check_divisor),
    ast.Pow: _Operation(operator.pow, "raise {} to the power of {}", check=_check_power),
}


# Comparisons


def _same(left: Any, right: Any, column: int) -> bool:
    """Whether two values are equal; an unknown size equals another only if it does whatever it will be."""
    if type(left) in _SCALARS and type(right) in _SCALARS:
        return bool(left == right)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if len(left) != len(right):
            return False
        spend(len(left) // COMPARED)
        return all(_same(one, other, column) for one, other in zip(left, right))
    if _is_number(left) and _is_number(right):
        difference = left - right
        if type(difference) is not Symbolic:
            return bool(difference == 0)
        if difference.lower <= 0 <= difference.upper:
            raise _unknown_size(difference, column)
        return False
    return bool(left == right)


def _member(left: Any, right: Any, column: int) -> bool:
    if not isinstance(right, (list, tuple)):
        raise ExpressionError(
            f"cannot look for something in {_kind(right)}", expected="a list after `in`", column=column
        )
    spend(len(right) // COMPARED)
    return any(_same(left, item, column) for item in right)


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any, int], bool]:
    def holds(left: Any, right: Any, column: int) -> bool:
        if type(left) in _REAL and type(right) in _REAL:
            return bool(compare(left, right))
        if not (_is_number(left) and _is_number(right)):
            raise ExpressionError(
                f"cannot compare {_kind(left)} and {_kind(right)} by size",
                found=f"{_crop(repr(left))} and {_crop(repr(right))}",
                column=column,
            )
        return _decided(compare, left, right, column)

    return holds


def _decided(compare: Callable[[Any, Any], Any], left: Any, right: Any, column: int) -> bool:
    try:
        return bool(compare(left, right))
    except UndecidedError:
        raise _unknown_size(left - right, column) from None


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any, int], bool]] = {
    ast.Eq: _same,
    ast.NotEq: lambda left, right, column: not _same(left, right, column),
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _member,
    ast.NotIn: lambda left, right, column: not _member(left, right, column),
}


# Indexing


class _Targets(NamedTuple):
    """The names of a comprehension: one for each item, or where `several`, one for each value in it."""

    names: tuple[str, ...]
    several: bool

    def bound(self, value: Any, column: int) -> dict[str, Any]:
        """The names with what an item gives them."""
        if not self.several:
            return {self.names[0]: value}
        if not isinstance(value, (list, tuple)) or len(value) != len(self.names):
            expected = f"a list of {len(self.names)} values"
            found = _crop(repr(value)) if not isinstance(value, Attributes) else _kind(value)
            raise ExpressionError("an item has no value for each name", expected=expected, found=found, column=column)
        return dict(zip(self.names, value))


class _Bound:
    """A lookup with names of a comprehension's own."""

    def __init__(self, around: Lookup, own: Mapping[str, Any]) -> None:
        self._around, self._own = around, own

    def __getitem__(self, name: str) -> Any:
        return self._own[name] if name in self._own else self._around[name]

    def __getattr__(self, name: str) -> Any:
        if name == "names":
            return (*self._own, *getattr(self._around, "names", ()))
        return getattr(self._around, name)


def _indexable(value: Any, text: str, column: int) -> Any:
    if not isinstance(value, (list, tuple)):
        raise ExpressionError(f"`{text}` is {_kind(value)} and has no items", found=_is(text, value), column=column)
    return value


def _whole(value: Any, what: str, column: int) -> int:
    if type(value) is int:
        return value
    if type(value) is Symbolic:
        raise _unknown_size(value, column)
    raise ExpressionError(f"{what} must be a whole number", found=_crop(repr(value)), column=column)


def _item(items: Any, index: Any, text: str, column: int) -> Any:
    number = _whole(index, "an index", column)
    try:
        return _result(items[number], column)
    except IndexError:
        raise ExpressionError(
            f"`{text}` has {_count(len(items), 'item')}, so there is no `[{number}]`",
            help="the first item is `[0]`",
            column=column,
        ) from None


# Functions


class _Call(Struct, frozen=True):
    """The call that is being computed, for messages."""

    name: str
    column: int

    def number(self, value: Any) -> Any:
        """The value, if it is a number; it may be symbolic."""
        if type(value) in _REAL:
            return _result(value, self.column)
        if not _is_number(value):
            raise ExpressionError(
                f"`{self.name}` takes numbers, not {_kind(value)}", found=_crop(repr(value)), column=self.column
            )
        return _result(value, self.column)

    def known(self, value: Any) -> Any:
        """The value, if it is a number that is known now."""
        number = self.number(value)
        if type(number) is Symbolic:
            raise _unknown_size(number, self.column)
        return number

    def items(self, value: Any) -> Any:
        """The value, if it is a list."""
        if not isinstance(value, (list, tuple)):
            raise ExpressionError(
                f"`{self.name}` takes a list, not {_kind(value)}", found=_crop(repr(value)), column=self.column
            )
        spend(len(value) // ITEMS)
        return value

    def size(self, value: Any, what: str, least: int) -> int:
        """The value, if it is a whole number of at least `least`."""
        if type(value) is not int or value < least:
            raise ExpressionError(
                f"`{what}` of `{self.name}` must be a whole number of at least {least}",
                found=_crop(repr(value)),
                column=self.column,
            )
        return value


def _extreme(compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def extreme(call: _Call, *values: Any) -> Any:
        numbers = call.items(values[0]) if len(values) == 1 else values
        if not numbers:
            raise ExpressionError(f"`{call.name}` of an empty list", column=call.column)
        best = call.number(numbers[0])
        for number in numbers[1:]:
            if _decided(compare, call.number(number), best, call.column):
                best = number
        return best

    return extreme


def _on_number(function: Callable[[Any], Any]) -> Callable[[_Call, Any], Any]:
    return lambda call, value: function(call.known(value))


def _sum(call: _Call, values: Any) -> Any:
    items = call.items(values)
    return sum(items if _REAL.issuperset(map(type, items)) else map(call.number, items))


def _square_root(call: _Call, value: Any) -> float:
    if call.known(value) < 0:
        raise ExpressionError("a negative number has no square root", found=_crop(repr(value)), column=call.column)
    return math.sqrt(value)


def _logarithm(call: _Call, value: Any) -> float:
    if call.known(value) <= 0:
        raise ExpressionError("only a number above 0 has a logarithm", found=_crop(repr(value)), column=call.column)
    return math.log(value)


def _divisible(call: _Call, value: Any, divisor: Any = 8, floor: Any = None) -> int:
    least = None if floor is None else call.size(floor, "floor", 0)
    return divisible(call.known(value), call.size(divisor, "divisor", 1), least)


def _range(call: _Call, *ends: Any) -> list[int]:
    """The whole numbers from the first end on, 0 where it is left out, below the second, by steps of the third."""
    bounds = [_whole(end, "an end of a range", call.column) for end in ends]
    if bounds[2:] == [0]:
        raise ExpressionError("the step of a range is zero", column=call.column)
    numbers = range(*bounds)
    if len(numbers) > MAX_ITEMS:
        raise ExpressionError("this list is too long", expected=f"at most {MAX_ITEMS:,} values", column=call.column)
    spend(len(numbers) // ITEMS)
    return list(numbers)


_FUNCTIONS: dict[str, tuple[Callable[..., Any], int | None, tuple[str, ...]]] = {
    "min": (_extreme(operator.lt), None, ()),
    "max": (_extreme(operator.gt), None, ()),
    "round": (_on_number(round), 1, ()),
    "ceil": (_on_number(math.ceil), 1, ()),
    "floor": (_on_number(math.floor), 1, ()),
    "abs": (_on_number(abs), 1, ()),
    "sqrt": (_square_root, 1, ()),
    "log": (_logarithm, 1, ()),
    "len": (lambda call, value: len(call.items(value)), 1, ()),
    "sum": (_sum, 1, ()),
    "range": (_range, 3, ()),
    "divisible": (_divisible, 3, ("divisor", "floor")),
}
"""Each with the most values it takes (`None` for any number) and the names that its later ones go by."""
_ROUNDING = frozenset({"divisible", "ceil", "floor", "round"})
_FUNCTION_LIST = ", ".join(f"`{name}`" for name in _FUNCTIONS)
