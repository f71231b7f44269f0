"""Atoms of two networks → units, of which each is one box: a layer with what goes along, or blocks in series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from archspec.analysis.comparison import Pair, Status
from archspec.graph.model import Block, NodeType
from archspec.pictures.drawing.flatten import Value
from archspec.pictures.drawing.layer_groups import is_minor, sign
from archspec.pictures.drawing.parallel_copies import FEW
from archspec.pictures.overlay.captions import further, words
from archspec.pictures.overlay.equivalence import Forms
from archspec.pictures.overlay.merge import Merged
from archspec.pictures.overlay.sides import SIDES, Side, fared, nodes, opened, seen


class Unit(Struct, frozen=True):
    """Atoms in series, by number; `times` counts blocks to which the same happened.

    Where there are several `lanes`, each atom is a call of one module, side by side with the others.
    """

    atoms: tuple[int, ...]
    status: Status
    times: int = 1
    lanes: int = 1


def units(found: Merged, forms: Forms) -> list[Unit]:
    """The units of a sheet, in order."""
    return _beside(found, forms, list(_repeated(found, _in_series(found, forms))))


def _repeated(found: Merged, drawn: Iterable[Unit]) -> Iterator[Unit]:
    """The same with equal layers in series as one."""
    held: list[Unit] = []
    for unit in drawn:
        if held and not (_is_equal(found, held[-1], unit) and _follows(found, held[-1].atoms, unit.atoms[0])):
            yield _joined(held)
            held = []
        held.append(unit)
    if held:
        yield _joined(held)


def _joined(held: Sequence[Unit]) -> Unit:
    if len(held) == 1:
        return held[0]
    return Unit(tuple(atom for unit in held for atom in unit.atoms), held[0].status, len(held))


def _is_equal(found: Merged, one: Unit, other: Unit) -> bool:
    """Whether the same is to be said of two layers and of what goes along with them."""
    firsts = one.atoms[0], other.atoms[0]
    if any(_is_block(found, number) or sign_at(found, number) for number in firsts) or one.status != other.status:
        return False
    return len(one.atoms) == len(other.atoms) and all(
        _says(first) == _says(second)
        for atom, another in zip(one.atoms, other.atoms)
        for first, second in zip(found.columns[atom], found.columns[another])
    )


def _says(pair: Pair | None) -> object:
    return None if pair is None else (seen(pair), words(pair), further(pair))


def _beside(found: Merged, forms: Forms, drawn: list[Unit]) -> list[Unit]:
    """The same with calls of one module as one, where none takes what another gives."""
    calls: dict[object, list[int]] = defaultdict(list)
    for place, unit in enumerate(drawn):
        pair = found.first(unit.atoms[0])
        lines = tuple((node.address.rpartition(".")[0], node.slot[:-1]) for node in nodes(pair))
        calls[lines, unit.status, len(unit.atoms), forms.form(pair)].append(place)
    result: list[Unit | None] = list(drawn)
    for places in calls.values():
        atoms = [drawn[place].atoms[0] for place in places]
        again = all(node.tied is not None for atom in atoms[1:] for pair in found.present(atom) for node in nodes(pair))
        if len(places) >= FEW and len(drawn[places[0]].atoms) == 1 and again and not _meet(found, atoms):
            result[places[0]] = Unit(tuple(atoms), drawn[places[0]].status, lanes=len(atoms))
            for place in places[1:]:
                result[place] = None
    return [unit for unit in result if unit is not None]


def _meet(found: Merged, atoms: Sequence[int]) -> bool:
    """Whether what one of several atoms gives comes to another, by whatever way."""
    reached: set[int] = set()
    for number in range(min(atoms), len(found.columns)):
        taken = {value.atom for side in SIDES for value in found.inputs[side].get(number, ())}
        if taken & (reached | set(atoms)):
            reached.add(number)
    return not reached.isdisjoint(atoms)


def _in_series(found: Merged, forms: Forms) -> Iterator[Unit]:
    held: list[int] = []
    for number in range(len(found.columns)):
        if held and not (_along(found, held, number) or _again(found, forms, held, number)):
            yield _unit(found, held)
            held = []
        held.append(number)
    if held:
        yield _unit(found, held)


def _unit(found: Merged, held: list[int]) -> Unit:
    times = len(held) if _is_block(found, held[0]) else 1
    return Unit(tuple(held), fared(pair for number in held for pair in found.present(number)), times)


def _is_block(found: Merged, number: int) -> bool:
    return any(isinstance(found.node(number, side), Block) for side in SIDES)


def _along(found: Merged, held: list[int], number: int) -> bool:
    """Whether a norm or an activation goes along with the layer before it, in each network that has it."""
    if _is_block(found, held[0]) or not all(map(is_minor, _nodes(found, number))):
        return False
    return sign_at(found, held[0]) is None and found.even(held[0], number) and _follows(found, held, number)


def _nodes(found: Merged, number: int) -> list[NodeType]:
    """The first node of a column on each side that has it."""
    return [node for side in SIDES if (node := found.node(number, side)) is not None]


def sign_at(found: Merged, number: int) -> str | None:
    """The sign of a join that is the same in both networks and is drawn small and round."""
    signs = {sign(node) for node in _nodes(found, number)}
    return signs.pop() if len(signs) == 1 else None


def _again(found: Merged, forms: Forms, held: list[int], number: int) -> bool:
    """Whether the same happened to a block as to the one before it, in one stage."""
    columns = found.columns[held[-1]], found.columns[number]
    if not (_is_block(found, held[-1]) and _is_block(found, number)) or not found.even(held[-1], number):
        return False
    both = ((one, other) for one, other in zip(*columns) if one and other)
    return all(_is_alike(forms, one, other) for one, other in both) and _follows(found, held, number)


def _is_alike(forms: Forms, one: Pair, other: Pair) -> bool:
    if seen(one) != seen(other) or _stage(one) != _stage(other) or opened(one) != opened(other):
        return False
    return forms.group(one) == forms.group(other) if opened(one) else _kinds(one) == _kinds(other)


def _kinds(pair: Pair) -> list[object]:
    return [(node.kind, node.title) if isinstance(node, Block) else node.op.name for node in nodes(pair)]


def _stage(pair: Pair) -> list[object]:
    return [(node.address.rpartition(".")[0], node.shapes[0][1:]) for node in nodes(pair)]


def _follows(found: Merged, held: Sequence[int], number: int) -> bool:
    """Whether an atom takes what those before it give and nothing else, and is alone to do so."""
    return all(_follows_on(found, side, held, number) for side in SIDES if found.node(number, side) is not None)


def _follows_on(found: Merged, side: Side, held: Sequence[int], number: int) -> bool:
    there = [each for each in held if found.node(each, side) is not None]
    if not there:
        return False
    before = Value(there[-1])
    node = found.node(there[-1], side)
    alone = found.inputs[side][number] == (before,) and found.users[side][before] == 1
    return alone and node is not None and len(node.shapes) == 1
