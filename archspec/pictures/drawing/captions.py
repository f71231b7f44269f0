"""The words of a drawing: what stands in boxes, in tooltips and above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import get_args

from archspec.analysis.verdicts import Status, Verdict
from archspec.graph.labels import count_text, node_words, op_words, place_text, rounded_text, shapes_text, short_words
from archspec.graph.model import Block, Counts, Leaf, NodeType
from archspec.ops.shapes import Carried, Shape, known
from archspec.pictures.drawing.flatten import Atom
from archspec.pictures.drawing.layer_groups import Unit, is_minor
from archspec.pictures.drawing.model import Line, Rank
from archspec.pictures.drawing.symbols import pieces, symbol, symbols_of
from archspec.templates import Construct, Given

UNTITLED = "Sequential"
LONG = 23
"""Characters of an op's words that stand on one line, at most."""
FEW = 3
"""So many names that count on are told by the first and the last, at least."""
ROOM = 16
"""Characters of two names that are told one by one, at most."""
NAMED = 3
"""So many other names are told one by one, at most."""


def line(text: str, rank: Rank = "main") -> Line:
    """A line of text that may hold marked symbols."""
    return Line(pieces(text), rank)


def unit_lines(
    unit: Unit, atoms: Sequence[Atom], short: Mapping[str, str], name: str | None, inside: str | None = None
) -> Iterator[Line]:
    """The text of a box: its name, what goes before its layer, the layer, what goes behind.

    A closed block is called as the sheet that shows what is `inside` it.
    """
    main = atoms[unit.main]
    times = f"{'' if isinstance(main.node, Block) else ' '} ×{unit.times}" if unit.times > 1 else ""
    if name:
        yield line(name, "name")
    if unit.before:
        yield line(", ".join(_along(atoms[number], short) for number in unit.before), "minor")
    small = is_minor(main.node)
    words = [_along(main, short)] if small else [inside or atom_words(main, short)]
    words += [_along(atoms[number], short) for number in unit.after] if small else []
    head, *further = _wrapped(", ".join(words), main.node)
    yield line(head + times)
    yield from (line(each, "minor") for each in further)
    if unit.after and not small:
        yield line(", ".join(_along(atoms[number], short) for number in unit.after), "minor")


def _wrapped(text: str, node: NodeType) -> list[str]:
    """The words of an op that has much to say, in lines: first what it is, then how."""
    if not isinstance(node, Leaf) or node.op.weighted or is_minor(node) or len(text) <= LONG:
        return [text]
    parts = r", (?!\d)| (?=to \d)" if node.op.kind == "shape" else r", (?!\d)"  # the numbers of a list stay together
    head, *details = re.split(parts, text)
    lines: list[str] = [head]
    for detail in details:
        together = f"{lines[-1]}, {detail}"
        if len(lines) > 1 and len(together) <= LONG:
            lines[-1] = together
        else:
            lines.append(detail)
    called = accumulate(line.count("(") - line.count(")") for line in lines)
    return [f"{line}," if inside else line for line, inside in zip(lines, called)]  # the comma of a call is part of it


def atom_words(atom: Atom, short: Mapping[str, str]) -> str:
    """What an op or a closed block is."""
    node = atom.node
    if isinstance(node, Block):
        return node.title or (UNTITLED if node.name.isdigit() else node.name)
    symbols = symbols_of(node, atom.part.maker, short)
    if "groups" in symbols and all(_depthwise(each) for each in atom.part.nodes):
        del symbols["groups"]
    return op_words(node.op, *node.input_shapes, symbols=symbols)


def _depthwise(node: NodeType | None) -> bool:
    return not isinstance(node, Leaf) or getattr(node.op, "groups", 1) == node.input_shapes[0][0]


def _along(atom: Atom, short: Mapping[str, str]) -> str:
    assert isinstance(atom.node, Leaf)
    maker = atom.part.maker
    if isinstance(maker, Construct) and isinstance(maker.callee, Given):
        return symbol(maker.callee, short)
    ops = {id(node.op): node.op for node in atom.part.nodes if isinstance(node, Leaf)}
    words = set(map(short_words, ops.values()))
    return words.pop() if len(words) == 1 else atom.node.op.name.replace("_", " ")


def lanes_text(count: int, shared: bool) -> str:
    """That so many stand side by side, and whether they have one set of weights."""
    return f"×{count} side by side" + ("\nshared weights" if shared else "")


def weights_text(owner: NodeType, within: Block) -> str:
    """Whose weights a further call of a module uses, as one says it inside a block."""
    return f"weights of {owner.address.removeprefix(f'{within.address}.')}"


