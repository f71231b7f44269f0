"""The body of `forward`.

The value that waits for a sum gets a name, and what goes on is `x`:

>>> from archspec.elaborate.example import example
>>> from archspec.codegen import source
>>> text = source(example('{a: batch_norm, b: {conv: 3, kernel_size: 1}, sum: {add: [b, a]}, c: relu}'))
>>> print(text[text.index('    def forward') :], end='')
    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        out = self.b(x)
        x = out + x
        return self.c(x)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby

from msgspec import Struct

from archspec.codegen.formatting import WIDTH, Group, Text, flat, laid_out, marked, parsed, prefixed
from archspec.codegen.module_access import access
from archspec.codegen.returns import Returns
from archspec.codegen.source_map import called
from archspec.codegen.variable_names import Variables
from archspec.graph.model import ENCLOSING, Leaf, NodeType, Ref
from archspec.templates import Child, Template


class Forward(Struct, dict=True):
    """Writes the statements of a template's `forward`.

    `by_key` is true where modules are reached as `self["0"]`; `tests` has the condition under which each optional child
    runs.
    """

    template: Template
    by_key: bool
    tests: Mapping[int, str]
    returns: Returns

    @cached_property
    def variables(self) -> Variables:
        """Which variable holds each value."""
        return Variables(self.template, held=self.held)

    @cached_property
    def held(self) -> dict[int, str]:
        """The children that are tensors of the module, by number: nothing computes them, they are only read."""
        children = enumerate(self.template.children)
        return {number: self._module(child) for number, child in children if _is_held(child)}

    def lines(self) -> list[str]:
        """All statements, indented as in a class."""
        lines: list[str] = []
        computed = (number for number in range(len(self.template.children)) if number not in self.held)
        for condition, group in groupby(computed, self._condition):
            numbers = list(group)
            if condition:
                lines += self._guarded(condition, numbers)
                continue
            for number in numbers:
                if self._is_last(number):
                    return lines + self._marked(number, laid_out(prefixed("return ", self._value(number)), 8))
                lines += self._statement(number, 8)
        if lines and lines[-1].startswith("        return "):
            return lines
        return lines + self.returns.lines([self._read(result.ref) for result in self.template.results])

    def _condition(self, number: int) -> str:
        """Under what a child runs; empty for always."""
        child = self.template.children[number]
        conditions = ["self.training"] if child.node.training else []
        if child.optional:
            conditions.append(self.tests[number])
        return " and ".join(conditions)

    def _guarded(self, condition: str, numbers: Sequence[int]) -> list[str]:
        """Children that run under one condition, and what stands for their values where it does not hold."""
        body = [line for number in numbers for line in self._statement(number, 12)]
        instead = dict(self._instead(numbers))
        if len(numbers) == len(instead) == 1 and self._is_one(numbers[0]):
            ((name, otherwise),) = instead.items()
            target = "return " if self._is_last(numbers[0]) else f"{name} = "
            line = f"        {target}{self._choice(numbers[0], condition, otherwise)}"
            if len(line) <= WIDTH:
                return self._marked(numbers[0], [line])
        absent = [f"            {name} = {value}" for name, value in instead.items()]
        return [f"        if {condition}:", *body, *(["        else:", *absent] if absent else [])]

    def _instead(self, numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
        """Variables that must be set where the children do not run, each with its value."""
        for ref in (Ref(number, output) for number in numbers for output in self._outputs(number)):
            if all(reader in numbers for reader in self.variables.flow.readers.get(ref, ())):
                continue
            name = self.variables.holder[ref]
            if self.template.children[ref.child].node.training:
                if any(result.ref == ref for result in self.template.results):
                    yield name, "None"
                continue
            while ref.child in numbers:
                ref = self.template.children[ref.child].inputs[0]
            if name != self._read(ref):
                yield name, self._read(ref)

    def _choice(self, number: int, condition: str, absent: str) -> str:
        """The expression that says both cases."""
        value = flat(self._value(number))
        if condition == self.tests.get(number) and condition.endswith(" is not None"):
            return f"{absent} if {condition.replace(' is not ', ' is ')} else {value}"
        return f"{value} if {condition} else {absent}"

    def _statement(self, number: int, indent: int) -> list[str]:
        """The assignment of a child's outputs; a call alone where they are not used."""
        value = self._value(number)
        if all(Ref(number, output) not in self.variables.flow.readers for output in self._outputs(number)):
            return self._marked(number, laid_out(value, indent))
        names, node = self.variables.assign(number), self.template.children[number].node
        targets = node.op.targets(*names) if isinstance(node, Leaf) else ", ".join(names)
        lines = laid_out(prefixed(f"{targets} = ", value), indent)
        if node.training:
            lines += [f"{' ' * indent}{name} = {given}" for name, given in self._given(node, names) if name != given]
        return self._marked(number, lines)

    def _outputs(self, number: int) -> range:
        return range(len(self.template.children[number].node.shapes))

    def _given(self, node: NodeType, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The variables of outputs that are read, each with the expression for its output."""
        for output, name in enumerate(names):
            if isinstance(node, Leaf) and name != "_":
                yield name, node.op.output(output, name)

    def _marked(self, number: int, lines: list[str]) -> list[str]:
        return marked(lines, called(self.template, number))

    def _read(self, ref: Ref) -> str:
        """The expression for a value, over the variable that holds it; what may be `None` is the value itself."""
        name = self.variables.holder[ref]
        node = None if ref.child == ENCLOSING else self.template.children[ref.child].node
        return node.op.output(ref.output, name) if isinstance(node, Leaf) and not node.training else name

    def _value(self, number: int) -> Text:
        """The call or the expression that computes a child."""
        child = self.template.children[number]
        values = [self._read(ref) for ref in child.inputs]
        maker = child if child.tied is None else self.template.children[child.tied]
        if maker.maker is not None:
            node = child.node
            arguments = node.op.passed(values, node.input_shapes) if isinstance(node, Leaf) else values
            return Group(f"{self._module(maker)}(", tuple(map(parsed, arguments)), ")")
        assert isinstance(child.node, Leaf)
        return parsed(child.node.op.call(values, child.node.input_shapes))

    def _module(self, child: Child) -> str:
        """How a child's module, or the tensor that it is, is reached."""
        if self.by_key and _is_held(child):
            return f"getattr(self, {json.dumps(child.node.name)})"
        return access(child.node.name, self.by_key)

    def _is_last(self, number: int) -> bool:
        """Whether the child is the last one and its output the only result."""
        child = self.template.children[number]
        last = number == len(self.template.children) - 1 and self._is_one(number)
        return last and self.returns.bare and self.template.results[0].ref == Ref(number) and not child.node.training

    def _is_one(self, number: int) -> bool:
        """Whether what computes a child gives its one output as it is."""
        node = self.template.children[number].node
        return len(node.shapes) == 1 and (not isinstance(node, Leaf) or node.op.targets("x") == "x")


def _is_held(child: Child) -> bool:
    """Whether a child is a tensor that its block's module holds."""
    return isinstance(child.node, Leaf) and child.node.held
