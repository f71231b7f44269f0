"""The fonts that come with archspec, and how wide text is in them.

The characters of Arimo are as wide as those of Helvetica, Arial and Liberation Sans.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal
from unicodedata import east_asian_width

Face = Literal["Regular", "Bold", "Italic"]

FAMILY = "Arimo, Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"
"""Families of equal widths; a viewer that has none of them is told how wide each text is."""

FACES: tuple[Face, ...] = ("Regular", "Bold", "Italic")


def font_file(face: Face) -> Path:
    """The font's file."""
    return Path(__file__).with_name(f"Arimo-{face}.ttf")


def text_width(text: str, size: float, face: Face = "Regular") -> float:
    """The width of a text, in points where `size` is.

    >>> round(text_width("7×7 conv, 64, /2", 10), 2)
    71.44
    """
    widths = _widths(face)
    return sum(widths.get(character) or _unknown(character) for character in text) * size


def covered(text: str) -> bool:
    """Whether the fonts have every character of a text."""
    return all(character in _widths("Regular") or not character.isprintable() for character in text)


def _unknown(character: str) -> float:
    """A width that is enough for a character of another font, in ems."""
    return 1.05 if east_asian_width(character) in "WF" else 0.85


@cache
def _widths(face: Face) -> Mapping[str, float]:
    """The advance of each character in ems, as the font's own tables have it."""
    data = font_file(face).read_bytes()
    tables = _tables(data)
    em = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    metrics = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    advances = struct.unpack_from(">" + "Hh" * metrics, data, tables["hmtx"])[::2]
    glyphs = _glyphs(data, tables["cmap"])
    return {chr(code): advances[min(glyph, metrics - 1)] / em for code, glyph in glyphs.items()}


def _tables(data: bytes) -> dict[str, int]:
    """Where each table of a TrueType font starts."""
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sLLL", data, 12 + 16 * number) for number in range(count))
    return {tag.decode("ascii"): start for tag, _, start, _ in records}


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each character, from the font's map of the basic plane (format 4)."""
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    places = [cmap + struct.unpack_from(">HHL", data, cmap + 4 + 8 * number)[2] for number in range(count)]
    start = next(place for place in places if struct.unpack_from(">H", data, place)[0] == 4)
    double = struct.unpack_from(">H", data, start + 6)[0]
    size = double // 2
    ends = struct.unpack_from(f">{size}H", data, start + 14)
    starts = struct.unpack_from(f">{size}H", data, start + 16 + double)
    deltas = struct.unpack_from(f">{size}H", data, start + 16 + 2 * double)
    offsets = struct.unpack_from(f">{size}H", data, start + 16 + 3 * double)
    found: dict[int, int] = {}
    for number, (first, last) in enumerate(zip(starts, ends)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[number]:
                place = start + 16 + 3 * double + 2 * number + offsets[number] + 2 * (code - first)
                glyph = struct.unpack_from(">H", data, place)[0]
            found[code] = (glyph + deltas[number]) & 0xFFFF
    return {code: glyph for code, glyph in found.items() if glyph}
