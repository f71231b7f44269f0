"""A call of a Python function as a recipe writes it: `{sgd: 0.1, momentum: 0.9}`, with the function's own keywords."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeAlias

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, nearest
from archspec.language.pydantic_models import shown, value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree, plain
from archspec.training.recipe.argument_types import (
    EMPTY,
    KINDS,
    annotation_text,
    argument_value,
    expectation,
    is_annotated,
    is_number,
    may_be_none,
)

MOST_NAMES = 40
"""How many names a message lists."""
Reader: TypeAlias = Callable[[Tree, Findings], Any]
"""Reads an argument that is more than a plain value, and reports what is wrong with it."""


@dataclass(frozen=True)
class Callee:
    """A function that a recipe may call.

    `given` are the arguments that the run fills in, and no recipe writes; `known` those that it fills in where a recipe
    leaves them out; `reads` says how those are read that are more than plain values. Of one that is `exact` a number is
    one number, and a list as long as its default; of one that is `annotated`, annotations are right.
    """

    make: Callable[..., Any]
    given: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    reads: Mapping[str, Reader] = field(default_factory=dict)
    exact: bool = False
    annotated: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """What a recipe may write, the argument first that the name's own value fills."""
        every = inspect.signature(self.make).parameters.values()
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        return {each.name: each for each in every if each.kind in named and each.name not in self.given}


@dataclass(frozen=True)
class Call:
    """A callee and what a recipe gives it."""

    name: str
    callee: Callee
    span: Span | None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value}' for name, value in self.arguments.items())})"

    def __call__(self, *first: Any, **filled: Any) -> Any:
        """What the function gives; `SpecError` at the call's place where it refuses its arguments."""
        try:
            return self.callee.make(*first, **{**filled, **self.arguments})
        except Exception as error:  # somebody else's functions refuse in their own ways
            raise SpecError([self.refused(error)]) from error

    def refused(self, error: Exception) -> Diagnostic:
        """What is said where the function, or what it made, fails by its arguments."""
        message = f"`{self.name}` cannot be made of these arguments"
        return Diagnostic("recipe-call", message, self.span, found=_first_line(error))


