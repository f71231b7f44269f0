"""Atoms in series that are drawn as one box: a layer with what goes along with it, and alike neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from msgspec import Struct

from archspec.graph.model import Block, Leaf, NodeType
from archspec.ops.kinds import KINDS
from archspec.ops.shapes import known
from archspec.pictures.drawing.aligned_children import Parts
from archspec.pictures.drawing.flatten import Atom, Atoms, Value


class Unit(Struct, frozen=True, eq=False):
    """Atoms in series, by their numbers, drawn as one box.

    `main` is the one that says what it is; what is `before` and `after` goes along with it. Where `times` is more
    than 1, so many equal units follow each other, of which these are the first.
    """

    atoms: tuple[int, ...]
    main: int
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    times: int = 1


def units(found: Atoms, parts: Parts, apart: Container[int] = ()) -> list[Unit]:
    """The boxes of a sheet, in the order of their first atoms; equal layers in series are one but for those `apart`."""
    boxes = [unit for chain in _chains(found) for unit in _repeated(_cut(chain, found, parts), found, apart)]
    return sorted(boxes, key=lambda unit: unit.atoms[0])


def is_minor(node: NodeType) -> bool:
    """Whether an op goes along with a layer."""
    return isinstance(node, Leaf) and (KINDS[node.op.kind].goes_along or node.op.prepares)


def sign(node: NodeType) -> str | None:
    """The sign that says all about a join."""
    if not isinstance(node, Leaf) or getattr(node.op, "numbers", None):
        return None
    return node.op.sign


def _chains(found: Atoms) -> Iterator[list[int]]:
    """The longest runs of atoms of which each takes what the one before it gives, all and alone, and nothing else."""
    following = {
        atom.inputs[0].atom: number for number, atom in enumerate(found.atoms) if _follows(number, atom, found)
    }
    followers = set(following.values())
    for number in range(len(found.atoms)):
        if number not in followers:
            chain = [number]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            yield chain


def _follows(number: int, atom: Atom, found: Atoms) -> bool:
    if not atom.inputs or atom.inputs[0].atom < 0:
        return False
    source = atom.inputs[0].atom
    before = found.atoms[source]
    values = tuple(Value(source, output) for output in range(len(before.node.shapes)))
    if atom.inputs != values or any(found.users[value] != 1 for value in values):
        return False
    if len(values) > 1 and not (isinstance(before.node, Block) and isinstance(atom.node, Block)):
        return False  # what is in one box with another passes on one value
    if before.node.tied is not None or atom.node.tied is not None:
        return False
    alike = _stands(atom) == _stands(before)
    return alike and len({each.node.frozen for each in (atom, before) if each.node.counts.params}) < 2


def _stands(atom: Atom) -> object:
    """Where an atom is drawn, and in which blocks and when: equal for those that can be one box."""
    return atom.part.present, atom.frames, atom.training, id(atom.again)


def _cut(chain: Sequence[int], found: Atoms, parts: Parts) -> Iterator[Unit]:
    """A chain in units: closed blocks in runs, layers with what goes along with them."""
    for closed, numbers in groupby(chain, lambda number: isinstance(found.atoms[number].node, Block)):
        if closed:
            yield from _runs(list(numbers), found.atoms, parts)
        else:
            yield from _within_borders(list(numbers), found)


def _within_borders(numbers: Sequence[int], found: Atoms) -> Iterator[Unit]:
    """Layers, none of which goes over the border of an open block: it holds all of the block, or is all inside it.

    In `stem: [conv, tanh]` before `head: [flatten, linear]` tanh goes along with the convolution, or stands alone.
    """
    drawn = list(_layers(numbers, found.atoms))
    border = next((cut for unit in drawn if (cut := _border(unit, found)) is not None), None)
    if border is None:
        yield from drawn
    else:
        at = numbers.index(border)
        yield from _within_borders(numbers[:at], found)
        yield from _within_borders(numbers[at:], found)


def _border(unit: Unit, found: Atoms) -> int | None:
    """The first atom of a unit behind the border of a block of which the unit holds a part."""
    held = Counter(address for number in unit.atoms for address in found.atoms[number].within)
    for one, other in pairwise(unit.atoms):
        apart = set(found.atoms[one].within) ^ set(found.atoms[other].within)
        if any(held[address] < found.sizes[address] for address in apart):
            return other
    return None


def _layers(numbers: Sequence[int], atoms: Sequence[Atom]) -> Iterator[Unit]:
    """Ops in series: each layer takes what goes along with it.

    That is what stands behind it, or what stands before it where layers normalise or activate first; and in any case
    what gets a value ready for it. A norm before `linear, gelu, linear` stands alone: no other goes before its layer.
    """
    nodes = {number: atoms[number].node for number in numbers}
    mains = [number for number in numbers if not is_minor(nodes[number])]
    if not mains:
        yield Unit(tuple(numbers), numbers[0], (), tuple(numbers[1:]))
        return
    between = [numbers[numbers.index(one) + 1 : numbers.index(other)] for one, other in pairwise(mains)]
    before = numbers[: numbers.index(mains[0])]
    along = [[number for number in each if not _gets_ready(nodes[number])] for each in between]
    even = all(_has_kind(nodes, each, before[0]) for each in along if each and before)
    first = bool(before) and even and numbers[-1] == mains[-1]
    if not even and _kind(nodes[before[0]]) != "regularization" and (rest := _ready(nodes, before)) != before:
        alone = before[: len(before) - len(rest)]
        yield Unit(tuple(alone), alone[0], (), tuple(alone[1:]))
        numbers = [*rest, *numbers[len(before) :]]
    if sign(nodes[mains[0]]) is not None:
        at = numbers.index(mains[0])
        if at:  # a join of one value stands in series
            yield Unit(tuple(numbers[:at]), numbers[0], (), tuple(numbers[1:at]))
        yield Unit((mains[0],), mains[0])
        yield from _layers(numbers[at + 1 :], atoms) if len(numbers) > at + 1 else ()
        return
    starts = [0]
    for main, held in zip(mains[1:], between):
        starts.append(numbers.index(main) - len(held if first else _ready(nodes, held)))
    for main, start, end in zip(mains, starts, [*starts[1:], len(numbers)]):
        at = numbers.index(main)
        yield Unit(tuple(numbers[start:end]), main, tuple(numbers[start:at]), tuple(numbers[at + 1 : end]))


def _has_kind(nodes: Mapping[int, NodeType], numbers: Sequence[int], like: int) -> bool:
    """Whether one of several ops is of another's kind."""
    return _kind(nodes[like]) in [_kind(nodes[number]) for number in numbers]


