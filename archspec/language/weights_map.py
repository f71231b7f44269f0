"""Rules from a file's names of tensors to a network's: what stands under `map` of a page's `weights`.

A rule is a prefix or a pattern, and what stands in its place. `{i}` is text without dots, and `*` any text; on the
network's side `{…}` is an expression over these parts and the network's params:

    {"transformer.h.{i}.ln_1": "layers.{i}.norm"}    transformer.h.0.ln_1.bias → layers.0.norm.bias
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn, TypeAlias

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean, nearest
from archspec.language.expressions import Expression, ExpressionError, parse_expression
from archspec.language.identifiers import is_identifier
from archspec.language.plain_values import whole
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

_FORM = "`{their.name: our.name}`, or `{from: …, to: …}` with `transpose`, `reshape` or `dim`"
_KEYS = ("from", "to", "transpose", "reshape", "dim")
_HOLE = re.compile(r"\{([^{}]*)\}|\*")
_MOST_RULES = 1000
_MOST_PARTS = 6
"""A search through a name takes as long as there are ways to part it."""


class Parts(NamedTuple):
    """What a pattern found in a name: a value for each `{name}`, the text of each `*`, and what is behind it all."""

    holes: tuple[tuple[str, int | str], ...]
    stars: tuple[str, ...]
    rest: str


class Pattern(Struct, frozen=True):
    """Names of tensors that begin so."""

    text: str
    regex: re.Pattern[str]
    holes: tuple[str, ...]

    def match(self, name: str) -> Parts | None:
        """The parts of a name that begins so, or `None`."""
        found = self.regex.match(name)
        if found is None:
            return None
        named = tuple((hole, _part(found[hole])) for hole in self.holes)
        stars = tuple(text for group, text in sorted(found.groupdict().items()) if group.startswith("_star"))
        return Parts(named, stars, name[found.end() :])


class Target(Struct, frozen=True):
    """What stands in the place of a name's beginning: texts, expressions, and `None` for the next `*`."""

    text: str
    pieces: tuple[str | Expression | None, ...]

    def name(self, parts: Parts, params: Mapping[str, Any]) -> str:
        """The whole name; raises `ExpressionError` where an expression has no value."""
        known, stars = {**params, **dict(parts.holes)}, iter(parts.stars)
        begin = "".join(next(stars) if each is None else _filled(each, known) for each in self.pieces)
        return (begin + parts.rest).lstrip(".") if not begin or begin.endswith(".") else begin + parts.rest


class Rule(Struct, frozen=True):
    """One rule.

    Several `sources` are put together along `dim`, and several `targets` share what there is along it. `transpose`
    turns what has two dimensions or more, `reshape` takes the network's own shape. A rule without targets leaves out.
    """

    span: Span
    sources: tuple[Pattern, ...]
    targets: tuple[Target, ...]
    transpose: bool = False
    reshape: bool = False
    dim: int = 0

    def __str__(self) -> str:
        one, other = ([each.text for each in side] for side in (self.sources, self.targets))
        return f"{', '.join(one)} → {', '.join(other) if other else 'nothing'}"


Rules: TypeAlias = tuple[Rule, ...]


def parse_maps(tree: Tree | None, params: Mapping[str, Any], findings: Findings) -> dict[str, Rules]:
    """A page's maps by name: a list of rules has none, and a mapping holds one for each publisher of files."""
    if tree is None:
        return {}
    if isinstance(tree, Sequence):
        return {"": _rules(tree, params, findings)}
    if not isinstance(tree, MappingTree) or not all(isinstance(each, Sequence) for _, each in tree.entries):
        message = "`map` is a list of rules, or several lists by name"
        findings.add(Diagnostic("weights-map", message, tree.span, expected=f"a list of {_FORM}", found=shown(tree)))
        return {}
    return {str(key.value): _rules(each, params, findings) for key, each in tree.entries if isinstance(each, Sequence)}


def _rules(tree: Sequence, params: Mapping[str, Any], findings: Findings) -> Rules:
    if len(tree.items) > _MOST_RULES:
        findings.add(Diagnostic("too-large", f"a map has at most {_MOST_RULES:,} rules", tree.items[_MOST_RULES].span))
        return ()
    rules = []
    for item in tree.items:
        with suppress(_WrongError):
            rules.append(_Reader(item.span, params, findings).rule(item))
    return tuple(rules)


class _WrongError(Exception):
    """A rule is wrong, which is reported."""


