"""The params of a document or block: their types and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic, Findings, misspelt, nearest
from archspec.language.identifiers import is_identifier
from archspec.language.nodes import RESERVED
from archspec.language.pydantic_models import shown, value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree, plain

TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a word",
    "list": "a list",
    "op": "the name of an op or block",
    "any": "any value",
}
WORD = "word"
"""The type that a bare word as a default shows: it is what the word names, which is not known before all is read."""
_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "str": (str,),
    "list": (list,),
    "op": (str,),
    WORD: (str,),
}
_PLAIN = frozenset({int, float, bool, str})
Kinds: TypeAlias = frozenset[type]


class Param(Struct, frozen=True, dict=True):
    """What a user or a call may set. A default that is an expression is evaluated in the definition's own scope."""

    name: str
    type: str
    span: Span
    default: Tree | None = None
    about: str | None = None
    faulty: bool = False
    """Whether its definition is wrong, which is already reported: nothing more can be said of its values."""

    @cached_property
    def takes_words(self) -> bool:
        """Whether a bare word that names nothing stands for itself here."""
        return self.type in ("str", "op", "any", "list", WORD)

    @property
    def takes_call(self) -> bool:
        """Whether a mapping is a call of an op or block here."""
        return self.type in ("op", WORD)

    @cached_property
    def kinds(self) -> Kinds:
        """The types of plain values that are of the param's type."""
        return _PLAIN.intersection(_KINDS.get(self.type, _PLAIN))

    @property
    def expects(self) -> str:
        """The param's type in words."""
        return TYPES["str" if self.type == WORD else self.type]

    @property
    def required(self) -> bool:
        return self.default is None and not self.faulty

    def like(self, value: Any) -> Param:
        """The param where its default, a bare word, is the name of a value: it takes what is of that value's type."""
        if isinstance(value, str):
            return self
        kinds = (name for name, types in _KINDS.items() if type(value) in types)
        return replace(self, type=next(kinds, "any"))

    def accepts(self, value: Any) -> bool:
        """Whether a value is of the param's type; a symbolic size counts as a whole number."""
        if self.type == "any":
            return True
        if value is None:
            return self._default_is_nothing
        # A call is a word too; a truth value is no number.
        return type(value) in _KINDS[self.type] or (str in _KINDS[self.type] and isinstance(value, str))

    @property
    def _default_is_nothing(self) -> bool:
        return isinstance(self.default, Scalar) and self.default.value is None


def parse_params(tree: Tree | None, findings: Findings) -> dict[str, Param]:
    """`{width: int, stride: 2, act: {type: op, default: relu, about: …}}`."""
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return {}
    if not isinstance(tree, MappingTree):
        findings.add(
            Diagnostic(
                "wrong-type", "`params` is a mapping of names to types or defaults", tree.span, found=shown(tree)
            )
        )
        return {}
    params = (_param(key, value, findings) for key, value in tree.entries)
    found = {param.name: param for param in params if param}
    _check_order(found, findings)
    return found


def _check_order(params: Mapping[str, Param], findings: Findings) -> None:
    """Report a default that is the name of a later param, and would be taken for a word."""
    before: set[str] = set()
    for name, param in params.items():
        before.add(name)
        default = param.default
        if param.type == WORD and isinstance(default, Scalar) and default.value in params.keys() - before:
            message = f"the default of `{name}` is the param `{default.value}`, which comes after it"
            findings.add(Diagnostic("unknown-name", message, default.span, help=f"write `{default.value}` above it"))


def _param(key: Scalar, tree: Tree, findings: Findings) -> Param | None:
    name = str(key.value)
    if name in RESERVED or name in ("input", "previous") or not is_identifier(name):
        findings.add(
            Diagnostic(
                "name",
                f"`{name}` cannot name a param",
                key.span,
                expected="letters, digits and underscores, first a letter, and no reserved word",
            )
        )
        return None
    if isinstance(tree, MappingTree) and _is_call(tree):
        return Param(name, "op", key.span, default=tree)
    if isinstance(tree, MappingTree):
        return _long(name, key.span, tree, findings)
    if isinstance(tree, Scalar) and not tree.quoted and tree.value in TYPES:
        return Param(name, str(tree.value), key.span)
    return Param(name, _type_of(tree), key.span, default=_value(tree))


def _long(name: str, span: Span, tree: MappingTree, findings: Findings) -> Param:
    unknown = [key for key, _ in tree.entries if key.value not in _KEYS]
    for key in unknown:
        _unknown_key(name, key, findings)
    default, about, type_ = tree.get("default"), tree.get("about"), tree.get("type")
    word = plain(type_) if type_ is not None else (_type_of(default) if default is not None else "any")
    faulty = bool(unknown)
    if type_ is not None and not (isinstance(word, str) and word in TYPES):
        findings.add(
            Diagnostic(
                "wrong-type",
                f"param `{name}` has no such type",
                (type_ or tree).span,
                expected=", ".join(f"`{each}`" for each in TYPES),
                found=value_text(word),
                help=(close := nearest(str(word), TYPES)) and f"did you mean `{close}`?",
            )
        )
        word, faulty = "any", True
    if isinstance(default, MappingTree) and word != "op":
        findings.add(Diagnostic("wrong-type", f"the default of param `{name}` cannot be a mapping", default.span))
        default, faulty = None, True
    default = None if default is None else _value(default)
    return Param(name, str(word), span, default, str(plain(about)) if about is not None else None, faulty)


_KEYS = ("type", "default", "about")


def _is_call(tree: MappingTree) -> bool:
    """Whether a param's mapping is its default, a call, and not what is said of the param."""
    return bool(tree.entries) and not any(name in _KEYS or misspelt(name, _KEYS) for name in tree.names)


def _unknown_key(name: str, key: Scalar, findings: Findings) -> None:
    close = nearest(str(key.value), _KEYS)
    findings.add(
        Diagnostic(
            "unknown-key",
            f"param `{name}` has no key `{key.value}`",
            key.span,
            expected=", ".join(f"`{each}`" for each in _KEYS),
            help=close and f"did you mean `{close}`?",
        )
    )


def is_path(tree: Tree) -> bool:
    """Whether a value names a spec's file."""
    text = tree.value if isinstance(tree, Scalar) else None
    return isinstance(text, str) and text.endswith((".yaml", ".yml"))


def _value(default: Tree) -> Tree:
    """A default as it is meant: Python's `None` is no word."""
    is_none = isinstance(default, Scalar) and default.value == "None" and not default.quoted
    return Scalar(None, default.span) if is_none else default


def _type_of(default: Tree) -> str:
    """The type that a default shows; an expression and nothing show none."""
    default = _value(default)
    if isinstance(default, Sequence):
        return "list"
    if isinstance(default, MappingTree) or is_path(default):
        return "op"
    if not isinstance(default, Scalar) or default.value is None:
        return "any"
    if isinstance(default.value, str):
        return "any" if not default.value.isidentifier() else "str" if default.quoted else WORD
    return {bool: "bool", int: "int", float: "float"}[type(default.value)]
