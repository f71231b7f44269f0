"""The PyTorch source of a graph: one file that imports nothing but torch.

Of a graph of one line this is the class:

>>> from archspec.elaborate.example import example
>>> text = source(example('{conv: {conv: 8, kernel_size: 3}, act: relu}'))
>>> print(text[text.index('    def __init__') :], end='')
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, kernel_size=3)
        self.act = nn.ReLU(inplace=True)
<BLANKLINE>
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.act(x)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from archspec.codegen.attribute_paths import attribute_path
from archspec.codegen.class_writer import ClassWriter
from archspec.codegen.copied_classes import Definition, definitions, is_copied
from archspec.codegen.initialisation import initialisation
from archspec.codegen.inplace import with_inplace
from archspec.codegen.returns import Returns
from archspec.codegen.source_map import Lines, node_lines, spans
from archspec.codegen.tied_and_parametrized import parametrizations, ties
from archspec.graph.model import Block, Graph, Leaf
from archspec.language.identifiers import class_name
from archspec.ops.base import Module
from archspec.ops.shapes import known, shape_text
from archspec.templates import Template, fold
from archspec.templates.grouped_differences import TAKEN

IMPORTED = frozenset({"NamedTuple", "OrderedDict", "Tensor", "F"})
"""Names that the file's imports may bind, beside `torch` and `nn`."""


class Written(Struct, frozen=True):
    """A source, and the lines of every node in it by the node's address."""

    text: str
    lines: Mapping[str, tuple[Lines, ...]]


_WRITTEN: WeakKeyDictionary[Graph, Written] = WeakKeyDictionary()


def written(graph: Graph) -> Written:
    """The source with its standard header; it is written once for a graph."""
    if graph not in _WRITTEN:
        _WRITTEN[graph] = _File(graph).written(standard_header(graph))
    return _WRITTEN[graph]


def source(graph: Graph, header: str | None = None) -> str:
    """The Python source of a module that computes `graph`; the class is called by the graph's class name.

    `header` is the comment that opens the file; left out, it says where the file came from. The same graph gives the
    same text.
    """
    return written(graph).text if header is None else _File(graph).written(header).text


def standard_header(graph: Graph) -> str:
    """Where the file came from, and what is counted of it."""
    from archspec import __version__

    counts = graph.counts
    variant = f", variant {graph.variant}" if graph.variant else ""
    macs = f"{counts.macs:,}" if known(counts.macs) else str(counts.macs)
    return "\n".join(
        (
            f"Written by archspec {__version__} from the spec {graph.document}{variant}. Edit freely.",
            f"{counts.params:,} parameters; {macs} multiply-accumulates for one input of {_input_text(graph)}.",
        )
    )


def _input_text(graph: Graph) -> str:
    return " and ".join(shape_text(shape) or "one number" for shape in graph.root.input_shapes)


