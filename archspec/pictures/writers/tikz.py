"""A page → TikZ: a document of its own that LaTeX sets in its fonts, of named nodes and styles that one can edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from archspec.pictures.render.marks import Page, Path, Point, Step, Words
from archspec.pictures.render.themes import NONE, Theme, paints
from archspec.pictures.writers.things import Connector, Shape, Thing, things

SPECIAL: Mapping[str, str] = {
    **{each: f"\\{each}" for each in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    "×": r"$\times$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "→": r"$\to$",
    "←": r"$\gets$",
    "∥": r"$\parallel$",
    "⊕": r"$\oplus$",
    "·": r"$\cdot$",
    "′": "$'$",
    "″": "$''$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≈": r"$\approx$",
    "√": r"$\surd$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "∞": r"$\infty$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "ε": r"$\varepsilon$",
    "λ": r"$\lambda$",
    "σ": r"$\sigma$",
    "τ": r"$\tau$",
    "²": "$^2$",
    "³": "$^3$",
}
"""What LaTeX reads otherwise, or does not have in every font."""

HEAD = r"""% Set it by itself with pdflatex or lualatex, or take the tikzpicture into a paper (\usepackage{tikz}).
\documentclass[tikz,border=0bp]{standalone}
\usepackage[T1]{fontenc}
\usepackage{helvet}
\usetikzlibrary{arrows.meta}
\renewcommand{\familydefault}{\sfdefault}"""

STYLES = r"""\begin{tikzpicture}[x=1bp, y=1bp, inner sep=0pt, outer sep=0pt,
  box/.style={align=center, text depth=0pt},
  wire/.style={rounded corners=5bp, -{Triangle[length=6bp, width=5.2bp]}}]"""

ROUNDED = "MLCLCLCLCZ"
"""The steps of a rectangle with round corners."""
CIRCLE = "MCCCCZ"
SIGNS: Mapping[str, str] = {"+": "$+$", "−": "$-$", "×": r"$\times$", "∥": r"$\parallel$"}
ANCHORS: Mapping[str, str] = {"start": "base west", "middle": "base", "end": "base east"}


def tikz(page: Page, theme: Theme = "light", transparent: bool = False) -> str:
    """The page as a LaTeX document: lengths are its own, in big points, and heights grow upwards.

    Wires hold to the nodes of their boxes, so they go along where a node is moved.
    """
    writer = _Writer(page, paints(theme))
    sheet = f"(0,0) rectangle ({page.width:.2f},{page.height:.2f})"
    body = [f"\\useasboundingbox {sheet};"]
    body += [] if transparent else [f"\\fill[{writer.colour('page')}] {sheet};"]
    given = sorted(things(page.marks), key=lambda each: isinstance(each, Connector))  # they need the nodes' names
    body += (line for thing in given for line in writer.lines(thing))
    named = (f"\\definecolor{{{name}}}{{HTML}}{{{paint[1:]}}}" for name, paint in sorted(writer.used.items()))
    lines = [f"% {' '.join(page.title.split())}", HEAD, *named, "\\begin{document}", STYLES]
    return "\n".join([*lines, *(f"  {line}" for line in body), "\\end{tikzpicture}", "\\end{document}", ""])


class _Writer:
    """Writes things; `used` are the colours of those that it wrote, by name."""

    def __init__(self, page: Page, paint: Mapping[str, str]) -> None:
        self._height, self._paints = page.height, paint
        self.used: dict[str, str] = {}
        self._nodes: dict[str, tuple[str, Shape]] = {}

    def colour(self, name: str) -> str:
        """A colour by its name, which the document defines."""
        called = f"c{name[1:]}" if name.startswith("#") else name
        self.used[called] = self._paints.get(name, name)
        return called

    def lines(self, thing: Thing) -> Iterator[str]:
        """The lines of TikZ for a thing."""
        if isinstance(thing, Shape):
            yield from self._shape(thing)
        elif isinstance(thing, Connector):
            yield self._connector(thing)
            yield from map(self._words, thing.labels)
        elif isinstance(thing, Words):
            yield self._words(thing)
        elif not (thing.stroke and self._paints.get(thing.stroke) == NONE):
            yield self._path(thing, self._absolute)

    def _shape(self, shape: Shape) -> Iterator[str]:
        """A box: a node of its name and size, its text, and what of its outline is no rectangle."""
        name = f"n{len(self._nodes) + 1}"
        self._nodes[shape.id] = name, shape
        at, text = shape.at, self._text(shape)
        own, place = self._own(shape), self._absolute(at.middle)
        size = f"minimum width={at.width:.2f}bp, minimum height={at.height:.2f}bp"
        yield f"% {' '.join(shape.id.split())}"

        def relative(point: Point) -> str:
            return f"([shift={{({point[0] - at.middle[0]:.2f}bp,{at.middle[1] - point[1]:.2f}bp)}}]{name}.center)"

        if any(each.fill for each in shape.strokes):
            yield f"\\coordinate ({name}) at {place};"
            yield from (self._path(each, self._absolute) for each in shape.strokes if each.fill)
        if own is not None:
            yield f"\\node[box, {own}, {size}] ({name}) at {place} {{{text}}};"
        else:
            yield f"\\node[{size}] ({name}) at {place} {{}};"
            yield from [self._path(shape.outline, relative)] if shape.outline else []
            yield f"\\node[box] at ({name}.center) {{{text}}};"
        if shape.role not in SIGNS:
            yield from (self._path(each, relative) for each in shape.strokes if not each.fill)

    def _own(self, shape: Shape) -> str | None:
        """The style of a node that is a rectangle or a circle."""
        if shape.outline is None:
            return None
        letters = "".join(letter for letter, _ in shape.outline.steps)
        look = f"fill={self.colour(shape.outline.fill or 'page')}, {self._look(shape.outline)}"
        if letters == CIRCLE:
            return f"circle, {look}"
        start = shape.outline.steps[0][1][0][0] if letters == ROUNDED else None
        return None if start is None else f"{look}, rounded corners={start - shape.at.x:.2f}bp"

    def _text(self, shape: Shape) -> str:
        lines = (f"{self._font(each)} {self._said(each)}" for each in shape.lines)
        return SIGNS.get(shape.role) or r"\\".join(f"{{{line}}}" for line in lines)

    def _connector(self, wire: Connector) -> str:
        start, end = self._end(wire.source, wire.way[0]), self._end(wire.target, wire.way[-1])
        way = " -- ".join([start, *map(self._absolute, wire.way[1:-1]), end])
        return f"\\draw[wire, {self._look(wire.line)}] {way};"

    def _end(self, id: str, point: Point) -> str:
        """Where a wire meets its box: at the middle of a side, or so far from there."""
        name, shape = self._nodes[id]
        middle = shape.at.middle
        x, y = point[0] - middle[0], middle[1] - point[1]
        if abs(x) / shape.at.width > abs(y) / shape.at.height:
            side, aside = ("east" if x > 0 else "west"), f"yshift={y:.2f}bp" if abs(y) > 0.05 else ""
        else:
            side, aside = ("north" if y > 0 else "south"), f"xshift={x:.2f}bp" if abs(x) > 0.05 else ""
        return f"([{aside}]{name}.{side})" if aside else f"({name}.{side})"

    def _path(self, path: Path, place: Callable[[Point], str]) -> str:
        fill = f"fill={self.colour(path.fill)}" if path.fill else ""
        look = ", ".join(filter(None, (fill, self._look(path) if path.stroke else "")))
        return f"\\path[{look}] {''.join(_steps(path.steps, place)).strip()};"

    def _look(self, path: Path) -> str:
        dash = " ".join(f"{'off' if number % 2 else 'on'} {each:g}bp" for number, each in enumerate(path.dash))
        line = f"draw={self.colour(path.stroke or 'line')}, line width={path.width:g}bp"
        return f"{line}, dash pattern={dash}" if dash else line

    def _absolute(self, point: Point) -> str:
        return f"({point[0]:.2f},{self._height - point[1]:.2f})"

    def _words(self, words: Words) -> str:
        look = f"anchor={ANCHORS[words.anchor]}"
        return f"\\node[{look}] at {self._absolute((words.x, words.y))} {{{self._font(words)} {self._said(words)}}};"

    def _font(self, words: Words) -> str:
        size = f"\\fontsize{{{words.size:g}bp}}{{{words.size * 1.2:g}bp}}\\selectfont"
        return f"{size}\\color{{{self.colour(words.paint)}}}"

    def _said(self, words: Words) -> str:
        pieces = (f"\\textit{{{escaped(each.text)}}}" if each.symbol else escaped(each.text) for each in words.pieces)
        return f"\\textbf{{{''.join(pieces)}}}" if words.bold else "".join(pieces)


def _steps(steps: Sequence[Step], place: Callable[[Point], str]) -> Iterator[str]:
    for letter, points in steps:
        places = [place(point) for point in points]
        if letter == "C":
            yield f" .. controls {places[0]} and {places[1]} .. {places[2]}"
        else:
            yield {"M": " ", "L": " -- ", "Z": " -- cycle"}[letter] + "".join(places)


def escaped(text: str) -> str:
    """A text as LaTeX reads it.

    >>> print(escaped("3×3 conv_a, 50%"))
    3$\\times$3 conv\\_a, 50\\%
    """
    return "".join(SPECIAL.get(each, each) for each in text)
