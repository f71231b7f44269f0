"""A syntax tree → closures that compute it; what is not in the language is refused."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any, NoReturn

from archspec.language.budget import ITEMS, spend
from archspec.language.diagnostics import did_you_mean
from archspec.language.expressions.arithmetic import OPERATIONS, arithmetic, check_divisor
from archspec.language.expressions.comparisons import COMPARISONS, truth
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.functions import FUNCTION_LIST, FUNCTIONS, FunctionCall
from archspec.language.expressions.lookup import Bound, Closure, Lookup, Targets, unknown_name
from archspec.language.expressions.values import (
    LEAST_NUMBER,
    MAX_NUMBER,
    REAL,
    Attributes,
    bounded,
    bounded_list,
    crop,
    is_number,
    kind_text,
    whole_number,
    with_value,
)
from archspec.language.plural import plural

_ALLOWED = (
    "numbers, words in quotes, lists, names, arithmetic, comparisons, `and`, `or`, `not`, `a if c else b`, indexing, "
    "`[a for a in list]`, "
    "and calls of "
)


class Compiler:
    """Turns a syntax tree into closures, refusing what is not in the language."""

    def __init__(self, text: str, indent: int, calls: frozenset[str] = frozenset()) -> None:
        self._bytes = re.sub(r"\s", " ", text).lstrip().encode()
        self._indent, self._calls = indent, calls
        self.names: set[str] = set()
        self.rounds = False
        self._compilers: dict[type[ast.expr], Callable[[Any], Closure]] = {
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

    def compile(self, node: ast.expr) -> Closure:
        compiler = self._compilers.get(type(node))
        if compiler is None:
            self._refuse(node, f"{_CALLED.get(type(node), 'this')} is not allowed in an expression")
        return compiler(node)

    def _constant(self, node: ast.Constant) -> Closure:
        value = node.value
        if value is not None and not isinstance(value, (bool, int, float, str)):
            self._refuse(node, f"`{self._text(node)}` is not allowed in an expression")
        constant = bounded(value, self._column(node))
        return lambda lookup: constant

    def _name(self, node: ast.Name) -> Closure:
        name, column = node.id, self._column(node)
        if name.startswith("_"):
            raise ExpressionError(f"the name `{name}` starts with `_`", help="give it another name", column=column)
        self.names.add(name)

        def run(lookup: Lookup) -> Any:
            try:
                value = lookup[name]
            except KeyError:
                raise unknown_name(name, lookup, column) from None
            if type(value) in REAL and LEAST_NUMBER <= value <= MAX_NUMBER:  # type: ignore[operator]
                return value
            return bounded(value, column)

        return run

    def _list(self, node: ast.List | ast.Tuple) -> Closure:
        items, column = [self.compile(item) for item in node.elts], self._column(node)
        return lambda lookup: bounded_list([item(lookup) for item in items], column)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Closure:
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
                inner = Bound(lookup, targets.bound(value, column))
                if all(truth(test(inner), column) for test in tests):
                    found.append(item(inner))
            return bounded_list(found, column)

        return run

    def _targets(self, node: ast.expr) -> Targets:
        """The names that each item of a list gets, several where it is a list itself."""
        several = isinstance(node, (ast.Tuple, ast.List))
        parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
        names = tuple(part.id for part in parts if isinstance(part, ast.Name) and not part.id.startswith("_"))
        if len(names) < len(parts) or not names:
            self._refuse(node, "this cannot name the items of a list")
        return Targets(names, several)

    def _unary(self, node: ast.UnaryOp) -> Closure:
        operand, column = self.compile(node.operand), self._column(node)
        if isinstance(node.op, ast.Not):
            return lambda lookup: not truth(operand(lookup), column)
        if isinstance(node.op, ast.Invert):
            self._refuse(node, "`~` is not an operator here")
        apply, verb = (operator.neg, "negate") if isinstance(node.op, ast.USub) else (operator.pos, "put `+` before")
        text = self._text(node.operand)

        def run(lookup: Lookup) -> Any:
            value = operand(lookup)
            if not is_number(value):
                raise ExpressionError(f"cannot {verb} {kind_text(value)}", found=with_value(text, value), column=column)
            return apply(value)

        return run

    def _binary(self, node: ast.BinOp) -> Closure:
        operation = OPERATIONS.get(type(node.op))
        if operation is None:
            self._refuse(node, f"`{_SIGNS[type(node.op)]}` is not an operator here")
        left, right, column = self.compile(node.left), self.compile(node.right), self._column(node)
        texts = self._text(node.left), self._text(node.right)
        apply, check = operation.apply, operation.check
        always, unless_zero = check is None, check is check_divisor

        def run(lookup: Lookup) -> Any:
            one, other = left(lookup), right(lookup)
            if (always or (unless_zero and other)) and type(one) in REAL and type(other) in REAL:
                result = apply(one, other)
                return result if LEAST_NUMBER <= result <= MAX_NUMBER else bounded(result, column)
            return arithmetic(operation, one, other, texts, column)

        return run

    def _compare(self, node: ast.Compare) -> Closure:
        first = self.compile(node.left)
        rest: list[tuple[Callable[[Any, Any, int], bool], Closure]] = []
        for sign, operand in zip(node.ops, node.comparators):
            if type(sign) not in COMPARISONS:
                self._refuse(node, "`is` is not allowed in an expression", help="write `==` or `!=`")
            rest.append((COMPARISONS[type(sign)], self.compile(operand)))
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

    def _boolean(self, node: ast.BoolOp) -> Closure:
        *operands, last = [self.compile(value) for value in node.values]
        stops_at, column = isinstance(node.op, ast.Or), self._column(node)

        def run(lookup: Lookup) -> Any:
            for operand in operands:
                value = operand(lookup)
                if truth(value, column) is stops_at:
                    return value
            return last(lookup)

        return run

    def _choice(self, node: ast.IfExp) -> Closure:
        condition, then, other = map(self.compile, (node.test, node.body, node.orelse))
        column = self._column(node.test)
        return lambda lookup: then(lookup) if truth(condition(lookup), column) else other(lookup)

    def _subscript(self, node: ast.Subscript) -> Closure:
        if isinstance(node.slice, ast.Slice):
            return self._sliced(node, node.slice)
        value, index, column = self.compile(node.value), self.compile(node.slice), self._column(node)
        text = self._text(node.value)
        return lambda lookup: _item(_indexable(value(lookup), text, column), index(lookup), text, column)

    def _sliced(self, node: ast.Subscript, bounds: ast.Slice) -> Closure:
        value, text, column = self.compile(node.value), self._text(node.value), self._column(node)
        ends = [self.compile(end) if end else None for end in (bounds.lower, bounds.upper, bounds.step)]

        def run(lookup: Lookup) -> Any:
            items = _indexable(value(lookup), text, column)
            spend(len(items) // ITEMS)
            return items[slice(*(end and whole_number(end(lookup), "an end of a slice", column) for end in ends))]

        def checked(lookup: Lookup) -> Any:
            try:
                return run(lookup)
            except ValueError:
                raise ExpressionError("the step of a slice is zero", column=column) from None

        return checked

    def _attribute(self, node: ast.Attribute) -> Closure:
        value, name, column, text = self.compile(node.value), node.attr, self._column(node), self._text(node.value)
        if name.startswith("_"):
            raise ExpressionError(f"the name `{name}` starts with `_`", column=column)

        def run(lookup: Lookup) -> Any:
            owner = value(lookup)
            if not isinstance(owner, Attributes):
                raise ExpressionError(f"`{text}` is {kind_text(owner)} and has no `.{name}`", column=column)
            try:
                return bounded(owner.attribute(name), column)
            except KeyError:
                raise ExpressionError(
                    f"`{text}` has no `.{name}`", help=did_you_mean(name, owner.attribute_names), column=column
                ) from None

        return run

    def _call(self, node: ast.Call) -> Closure:
        column, text = self._column(node), self._text(node.func)
        if isinstance(node.func, ast.Name) and node.func.id in self._calls and not node.keywords:
            return self._own_call(node.func.id, [self.compile(argument) for argument in node.args], column)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            help = did_you_mean(text, FUNCTIONS) or FUNCTION_LIST
            raise ExpressionError(f"`{crop(text)}` cannot be called", help=help, column=column)
        call, function = FunctionCall(node.func.id, column), FUNCTIONS[node.func.id]
        given = {keyword.arg or "**": self.compile(keyword.value) for keyword in node.keywords}
        function.check_keywords(call, given)
        arguments = [self.compile(argument) for argument in node.args]
        function.check_values(call, len(arguments), given)

        def run(lookup: Lookup) -> Any:
            values = [argument(lookup) for argument in arguments]
            named = {keyword: value(lookup) for keyword, value in given.items()} if given else {}
            return bounded(function.compute(call, *values, **named), column)

        return self._noted(run, arguments[0], self._text(node)) if function.rounds else run

    def _own_call(self, name: str, arguments: list[Closure], column: int) -> Closure:
        """A call of what the lookup has under a name; it may raise `ExpressionError`, which is told at the call."""

        def run(lookup: Lookup) -> Any:
            try:
                return lookup[name](*(argument(lookup) for argument in arguments))  # type: ignore[operator]
            except ExpressionError as error:
                error.column = column if error.column is None else error.column
                raise

        return run

    def _noted(self, run: Closure, argument: Closure, text: str) -> Closure:
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
        expected = None if help else _ALLOWED + FUNCTION_LIST
        raise ExpressionError(message, expected=expected, help=help, column=self._column(node))

    def _column(self, node: ast.expr) -> int:
        return self._indent + len(self._bytes[: node.col_offset].decode())

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return crop(repr(node.value))
        return crop(self._bytes[node.col_offset : node.end_col_offset].decode())


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


def _indexable(value: Any, text: str, column: int) -> Any:
    if not isinstance(value, (list, tuple)):
        raise ExpressionError(
            f"`{text}` is {kind_text(value)} and has no items", found=with_value(text, value), column=column
        )
    return value


def _item(items: Any, index: Any, text: str, column: int) -> Any:
    number = whole_number(index, "an index", column)
    try:
        return bounded(items[number], column)
    except IndexError:
        raise ExpressionError(
            f"`{text}` has {plural(len(items), 'item')}, so there is no `[{number}]`",
            help="the first item is `[0]`",
            column=column,
        ) from None
