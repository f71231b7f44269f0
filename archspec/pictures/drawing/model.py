"""The drawing model: sheets of boxes and edges with all text decided; what renderers lay out and colour.

A sheet shows one or several blocks of one structure at once. A box stands for nodes in series, in each of the blocks
that its sheet shows, so a drawing can be unfolded into the graph again: nothing is shown that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from archspec.ops.base import Kind
from archspec.ops.shapes import Count

if TYPE_CHECKING:
    from archspec.analysis.comparison import Status

Role: TypeAlias = Kind | Literal["block", "input", "output"]
"""What a box is to a reader: an op of some kind, a block drawn closed, or an end of its sheet."""

Rank = Literal["name", "main", "minor"]
"""How loud a line of text is: what the spec calls it, what it is, and what goes with it."""


SHORT = 11
"""Characters of an edge's name and label that stand in one line, at most."""


class Piece(Struct, frozen=True):
    """A stretch of text; a symbol stands for a number that differs among the blocks that a sheet shows."""

    text: str
    symbol: bool = False


Text: TypeAlias = tuple[Piece, ...]


class Line(Struct, frozen=True):
    """One line of a box's text."""

    text: Text
    rank: Rank = "main"

    def __str__(self) -> str:
        return "".join(piece.text for piece in self.text)


class Box(Struct, frozen=True):
    """Nodes in series, drawn as one.

    `id` is an address; `members` holds for each block that the sheet shows the addresses in series, empty where the
    block lacks them (then the box passes its first input on). `times` counts equal or alike members. Of `lanes` side by
    side, each has its own share of the members, the inputs and the outputs, in order; an end with lanes stands for as
    many values. It is `stacked` where it says that it stands for several. `sign` is that of a join that is drawn small
    and round, `inside` the key of the sheet that shows what a member holds. `shade` is a step of the drawing's scale,
    where it has one, and `status` what became of it, in the drawing of a comparison. `amount` is what all that it
    stands for costs, where boxes are coloured by that, and `copies` how many these are. `tint` is a colour of its
    author's, and `emphasised` what matters most to them.
    """

    id: str
    role: Role
    lines: tuple[Line, ...]
    tooltip: str
    members: tuple[tuple[str, ...], ...] = ()
    times: int = 1
    lanes: int = 1
    stacked: bool = False
    sign: str | None = None
    inside: str | None = None
    shade: int | None = None
    training: bool = False
    frozen: bool = False
    status: Status | None = None
    amount: Count = 0
    copies: int = 1
    tint: str | None = None
    emphasised: bool = False

    @property
    def paint(self) -> str:
        """What its colours are called: by what became of it, or by what it is."""
        return self.status or self.role

    @property
    def optional(self) -> bool:
        """Whether some of the blocks that the sheet shows lack it; in a comparison, in both networks."""
        if self.status is None:
            return not all(self.members)
        return any(not old and not new for old, new in zip(self.members[::2], self.members[1::2]))

    @property
    def closed(self) -> bool:
        """Whether it is a block whose inside is not drawn here."""
        return self.role == "block"


class Group(Struct, frozen=True):
    """A block drawn open, around what is in it; it is `stacked` where it stands for several.

    Where there are several `rounds`, it is no block, but so many equal copies in series: what leaves one enters the
    next, and each box in it has equally many members in each of them, one after the other.
    """

    id: str
    title: str
    tooltip: str
    training: bool
    items: tuple[Item, ...]
    stacked: bool = False
    rounds: int = 1


Item: TypeAlias = Box | Group


