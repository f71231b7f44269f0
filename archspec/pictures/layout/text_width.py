"""How wide a line of text with symbols is."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.pictures.drawing import Piece
from archspec.pictures.fonts import Face, text_width


def pieces_width(pieces: Iterable[Piece], size: float, face: Face = "Regular") -> float:
    """The width of a text with symbols, which are in italics, in points where `size` is."""
    return sum(text_width(piece.text, size, "Italic" if piece.symbol else face) for piece in pieces)