def parse_call(
    tree: Tree,
    vocabulary: Mapping[str, Callee],
    what: str,
    findings: Findings,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> Call | None:
    """The call that a tree writes, or `None` where it writes none, which is reported.

    A name alone, or a mapping with one name of the vocabulary in it, whose value fills the first argument. `elsewhere`
    are names that one may look for here in vain, with what to do instead.
    """
    head = _head(tree, vocabulary, what, findings, elsewhere)
    if head is None:
        return None
    name, callee = str(head.value), vocabulary[str(head.value)]
    given: dict[str, tuple[Span, Tree]] = {}
    if isinstance(tree, MappingTree):
        for key, value in tree.entries:
            if key is not head:
                given[str(key.value)] = (key.span, value)
            elif not (isinstance(value, Scalar) and value.value is None):
                _fill_main(name, callee, value, tree, given, findings)
    faults = [not _fits(name, callee, field, *place, findings) for field, place in given.items()]
    faults += [_lacks(name, field, tree, findings) for field in _required(callee) if field not in given]
    before = len(findings.errors)
    arguments = {field: _read(callee, field, value, findings) for field, (_, value) in given.items()}
    return None if any(faults) or len(findings.errors) > before else Call(name, callee, head.span, arguments)


def _read(callee: Callee, field: str, value: Tree, findings: Findings) -> Any:
    return callee.reads[field](value, findings) if field in callee.reads else argument_value(plain(value))


def parse_arguments(tree: Tree, callee: Callee, what: str, findings: Findings) -> dict[str, Any]:
    """The keywords of a function whose name goes without saying; what does not fit is reported and left out."""
    if not isinstance(tree, MappingTree):
        findings.add(Diagnostic("wrong-type", f"{what} is a mapping of keys to values", tree.span, found=shown(tree)))
        return {}
    return {
        str(key.value): argument_value(plain(value))
        for key, value in tree.entries
        if _fits(what.strip("`"), callee, str(key.value), key.span, value, findings)
    }


def _head(
    tree: Tree, vocabulary: Mapping[str, Callee], what: str, findings: Findings, elsewhere: Mapping[str, str]
) -> Scalar | None:
    """The key or word that names the callee."""
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        names = [tree]
    elif isinstance(tree, MappingTree) and tree.entries:
        names = [key for key, _ in tree.entries if key.value in vocabulary] or [tree.entries[0][0]]
    else:
        form = f"a name such as `{next(iter(vocabulary))}`, or a mapping with one in it"
        findings.add(Diagnostic("wrong-type", f"{what} cannot be {shown(tree)}", tree.span, expected=form))
        return None
    first, *others = names
    if others:
        message = f"{what} is one of `{first.value}` and `{others[0].value}`, not both"
        findings.add(Diagnostic("recipe-call", message, others[0].span))
        return None
    if first.value in elsewhere:
        message = f"`{first.value}` is not allowed here"
        findings.add(Diagnostic("unknown-name", message, first.span, help=elsewhere[str(first.value)]))
        return None
    if first.value not in vocabulary:
        findings.add(_unknown("unknown-name", f"there is no {what} `{first.value}`", first, vocabulary))
        return None
    return first


def _unknown(code: str, message: str, name: Scalar, known: Collection[str]) -> Diagnostic:
    close = nearest(str(name.value), known)
    expected = ", ".join(f"`{each}`" for each in known) if 0 < len(known) <= MOST_NAMES else None
    return Diagnostic(code, message, name.span, expected=expected, help=close and f"did you mean `{close}`?")


def _fill_main(
    name: str, callee: Callee, value: Tree, tree: MappingTree, given: dict[str, tuple[Span, Tree]], findings: Findings
) -> None:
    """Give the name's own value to the first argument."""
    first = next(iter(callee.parameters), None)
    if first is None:
        findings.add(Diagnostic("main-argument", f"`{name}` takes no value", value.span, found=shown(value)))
    elif tree.get(first) is not None:
        message = f"`{first}` of `{name}` is given twice"
        findings.add(
            Diagnostic(
                "field-twice",
                message,
                value.span,
                help=f"the value after `{name}` is its `{first}`: leave one of them out",
            )
        )
    else:
        given[first] = (value.span, value)


def _fits(name: str, callee: Callee, field: str, at: Span, value: Tree, findings: Findings) -> bool:
    """Whether the callee has such an argument, and the value is of its kind."""
    parameter = callee.parameters.get(field)
    if parameter is None:
        written = Scalar(field, at)
        findings.add(_unknown("unknown-field", f"`{name}` has no field `{field}`", written, callee.parameters))
        return False
    given, expected = plain(value), None
    if field not in callee.reads and not (given is None and may_be_none(parameter)):
        expected = _fault(given, parameter, callee)
    if expected is not None:
        message = f"`{field}` of `{name}` cannot be {shown(value) if isinstance(given, dict) else value_text(given)}"
        findings.add(Diagnostic("wrong-type", message, value.span, expected=expected))
    return expected is None


def _fault(value: Any, parameter: inspect.Parameter, callee: Callee) -> str | None:
    """What is expected in place of a value that is not of a parameter's kind."""
    if callee.annotated and parameter.annotation is not EMPTY:
        return None if is_annotated(value, parameter.annotation) else annotation_text(parameter.annotation)
    kind = expectation(parameter)
    if kind is not None and not KINDS[kind](value):
        return kind
    if callee.exact and kind == "a number" and isinstance(value, list):
        return kind
    if callee.exact and is_number(value) and abs(value) > GREATEST:
        return f"a number up to {GREATEST:.1e}"
    if callee.exact and kind == "a list" and isinstance(parameter.default, tuple):
        count = len(parameter.default)
        if len(value) != count or not all(each is None or is_number(each) for each in value):
            return f"a list of {count} numbers, such as {value_text(list(parameter.default))}"
    return None


def _lacks(name: str, field: str, tree: Tree, findings: Findings) -> bool:
    findings.add(Diagnostic("missing-field", f"`{name}` needs `{field}`", tree.span, help=f"add `{field}: …`"))
    return True


def _required(callee: Callee) -> list[str]:
    return [
        name for name, parameter in callee.parameters.items() if parameter.default is EMPTY and name not in callee.known
    ]


GREATEST = 3.4e38
"""What is greater is none of the numbers of 32 bits that networks count with."""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def vocabulary(
    functions: Mapping[str, Callable[..., Any]],
    given: Collection[str] = (),
    known: Collection[str] = (),
    *,
    exact: bool = False,
    annotated: bool = False,
) -> dict[str, Callee]:
    """Callees by name, all with the same arguments filled in by the run."""
    return {
        name: Callee(function, frozenset(given), frozenset(known), exact=exact, annotated=annotated)
        for name, function in functions.items()
    }