class _File(Struct, dict=True):
    """The names of one file and what stands in it."""

    graph: Graph
    imports: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.module_of = with_inplace(self.graph)
        self.folding = fold(self.graph, self.module_of)

    def written(self, header: str) -> Written:
        classes = [*self._copies(), *self._outputs(), *map(self._class, self.folding.templates)]
        body = [line for each in classes for line in (*each, "", "")][:-2]
        comment = [f"# {line}".rstrip() for line in header.splitlines()]
        lines = [*comment, *([""] if comment else []), *self._import_lines("\n".join(body)), "", "", *body]
        return Written("\n".join([*lines, ""]), node_lines(self.graph, self.folding, spans(lines)))

    @cached_property
    def names(self) -> Mapping[Template, str]:
        """The class of each template: the root has its own, others are numbered where two would be called alike."""
        taken = {self.graph.class_name, *IMPORTED, *TAKEN}
        taken |= {f"{self.graph.class_name}{suffix}" for suffix in ("Output", "EvalOutput")}
        taken |= set(self._called.values())
        names = {self.folding.root: self.graph.class_name}
        for template in self.folding.templates[:-1]:
            names[template] = next(name for name in _numbered(class_name(template.title)) if name not in taken)
            taken.add(names[template])
        return names

    @cached_property
    def _callees(self) -> tuple[str, ...]:
        """The classes of the graph's modules."""
        modules = (self.module_of(node) for node in self.graph.walk() if isinstance(node, Leaf))
        return tuple(dict.fromkeys(each for module in modules if module for each in _called(module)))

    @cached_property
    def _copied(self) -> Mapping[str, Definition]:
        """What is taken along, by its full name: what is neither torch's nor torchvision's, and what that needs."""
        return {each.path: each for callee in self._callees if is_copied(callee) for each in definitions(callee)}

    @cached_property
    def _called(self) -> Mapping[str, str]:
        """What the file calls each class and function that is torchvision's or taken along, by its full name."""
        used = {callee for callee in self._callees if not callee.startswith(("nn.", "torch."))}
        used.update(*({each.path, *each.imports.values()} for each in self._copied.values()))
        return {path: self._own_name(path.rpartition(".")[2]) for path in used}

    def _copies(self) -> Iterator[list[str]]:
        """The source of what is taken along."""
        for each in self._copied.values():
            yield each.renamed({name: self._callee(path) for name, path in each.names.items()}).splitlines()

    def _own_name(self, name: str) -> str:
        """A class's name, unless the network itself has it."""
        return f"{name}Module" if name == self.graph.class_name else name

    def _callee(self, path: str) -> str:
        """A class or function as the file calls it; torchvision's are imported by their own names."""
        called = self._called.get(path, path)
        if path in self._called and path not in self._copied:
            package, _, own = path.rpartition(".")
            self.imports.setdefault(package, set()).add(own if called == own else f"{own} as {called}")
        return called

    def _class(self, template: Template) -> list[str]:
        root = template is self.folding.root
        writer = ClassWriter(
            template,
            self.names.__getitem__,
            self._callee,
            self._returns(template),
            self._docstring() if root else None,
            tuple(self._ending()) if root else (),
        )
        return writer.lines()

    def _returns(self, template: Template) -> Returns:
        root = template is self.folding.root
        return Returns(template, root, root and self.graph.returns_mapping, self.graph.class_name)

    def _docstring(self) -> str:
        name = self.graph.variant or self.graph.document
        return f"{name}: {_input_text(self.graph)} → {_output_text(self.graph.root)}."

    def _ending(self) -> Iterator[str]:
        if self.graph.root.frozen:
            yield "        self.requires_grad_(False)"
        path = attribute_path(self.graph, self.folding)
        yield from initialisation(self.graph, self.module_of, self._callee, path)
        yield from ties(self.graph, path)
        yield from parametrizations(self.graph, path)

    def _outputs(self) -> Iterator[list[str]]:
        returns = self._returns(self.folding.root)
        for name, results in returns.classes:
            fields = (f"    {result.name}: {returns.field_type(result)}" for result in results)
            yield [f"class {name}(NamedTuple):", *fields]

    def _import_lines(self, body: str) -> list[str]:
        """The imports that the body needs, in ruff's order."""
        words = set(re.findall(r"(?<![\w.\"])(\w+)", body))
        named = {"collections": {"OrderedDict"} & words, "typing": {"NamedTuple"} & words}
        named |= {"torch": {"Tensor", "nn"} & words, "torch.nn": {"functional as F"} if _uses("F", body) else set()}
        named["torch.nn.utils"] = {"parametrizations"} if _uses("parametrizations", body) else set()
        for package, names in self.imports.items():
            named[package] = named.get(package, set()) | names
        modules = named.pop("", set()) | ({"torch"} if _uses("torch", body) else set())
        lines = {f"import {each}": each for each in sorted(modules)}
        lines |= {f"from {each} import {', '.join(sorted(named[each]))}": each for each in sorted(named) if named[each]}
        standard = [line for line, each in lines.items() if each.partition(".")[0] in sys.stdlib_module_names]
        other = [line for line in lines if line not in standard]
        return [*standard, *([""] if standard and other else []), *other]


def _called(module: Module) -> Iterator[str]:
    """What a constructor call calls, and what the calls among its arguments do."""
    yield module.callee
    for argument in module.arguments:
        if isinstance(argument.value, Module):
            yield from _called(argument.value)


def _uses(module: str, body: str) -> bool:
    return re.search(rf"(?<![\w.]){module}\.", body) is not None


def _output_text(root: Block) -> str:
    if len(root.results) == 1:
        return shape_text(root.shapes[0])
    return ", ".join(f"{result.name} {shape_text(shape)}" for result, shape in zip(root.results, root.shapes))


def _numbered(title: str) -> Iterable[str]:
    yield title
    for number in count(2):
        yield f"{title}{number}"
