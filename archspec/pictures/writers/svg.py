"""A page → SVG: real text, an id for each node, tooltips, and where no theme is asked for, colours as it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from archspec.pictures.fonts import FAMILY
from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.render.marks import Mark, Page, Part, Path, Words
from archspec.pictures.render.themes import NONE, Theme, paints

PIXELS = 4 / 3
"""CSS's pixels in a point."""


def svg(page: Page, theme: Theme | None = None, transparent: bool = False, font: str | None = None) -> str:
    """The page as an SVG document; without a theme it is light, dark where that is preferred, and plain on paper.

    It has no ground where it is `transparent`; `font` is a family that is preferred to archspec's own.
    """
    named = paints(theme or "light")
    colours = named if theme is None else {name: paint for name, paint in named.items() if paint != NONE}
    width, height = _number(page.width), _number(page.height)
    pixels = _number(page.width * PIXELS), _number(page.height * PIXELS)
    beyond = _number(page.width + 2), _number(page.height + 2)  # whole pixels of a PNG end past a broken size
    size = f'width="{pixels[0]}" height="{pixels[1]}" viewBox="0 0 {width} {height}"'
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description"'
        f' font-family="{escape(f"{font}, {FAMILY}" if font else FAMILY)}">',
        f'<title id="title">{escape(page.title)}</title>',
        f'<desc id="description">{escape(page.description)}</desc>',
        *([_preferred(page)] if theme is None else []),
        *([] if transparent else [_ground(beyond, colours)]),
        *(_mark(mark, colours) for mark in page.marks),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _ground(size: tuple[str, str], colours: Mapping[str, str]) -> str:
    return f'<rect x="-1" y="-1"{_paint("fill", "page", colours)} width="{size[0]}" height="{size[1]}"/>'


MEDIA: Mapping[str, Theme] = {"(prefers-color-scheme:dark)": "dark", "print": "print"}


def _preferred(page: Page) -> str:
    """The colours of the paints that a page uses, for readers who prefer dark, and on paper."""
    used = sorted({"page", *_used(page.marks)})
    media = (f"@media {medium}{{{_rules(used, paints(theme))}}}" for medium, theme in MEDIA.items())
    return f"<style>{''.join(media)}g:focus{{outline:2px solid #0072B2}}</style>"


def _rules(used: Sequence[str], colours: Mapping[str, str]) -> str:
    named = ((name, colours[name]) for name in used if name in colours)
    return "".join(f".f-{name}{{fill:{paint}}}.s-{name}{{stroke:{paint}}}" for name, paint in named)


def _used(marks: tuple[Mark, ...]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Part):
            yield from _used(mark.marks)
        elif isinstance(mark, Words):
            yield mark.paint
        else:
            yield from filter(None, (mark.fill, mark.stroke))


def _mark(mark: Mark, colours: Mapping[str, str]) -> str:
    if isinstance(mark, Part):
        return _part(mark, colours)
    return _words(mark, colours) if isinstance(mark, Words) else _path(mark, colours)


def _part(part: Part, colours: Mapping[str, str]) -> str:
    inner = "".join(_mark(mark, colours) for mark in part.marks)
    if not part.id:
        return f"<g>{inner}</g>"
    focus = ' tabindex="0"' if part.kind == "node" else ""
    title = f"<title>{escape(part.title)}</title>" if part.title else ""
    return f'<g id="{escape(part.id)}" class="{part.kind}"{focus}>{title}{inner}</g>'


def _path(path: Path, colours: Mapping[str, str]) -> str:
    if path.stroke and path.stroke[0] != "#" and path.stroke not in colours:
        return ""
    steps = "".join(letter + " ".join(f"{_number(x)},{_number(y)}" for x, y in points) for letter, points in path.steps)
    width = f' stroke-width="{_number(path.width)}"' if path.stroke and path.width != 1 else ""
    dash = f' stroke-dasharray="{" ".join(map(_number, path.dash))}"' if path.dash else ""
    return f'<path d="{steps}"{_paints(path.fill, path.stroke, colours)}{width}{dash}/>'


def _paints(fill: str | None, stroke: str | None, colours: Mapping[str, str]) -> str:
    names = " ".join(
        f"{letter}-{name}" for letter, name in (("f", fill), ("s", stroke)) if name and not name.startswith("#")
    )
    kind = f' class="{names}"' if names else ""
    line = f' stroke="{colours.get(stroke, stroke)}"' if stroke else ""
    return f'{kind} fill="{colours.get(fill, fill) if fill else "none"}"{line}'


def _paint(what: str, name: str, colours: Mapping[str, str]) -> str:
    return f' class="{what[0]}-{name}" {what}="{colours[name]}"'


def _words(words: Words, colours: Mapping[str, str]) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    style = f'font-size="{_number(words.size)}"{weight}{_paint("fill", words.paint, colours)}'
    if len(words.pieces) > 1:
        return f'<text y="{_number(words.y)}" {style}>{"".join(_spans(words))}</text>'
    (piece,) = words.pieces
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    slant = ' font-style="italic"' if piece.symbol else ""
    fit = f' textLength="{_number(words.width)}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text x="{_number(words.x)}" y="{_number(words.y)}"{anchor} {style}{slant}{fit}>{escape(piece.text)}</text>'
    )


def _spans(words: Words) -> Iterator[str]:
    """Each piece at its own place, so that it stands right where a viewer's font is wider."""
    x = words.x - {"start": 0.0, "middle": words.width / 2, "end": words.width}[words.anchor]
    for piece in words.pieces:
        slant = ' font-style="italic"' if piece.symbol else ""
        yield f'<tspan x="{_number(x)}"{slant}>{escape(piece.text)}</tspan>'
        x += pieces_width((piece,), words.size, "Bold" if words.bold else "Regular")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
