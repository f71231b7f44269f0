"""How a network starts, as few rules: one for all weights of an op where most start alike, and what differs from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from archspec.graph.initial_values import starts
from archspec.graph.learned import Initialiser
from archspec.graph.model import Block, Graph, Leaf, inside
from archspec.importing.page.scalars import Tree, Word, value_tree
from archspec.ops import ops

Start = tuple[str, tuple[tuple[str, object], ...]] | None
"""A function of torch.nn.init with its arguments; `None` for torch's default."""

Target = tuple[str, str]
"""An op and a role of its tensors, or a leaf's address and one."""


def init(graph: Graph) -> Tree | None:
    """A page's `init`; `None` where all tensors start as torch starts them."""
    given = {(address, role): _start(rule) for address, role, rule in starts(graph)}
    if not any(given.values()):
        return None
    rules: dict[str, Tree] = {}
    for target, role, start in _rules(graph.root, given, {}):
        _put(rules, target, _said(role, start))
    return _shortened(rules)


def _start(rule: Initialiser | None) -> Start:
    return None if rule is None else (rule.function, tuple(rule.arguments.items()))


def _rules(
    block: Block, given: Mapping[Target, Start], around: Mapping[Target, Start]
) -> Iterator[tuple[tuple[str, ...], str, Start]]:
    """The rules that a block needs beside those around it: what each is for, its role, and the function."""
    own: dict[Target, Start] = dict(around)
    for (op, role), values in _found(block, given).items():
        start, _ = Counter(values).most_common(1)[0]
        if None not in values and start != around.get((op, role)) and block.address not in ops():
            own[op, role] = start
            yield (block.address, op) if block.address else (op,), role, start
    for child in block.children:
        if isinstance(child, Block):
            yield from _rules(child, given, own)
            continue
        for role in ("weight", "bias"):
            start = given.get((child.address, role))
            if start and start != own.get((child.op.name, role)):
                yield (child.address,), role, start


def _found(block: Block, given: Mapping[Target, Start]) -> Mapping[Target, Sequence[Start]]:
    """The starts of all tensors inside a block, by op and role."""
    found: dict[Target, list[Start]] = defaultdict(list)
    for leaf in inside(block):
        for role in ("weight", "bias"):
            if isinstance(leaf, Leaf) and (leaf.address, role) in given:
                found[leaf.op.name, role].append(given[leaf.address, role])
    return found


def _said(role: str, start: Start) -> dict[str, Tree]:
    """A rule's text: `{normal: , std: 0.01}`, or `{bias: {zeros: }}`."""
    assert start is not None, "torch's default needs no rule"
    name, arguments = start
    call: dict[str, Tree] = {Word(name): Word("")} | {Word(each): value_tree(value) for each, value in arguments}
    if name == "constant":
        call = {Word(name): call[Word("val")]}
    return {Word("bias"): call} if role == "bias" else call


def _put(rules: dict[str, Tree], target: Sequence[str], said: dict[str, Tree]) -> None:
    """Add a rule where it belongs."""
    for name in target[:-1]:
        rules = rules.setdefault(Word(name), {})
    last = Word(target[-1])
    rules[last] = {**rules.get(last, {}), **said}


def _shortened(tree: Tree) -> Tree:
    """The same rules with a function that needs no argument as its name alone."""
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1 and next(iter(tree.items()))[1] == "":
        return next(iter(tree))
    return {name: _shortened(value) for name, value in tree.items()}
