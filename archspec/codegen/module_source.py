"""The PyTorch source of a graph: one file that imports nothing but torch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import metadata
from itertools import count

from msgspec import Struct, field

from archspec.codegen.attribute_paths import attribute_path
from archspec.codegen.class_writer import ClassWriter
from archspec.codegen.initialisation import initialisation
from archspec.codegen.inplace import with_inplace
from archspec.codegen.returns import Returns
from archspec.graph.model import Block, Graph, Leaf
from archspec.language.identifiers import class_name
from archspec.ops.base import Module
from archspec.ops.shapes import known, shape_text
from archspec.templates import Template, fold
from archspec.templates.parameters import TAKEN

IMPORTED = frozenset({"NamedTuple", "OrderedDict", "Tensor", "F"})
"""Names that the file's imports may bind, beside `torch` and `nn`."""


def source(graph: Graph, header: str | None = None) -> str:
    """The Python source of a module that computes `graph`; the class is called by the graph's class name.

    `header` is the comment that opens the file; left out, it says where the file came from. The same graph gives the
    same text.
    """
    return _File(graph).text(standard_header(graph) if header is None else header)


def standard_header(graph: Graph) -> str:
    """Where the file came from, and what is counted of it."""
    counts = graph.counts
    variant = f", variant {graph.variant}" if graph.variant else ""
    macs = f"{counts.macs:,}" if known(counts.macs) else str(counts.macs)
    return "\n".join(
        (
            f"Written by archspec {_version()} from the spec {graph.document}{variant}. Edit freely.",
            f"{counts.params:,} parameters; {macs} multiply-accumulates for one input of {_input_text(graph)}.",
        )
    )


def _version() -> str:
    try:
        return metadata.version("archspec-nn")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _input_text(graph: Graph) -> str:
    return " and ".join(shape_text(shape) or "one number" for shape in graph.root.input_shapes)


class _File(Struct, dict=True):
    """The names of one file and what stands in it."""

    graph: Graph
    imports: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.module_of = with_inplace(self.graph)
        self.folding = fold(self.graph, self.module_of)

    def text(self, header: str) -> str:
        classes = [*self._helpers.values(), *self._outputs(), *map(self._class, self.folding.templates)]
        body = "\n\n\n".join(classes)
        comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
        return f"{comment}\n{self._import_lines(body)}\n\n\n{body}\n".lstrip("\n")

    @cached_property
    def names(self) -> Mapping[Template, str]:
        """The class of each template: the root has its own, others are numbered where two would be called alike."""
        taken = {self.graph.class_name, *IMPORTED, *TAKEN}
        taken |= {f"{self.graph.class_name}{suffix}" for suffix in ("Output", "EvalOutput")}
        taken |= {self._own_name(callee.rpartition(".")[2]) for callee in self._callees if not callee.startswith("nn.")}
        names = {self.folding.root: self.graph.class_name}
        for template in self.folding.templates[:-1]:
            names[template] = next(name for name in _numbered(class_name(template.title)) if name not in taken)
            taken.add(names[template])
        return names

    @cached_property
    def _callees(self) -> list[str]:
        """The torch, torchvision and helper classes of the graph's modules, and what the helpers import."""
        modules = (self.module_of(node) for node in self.graph.walk() if isinstance(node, Leaf))
        return list(dict.fromkeys(name for module in modules if module for name in (module.callee, *module.imports)))

    @cached_property
    def _helpers(self) -> dict[str, str]:
        """The source of each class that is neither torch's nor torchvision's."""
        modules = (self.module_of(node) for node in self.graph.walk() if isinstance(node, Leaf))
        written = {module.callee: module for module in modules if module and module.helper}
        for module in written.values():
            for name in module.imports:
                self._callee(name)
        return {name: self._helper(module) for name, module in written.items()}

    def _helper(self, module: Module) -> str:
        """The source of a helper class, under the name that the file has for it and with the names of its imports."""
        source = (module.helper or "").strip()
        for name in (module.callee, *(path.rpartition(".")[2] for path in module.imports)):
            if self._own_name(name) != name:
                source = re.sub(rf"(?<![\w.]){name}\b", self._own_name(name), source)
        return source

    def _own_name(self, name: str) -> str:
        """A class's name, unless the network itself has it."""
        return f"{name}Module" if name == self.graph.class_name else name

    def _callee(self, name: str) -> str:
        """A class as the file calls it; torchvision's are imported by their own names."""
        if name.startswith(("nn.", "torch.")):
            return name
        package, _, own = name.rpartition(".")
        called = self._own_name(own)
        if package:
            self.imports.setdefault(package, set()).add(own if called == own else f"{own} as {called}")
        return called

    def _class(self, template: Template) -> str:
        root = template is self.folding.root
        writer = ClassWriter(
            template,
            self.names.__getitem__,
            self._callee,
            self._returns(template),
            self._docstring() if root else None,
            tuple(self._ending()) if root else (),
        )
        return "\n".join(writer.lines())

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

    def _outputs(self) -> Iterator[str]:
        for name, results in self._returns(self.folding.root).classes:
            fields = "\n".join(
                f"    {result.name}: {self._returns(self.folding.root).type_of(result)}" for result in results
            )
            yield f"class {name}(NamedTuple):\n{fields}"

    def _import_lines(self, body: str) -> str:
        """The imports that the body needs, in ruff's order."""
        words = set(re.findall(r"(?<![\w.\"])(\w+)", body))
        standard = [
            *(["from collections import OrderedDict"] if "OrderedDict" in words else []),
            *(["from typing import NamedTuple"] if "NamedTuple" in words else []),
        ]
        members = ", ".join(name for name in ("Tensor", "nn") if name in words)
        other = [
            *(["import torch"] if re.search(r"(?<![\w.])torch\.", body) else []),
            *([f"from torch import {members}"] if members else []),
            *(["from torch.nn import functional as F"] if re.search(r"(?<![\w.])F\.", body) else []),
            *(f"from {package} import {', '.join(sorted(names))}" for package, names in sorted(self.imports.items())),
        ]
        return "\n\n".join("\n".join(part) for part in (standard, other) if part)


def _output_text(root: Block) -> str:
    if len(root.results) == 1:
        return shape_text(root.shapes[0])
    return ", ".join(f"{result.name} {shape_text(shape)}" for result, shape in zip(root.results, root.shapes))


def _numbered(title: str) -> Iterable[str]:
    yield title
    for number in count(2):
        yield f"{title}{number}"
