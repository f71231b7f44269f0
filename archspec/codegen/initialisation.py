"""How the root's constructor fills the weights that the spec says how to fill.

A rule of `init` becomes a line of the constructor:

>>> from archspec.elaborate.example import example
>>> from archspec.codegen import source
>>> text = source(example('{a: {conv: 3, kernel_size: 1}}', init='{conv: kaiming_normal}'))
>>> [line.strip() for line in text.splitlines() if 'init.' in line]
['nn.init.kaiming_normal_(module.weight)']
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

from archspec.analysis.state_dict import key
from archspec.codegen.constructors import literal
from archspec.codegen.formatting import Group, laid_out
from archspec.graph.learned import Initialiser
from archspec.graph.model import Graph, Leaf
from archspec.templates.module_calls import ModuleOf

Rules = dict[str, Initialiser]
"""The rule for each role; of two for one role the last."""

Scope = tuple[str, tuple[str, ...]]
"""The address of the block inside which rules hold, and those of its parts in which they do not."""


def initialisation(
    graph: Graph, module_of: ModuleOf, callee: Callable[[str], str], path: Callable[[str], str]
) -> Iterator[str]:
    """The statements at the end of the root's constructor.

    Rules for ops are a loop over all modules; rules for addresses follow, so that they override. `callee` names a class
    as the file imports it, `path` the module at an address.
    """
    for scope, rules in _by_scope(graph).items():
        leaves = [leaf for leaf in graph.owners if rules[0].reaches(leaf.address)]
        within = {name for leaf in leaves for name in leaf.op.contains}
        lines = list(_loop(_by_class(rules, leaves, module_of), _tensors(leaves, module_of), within, callee))
        if lines:
            yield from _modules(*scope, path)
            yield from lines
        yield from _held(rules, leaves, path)
    for rule in graph.initialisers:
        node = graph.nodes.get(rule.address or "")
        if isinstance(node, Leaf):
            for tensor in filter(rule.fills, node.filled):
                yield from laid_out(_call(rule, key(path(node.address), tensor)), 8)


def _held(rules: Sequence[Initialiser], leaves: Sequence[Leaf], path: Callable[[str], str]) -> Iterator[str]:
    """The statements for tensors that are no module's, one for each."""
    for leaf in leaves:
        if leaf.held and leaf.made:
            of_op = [rule for rule in rules if rule.op == leaf.op.name and rule.fills("")]
            for rule in of_op[-1:]:
                yield from laid_out(_call(rule, path(leaf.address)), 8)


def _by_scope(graph: Graph) -> dict[Scope, list[Initialiser]]:
    """The rules for ops, by where they hold; the innermost come last."""
    found: dict[Scope, list[Initialiser]] = defaultdict(list)
    for rule in graph.initialisers:
        if rule.op is not None and (not rule.inside or rule.inside in graph.nodes):
            found[rule.inside, _outermost(graph, rule)].append(rule)
    return dict(sorted(found.items(), key=lambda item: item[0][0].count(".") + bool(item[0][0])))


def _outermost(graph: Graph, rule: Initialiser) -> tuple[str, ...]:
    """The parts in which a rule does not hold; one inside another need not be named."""
    return tuple(
        address
        for address in rule.outside
        if address in graph.nodes and not any(address.startswith(f"{other}.") for other in rule.outside)
    )


def _modules(inside: str, outside: Sequence[str], path: Callable[[str], str]) -> Iterator[str]:
    """The head of the loop over the modules of a scope."""
    owner = path(inside) if inside else "self"
    if not outside:
        yield f"        for module in {owner}.modules():"
        return
    yield f"        for name, module in {owner}.named_modules():"
    prefixes = [json.dumps(f"{address.removeprefix(inside).removeprefix('.')}.") for address in outside]
    test = prefixes[0] if len(prefixes) == 1 else f"({', '.join(prefixes)})"
    yield f"            if name.startswith({test}):"
    yield "                continue"


def _by_class(rules: Sequence[Initialiser], leaves: Sequence[Leaf], module_of: ModuleOf) -> dict[str, Rules]:
    """The rules for each torch class that the leaves use."""
    found: dict[str, Rules] = defaultdict(dict)
    classes: dict[str, dict[str, None]] = defaultdict(dict)
    for leaf in leaves:
        if (module := module_of(leaf)) and not leaf.held:
            classes[leaf.op.name][module.callee] = None
    for rule in rules:
        for name in classes.get(rule.op or "", ()):
            found[name][rule.role] = rule
    return found


def _tensors(leaves: Sequence[Leaf], module_of: ModuleOf) -> Mapping[str, dict[str, bool]]:
    """The tensors of each class that the leaves use, and whether each module of the class has it."""
    modules: Counter[str] = Counter()
    having: dict[str, Counter[str]] = defaultdict(Counter)
    for leaf in leaves:
        if module := module_of(leaf):
            modules[module.callee] += 1
            having[module.callee].update(list(leaf.made))
    return {
        name: {tensor: count == modules[name] for tensor, count in tensors.items()} for name, tensors in having.items()
    }


def _loop(
    rules: Mapping[str, Rules],
    tensors: Mapping[str, dict[str, bool]],
    within: Container[str],
    callee: Callable[[str], str],
) -> Iterator[str]:
    """One clause for all classes that are filled alike; `within` are those that modules of other ops contain."""
    clauses: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, rule in rules.items():
        lines = tuple(_clause(rule, tensors.get(name, {})))
        if lines:
            clauses[lines].append(name)
    word = "if"
    for lines, names in clauses.items():
        yield f"            {word} {_test([*map(callee, names)], any(name in within for name in names))}:"
        yield from lines
        word = "elif"


def _test(classes: Sequence[str], exactly: bool) -> str:
    """Whether a module is of one of these classes.

    >>> _test(["nn.Linear"], False), _test(["nn.Linear", "nn.Conv2d"], True)
    ('isinstance(module, nn.Linear)', 'type(module) in (nn.Linear, nn.Conv2d)')
    """
    together = classes[0] if len(classes) == 1 else f"({', '.join(classes)})"
    if not exactly:
        return f"isinstance(module, {together})"
    return f"type(module) {'is' if len(classes) == 1 else 'in'} {together}"


def _clause(rules: Rules, tensors: Mapping[str, bool]) -> Iterator[str]:
    """The statements for the modules of one class, `tensors` saying of each tensor whether all of them have it."""
    found = {role: list(filter(rule.fills, tensors)) for role, rule in rules.items()}
    several = {role: rules[role] for role, names in found.items() if names not in ([role], [])}
    for role, names in found.items():
        if names == [role]:
            if not tensors[role]:
                yield f"                if module.{role} is not None:"
            yield from laid_out(_call(rules[role], f"module.{role}"), 16 if tensors[role] else 20)
    if several:
        yield "                for name, tensor in module.named_parameters():"
    for word, (role, rule) in zip(("if", "elif"), several.items()):
        yield f'                    {word} "bias" {"in" if role == "bias" else "not in"} name:'
        yield from laid_out(_call(rule, "tensor"), 24)


def _call(rule: Initialiser, tensor: str) -> Group:
    arguments = (f"{name}={literal(value)}" for name, value in rule.arguments.items())
    return Group(f"nn.init.{rule.function}_(", (tensor, *arguments), ")")
