"""Characters that a picture's file lacks, since no font has them: told, so that nobody finds a title half empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape

from archspec.pictures.fonts import covered
from archspec.pictures.render.marks import Mark, Page, Part, Words
from archspec.pictures.writers.png import png

SHOWN = 20
"""So many characters are told one by one, at most."""


def undrawn(page: Page, formats: Iterable[str]) -> Iterator[str]:
    """What is to be said of the characters of a page that its PNG or PDF lacks, where these are among the formats.

    A PDF is written in the fonts that come with archspec alone; a PNG takes the system's for what these lack.
    """
    lacking = [each for each in dict.fromkeys(_texts(page.marks)) if not covered(each)]
    for format in ("png", "pdf"):
        missing = [each for each in lacking if format == "pdf" or not _is_drawn(each)]
        if missing and format in formats:
            told = "".join(missing[:SHOWN]) + ("…" if len(missing) > SHOWN else "")
            fonts = "which none of the bundled fonts has; an SVG has them"
            yield f"the {format.upper()} cannot show the characters {told}, {fonts}"


def _texts(marks: Sequence[Mark]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Part):
            yield from _texts(mark.marks)
        elif isinstance(mark, Words):
            yield from (character for piece in mark.pieces for character in piece.text)


@cache
def _is_drawn(character: str) -> bool:
    """Whether one of the system's fonts has a character: whether anything is to be seen of it."""
    return _alone(character) != _alone(" ")


def _alone(character: str) -> bytes:
    text = f'<text y="15">{escape(character)}</text>'
    return png(f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{text}</svg>', 1)
