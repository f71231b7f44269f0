"""The expressions of a study: conditions and aims over its choices and the figures of each network."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.elaborate.site import part_of
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.expressions import Attributes, Expression, ExpressionError, parse_expression
from archspec.language.pydantic_models import shown, value_text
from archspec.language.yaml_tree import Scalar, Tree
from archspec.search.figures import FIGURES

CALLS = frozenset({"of"})


class Formula(Struct, frozen=True):
    """An expression and where it is written."""

    tree: Scalar
    expression: Expression

    @property
    def text(self) -> str:
        return self.expression.text

    @property
    def figures(self) -> frozenset[str]:
        """The figures of the network that it reads."""
        return self.expression.names & FIGURES.keys()

    def value(self, names: Names) -> Any:
        """What it comes to; raises `SpecError` at its place where it comes to nothing."""
        return _evaluated(self.expression, names, self.tree)

    def number(self, names: Names) -> float:
        """The number that it comes to; raises `SpecError` where it is none."""
        value = self.value(names)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            message = f"this comes to {value_text(value)}"
            raise SpecError([Diagnostic("wrong-type", message, self.tree.span, expected="a number")])
        return value


class Condition(Struct, frozen=True):
    """What must hold of a network, with both sides where it compares two numbers."""

    formula: Formula
    sides: tuple[Expression, Expression] | None

    def missed(self, names: Names) -> float:
        """By what share it is missed; 0 where it holds, and infinite where no distance can be told."""
        holds = self.formula.value(names)
        if not isinstance(holds, bool):
            message = f"this comes to {value_text(holds)}"
            raise SpecError([Diagnostic("wrong-type", message, self.formula.tree.span, expected="true or false")])
        if holds:
            return 0.0
        values = [_evaluated(each, names, self.formula.tree) for each in self.sides or ()]
        if not values or not all(type(each) in (int, float) for each in values):
            return math.inf
        left, right = values
        return abs(left - right) / (abs(right) or 1.0) or math.ulp(0.0)  # equal sides miss a `<` by nearly nothing


class Names(dict[str, Any]):
    """What the expressions of a study see: choices, what follows from them, the network's params and its figures."""

    @property
    def names(self) -> Iterator[str]:
        """Those that a message may suggest."""
        return (name for name in self if name not in CALLS)


class Reference(Attributes):
    """What `of('resnet18')` is: the figures of a network by name."""

    count: Callable[[str], int]

    attribute_names = tuple(FIGURES)

    def attribute(self, name: str) -> Any:
        if name not in FIGURES:
            raise KeyError(name)
        return self.count(name)


def parse_formula(tree: Tree, what: str, findings: Findings) -> Formula | None:
    """The expression that a tree says; `None` after reporting what is wrong."""
    if not isinstance(tree, Scalar) or tree.value is None or isinstance(tree.value, bool):
        message = f"{what} is an expression, such as `macs / 1e6`"
        findings.add(Diagnostic("wrong-type", message, tree.span, found=shown(tree)))
        return None
    try:
        return Formula(tree, parse_expression(str(tree.value), CALLS))
    except ExpressionError as error:
        findings.add(_diagnostic(error, tree))
        return None


def parse_condition(tree: Tree, findings: Findings) -> Condition | None:
    """A condition, with its sides where it is one comparison."""
    formula = parse_formula(tree, "a condition", findings)
    return Condition(formula, _sides(formula.text)) if formula is not None else None


def _sides(text: str) -> tuple[Expression, Expression] | None:
    body = ast.parse(text.strip(), mode="eval").body
    if not isinstance(body, ast.Compare) or len(body.ops) != 1:
        return None
    left, right = (parse_expression(ast.unparse(each), CALLS) for each in (body.left, body.comparators[0]))
    return left, right


def check_names(formulas: Iterable[Formula], known: Mapping[str, Any], findings: Findings) -> None:
    """Report the names that an expression reads and nothing has, before anything is counted."""
    for formula in formulas:
        for name in sorted(formula.expression.names - known.keys()):
            column = formula.text.find(name)
            error = ExpressionError(f"there is no name `{name}` here", column=column, width=len(name))
            help_ = f"known here: {', '.join(f'`{each}`' for each in [*known][:12])}"
            findings.add(replace(_diagnostic(error, formula.tree), help=help_))


def _evaluated(expression: Expression, names: Names, tree: Scalar) -> Any:
    try:
        return expression.evaluate(names)
    except ExpressionError as error:
        raise SpecError([_diagnostic(error, tree)]) from None


def _diagnostic(error: ExpressionError, tree: Scalar) -> Diagnostic:
    span = part_of(tree, error.column, error.width)
    return Diagnostic("expression", error.message, span, expected=error.expected, found=error.found, help=error.help)
