"""A page's marks → SVG within HTML: colours are classes, so that a style sheet turns light into dark."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape

from msgspec import Struct, field

from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.render.marks import Mark, Page, Part, Path, Words
from archspec.pictures.writers.svg_paths import number, traced

PIXELS = 4 / 3
"""CSS's pixels in a point."""

SIZE = 10.2
"""The size of text where none is said."""


class Marking(Struct):
    """Writes pages; `paints` collects the names of all colours that they use.

    `doors` has for each box of a block that has a sheet of its own the fragment of that sheet. Only the nodes of
    `own` get their address as `id`, since another page of the document may show the others too.
    """

    doors: Mapping[str, str]
    paints: set[str] = field(default_factory=set)

    def svg(self, page: Page, own: Collection[str]) -> str:
        """The page as an `svg` element."""
        width, height = page.width, page.height
        size = f'width="{width * PIXELS:.0f}" height="{height * PIXELS:.0f}"'
        box = f'viewBox="0 0 {number(width)} {number(height)}"'
        inner = "\n".join(self._mark(mark, own) for mark in page.marks)
        title = escape(f"{page.title}. {page.description}" if page.description else page.title)
        return (
            f'<svg {size} {box} font-size="{SIZE}" role="group" aria-label="{title}"><g class="world">{inner}</g></svg>'
        )

    def _mark(self, mark: Mark, own: Collection[str]) -> str:
        if isinstance(mark, Part):
            return self._part(mark, own)
        return self._words(mark) if isinstance(mark, Words) else self._path(mark)

    def _part(self, part: Part, own: Collection[str]) -> str:
        inner = "".join(self._mark(mark, own) for mark in part.marks)
        if part.kind not in ("node", "frame"):
            return inner
        name = escape(part.id)
        known = f' id="{name}"' if part.id in own else ""
        title = f"<title>{escape(part.title)}</title>"
        if part.id in self.doors:
            link = escape(self.doors[part.id])
            return f'<a{known} class="{part.kind} door" data-a="{name}" href="#{link}">{title}{inner}</a>'
        return f'<g{known} class="{part.kind}" data-a="{name}" tabindex="0" role="button">{title}{inner}</g>'

    def _path(self, path: Path) -> str:
        width = f' stroke-width="{number(path.width)}"' if path.stroke and path.width != 1 else ""
        dash = f' stroke-dasharray="{" ".join(map(number, path.dash))}"' if path.dash else ""
        return f'<path{self._paint(f=path.fill, s=path.stroke)} d="{traced(path.steps)}"{width}{dash}/>'

    def _words(self, words: Words) -> str:
        size = f' font-size="{number(words.size)}"' if words.size != SIZE else ""
        weight = ' font-weight="bold"' if words.bold else ""
        look = f"{self._paint(f=words.paint)}{size}{weight}"
        if len(words.pieces) > 1:
            return f'<text y="{number(words.y)}"{look}>{"".join(_spans(words))}</text>'
        (piece,) = words.pieces
        anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
        slant = ' font-style="italic"' if piece.symbol else ""
        place = f'x="{number(words.x)}" y="{number(words.y)}"{anchor} textLength="{number(words.width)}"'
        return f"<text {place}{look}{slant}>{escape(piece.text)}</text>"

    def _paint(self, **names: str | None) -> str:
        """The classes of named paints; a colour of its own is an attribute."""
        used = {letter: name for letter, name in names.items() if name and not name.startswith("#")}
        own = {letter: name for letter, name in names.items() if name and name.startswith("#")}
        self.paints.update(used.values())
        classes = f' class="{" ".join(f"{letter}-{name}" for letter, name in used.items())}"' if used else ""
        return classes + "".join(f' {"fill" if letter == "f" else "stroke"}="{name}"' for letter, name in own.items())


def _spans(words: Words) -> Iterator[str]:
    """Each piece at its own place, so that it stands right where a reader's font is wider."""
    x = words.x - {"start": 0.0, "middle": words.width / 2, "end": words.width}[words.anchor]
    for piece in words.pieces:
        slant = ' font-style="italic"' if piece.symbol else ""
        yield f'<tspan x="{number(x)}"{slant}>{escape(piece.text)}</tspan>'
        x += pieces_width((piece,), words.size, "Bold" if words.bold else "Regular")
