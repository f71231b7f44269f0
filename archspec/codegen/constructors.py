"""Constructor expressions as Python text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from msgspec import Struct, field

from archspec.codegen.comprehensions import Run, runs
from archspec.codegen.formatting import Group, Marked, Text, flat, laid_out, parsed, prefixed, suffixed
from archspec.language.identifiers import is_attribute
from archspec.language.visible_text import json_text
from archspec.templates import (
    Chain,
    Comparison,
    Condition,
    Constant,
    Construct,
    Counted,
    Expression,
    Given,
    Item,
    Link,
    Listed,
    Reference,
    Template,
)


class Constructors(Struct):
    """Writes constructor calls; what cannot be one expression becomes statements before it.

    `class_name` names a template's class, `callee` a torch or torchvision class as the file imports it; `variables` are
    names that are taken, `keys` what the lines of links are known by, where it is not the link's `id`.
    """

    class_name: Callable[[Template], str]
    callee: Callable[[str], str]
    statements: list[str] = field(default_factory=list)
    keys: dict[int, Hashable] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)

    def text(self, expression: Expression, indent: int = 8, name: str = "") -> Text:
        """An expression; statements it needs first are added at the indentation."""
        match expression:
            case Constant(value):
                return parsed(literal(value)) if isinstance(value, (tuple, list)) else literal(value)
            case Reference(class_name):
                return self.callee(class_name)
            case Given() | Counted():
                return _arithmetic(expression)
            case Listed(items):
                return parsed(f"({', '.join(flat(self.text(item)) for item in items)})")
            case Condition():
                return self._condition(expression)
            case Construct():
                return _frozen(self._call(expression, indent), expression.frozen)
            case Chain():
                return _frozen(self._chain(expression, indent, name), expression.frozen)
        raise TypeError(expression)

    def arguments(self, items: Sequence[Item], indent: int = 8) -> tuple[Text, ...]:
        """A call's arguments, less those that are the default; sizes that lead it go without their names."""
        given: list[Text] = []
        named = False
        for item in items:
            if not item.shown:
                named = True
                continue
            named = named or not item.positional
            value = self.text(item.value, indent, item.name)
            given.append(prefixed(f"{item.name}=", value) if named else value)
        return tuple(given)

    def links(self, links: Sequence[Link], indent: int) -> tuple[Text, ...]:
        """The modules of a numbered chain, repeated ones in one expression."""
        return tuple(self._numbered(run, indent) for run in runs(links, named=False))

    def named_links(self, links: Sequence[Link], indent: int) -> Group:
        """The modules of a named chain as an ordered dictionary."""
        parts = runs(links, named=True)
        if len(parts) == 1 and len(parts[0].links) > 1:
            return Group("OrderedDict(", (self._comprehension(parts[0], indent),), ")")
        if all(is_attribute(link.name) for link in links):
            return Group("OrderedDict(", tuple(self._keyword(part, indent) for part in parts), ")")
        values = ((json.dumps(link.name), self.text(link.value, indent, link.label)) for link in links)
        groups = (Group("(", pair, ")", hug=False) for pair in values)
        pairs = tuple(self._of(group, link) for group, link in zip(groups, links))
        return Group("OrderedDict(", (Group("[", pairs, "]", hug=False),), ")")

    def optional_links(self, links: Sequence[Link], numbered: bool, indent: int, name: str = "") -> str:
        """Statements that gather the modules of a chain with optional links; gives the variable they are in."""
        variable = self._new_variable(name)
        parts = _by_presence(links)
        start = ""
        if parts[0][0].present == Constant(True):
            start = self._gathered(parts.pop(0), numbered, indent, f"{variable}: {_kind(numbered)} = ")
        if not start:
            self._add(f"{variable}: {_kind(numbered)} = {'[]' if numbered else '{}'}", indent)
        operator = f"{variable} += " if numbered else f"{variable} |= "
        for part in parts:
            switch = part[0].present
            always = switch == Constant(True)
            if not always:
                self._add(f"if {flat(self.text(switch))}:", indent)
            self._appended(part, numbered, indent if always else indent + 4, variable, operator)
        return variable

    def _new_variable(self, name: str) -> str:
        """`layers` for the first list of a constructor, a longer name for others."""
        stem = f"{name}_layers" if is_attribute(name) else "more_layers"
        names = ("layers", stem, *(f"{stem}{number}" for number in range(2, len(self.variables) + 3)))
        variable = next(name for name in names if name not in self.variables)
        self.variables.add(variable)
        return variable

    def _appended(self, links: Sequence[Link], numbered: bool, indent: int, variable: str, operator: str) -> None:
        if len(links) == 1:
            value = self._of(self.text(links[0].value, indent, links[0].label), links[0])
            if numbered:
                self._add(Group(f"{variable}.append(", (value,), ")"), indent)
            else:
                self._add(prefixed(f"{variable}[{json.dumps(links[0].name)}] = ", value), indent)
        else:
            self._gathered(links, numbered, indent, operator)

    def _gathered(self, links: Sequence[Link], numbered: bool, indent: int, prefix: str) -> str:
        if numbered:
            group = Group(f"{prefix}[", self.links(links, indent), "]", hug=False)
        else:
            pairs = (
                self._of(prefixed(f"{json.dumps(link.name)}: ", self.text(link.value, indent, link.label)), link)
                for link in links
            )
            group = Group(f"{prefix}{{", tuple(pairs), "}", hug=False)
        self._add(group, indent)
        return prefix

    def _add(self, text: Text, indent: int) -> None:
        self.statements.extend(laid_out(text, indent))

    def _condition(self, condition: Condition) -> str:
        return (" and " if condition.every else " or ").join(
            f"{flat(self.text(part.left))} {_operator(part)} {flat(self.text(part.right))}" for part in condition.parts
        )

    def _call(self, call: Construct, indent: int) -> Text:
        if isinstance(call.callee, Template):
            name = self.class_name(call.callee)
        elif isinstance(call.callee, Given):
            name = call.callee.parameter
        else:
            name = self.callee(str(call.callee))
        return Group(f"{name}(", self.arguments(call.items, indent), ")")

    def _chain(self, chain: Chain, indent: int, name: str) -> Text:
        if any(link.present != Constant(True) for link in chain.links):
            variable = self.optional_links(chain.links, chain.numbered, indent, name)
            return f"nn.Sequential(*{variable})" if chain.numbered else f"nn.Sequential(OrderedDict({variable}))"
        if chain.numbered or not chain.links:
            return Group("nn.Sequential(", self.links(chain.links, indent), ")")
        return Group("nn.Sequential(", (self.named_links(chain.links, indent),), ")")

    def _of(self, text: Text, *links: Link) -> Text:
        """A text that makes the modules of these links."""
        return Marked(text, tuple(self.keys.get(id(link), id(link)) for link in links))

    def _numbered(self, run: Run, indent: int) -> Text:
        value = self._of(self.text(run.value, indent, run.links[0].label), *run.links)
        if len(run.links) == 1:
            return value
        return Group("*(", (value, run.loop), ")", commas=False)

    def _keyword(self, run: Run, indent: int) -> Text:
        if len(run.links) == 1:
            value = self._of(self.text(run.value, indent, run.links[0].label), *run.links)
            return prefixed(f"{run.links[0].name}=", value)
        return prefixed("**", self._comprehension(run, indent))

    def _comprehension(self, run: Run, indent: int) -> Text:
        value = prefixed(f"{run.key}: ", self._of(self.text(run.value, indent, run.links[0].label), *run.links))
        return Group("{", (value, run.loop), "}", commas=False)


