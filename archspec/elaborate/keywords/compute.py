"""`compute`: an equation as written → the values that it is over, and the op that it is.

`(1 - z) * h + z * tanh(n)` over the nodes `z`, `h` and `n` is one op of three inputs; what holds no node, such as `1`
or `heads ** -0.5` over a param, is a number in it.

An equation is one node, which takes the values that it names:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: relu, b: {compute: a * sigmoid(input)}}')
>>> [(node.name, node.op.name, [ref.child for ref in node.inputs]) for node in graph.walk()]
[('a', 'relu', [-1]), ('b', 'compute', [0, -1])]
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, NoReturn

from msgspec import Struct, field
from pydantic import ValidationError

from archspec.elaborate.block_builder import Body, Value
from archspec.elaborate.references import reference
from archspec.elaborate.scope import Input
from archspec.elaborate.site import Site, part_of
from archspec.language.diagnostics import did_you_mean
from archspec.language.expressions import ExpressionError, syntax_tree
from archspec.language.nodes import NodeDef
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar
from archspec.ops import Op, ops
from archspec.ops.equation import Apply, Compute, Operand, Term

_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}
_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Lt: "lt",
    ast.LtE: "le",
}
_TRANSPOSED = ("T", "mT")


def equation(site: Site, body: Body, node: NodeDef) -> tuple[list[Value], Op]:
    """The values of an equation in the order in which it names them, and the op that says what it makes of them."""
    written = node.fields["equation"].value
    if not isinstance(written, Scalar) or not isinstance(written.value, str):
        site.fail("wrong-type", "`compute` is an equation", written.span, found=shown(written))
    if node.sources:
        message = "`compute` names its inputs itself, so `from` has no meaning"
        site.fail("from", message, node.sources[0].span)
    reader = _Reader(site, body, written)
    text = str(written.value)
    try:
        tree = syntax_tree(text)
    except ExpressionError as error:
        place = part_of(written, error.column, error.width)
        message = f"`compute`: {error.message}"
        site.fail("expression", message, place, expected=error.expected, help=error.help)
    reader.indent = tree.indent
    term = reader.term(tree.body)
    if not isinstance(term, (Operand, Apply)):
        reader.refuse(tree.body, "the equation names no node")
    return reader.values, site.context.memo.op(Compute, {"equation": text, "term": term})


class _Reader(Struct):
    """Reads one equation."""

    site: Site
    body: Body
    written: Scalar
    indent: int = 0
    values: list[Value] = field(default_factory=list)

    def term(self, node: ast.expr) -> Term | float:
        """A part of the equation: a number where no node stands in it."""
        if not self._names_a_node(node):
            number: float = self._number(node)
            return number
        match node:
            case ast.Attribute(value=inner, attr=attr) if attr in _TRANSPOSED and not self._is_output(inner, attr):
                return Apply(self._op(node, "transpose", {"dim0": -2, "dim1": -1}), (self._value(inner),))
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._operand(node)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return Apply(self._op(node, "neg", {}), (self._value(inner),))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.term(inner)
            case ast.BinOp(op=sign, left=left, right=right) if type(sign) in _OPERATORS:
                return self._joined(node, _OPERATORS[type(sign)], [left, right], {})
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISONS:
                return self._joined(node, _COMPARISONS[type(sign)], [left, right], {})
            case ast.Call(func=ast.Name(id=name)):
                return self._call(node, name)
        return self.refuse(node, "this is not allowed in an equation", expected="`+ - * / ** @`, `.T`, and ops by name")

    def _value(self, node: ast.expr) -> Term:
        term = self.term(node)
        if not isinstance(term, (Operand, Apply)):
            self.refuse(node, "a node is needed here, not a number")
        return term

    def _joined(self, node: ast.expr, name: str, parts: list[ast.expr], fields: dict[str, Any]) -> Apply:
        """An op of several terms, numbers among them where it takes these."""
        terms = [self.term(part) for part in parts]
        numbers = tuple((at, each) for at, each in enumerate(terms) if not isinstance(each, (Operand, Apply)))
        if numbers and not ops()[name].takes_numbers:
            self.refuse(parts[numbers[0][0]], f"`{name}` takes no number")
        given = {**fields, "numbers": numbers} if numbers else fields
        return Apply(self._op(node, name, given), tuple(each for each in terms if isinstance(each, (Operand, Apply))))

    def _call(self, node: ast.Call, name: str) -> Apply:
        """An op by its name: first the values that it takes, then its fields in their order, or by name."""
        kind = ops().get(name)
        if kind is None:
            self.refuse(node.func, f"there is no op `{name}`", help=did_you_mean(name, ops()))
        if not _is_function(kind):
            help_ = "write it as a node, and name that node in the equation"
            self.refuse(node.func, f"`{name}` is a module and cannot stand in an equation", help=help_)
        arguments = [each for item in node.args for each in self._items(item)]
        most = self._values_of(kind, arguments)
        names = [each for each in ((kind.main,) if kind.main else ()) + kind.field_names() if each not in kind.internal]
        fields = {field: self._number(each) for field, each in zip(dict.fromkeys(names), arguments[most:])}
        for keyword in node.keywords:
            given = str(keyword.arg)
            if given not in names:
                self.refuse(keyword.value, f"`{name}` has no field `{given}`", help=did_you_mean(given, names))
            fields[given] = self._number(keyword.value)
        return self._joined(node, name, arguments[:most], fields)

    def _items(self, argument: ast.expr) -> list[ast.expr]:
        """The values of a list of some, as `concat` takes it; any other argument as it is."""
        return argument.elts if isinstance(argument, ast.List) and self._names_a_node(argument) else [argument]

    def _values_of(self, kind: type[Op], arguments: list[ast.expr]) -> int:
        """How many of a call's arguments are values: those before the first number, in arithmetic all."""
        numbers = (at for at, each in enumerate(arguments) if not self._names_a_node(each))
        return len(arguments) if kind.takes_numbers else next(numbers, len(arguments))

    def _op(self, node: ast.expr, name: str, fields: Mapping[str, Any]) -> Op:
        kind = ops()[name]
        try:
            return self.site.context.memo.op(kind, dict(fields))
        except ValidationError as error:
            wrong = str(error.errors()[0]["loc"][0])
            self.refuse(node, f"`{wrong}` of `{name}` is wrong or missing", expected=kind.expects(wrong))

    def _operand(self, node: ast.expr) -> Operand:
        """A node's value, which stands among the inputs once."""
        name = Scalar(self._text(node), self._span(node))
        value = reference(self.site, self.body, name)
        known = [each.refs for each in self.values]
        if value.broken or value.refs not in known:
            self.values.append(value)
            return Operand(len(known))
        return Operand(known.index(value.refs))

    def _number(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        text = Scalar(self._text(node), self._span(node))
        return self.site.value(text, "`compute`", words=True)

    def _names_a_node(self, node: ast.AST) -> bool:
        """Whether a node's value is asked for anywhere in a part, and not only what is known of its size."""
        if isinstance(node, ast.Attribute) and node.attr in Input.attribute_names:
            return False
        if isinstance(node, ast.Call):
            return any(map(self._names_a_node, (*node.args, *(each.value for each in node.keywords)))) or (
                isinstance(node.func, ast.Name) and node.func.id not in self.site.scope and not node.args
            )
        if isinstance(node, ast.Name):
            return self._is_node(node.id) or node.id not in self.site.scope
        return any(map(self._names_a_node, ast.iter_child_nodes(node)))

    def _is_node(self, name: str) -> bool:
        body = self.body
        names = (body.names, body.inputs, body.declared, body.left_out)
        return name == "previous" or any(name in each for each in names)

    def _is_output(self, node: ast.expr, label: str) -> bool:
        """Whether a node has an output of that name."""
        value = self.body.names.get(node.id) if isinstance(node, ast.Name) else None
        return value is not None and label in value.labels

    def _text(self, node: ast.expr) -> str:
        return ast.unparse(node)

    def _span(self, node: ast.expr) -> Span:
        width = (node.end_col_offset or 0) - node.col_offset
        return part_of(self.written, self.indent + node.col_offset, width)

    def refuse(self, node: ast.expr, message: str, **details: str | None) -> NoReturn:
        """Report what is wrong with a part, at its place."""
        self.site.fail("expression", f"`compute`: {message}", self._span(node), **details)


def _is_function(kind: type[Op]) -> bool:
    """Whether an op of one output learns nothing and is an expression, or a function of torch's too."""
    function = getattr(kind, "functional", "") or kind.expression is not Op.expression or kind.call is not Op.call
    return not kind.held and bool(function)
