"""What a drawing's signs mean: those that occur in it, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct

from archspec.ops.kinds import KINDS, Kind
from archspec.pictures.drawing.model import Drawing, Role

if TYPE_CHECKING:
    from archspec.analysis.comparison import Status

Sign = Literal["kind", "block", "alike", "optional", "training", "frozen", "order", "size", "+", "×", "−", "∥"]

STATUSES: Mapping[Status, str] = {
    "unchanged": "unchanged",
    "changed": "~ changed",
    "added": "+ added",
    "removed": "− removed",
}
SIGNS: Mapping[Sign, str] = {"+": "sum", "×": "product", "−": "difference", "∥": "concatenation"}


def kind_words() -> dict[Role, str]:
    """The kinds of ops that have a colour and an outline of their own; joins have signs."""
    return {kind: KINDS[kind].words for kind in get_args(Kind) if kind != "join"}


class LegendEntry(Struct, frozen=True):
    """One sign and its meaning; `role` is the kind of op where the sign is its colour and outline."""

    sign: Sign
    words: str
    role: Role = "join"
    status: Status | None = None


def legend(drawing: Drawing, kinds: bool = True, way: str = "left to right") -> Iterator[LegendEntry]:
    """The signs of a drawing; without `kinds`, those for kinds of ops are left out.

    `way` is from where to where inputs stand side by side.
    """
    boxes = list(drawing.boxes())
    edges = [edge for sheet in drawing.sheets for edge in sheet.edges]
    statuses = {box.status for box in boxes} | {edge.status for edge in edges}
    yield from (LegendEntry("kind", words, status=status) for status, words in STATUSES.items() if status in statuses)
    roles = {box.role for box in boxes if box.sign is None and box.status is None}
    if kinds:
        yield from (LegendEntry("kind", words, role) for role, words in kind_words().items() if role in roles)
    if "block" in roles:
        yield LegendEntry("block", "block, drawn by itself" if drawing.insets else "block", "block")
    signs = {box.sign for box in boxes}
    yield from (LegendEntry(sign, words, "join") for sign, words in SIGNS.items() if sign in signs)
    if any(edge.operands for edge in edges):
        yield LegendEntry("order", f"inputs from {way}, or as numbered")
    if any(box.stacked for box in boxes):
        yield LegendEntry("alike", "repeated")
    if any(box.members and box.optional for box in boxes):
        yield LegendEntry("optional", "in some blocks, see the table")
    if any(edge.sized for edge in edges):
        yield LegendEntry("size", "only its size is used")
    if any(box.training for box in boxes) or any(edge.training for edge in edges):
        yield LegendEntry("training", "training only")
    if any(box.frozen for box in boxes):
        yield LegendEntry("frozen", "does not train")
