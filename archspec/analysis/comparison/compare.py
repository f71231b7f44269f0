"""Two graphs → their comparison: blocks are aligned by what they hold, not by address alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from archspec.analysis.comparison.alignment import Match, matches, same_inputs, same_outputs
from archspec.analysis.comparison.likeness import Likeness
from archspec.analysis.comparison.model import Change, Comparison, Pair
from archspec.analysis.comparison.network import network_changes
from archspec.analysis.comparison.open_groups import openable, without_group
from archspec.analysis.state_dict import fit, tensors
from archspec.graph.learned import joined
from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.ops.shapes import Shape


def compare(old: Graph, new: Graph) -> Comparison:
    """What became of each node of `old` in `new`, and how the weights of `old` fit `new`.

    >>> import archspec
    >>> comparison = compare(archspec.read("vgg11").graph, archspec.read("vgg13").graph)
    >>> [pair.node.address for pair in comparison.walk() if pair.status == "added"]
    ['features.2', 'features.3', 'features.7', 'features.8']
    """
    opened: list[Pair] = []
    root = _paired(old.root, new.root, (), Likeness(), opened)
    root = replace(root, changes=(*root.changes, *network_changes(old, new, root)))
    return Comparison(
        old=old,
        new=new,
        root=root,
        settings=tuple(_settings(old, new)),
        weights=fit(tensors(new), tensors(old)),
        opened=tuple(opened),
        renamed={theirs: mine for mine, theirs in _renamed(root, "", "")},
    )


def _settings(old: Graph, new: Graph) -> Iterator[Change]:
    """The params of one document that differ; those of two documents have nothing to do with each other."""
    if old.document == new.document:
        yield from _differing(old.settings, new.settings)


def _paired(old: NodeType, new: NodeType, wires: Sequence[Change], likeness: Likeness, opened: list[Pair]) -> Pair:
    """A node and what became of it; `wires` are the changes of what it takes, `opened` gets the groups opened in it."""
    changes = [*_nature(old, new), *wires, *_following(old, new)]
    forms = likeness.form(old), likeness.form(new)
    if not isinstance(old, Block) or not isinstance(new, Block):
        children = [*_lone(old, likeness, removed=True), *_lone(new, likeness, removed=False)]
    else:
        old, new, paired = _matched(old, new, likeness, opened)
        changes[:0] = _outputs(old, new, _Wires(old, new, paired))
        children = list(_children(old, new, paired, likeness, opened))
    return Pair(old, new, forms, tuple(changes), tuple(children))


def _matched(old: Block, new: Block, likeness: Likeness, opened: list[Pair]) -> tuple[Block, Block, list[Match]]:
    """The two blocks with the groups open that have no counterpart, and which children belong together."""
    paired = matches(old.children, new.children, likeness)
    lone = [number for number in range(len(old.children)) if number not in {mine for mine, _ in paired}]
    fresh = [number for number in range(len(new.children)) if number not in {theirs for _, theirs in paired}]
    in_old = openable(old, lone, [new.children[number] for number in fresh])
    in_new = openable(new, fresh, [old.children[number] for number in lone])
    if not in_old and not in_new:
        return old, new, paired
    for number in reversed(in_old):
        opened.append(Pair(old.children[number], None, (likeness.form(old.children[number]), None)))
        old = likeness.kept(without_group(old, number))
    for number in reversed(in_new):
        opened.append(Pair(None, new.children[number], (None, likeness.form(new.children[number]))))
        new = likeness.kept(without_group(new, number))
    return _matched(old, new, likeness, opened)


def _children(
    old: Block, new: Block, paired: Sequence[Match], likeness: Likeness, opened: list[Pair]
) -> Iterator[Pair]:
    """The pairs inside, in the order of the new block; what was removed comes where it stood."""
    partners = {theirs: mine for mine, theirs in paired}
    kept = set(partners.values())
    wires = _Wires(old, new, paired)
    passed = 0
    for number, child in enumerate(new.children):
        if number not in partners:
            yield _alone(child, likeness, removed=False)
            continue
        for place in range(passed, partners[number]):
            if place not in kept:
                yield _alone(old.children[place], likeness, removed=True)
        passed = max(passed, partners[number] + 1)
        mine = old.children[partners[number]]
        changes = [*wires.changes(mine, child), *_ties(old, new, mine, child, partners)]
        yield _paired(mine, child, changes, likeness, opened)
    for place in range(passed, len(old.children)):
        if place not in kept:
            yield _alone(old.children[place], likeness, removed=True)


def _alone(node: NodeType, likeness: Likeness, removed: bool) -> Pair:
    """A node that the other graph lacks, with all inside it."""
    inside = tuple(_lone(node, likeness, removed))
    form = likeness.form(node)
    return Pair(node, None, (form, None), (), inside) if removed else Pair(None, node, (None, form), (), inside)


def _lone(node: NodeType, likeness: Likeness, removed: bool) -> Iterator[Pair]:
    if isinstance(node, Block):
        for child in node.children:
            yield _alone(child, likeness, removed)


def _nature(old: NodeType, new: NodeType) -> Iterator[Change]:
    """What the two nodes are themselves."""
    if _sort(old) != _sort(new):
        both_ops = isinstance(old, Leaf) and isinstance(new, Leaf)
        yield Change("op" if both_ops else "block", _sort(old)[1], _sort(new)[1])
    elif isinstance(old, Leaf) and isinstance(new, Leaf):
        yield from _differing(_fields(old), _fields(new))
        yield from _change("parametrize", old.parametrize, new.parametrize)
        yield from _change("tie", _tied_to(old), _tied_to(new))
    elif isinstance(old, Block) and isinstance(new, Block):
        yield from _differing(old.arguments, new.arguments)
    for what in ("training", "frozen"):
        yield from _change(what, getattr(old, what), getattr(new, what))


def _sort(node: NodeType) -> tuple[type[NodeType], str]:
    return type(node), node.op.name if isinstance(node, Leaf) else node.kind or node.title or "graph"


def _fields(leaf: Leaf) -> dict[str, Any]:
    return {name: getattr(leaf.op, name) for name in leaf.op.field_names()}


def _tied_to(leaf: Leaf) -> tuple[str, ...] | None:
    """Its tensors that are another layer's, as a page says it."""
    return tuple(f"{each.tensor}: {joined(each.owner, each.owner_tensor)}" for each in leaf.bound) or None


