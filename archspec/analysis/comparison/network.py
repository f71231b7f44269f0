"""What differs between two networks as wholes: inputs, starts of weights, and whatever no pair of nodes tells."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.comparison.model import Change, Pair
from archspec.graph.fingerprint import digest
from archspec.graph.initial_values import starts
from archspec.graph.learned import Initialiser
from archspec.graph.model import Block, Graph, Leaf
from archspec.ops.shapes import Shape, shape_text

Starts = dict[tuple[str, str], Initialiser | None]


def network_changes(old: Graph, new: Graph, root: Pair) -> Iterator[Change]:
    """The changes of a network beside those of its nodes; `root` pairs the two, so that none goes untold."""
    found = [*_inputs(old.root, new.root), *_init(old, new, root)]
    yield from found
    if not found and root.status == "unchanged" and old.fingerprint != new.fingerprint:
        yield Change("fingerprint", digest(old)[:8], digest(new)[:8])


def _inputs(old: Block, new: Block) -> Iterator[Change]:
    before, now = (tuple(map(_input, each.input_names, each.input_shapes)) for each in (old, new))
    one_each = len(before) == len(now) == 1 and old.input_shapes == new.input_shapes
    if before != now and not one_each:
        yield Change("inputs", before, now)


def _input(name: str, shape: Shape) -> str:
    """An input as a reader knows it: what its shape does not say comes after it."""
    more = [str(getattr(shape, "dtype", "")), "optional" * getattr(shape, "optional", False)]
    return " ".join(filter(None, [f"{name}: {shape_text(shape)}", *more]))


def _init(old: Graph, new: Graph, root: Pair) -> Iterator[Change]:
    """The rules that fill the tensors of paired nodes, where they are not the same, each once."""
    begun, begins = (_starts(graph) for graph in (old, new))
    told: dict[tuple[str, str], None] = {}
    for pair in root.walk():
        mine, theirs = pair.old, pair.new
        if not isinstance(mine, Leaf) or not isinstance(theirs, Leaf):
            continue
        for role in ("weight", "bias"):
            keys = (mine.address, role), (theirs.address, role)
            if keys[0] in begun and keys[1] in begins:
                texts = _rule(begun[keys[0]]), _rule(begins[keys[1]])
                what = f"{theirs.op.name} {role}"
                told.update({(f"{what}: {texts[0]}", f"{what}: {texts[1]}"): None} if texts[0] != texts[1] else {})
    if told:
        before, now = zip(*told)
        yield Change("init", before, now)


def _starts(graph: Graph) -> Starts:
    return {(address, role): rule for address, role, rule in starts(graph)}


def _rule(rule: Initialiser | None) -> str:
    if rule is None:
        return "torch's default"
    arguments = ", ".join(f"{name}: {value}" for name, value in rule.arguments.items())
    return f"{rule.function} ({arguments})" if arguments else rule.function
