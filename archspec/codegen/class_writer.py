"""One class for each template."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec import Struct

from archspec.codegen.annotations import argument
from archspec.codegen.constructors import Constructors
from archspec.codegen.formatting import Group, Marked, Text, flat, keys_inside, laid_out, marked, prefixed
from archspec.codegen.forward import Forward
from archspec.codegen.module_access import access, containers, first_is_attribute
from archspec.codegen.returns import Returns
from archspec.codegen.source_map import made, written
from archspec.codegen.variable_names import Variables
from archspec.elaborate.node_names import MODULE_ATTRIBUTES
from archspec.graph.model import Leaf
from archspec.templates import Child, Constant, Expression, Given, Link, Parameter, Template


class ClassWriter(Struct, frozen=True):
    """Writes the class of one template.

    A numbered chain is an `nn.Sequential`, other numbered children an `nn.ModuleDict`, all else a module with
    attributes. `ending` are statements at the end of the constructor.
    """

    template: Template
    class_name: Callable[[Template], str]
    callee: Callable[[str], str]
    returns: Returns
    docstring: str | None = None
    ending: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The class's source; each line knows what it is of, by the keys of `node_keys`."""
        base = "nn.Sequential" if self.sequential else "nn.ModuleDict" if self.by_key else "nn.Module"
        lines = [f"class {self.class_name(self.template)}({base}):"]
        if self.docstring:
            lines += [f'    """{self.docstring}"""', ""]
        lines += [*laid_out(self._signature(), 4), *self._constructor(), *self.ending]
        if not self.sequential:
            lines += ["", *laid_out(self._forward_signature(), 4), *self._forward().lines()]
        return marked(lines, written(self.template))

    @property
    def sequential(self) -> bool:
        """Whether order says all."""
        return self.template.chain and self.template.numbered

    @property
    def by_key(self) -> bool:
        """Whether a module's name cannot be an attribute: children of a list have numbers."""
        makers = (child for child in self.template.children if child.maker is not None)
        return not self.sequential and not all(first_is_attribute(child.node.name) for child in makers)

    def _signature(self) -> Group:
        parameters = tuple(map(self._declared, self.template.parameters))
        return Group("def __init__(", ("self", *parameters), ") -> None:")

    def _forward_signature(self) -> Group:
        names, shapes = Variables(self.template).arguments(), self.template.block.input_shapes
        arguments = (argument(*each, may_be_left_out=self.returns.root) for each in zip(names, shapes))
        return Group("def forward(", ("self", *arguments), f") -> {self.returns.annotation}:")

    def _constructor(self) -> list[str]:
        if self.sequential:
            return self._sequential()
        return self._dictionary() if self.by_key else self._attributes()

    def _sequential(self) -> list[str]:
        writer = self._writer()
        links = [_link(child) for child in self.template.children]
        writer.keys = {id(link): made(self.template, number) for number, link in enumerate(links)}
        if any(child.optional for child in self.template.children):
            variable = writer.optional_links(links, True, 8)
            return [*writer.statements, f"        super().__init__(*{variable})"]
        call = Group("super().__init__(", writer.links(links, 8), ")")
        return [*writer.statements, *laid_out(call, 8)]

    def _dictionary(self) -> list[str]:
        writer = self._writer()
        pairs: list[Text] = []
        later: list[str] = []
        for number, child in enumerate(self.template.children):
            if child.maker is None:
                continue
            key = json.dumps(child.node.name)
            value = Marked(writer.text(child.maker, 8, child.label), (made(self.template, number),))
            if isinstance(child.node, Leaf) and child.node.held:
                later += laid_out(Group("setattr(", ("self", key, value), ")"), 8)
                continue
            if "." in child.node.name and not child.optional:
                later += laid_out(prefixed(f"{access(child.node.name, by_key=True)} = ", value), 8)
            elif child.optional:
                line = laid_out(prefixed(f"{access(child.node.name, by_key=True)} = ", value), 12)
                later += [f"        if {flat(writer.text(child.present))}:", *line]
            else:
                pairs.append(prefixed(f"{key}: ", value))
        inner = Group("{", tuple(pairs), "}", hug=False)
        call = laid_out(Group("super().__init__(", (inner,) if pairs else (), ")"), 8)
        return [*writer.statements, *call, *self._containers(), *later, *self._switches(writer)]

    def _attributes(self) -> list[str]:
        lines = ["        super().__init__()", *self._containers()]
        writer = self._writer()
        for number, child in enumerate(self.template.children):
            if child.maker is not None and child.optional:
                lines += self._optional(number, child.maker, writer)
            elif child.maker is not None:
                value = Marked(writer.text(child.maker, 8, child.label), (made(self.template, number),))
                lines += [*_taken(writer), *laid_out(prefixed(f"{access(child.node.name)} = ", value), 8)]
        return [*lines, *self._switches(writer)]

    def _containers(self) -> list[str]:
        names = [child.node.name for child in self.template.children if child.maker is not None]
        return [f"        {line}" for line in containers(names, self.by_key)]

    def _optional(self, number: int, maker: Expression, writer: Constructors) -> list[str]:
        """A module that may be `None`."""
        child = self.template.children[number]
        target, condition = access(child.node.name), flat(writer.text(child.present))
        value = Marked(writer.text(maker, 12, child.label), (made(self.template, number),))
        before = _taken(writer)
        line = laid_out(f"{target} = {flat(value)} if {condition} else None", 8)
        if not before and len(line[0]) <= 100:
            return marked(line, *keys_inside(value))
        assignment = laid_out(prefixed(f"{target} = ", value), 12)
        return [f"        {target} = None", f"        if {condition}:", *before, *assignment]

    def _switches(self, writer: Constructors) -> list[str]:
        """The attributes that say in `forward` which optional children run, where no module's absence says it."""
        switched: dict[str, list[int]] = defaultdict(list)
        for number, test in self.tests.items():
            switched[test].append(number)
        return [
            line
            for test, numbers in switched.items()
            if " " not in test
            for line in self._switch(test, numbers, writer)
        ]

    def _switch(self, test: str, numbers: Sequence[int], writer: Constructors) -> list[str]:
        """The attribute that says whether some children run: all that the constructor has of those without module."""
        present = flat(writer.text(self.template.children[numbers[0]].present))
        bare = [number for number in numbers if self.template.children[number].maker is None]
        return marked([f"        {test} = {present}"], *(made(self.template, number) for number in bare))

    @property
    def tests(self) -> dict[int, str]:
        """For each optional child the test of whether it runs; the same for all that one parameter switches."""
        switched: dict[Expression, list[int]] = defaultdict(list)
        for number, child in enumerate(self.template.children):
            if child.optional:
                switched[child.present].append(number)
        return {number: test for numbers in switched.values() for test in [self._test(numbers)] for number in numbers}

    def _test(self, numbers: Sequence[int]) -> str:
        children = [self.template.children[number] for number in numbers]
        module = next((child.node.name for child in children if child.maker is not None), None)
        if module is not None and not self.by_key:
            return f"{access(module)} is not None"
        present = children[0].present
        name = present.parameter if isinstance(present, Given) else children[0].label
        taken = {child.node.name for child in self.template.children if child.maker is not None}
        return f"self.has_{name}" if name in taken or name in MODULE_ATTRIBUTES else f"self.{name}"

    def _forward(self) -> Forward:
        return Forward(self.template, self.by_key, self.tests, self.returns)

    def _declared(self, parameter: Parameter) -> str:
        """A parameter with its type and default: `stride: int = 1`."""
        values = [*parameter.values, parameter.default]
        declared = f"{parameter.name}: {_type(parameter, [value for value in values if value is not None])}"
        return declared if parameter.default is None else f"{declared} = {flat(self._writer().text(parameter.default))}"

    def _writer(self) -> Constructors:
        return Constructors(self.class_name, self.callee, variables={each.name for each in self.template.parameters})


def _taken(writer: Constructors) -> list[str]:
    """The statements that came up, which the writer then forgets."""
    statements, writer.statements = writer.statements, []
    return statements


def _link(child: Child) -> Link:
    assert child.maker is not None
    return Link(child.node.slot, child.node.name, child.label, child.maker, child.present)


def _type(parameter: Parameter, values: Sequence[Expression]) -> str:
    if parameter.sort == "class":
        return "type[nn.Module] | None" if Constant(None) in values else "type[nn.Module]"
    if parameter.sort == "module":
        return "nn.Module | None" if parameter.default else "nn.Module"
    types = list(dict.fromkeys(_type_of(value.value) for value in values if isinstance(value, Constant)))
    if "float" in types and "int" in types:
        types.remove("int")
    types.sort(key="None".__eq__)
    return " | ".join(types)


def _type_of(value: object) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_type_of(each) for each in value)}]"
    return "None" if value is None else type(value).__name__
