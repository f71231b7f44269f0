"""What `forward` returns: a tensor, a tuple, a named tuple or a mapping.

Outputs with names are a named tuple:

>>> from archspec.elaborate.example import example
>>> from archspec.codegen import source
>>> text = source(example('{a: relu, b: tanh}', output='{low: a, high: b}'))
>>> [line.strip() for line in text.splitlines() if 'Tuple' in line or 'return' in line]
['from typing import NamedTuple', 'class NetOutput(NamedTuple):', 'return NetOutput(low, x)']
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from archspec.codegen.annotations import annotation
from archspec.codegen.formatting import Group, Text, laid_out, prefixed
from archspec.graph.model import ENCLOSING, Ref, Result
from archspec.templates import Template


class Returns(Struct, frozen=True, dict=True):
    """The results of a template.

    Those of the `root` are named tuples, or a mapping by name where `mapping` asks for it; those of an inner block a
    plain tuple. `class_name` is the stem of the named tuples' names.
    """

    template: Template
    root: bool
    mapping: bool
    class_name: str

    @property
    def bare(self) -> bool:
        """Whether it is one tensor at all times."""
        return len(self.template.results) == 1 and not (self.root and self.mapping)

    @cached_property
    def evaluated(self) -> tuple[Result, ...]:
        """The results that evaluation gives too."""
        return tuple(each for each in self.template.results if not self._trains(each))

    @property
    def annotation(self) -> str:
        """The type that `forward` returns."""
        types = [self.type_of(each) for each in self.template.results]
        if self.bare:
            return types[0]
        if self.root and self.mapping:
            return f"dict[str, {' | '.join(dict.fromkeys(types))}]"
        if self.root:
            return " | ".join(dict.fromkeys((*self._evaluation_type(), self._output)))
        return f"tuple[{', '.join(map(self.field_type, self.template.results))}]"

    def type_of(self, result: Result) -> str:
        """The type of one result."""
        return annotation(self.template.block.resolve(self._in_first_instance(result)))

    def _in_first_instance(self, result: Result) -> Ref:
        """A result of the template, as the first instance has it."""
        return self.template.block.results[self.template.results.index(result)].ref

    def field_type(self, result: Result) -> str:
        """The type of one result as a field; `None` is part of it where it is there in training alone."""
        return f"{self.type_of(result)} | None" if self._trains(result) else self.type_of(result)

    @property
    def classes(self) -> list[tuple[str, tuple[Result, ...]]]:
        """The named tuples' names and fields."""
        if not self.root or self.mapping or self.bare:
            return []
        fewer = 1 < len(self.evaluated) < len(self.template.results)
        return [(self._output, self.template.results), *([(self._evaluation_output, self.evaluated)] if fewer else [])]

    def lines(self, names: Sequence[str]) -> list[str]:
        """The statements that return the values of these variables."""
        held = dict(zip(self.template.results, names))
        everything = self._value(self.template.results, held, self._output)
        if not self.root or len(self.evaluated) == len(self.template.results):
            return laid_out(prefixed("return ", everything), 8)
        evaluated = self._value(self.evaluated, held, self._evaluation_output)
        training = laid_out(prefixed("return ", everything), 12)
        return ["        if self.training:", *training, *laid_out(prefixed("return ", evaluated), 8)]

    @property
    def _output(self) -> str:
        return f"{self.class_name}Output"

    @property
    def _evaluation_output(self) -> str:
        return f"{self.class_name}EvalOutput"

    def _evaluation_type(self) -> tuple[str, ...]:
        if len(self.evaluated) == len(self.template.results):
            return ()
        return (self.type_of(self.evaluated[0]),) if len(self.evaluated) == 1 else (self._evaluation_output,)

    def _trains(self, result: Result) -> bool:
        return result.ref.child != ENCLOSING and self.template.children[result.ref.child].node.training

    def _value(self, results: Sequence[Result], held: dict[Result, str], class_name: str) -> Text:
        if self.root and self.mapping:
            pairs = (f"{json.dumps(each.name)}: {held[each]}" for each in results)
            return Group("{", tuple(pairs), "}", hug=False)
        if len(results) == 1:
            return held[results[0]]
        values = tuple(held[each] for each in results)
        return Group(f"{class_name}(", values, ")") if self.root else ", ".join(values)