def literal(value: Any) -> str:
    """A value as black writes it.

    >>> literal("relu"), literal(1e-05), literal((3, 1))
    ('"relu"', '1e-5', '(3, 1)')
    """
    if isinstance(value, str):
        return json_text(value)
    if isinstance(value, float):
        return f'float("{value}")' if not math.isfinite(value) else re.sub(r"e(-?)\+?0*(\d)", r"e\1\2", repr(value))
    if isinstance(value, (tuple, list)):
        inside = ", ".join(map(literal, value)) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    return repr(value)


def _arithmetic(expression: Given | Counted) -> str:
    if isinstance(expression, Counted):
        grown = "i" if expression.step == 1 else f"{expression.step} * i"
        return f"{expression.start} + {grown}" if expression.start else grown
    name = expression.parameter
    if expression.factor != 1:
        return f"{expression.factor} * {name}"
    return f"{name} // {expression.divisor}" if expression.divisor != 1 else name


def _operator(comparison: Comparison) -> str:
    if comparison.right == Constant(None):
        return "is" if comparison.equal else "is not"
    return "==" if comparison.equal else "!="


def _frozen(text: Text, frozen: bool) -> Text:
    return suffixed(text, ".requires_grad_(False)") if frozen else text


def _kind(numbered: bool) -> str:
    return "list[nn.Module]" if numbered else "dict[str, nn.Module]"


def _by_presence(links: Sequence[Link]) -> list[list[Link]]:
    """Neighbours that are there under one condition, together."""
    parts: list[list[Link]] = []
    for link in links:
        if parts and parts[-1][0].present == link.present:
            parts[-1].append(link)
        else:
            parts.append([link])
    return parts
