"""What a call means and how it fills that: found out once for each call as written, so that copies only look it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from archspec.elaborate.memo.free_names import words
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.symbol_table import Library, op_signature
from archspec.language.block_definition import BlockDef
from archspec.language.budget import SpentError
from archspec.language.diagnostics import Findings
from archspec.language.expressions import ExpressionError, Lookup, parse_expression
from archspec.language.nodes import Field, NodeDef, Signature
from archspec.language.params import Kinds, Param
from archspec.language.yaml_tree import Scalar, Tree
from archspec.ops import Op


class Home(NamedTuple):
    """A document's names: its blocks, and what these see of its params."""

    library: Library
    scope: Scope


class Filling(NamedTuple):
    """How a call fills a param or field: as `given`, else with the default, in the definition's own scope.

    Where there are no `kinds`, its `text` is the value. Else the value is what `run` computes or, without it, what the
    text names, if that is of one of the kinds; and where a word names nothing, the word. All else takes a closer look.
    """

    name: str
    text: Any
    kinds: Kinds | None
    run: Callable[[Lookup], Any] | None
    is_word: bool
    given: Tree | None
    param: Param
    what: str


class Plan(Struct, frozen=True, eq=False):
    """A call, with the block or op that it means (`None` where there is none) and how it fills that.

    `constants` are filled first, since no default that stands before them reads them; then the others, in order.
    """

    name: str
    block: BlockDef | None
    op: type[Op] | None
    constants: Mapping[str, Any]
    fillings: tuple[Filling, ...]
    home: Home | None = None
    """The document whose block it is, where that is another than the one at hand."""

    @property
    def signature(self) -> Signature | None:
        """What the call may say."""
        return (
            self.block.signature if self.block is not None else op_signature(self.op) if self.op is not None else None
        )

    @classmethod
    def of(cls, name: str, callee: BlockDef | type[Op] | None, node: NodeDef, home: Home | None = None) -> Plan:
        """The plan of a node that calls `name`."""
        constants: dict[str, Any] = {}
        others: list[Filling] = []
        read: set[str] = set()
        for each in _fillings(callee, node) if callee is not None else ():
            if each.kinds is None and each.name not in read:
                constants[each.name] = each.text
            else:
                others.append(each)
                read.update(words(each.param.default) if each.given is None and each.param.default else ())
        block, op = (callee, None) if isinstance(callee, BlockDef) else (None, callee)
        return cls(name, block, op, constants, tuple(others), home)


@cache
def standard_plan(node: NodeDef) -> Plan:
    """The plan of a call in a standard block: it means the same in every document."""
    assert node.callee is not None
    name = str(node.callee.value)
    return Plan.of(name, Library(None, Findings()).meaning(name), node)


def _fillings(callee: BlockDef | type[Op], node: NodeDef) -> Iterator[Filling]:
    """How a call fills each of a block's params, or those fields of an op that it gives."""
    if isinstance(callee, BlockDef):
        for param in callee.params.values():
            yield _filling(callee.name, param, node.fields.get(param.name))
    else:
        for name, given in node.fields.items():
            # The op's model holds its fields against their types.
            filling = _filling(callee.name, Param(name, "any", given.key.span), given)
            yield filling._replace(kinds=None) if _stands_for_itself(callee, filling) else filling


def _stands_for_itself(op: type[Op], filling: Filling) -> bool:
    """Whether a field's text is no expression: it holds texts, or knows it as a word, such as `nearest-exact`."""
    text = filling.text
    if not isinstance(text, str) or text.isidentifier():
        return False
    return filling.name in op.text_fields or text in op.words(filling.name)


def _filling(callee: str, param: Param, field: Field | None) -> Filling:
    given = field.value if field is not None else None
    tree = given if given is not None else param.default
    text, run, is_word = None, None, False
    kinds: Kinds | None = frozenset()
    if isinstance(tree, Scalar) and not (given is None and param.faulty):
        text = tree.value
        if isinstance(text, str):
            kinds = param.kinds
            is_word = param.takes_words and text.isidentifier() and text != "None"
            run = None if is_word else compiled(tree)
        elif param.accepts(text):
            kinds = None
    return Filling(param.name, text, kinds, run, is_word, given, param, f"`{param.name}` of `{callee}`")


def computed(run: Callable[[Lookup], Any], scope: Lookup) -> Any:
    """What an expression comes to; `None` where that takes a closer look."""
    try:
        return run(scope)
    except (ExpressionError, Failed, RecursionError, SpentError):
        return None


def compiled(tree: Tree) -> Callable[[Lookup], Any] | None:
    """What computes an expression; `None` for what is none, is wrong, or takes a closer look."""
    if not isinstance(tree, Scalar) or type(tree.value) is not str or tree.value.isidentifier():
        return None
    try:
        expression = parse_expression(tree.value)
    except ExpressionError:
        return None
    return None if expression.rounds and not tree.span.source.standard else expression.run
