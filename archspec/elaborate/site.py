"""Where elaboration stands, as one value: the names that hold there, and the address that its messages say.

What a page writes is evaluated at a site:

>>> from archspec.elaborate.example import example
>>> graph = example('{"conv{i}": {conv: "8 * (i + 1)", kernel_size: 3, repeat: 2}}')
>>> [node.op.out_channels for node in graph.walk()]
[8, 16]
"""

from __future__ import annotations

from collections.abc import Iterable
from keyword import iskeyword
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from archspec.elaborate.context import Context
from archspec.elaborate.scope import MISSING, Failed, NotingScope, Scope, is_word, suggestion, truth_help
from archspec.graph.roundings import Rounding
from archspec.language.budget import SpentError
from archspec.language.expressions import Attributes, ExpressionError, parse_expression
from archspec.language.params import TYPES
from archspec.language.plain_values import WHOLE, whole
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar, Sequence, Tree


class Site(Struct):
    """A node's place in its elaboration: what all nodes share, the names that it sees, and its address."""

    context: Context
    scope: Scope
    address: str

    def at(self, address: str) -> Site:
        """The same names at another address."""
        return Site(self.context, self.scope, address)

    def within(self, scope: Scope) -> Site:
        """The same address where other names hold."""
        return Site(self.context, scope, self.address)

    def report(self, code: str, message: str, span: Span | None, **details: Any) -> None:
        """Add a finding about the node here."""
        self.context.report(code, message, span, self.address, **details)

    def fail(self, code: str, message: str, span: Span | None, **details: Any) -> NoReturn:
        """Report, and give the node here up."""
        self.context.fail(code, message, span, self.address, **details)

    def value(self, tree: Tree, what: str, words: bool = False, expected: str | None = None) -> Any:
        """What a tree stands for: a plain value, or an expression evaluated in the scope.

        A bare word that names nothing stands for itself where there may be `words`; where there may not, it is refused
        with what is `expected`.
        """
        if isinstance(tree, Scalar):
            if type(tree.value) is not str:
                return tree.value
            value = self._named(tree, tree.value, what, words, expected)
            if type(value) not in WHOLE:
                self._refuse_inputs(value, tree, what, expected)
            return value
        if isinstance(tree, Sequence):
            return [self.value(item, what, words) for item in tree.items]
        return self.fail("wrong-type", f"{what} cannot be a mapping", tree.span)

    def computed(self, name: str, tree: Tree) -> Any:
        """What a name under `let` stands for: a value, or an input under another name."""
        if isinstance(tree, Scalar) and type(tree.value) is str:
            return self._named(tree, tree.value, f"`{name}`", True, None)
        return self.value(tree, f"`{name}`", words=True)

    def report_word(self, word: str, span: Span, what: str, expected: str, words: Iterable[str] = ()) -> None:
        """Report a bare word that names nothing, with the nearest of the names and `words` that would do."""
        help_ = truth_help(word) if expected == "true or false" else suggestion(word, self.scope, words)
        self.report("unknown-name", f"{what}: there is no param `{word}` here", span, expected=expected, help=help_)

    def _named(self, tree: Scalar, text: str, what: str, words: bool, expected: str | None) -> Any:
        """What a text stands for: a name's value, itself, or what it comes to as an expression."""
        known = self.scope.get(text, MISSING)
        if known is not MISSING:
            return known if type(known) in WHOLE else whole(known)
        if text in self.scope.faulty:
            raise Failed
        if words and is_word(text, self.scope):
            return text
        if expected and text.isidentifier() and not iskeyword(text):
            self.report_word(text, tree.span, what, expected)
            raise Failed
        return self._expression(tree, text, what)

    def _refuse_inputs(self, value: Any, tree: Scalar, what: str, expected: str | None) -> None:
        """Refuse an input where a plain value must stand."""
        several = isinstance(value, list)
        if not any(isinstance(each, Attributes) for each in (value if several else [value])):
            return
        text = tree.value
        one = f"{text}[0]" if several else text
        self.fail(
            "wrong-type",
            f"{what} cannot be `{text}`, which is {'several inputs' if several else 'an input'}",
            tree.span,
            expected=expected if expected != TYPES["any"] else None,
            help=f"`{one}.channels` and `{one}.shape` are its sizes" if str(text).isidentifier() else None,
        )

    def _expression(self, tree: Scalar, text: str, what: str) -> Any:
        try:
            expression = parse_expression(text)
            lookup = self._noting(tree, what) if expression.rounds else self.scope
            return whole(expression.evaluate(lookup))
        except SpentError:
            self.context.bounds.spent(tree.span)
        except ExpressionError as error:
            self.fail(
                "expression",
                f"{what}: {error.message}",
                part_of(tree, error.column, error.width),
                expected=error.expected,
                found=error.found,
                help=error.help,
            )

    def _noting(self, tree: Scalar, what: str) -> Scope:
        """A scope that records what the document rounds; what standard blocks round is no scaling of its author's."""
        if tree.span.source.standard:
            return self.scope

        def note(text: str, raw: Any, rounded: Any) -> None:
            self.context.gathered.roundings.append(Rounding(self.address, what, text, raw, rounded, tree.span))

        return NotingScope(self.scope, note)


def part_of(tree: Scalar, column: int | None, width: int | None) -> Span:
    """The place inside an expression from which its trouble comes."""
    span = tree.span
    if column is None or span.line != span.end_line:
        return span
    start = span.column + column + tree.quoted
    if start >= span.end_column:
        return span
    return replace(span, column=start, end_column=min(start + width, span.end_column) if width else span.end_column)