def names_text(names: Sequence[str]) -> str:
    """Several names in a row, so that each can be found again: a dash stands for those that are counted on.

    >>> names_text(["inception4b", "inception4c", "inception4d"]), names_text(["9", "10"])
    ('inception4b–4d', '9, 10')
    >>> names_text(["inception3a", "inception3b"]), names_text(["g1", "g2"]), names_text(["g1", "g2", "body"])
    ('inception3a–3b', 'g1, g2', 'g1, g2, body')
    >>> names_text(["layer1", "layer2", "layer10"]), names_text(["layer1.0", "layer1.3"])
    ('layer1, layer2, layer10', 'layer1.0, 3')
    >>> names_text(["[0]", "[1]", "[2]"]), names_text(["[0]", "[1]", "p6", "p7"])
    ('[0–2]', '[0] … p7')
    """
    first, last = names[0], names[-1]
    listed = _listed(names)
    counted = len(names) > 1 and all(map(_follows_on, names, names[1:]))
    if counted and (len(names) >= FEW or len(listed) > ROOM):
        bracket = "]" if first.endswith("]") else ""
        end = last[last.rindex("[") + 1 :] if bracket else last[_shared_stem(first, last) :]
        return f"{first.removesuffix(bracket)}–{end}"
    return listed if len(names) <= NAMED else f"{first} … {last}"


def _listed(names: Sequence[str]) -> str:
    """Names one by one; what is around numbered ones is said once."""
    around, dot, _ = names[0].rpartition(".")
    items = [name.rpartition(".") for name in names]
    if dot and all(outer == around and own.isdigit() for outer, _, own in items):
        return f"{around}.{', '.join(own for _, _, own in items)}"
    return ", ".join(names)


def _follows_on(name: str, after: str) -> bool:
    """Whether a name is another's with the next number or letter at its end."""
    one, other = (re.fullmatch(r"(.*?)(\d+|[a-z])(\]?)", each) for each in (name, after))
    if not one or not other or one[1] != other[1] or one[3] != other[3]:
        return False
    if one[2].isdigit() and other[2].isdigit():
        return int(other[2]) == int(one[2]) + 1 and not other[2].startswith("0")
    alone = not one[1] or not one[1][-1].isalpha()  # the last letter of a word counts nothing
    return alone and ord(other[2][0]) == ord(one[2][0]) + 1


def _shared_stem(one: str, other: str) -> int:
    """How far two names are the same, up to the number in which they differ."""
    shared = next((at for at, (mine, its) in enumerate(zip(one, other)) if mine != its), min(len(one), len(other)))
    while shared and one[shared - 1].isdigit():
        shared -= 1
    return shared


def worth_telling(name: str, node: NodeType) -> bool:
    """Whether a layer's name tells a reader something that what it is does not.

    >>> import archspec
    >>> nodes = archspec.read("lenet").graph.nodes
    >>> worth_telling("C1", nodes["C1"]), worth_telling("conv1", nodes["C1"])
    (True, False)
    """
    if name.isdigit() or "." in name:
        return False
    words = {*node.op.name.split("_"), *node_words(node).split()} if isinstance(node, Leaf) else set()
    parts = re.findall("[a-z]+", name.lower())
    return not any(part in words or any(word in part for word in words if len(word) > 2) for part in parts)


def tooltip(nodes: Sequence[NodeType]) -> str:
    """Address, words, shape, counts and the place in the spec, of one node or of several in series."""
    counts = Counts.of(nodes)
    first, last = nodes[0], nodes[-1]
    place = first.address if len(nodes) == 1 else f"{first.address} … {last.address}"
    words = [node_words(node) for node in nodes[:8]]
    lines = [place, " → ".join(dict.fromkeys(filter(None, words))), shapes_text(last.shapes)]
    lines += [f"{count_text(counts.params)} parameters"] if counts.params else []
    lines += [] if known(counts.macs) and not counts.macs else [f"{rounded_text(counts.macs)} MACs"]
    return "\n".join(filter(None, [*lines, place_text(first.span)]))


def heading(block: Block, counts: Counts, training: bool = True) -> Iterator[str]:
    """The lines under a title: what goes in, targets too where it is for `training`, and what it comes to."""
    given = [each for each in zip(block.input_names, block.input_shapes) if training or not may_be_left_out(each[1])]
    inputs = [f"{name} {shapes_text((shape,))}" if len(given) > 1 else shapes_text((shape,)) for name, shape in given]
    amounts = f"{rounded_text(counts.params)} parameters · {rounded_text(counts.macs)} MACs"
    if len(inputs) == 1:
        yield f"input {inputs[0]} · {amounts}"
    else:
        yield from [f"input {inputs[0]}", *inputs[1:], amounts]


def may_be_left_out(shape: Shape) -> bool:
    """Whether a value is given in training alone, such as targets."""
    return isinstance(shape, Carried) and shape.optional


def verdict_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How the documented figures fare: how many of them agree, differ as explained, or neither."""
    fare = Counter(verdict.status for verdict in verdicts)
    order = [status for status in get_args(Status) if status in fare]
    if fare:
        yield "documented figures: " + ", ".join(f"{fare[status]} {_fares(status, fare[status])}" for status in order)


def _fares(status: str, count: int) -> str:
    words = {"agrees": "agree", "differs as explained": "differ as explained"}
    return words.get(status, status) if count > 1 else status
