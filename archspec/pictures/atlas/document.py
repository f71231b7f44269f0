"""The atlas as one HTML document: it needs no network, and without its script reads as a plain page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from archspec.codegen import written
from archspec.graph.model import Graph
from archspec.language.source import Source
from archspec.language.visible_text import json_text
from archspec.pictures.atlas.node_data import Nodes
from archspec.pictures.atlas.sheet_data import Laid, doors, fragment, sheet_data, sheets
from archspec.pictures.atlas.stylesheet import colours
from archspec.pictures.drawing import Drawing
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.layout.graphviz_process import TIME_LIMIT
from archspec.pictures.render.marks import Page
from archspec.pictures.render.themes import Theme
from archspec.pictures.writers.inline_svg import Marking


def atlas(
    graph: Graph,
    drawing: Drawing,
    page: Page,
    theme: Theme | None = None,
    direction: Direction = "TB",
    time_limit: float = TIME_LIMIT,
) -> str:
    """The document of a graph whose drawing is laid out on a page.

    Without a theme it is light or dark as its reader prefers. Equal graphs give equal bytes; raises
    `LayoutTimeoutError` where a block's sheet cannot be laid out in time.
    """
    laid_out = sheets(graph, drawing, page, direction, time_limit)
    code = written(graph)
    nodes = Nodes(graph, code.lines)
    texts = [(_name(each), _lines(each)) for each in nodes.files] + [(f"{graph.name}.py", code.text.splitlines())]
    marking = Marking(doors(laid_out))
    sections = [
        *(_sheet(number, laid, marking) for number, laid in enumerate(laid_out)),
        *(_file(number, name, lines) for number, (name, lines) in enumerate(texts)),
    ]
    data = {
        "name": graph.name,
        "title": graph.title,
        "root": nodes.root,
        "texts": nodes.texts.values,
        "spans": nodes.spans.values,
        "files": [name for name, _ in texts],
        "sheets": [sheet_data(laid.sheet) for laid in laid_out],
    }
    style = f"{colours(marking.paints)}\n{_part('atlas.css')}"
    return _DOCUMENT.format(
        theme=f' data-theme="{theme}"' if theme else "",
        policy=escape(_policy(style, _part("atlas.js"))),
        title=escape(graph.title),
        name=escape(graph.name),
        style=style,
        contents="\n".join(_contents(laid_out, [name for name, _ in texts])),
        sections="\n".join(sections),
        data=_embedded(data),
        script=_part("atlas.js"),
    )


_DOCUMENT = """\
<!DOCTYPE html>
<html lang="en"{theme}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="archspec">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header id="atlas-header">
<h1>{title}</h1>
<nav id="atlas-contents" aria-label="Sheets"><ul>
{contents}
</ul></nav>
</header>
<main id="atlas-main">
{sections}
</main>
<script type="application/json" id="atlas-data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def _policy(style: str, script: str) -> str:
    """Nothing may be fetched, and nothing runs but the atlas's own script: not what a spec might hold either."""
    return f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}"


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _contents(laid_out: Sequence[Laid], names: Sequence[str]) -> Iterator[str]:
    for number, laid in enumerate(laid_out):
        several = f" ×{len(laid.sheet.instances)}" if len(laid.sheet.instances) > 1 else ""
        yield _link(fragment(number), f"{laid.sheet.title if number else 'Network'}{several}")
    for number, name in enumerate(names):
        yield _link(f"file-{number}", name, "minor" if "/" in name else "")


def _link(target: str, text: str, rank: str = "") -> str:
    known = f' class="{rank}"' if rank else ""
    return f'<li{known}><a href="#{target}">{escape(text)}</a></li>'


def _sheet(number: int, laid: Laid, marking: Marking) -> str:
    ids: Collection[str] = {box.id for box in laid.sheet.boxes()} | {group.id for group in laid.sheet.groups()}
    title = laid.sheet.title if number else "Network"
    name = fragment(number)
    shape = " wide" if laid.page.width > laid.page.height * 1.2 else ""
    return (
        f'<section class="sheet{shape}" id="{name}" aria-labelledby="title-{name}">\n'
        f'<h2 id="title-{name}">{escape(title)}</h2>\n'
        f"{marking.svg(laid.page, ids)}\n</section>"
    )


def _file(number: int, name: str, lines: Sequence[str]) -> str:
    """A text with its lines numbered by the style sheet, so that copying it gives the text alone."""
    body = "\n".join(f"<i></i>{escape(line, quote=False)}" for line in lines)
    return (
        f'<section class="file" id="file-{number}" aria-labelledby="title-file-{number}">\n'
        f'<h2 id="title-file-{number}">{escape(name)}</h2>\n<pre tabindex="0"><code>{body}\n</code></pre>\n</section>'
    )


def _name(source: Source) -> str:
    """A file's name; standard blocks keep their folder."""
    return source.name if source.standard else Path(source.name).name


def _lines(source: Source) -> Sequence[str]:
    """A file's lines, without an empty one after its last line break."""
    return source.lines[:-1] if not source.lines[-1] else source.lines


def _embedded(data: Any) -> str:
    """JSON that holds nothing that could end a script."""
    text = json_text(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