def _following(old: NodeType, new: NodeType) -> Iterator[Change]:
    """What may follow from changes elsewhere."""
    yield from _change("input_shapes", old.input_shapes, new.input_shapes)
    yield from _change("shapes", old.shapes, new.shapes)
    yield from _change("params", old.counts.params, new.counts.params)
    yield from _change("frozen_params", old.counts.frozen, new.counts.frozen)
    yield from _change("buffers", old.counts.buffers, new.counts.buffers)
    yield from _change("macs", old.counts.macs, new.counts.macs)


def _outputs(old: Block, new: Block, wires: _Wires) -> Iterator[Change]:
    before = tuple((result.name, wires.old(result.ref)) for result in old.results)
    now = tuple((result.name, wires.new(result.ref)) for result in new.results)
    if before != now:
        yield Change("outputs", _results(old), _results(new))


def _results(block: Block) -> tuple[str, ...]:
    return tuple(
        f"{result.name}: {_name(block, result.ref)}" if result.name else _name(block, result.ref)
        for result in block.results
    )


def _ties(old: Block, new: Block, mine: NodeType, theirs: NodeType, partners: Mapping[int, int]) -> Iterator[Change]:
    """Whether the two use again the weights of one and the same node."""
    again = None if theirs.tied is None else partners.get(theirs.tied, -1)
    if mine.tied != again:
        before, now = (
            None if node.tied is None else block.children[node.tied].name
            for node, block in ((mine, old), (theirs, new))
        )
        yield Change("share", before, now)


class _Wires:
    """Where values come from, in words that hold for both blocks: past what only one of them has."""

    def __init__(self, old: Block, new: Block, paired: Sequence[Match]) -> None:
        self._blocks = old, new
        self._partner = dict(paired)
        self._kept = set(self._partner.values())
        self._inputs = same_inputs(old, new)

    def changes(self, old: NodeType, new: NodeType) -> Iterator[Change]:
        if tuple(map(self.old, old.inputs)) != tuple(map(self.new, new.inputs)):
            before, now = self._blocks
            names = tuple(_name(before, ref) for ref in old.inputs), tuple(_name(now, ref) for ref in new.inputs)
            yield Change("inputs", *names)

    def old(self, ref: Ref) -> object:
        """A value of the old block, by the child's number in the new one."""
        while ref.child != ENCLOSING and ref.child not in self._partner:
            inputs = self._blocks[0].children[ref.child].inputs
            if not inputs:
                return "removed", ref
            ref = inputs[0]
        if ref.child == ENCLOSING:
            return Ref(ENCLOSING, self._inputs[ref.output]) if ref.output in self._inputs else ("removed", ref)
        number = self._partner[ref.child]
        before, now = self._blocks
        outputs = same_outputs(before.children[ref.child], now.children[number])
        return Ref(number, outputs[ref.output]) if ref.output in outputs else ("removed", ref)

    def new(self, ref: Ref) -> object:
        """A value of the new block."""
        while ref.child != ENCLOSING and ref.child not in self._kept:
            inputs = self._blocks[1].children[ref.child].inputs
            if not inputs:
                return "added", ref
            ref = inputs[0]
        return ref


def _name(block: Block, ref: Ref) -> str:
    """A value as a spec names it."""
    if ref.child == ENCLOSING:
        return block.input_names[ref.output] if len(block.input_names) > 1 else "input"
    source = block.children[ref.child]
    return f"{source.name}[{ref.output}]" if len(source.shapes) > 1 else source.name


def _change(what: str, old: Any, new: Any) -> Iterator[Change]:
    if old != new:
        yield Change(what, old, new)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """What differs of two mappings, in the order of the new one; what only one of them has is `None` in the other."""
    for what in dict.fromkeys([*new, *old]):
        yield from _change(what, old.get(what), new.get(what))


def _renamed(pair: Pair, before: str, now: str) -> Iterator[tuple[str, str]]:
    """The tensors of paired ops that would fit under another name: in the old state_dict and in the new one."""
    for child in pair.children:
        mine, theirs = child.old, child.new
        if mine is None or theirs is None or mine.tied is not None or theirs.tied is not None:
            continue
        places = f"{before}{mine.name}.", f"{now}{theirs.name}."
        if not isinstance(mine, Leaf) or not isinstance(theirs, Leaf):
            yield from _renamed(child, *places)
        elif places[0] != places[1] and _state(mine) == _state(theirs):
            yield from ((places[0] + name, places[1] + name) for name in _state(theirs))


def _state(leaf: Leaf) -> dict[str, Shape]:
    return leaf.parameters | leaf.buffers
