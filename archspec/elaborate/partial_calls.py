"""Calls as values: an op or block with some of its fields, given to a param or put in another op's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from archspec.elaborate.call_plans import Home
from archspec.elaborate.context import Context
from archspec.elaborate.scope import Failed
from archspec.elaborate.site import Site
from archspec.language.hints import unknown_op_help
from archspec.language.name_resolution import call_in
from archspec.language.nodes import TAPS, Field, NodeDef
from archspec.language.plain_values import tree_of
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree, plain
from archspec.ops import ops


class PartialCall(str):
    """An op or block with some of its fields; as a text, all that it says."""

    name: str
    fields: Mapping[str, Field]
    home: Home | None
    """Where a document's own block is looked up that another spec is told to use."""

    @classmethod
    def of(cls, name: str, fields: Mapping[str, Field], home: Home | None = None) -> PartialCall:
        """The call of `name` with these fields, whose values are plain."""
        values = ", ".join(f"{key}={plain(given.value)!r}" for key, given in fields.items())
        call = cls(f"{name}({values})" if fields or home is None else name)
        call.name, call.fields, call.home = name, fields, home
        return call

    @property
    def words(self) -> Iterator[str]:
        """Every word in it that may name an op or block; one from elsewhere is no name here."""
        yield self.name if self.home is None else f"{self.name} of another document"
        for given in self.fields.values():
            if isinstance(word := plain(given.value), str):
                yield from getattr(word, "words", (word,))


def call_of(site: Site, tree: Tree, what: str) -> PartialCall:
    """The call that a tree says, its fields evaluated where it is written; raises `Failed` after reporting faults."""
    node = call_in(tree, site.context.library.signature, site.context.library.names, site.context.reporter.findings)
    if node.broken:
        raise Failed
    named = node.callee or node.use
    if not isinstance(named, Scalar) or node.modifiers or node.sources or node.operands or node.branches:
        site.fail(
            "call",
            f"{what} is an op or block with some of its fields, and nothing else",
            tree.span,
            expected="for example `{leaky_relu: 0.1}`",
            found=shown(tree),
        )
    fields = {name: _evaluated(site, given) for name, given in node.fields.items()}
    if node.use is None:
        return PartialCall.of(str(named.value), fields)
    used = site.value(named, "`use`", words=True)
    return (
        PartialCall.of(used.name, {**used.fields, **fields})
        if isinstance(used, PartialCall)
        else PartialCall.of(str(used), fields)
    )


def at_home(context: Context, value: Any) -> Any:
    """A value that goes into another spec: where it names a block of this document's own, it still means that one."""
    if isinstance(value, list):
        return [at_home(context, each) for each in value]
    if not isinstance(value, str):
        return value
    name, fields = (value.name, value.fields) if isinstance(value, PartialCall) else (value, {})
    inner = {key: _field_at_home(context, given) for key, given in fields.items()}
    home = getattr(value, "home", None)
    if home is None and context.library.is_own(name):
        home = Home(context.library, context.document_scope)
    return PartialCall.of(name, inner, home) if fields or home is not None else value


def _field_at_home(context: Context, given: Field) -> Field:
    return Field(given.key, tree_of(at_home(context, plain(given.value)), given.value.span))


def _evaluated(site: Site, given: Field) -> Field:
    if given.key.value == TAPS and isinstance(given.value, Sequence):
        return given
    value = site.value(given.value, f"`{given.key.value}`", words=True)
    return Field(given.key, tree_of(value, given.value.span))


def with_call(node: NodeDef, call: PartialCall) -> NodeDef:
    """A node that uses a call: the call's fields, and the node's own over them."""
    return replace(node, fields={**call.fields, **node.fields})


def put_in(node: NodeDef, call: PartialCall) -> NodeDef:
    """A node in whose place a call stands: its own fields are gone."""
    return replace(node, callee=None, use=Scalar(call.name, node.span), fields=call.fields)


def replacements(site: Site, node: NodeDef) -> dict[str, PartialCall]:
    """What `replace` puts in the place of ops, by the ops' names."""
    tree = node.modifiers["replace"].value
    if not isinstance(tree, MappingTree) or not tree.entries:
        site.fail(
            "replace",
            "`replace` is a mapping of ops to what stands in their place",
            tree.span,
            expected="for example `{batch_norm: {group_norm: 32}}`",
            found=shown(tree),
        )
    return {str(key.value): _instead(site, key, value) for key, value in tree.entries}


def _instead(site: Site, key: Scalar, value: Tree) -> PartialCall:
    if key.value not in ops():
        _unknown(site, key, ops())
    what = f"what replaces `{key.value}`"
    if isinstance(value, Scalar) and isinstance(value.value, str):
        known = site.value(value, what, words=True)
        call = known if isinstance(known, PartialCall) else call_of(site, Scalar(known, value.span), what)
    else:
        call = call_of(site, value, what)
    call = at_home(site.context, call)
    assert isinstance(call, PartialCall), "a call stays one"
    return call


def _unknown(site: Site, key: Scalar, known: Iterable[str]) -> None:
    help_ = unknown_op_help(str(key.value), known)
    site.fail("replace", f"there is no op `{key.value}` to replace", key.span, help=help_)