def _kind(node: NodeType) -> str | None:
    return node.op.kind if isinstance(node, Leaf) else None


def _ready(nodes: Mapping[int, NodeType], numbers: Sequence[int]) -> Sequence[int]:
    """What of several ops gets a value ready for the layer behind them: from the first on that does."""
    start = next((at for at, number in enumerate(numbers) if _gets_ready(nodes[number])), len(numbers))
    return numbers[start:]


def _gets_ready(node: NodeType) -> bool:
    return isinstance(node, Leaf) and node.op.prepares


def _runs(numbers: Sequence[int], atoms: Sequence[Atom], parts: Parts) -> Iterator[Unit]:
    """Closed blocks in series: those of one template and stage are one."""
    run = [numbers[0]]
    for number in numbers[1:]:
        if not _one_stage(atoms[run[-1]], atoms[number], parts):
            yield Unit(tuple(run), run[0], times=len(run))
            run = []
        run.append(number)
    yield Unit(tuple(run), run[0], times=len(run))


def _one_stage(one: Atom, other: Atom, parts: Parts) -> bool:
    """Whether two neighbours are drawn as one: copies of one line of the spec, or lines that give one resolution.

    Copies that give other shapes are other stages, unless each only adds channels, as dense layers do, or loses a
    border, as convolutions without padding do.
    """
    template = parts.shared(one.part)
    if template is None or parts.shared(other.part) is not template or one.within != other.within:
        return False
    if len(one.node.shapes[0]) != len(other.node.shapes[0]):
        return False
    sized = one.node.shapes[0][1:] == other.node.shapes[0][1:]
    if one.node.slot[::2] != other.node.slot[::2]:
        return sized
    copies = one.node.slot[:-1] == other.node.slot[:-1]
    equal = one.node.shapes == other.node.shapes
    return copies and (equal or (sized and _grows(one, other)) or _loses_a_border(one.node, other.node))


def _loses_a_border(one: NodeType, other: NodeType) -> bool:
    """Whether two copies give values of as many channels, of which each size is at least two thirds of the other."""
    if [shape[:1] for shape in one.shapes] != [shape[:1] for shape in other.shapes]:
        return False
    pairs = [pair for before, after in zip(one.shapes, other.shapes) for pair in zip(before[1:], after[1:])]
    return all(known(size) and known(last) and 2 * size <= 3 * last for size, last in pairs)


def _grows(one: Atom, other: Atom) -> bool:
    """Whether two blocks add equally many channels."""
    first, second = (each.node.shapes[0][0] - each.node.input_shapes[0][0] for each in (one, other))
    return bool(first == second)


def _repeated(boxes: Iterator[Unit], found: Atoms, apart: Container[int]) -> Iterator[Unit]:
    """Units in series, equal neighbours as one."""
    for _, equal in groupby(boxes, lambda unit: unit if unit.main in apart else _form(unit, found)):
        alike = list(equal)
        if len(alike) == 1:
            yield alike[0]
        else:
            numbers = tuple(number for unit in alike for number in unit.atoms)
            first = alike[0]
            yield Unit(numbers, first.main, first.before, first.after, len(alike))


def _form(unit: Unit, found: Atoms) -> object:
    """Equal for units of the same ops on the same shapes in one open block; a closed block's is its own."""
    main = found.atoms[unit.main]
    nodes = [found.atoms[number].node for number in unit.atoms]
    if not all(isinstance(node, Leaf) for node in nodes):
        return unit
    around = tuple(address for address in main.within if found.sizes[address] > len(nodes))
    made = [(found.atoms[number].part.maker, found.atoms[number].part.present) for number in unit.atoms]
    return around, made, [(node.op, node.shapes) for node in nodes if isinstance(node, Leaf)]