class Edge(Struct, frozen=True):
    """A value on its way from one box's output to another's input, or several such that belong together.

    `outputs` and `inputs` have a number for each of them; where it is `joined`, the values are those that its source
    concatenates, in order, and go on into a longer concatenation. `label` is its shape, where that is news; `name` says
    which of several inputs of a block or outputs of a node it is, where they have names. `operands` are the inputs of
    each lane that it brings, by number from 1, where their order matters, and `operand` says so in a word. Of a `sized`
    one nothing but the size is used; an `optional` one is there in some of the blocks that the sheet shows. `extent`
    are the sizes of the map that it carries, where these are known.
    """

    source: str
    target: str
    outputs: tuple[int, ...] = (0,)
    inputs: tuple[int, ...] = (0,)
    joined: bool = False
    label: str = ""
    name: str = ""
    training: bool = False
    status: Status | None = None
    operands: tuple[int, ...] = ()
    operand: str = ""
    sized: bool = False
    optional: bool = False
    extent: tuple[int, ...] | None = None

    @property
    def broken(self) -> bool:
        """Whether its line is not whole: what it carries is not always there, or only in part."""
        return self.training or self.sized or self.optional

    @property
    def text(self) -> str:
        """What stands beside it: in one line where that is short."""
        parts = [each for each in (self.name, self.label) if each]
        short = len(self.name) + len(self.label) <= SHORT and "\n" not in self.label
        return (" " if short else "\n").join(parts)


class Cell(Struct, frozen=True):
    """What a symbol stands for in the blocks of one row: one value, or each of theirs in a few words."""

    text: str
    values: tuple[str, ...]


class Row(Struct, frozen=True):
    """The blocks of one stage: what they are called, their addresses, and what each symbol stands for in them."""

    name: str
    addresses: tuple[str, ...]
    cells: tuple[Cell, ...]


class Table(Struct, frozen=True):
    """The numbers in which the blocks of a sheet differ; `headers` are symbols or words."""

    headers: tuple[Piece, ...]
    rows: tuple[Row, ...]


class Sheet(Struct, frozen=True):
    """One picture: the network, or the inside of all blocks of one structure.

    `instances` are the addresses of the blocks shown, in the order of the boxes' members.
    """

    key: str
    title: str
    instances: tuple[str, ...]
    items: tuple[Item, ...]
    edges: tuple[Edge, ...]
    table: Table | None = None

    def boxes(self) -> Iterator[Box]:
        """Every box, in order."""
        pending: list[Item] = list(reversed(self.items))
        while pending:
            item = pending.pop()
            if isinstance(item, Box):
                yield item
            else:
                pending.extend(reversed(item.items))

    def ports(self) -> Mapping[str, Sequence[tuple[int, ...]]]:
        """The outputs of each box as they leave it, in order: one by one, or several that belong together."""
        found: dict[str, set[tuple[int, ...]]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, set()).add(edge.outputs)
        return {source: sorted(outputs) for source, outputs in found.items()}

    def groups(self) -> Iterator[Group]:
        """Every group, outer ones first."""
        pending: list[Item] = list(reversed(self.items))
        while pending:
            item = pending.pop()
            if isinstance(item, Group):
                yield item
                pending.extend(reversed(item.items))


class Scale(Struct, frozen=True):
    """What the shades of boxes mean: the amount of which each is the shade, from nothing on."""

    unit: str
    amounts: tuple[int, ...]


class Drawing(Struct, frozen=True):
    """A picture before its layout: the network's sheet, one sheet for each distinct block, and what stands above.

    `lines` stand under the title, `verdicts` say how the documented figures fare, and `notes` what the drawing leaves
    out of what was asked for. It is `narrow` where it is to be read when it is as wide as one column of a paper,
    `titled` where it has a heading and `explained` where it has a legend: a paper's caption may say both. A `caption`
    stands below; `tints` are its author's colours for kinds of ops, `unseen` is what they wished that is not shown.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    verdicts: tuple[str, ...]
    main: Sheet
    insets: tuple[Sheet, ...] = ()
    notes: tuple[str, ...] = ()
    scale: Scale | None = None
    narrow: bool = False
    titled: bool = True
    explained: bool = True
    caption: str | None = None
    tints: Mapping[str, str] = {}
    unseen: tuple[str, ...] = ()

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.main, *self.insets)

    def boxes(self) -> Iterator[Box]:
        """Every box of every sheet."""
        for sheet in self.sheets:
            yield from sheet.boxes()
