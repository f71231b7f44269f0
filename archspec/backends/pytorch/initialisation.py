"""How the root's constructor fills the weights that the spec says how to fill."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from archspec.backends.pytorch.constructors import literal
from archspec.backends.pytorch.layout import Group, laid_out
from archspec.graph import Graph, Initialiser, Leaf
from archspec.templates.chains import ModuleOf

Rules = dict[str, Initialiser]
"""The rule for each tensor; of two for one tensor the last."""


def initialisation(
    graph: Graph, module_of: ModuleOf, callee: Callable[[str], str], path: Callable[[str], str]
) -> Iterator[str]:
    """The statements at the end of the root's constructor.

    Rules for ops are a loop over all modules; rules for addresses follow, so that they override. `callee` names a class
    as the file imports it, `path` the module at an address.
    """
    yield from _loop(_by_class(graph, module_of), _tensors(graph, module_of), callee)
    for rule in graph.initialisers:
        node = graph.nodes.get(rule.address or "")
        if isinstance(node, Leaf) and rule.tensor in node.parameters:
            yield from laid_out(_call(rule, path(node.address)), 8)


def _by_class(graph: Graph, module_of: ModuleOf) -> dict[str, Rules]:
    """The rules for each torch class that the graph uses."""
    rules: dict[str, Rules] = defaultdict(dict)
    classes: dict[str, dict[str, None]] = defaultdict(dict)
    for node in graph.walk():
        if isinstance(node, Leaf) and (module := module_of(node)):
            classes[node.op.name][module.callee] = None
    for rule in graph.initialisers:
        for name in classes.get(rule.op or "", ()):
            rules[name][rule.tensor] = rule
    return rules


def _tensors(graph: Graph, module_of: ModuleOf) -> Mapping[str, dict[str, bool]]:
    """The tensors of each class that the graph uses, and whether each module of the class has it."""
    modules: Counter[str] = Counter()
    having: dict[str, Counter[str]] = defaultdict(Counter)
    for node in graph.walk():
        if isinstance(node, Leaf) and (module := module_of(node)):
            modules[module.callee] += 1
            having[module.callee].update(list(node.parameters))
    return {
        name: {tensor: count == modules[name] for tensor, count in tensors.items()} for name, tensors in having.items()
    }


def _loop(
    rules: Mapping[str, Rules], tensors: Mapping[str, dict[str, bool]], callee: Callable[[str], str]
) -> Iterator[str]:
    """One clause for all classes that are filled alike."""
    clauses: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, rule in rules.items():
        lines = tuple(_clause(rule, tensors.get(name, {})))
        if lines:
            clauses[lines].append(callee(name))
    if not clauses:
        return
    yield "        for module in self.modules():"
    word = "if"
    for lines, names in clauses.items():
        classes = names[0] if len(names) == 1 else f"({', '.join(names)})"
        yield f"            {word} isinstance(module, {classes}):"
        yield from lines
        word = "elif"


def _clause(rules: Rules, tensors: Mapping[str, bool]) -> Iterator[str]:
    for tensor, rule in rules.items():
        if tensor not in tensors:
            continue
        if not tensors[tensor]:
            yield f"                if module.{tensor} is not None:"
        yield from laid_out(_call(rule, "module"), 16 if tensors[tensor] else 20)


def _call(rule: Initialiser, module: str) -> Group:
    arguments = (f"{name}={literal(value)}" for name, value in rule.arguments.items())
    return Group(f"nn.init.{rule.function}_(", (f"{module}.{rule.tensor}", *arguments), ")")