class _Reader(Struct):
    """Reads one rule."""

    span: Span
    params: Mapping[str, Any]
    findings: Findings

    def rule(self, tree: Tree) -> Rule:
        if not isinstance(tree, MappingTree) or not tree.entries:
            self.refuse("a rule is a mapping of a file's name to the network's", tree.span, _FORM, shown(tree))
        if tree.get("from") is None and len(tree.entries) == 1:
            ((name, value),) = tree.entries
            return self._of(tree, (name,), value, {})
        for key, _ in tree.entries:
            if key.value not in _KEYS:
                near = nearest(str(key.value), _KEYS)
                help_ = f"did you mean `{near}`?" if near else "write one rule an item"
                self.refuse(f"a rule has no key `{key.value}`", key.span, _FORM, help=help_)
        source = tree.get("from")
        if source is None or tree.key("to") is None:
            self.refuse("a rule needs `from` and `to`", tree.span, _FORM)
        options = {name: each for name in _KEYS[2:] if (each := tree.get(name)) is not None}
        sources: tuple[Tree, ...] = source.items if isinstance(source, Sequence) else (source,)
        return self._of(tree, sources, tree.get("to"), options)

    def _of(self, tree: Tree, sources: tuple[Tree, ...], target: Tree | None, options: Mapping[str, Tree]) -> Rule:
        patterns = tuple(map(self._pattern, sources))
        none = isinstance(target, Scalar) and target.value is None
        listed = () if none or target is None else target.items if isinstance(target, Sequence) else (target,)
        if not patterns or (not none and not listed):
            self.refuse("a rule names at least one tensor on each side", tree.span, _FORM)
        if len(patterns) > 1 and len(listed) > 1:
            self.refuse("a rule joins several tensors or splits one, not both", tree.span, "two rules")
        self._check_alike(sources, patterns)
        targets = tuple(self._target(each, patterns[0]) for each in listed)
        return Rule(tree.span, patterns, targets, **{name: self._option(name, each) for name, each in options.items()})

    def _check_alike(self, sources: tuple[Tree, ...], patterns: tuple[Pattern, ...]) -> None:
        for source, pattern in zip(sources, patterns):
            if _parts_of(pattern) != _parts_of(patterns[0]):
                message = f"`{pattern.text}` has other placeholders than `{patterns[0].text}`"
                self.refuse(message, source.span, "the same `{…}` and as many `*` in each name of a list")

    def _pattern(self, tree: Tree) -> Pattern:
        text = self._text(tree, "a tensor's name in the file")
        regex, holes = "", list[str]()
        for literal, hole in _pieces(text):
            regex += re.escape(literal)
            if hole == "*":
                regex += f"(?P<_star{regex.count('_star'):03}>.*?)"
            elif hole is not None:
                if not is_identifier(hole) or hole in holes:
                    self.refuse(f"a placeholder cannot be called `{hole}`", tree.span, "`{i}`, each name once")
                holes.append(hole)
                regex += f"(?P<{hole}>[^.]+?)"
        if sum(hole is not None for _, hole in _pieces(text)) > _MOST_PARTS:
            self.refuse(f"`{text[:60]}` has too many placeholders", tree.span, f"at most {_MOST_PARTS} `{{…}}` and `*`")
        return Pattern(text, re.compile(regex + ("" if text.endswith(".") else r"(?=\.|$)")), tuple(holes))

    def _target(self, tree: Tree, pattern: Pattern) -> Target:
        text = self._text(tree, "a tensor's name in the network")
        pieces: list[str | Expression | None] = []
        for literal, hole in _pieces(text):
            pieces.append(literal)
            if hole is not None:
                pieces.append(None if hole == "*" else self._expression(hole, tree, pattern))
        if pieces.count(None) > pattern.text.count("*"):
            self.refuse(f"`{text}` has more `*` than `{pattern.text}`", tree.span, "as many `*` as on the other side")
        return Target(text, tuple(each for each in pieces if each != ""))

    def _expression(self, text: str, tree: Tree, pattern: Pattern) -> Expression:
        try:
            expression = parse_expression(text)
        except ExpressionError as error:
            self.refuse(f"in the name `{{{text}}}`: {error.message}", tree.span, error.expected, None, error.help)
        known = (*pattern.holes, *self.params)
        unknown = sorted(expression.names - set(known))
        if unknown:
            help_ = did_you_mean(unknown[0], known)
            self.refuse(
                f"`{unknown[0]}` is neither a placeholder of `{pattern.text}` nor a param", tree.span, None, None, help_
            )
        return expression

    def _option(self, name: str, tree: Tree) -> Any:
        value = tree.value if isinstance(tree, Scalar) else None
        if name == "dim" and type(value) is int:
            return value
        if name != "dim" and isinstance(value, bool):
            return value
        expected = "a dimension's number" if name == "dim" else "true or false"
        return self.refuse(f"`{name}` of a rule cannot be {shown(tree)}", tree.span, expected)

    def _text(self, tree: Tree, what: str) -> str:
        if not isinstance(tree, Scalar) or tree.value is None or isinstance(tree.value, bool):
            self.refuse(f"{what} is a text", tree.span, _FORM, shown(tree))
        return str(tree.value)

    def refuse(
        self, message: str, span: Span, expected: str | None = None, found: str | None = None, help: str | None = None
    ) -> NoReturn:
        self.findings.add(Diagnostic("weights-map", message, span, expected=expected, found=found, help=help))
        raise _WrongError


def _parts_of(pattern: Pattern) -> tuple[set[str], int]:
    return set(pattern.holes), pattern.text.count("*")


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """The text before each `{…}` or `*` of a name with what is in it, and the text at the end."""
    at = 0
    for hole in _HOLE.finditer(text):
        yield text[at : hole.start()], hole[1] if hole[1] is not None else "*"
        at = hole.end()
    yield text[at:], None


def _part(text: str) -> int | str:
    return int(text) if text.isdecimal() and str(int(text)) == text else text


def _filled(piece: str | Expression, known: Mapping[str, Any]) -> str:
    return piece if isinstance(piece, str) else str(whole(piece.evaluate(known)))
