"""A drawing → DOT, written with the graphviz package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape as html_escape
from typing import Any

from graphviz import Digraph, escape

from archspec.backends.graphviz.drawing import Arrow, Box, Drawing, Group, Item
from archspec.backends.graphviz.style import FILLS, FONT, GROUP_FILLS, LEGEND, LINE, ROUNDED

_GRAPH = {
    "labelloc": "t",
    "ordering": "out",
    "fontname": FONT,
    "fontsize": "12",
    "nodesep": "0.2",
    "ranksep": "0.3",
    "pad": "0.2",
}
_NODE = {
    "fontname": FONT,
    "fontsize": "11",
    "height": "0.3",
    "width": "1.4",
    "margin": "0.14,0.05",
    "color": LINE,
    "shape": "box",
}
_EDGE = {"fontname": FONT, "fontsize": "9", "color": LINE, "fontcolor": "#333333", "arrowsize": "0.6"}


def dot(drawing: Drawing) -> str:
    """The picture's DOT text; equal drawings give equal bytes."""
    graph = Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    graph.attr(label=_heading(drawing))
    _fill(graph, drawing.items, 0)
    for arrow in drawing.arrows:
        graph.edge(arrow.source, arrow.target, **_edge(arrow))
    return str(graph.source)


def _fill(graph: Any, items: Iterable[Item], level: int) -> None:
    for item in items:
        if isinstance(item, Box):
            graph.node(item.id, **_node(item))
        else:
            # Not graph.subgraph() as a context: that copies all that was written before.
            inner = Digraph(name=f"cluster_{item.id}")
            inner.attr(**_cluster(item, level))
            _fill(inner, item.items, level + 1)
            graph.subgraph(inner)


def _node(box: Box) -> dict[str, str]:
    known = {"id": box.id, "tooltip": _text(box.tooltip), "class": box.role, "fillcolor": FILLS[box.role]}
    styles = ["filled"] + ["rounded"] * (box.role in ROUNDED) + ["dashed"] * box.training
    if box.symbol is not None:
        small = {"shape": "circle", "fixedsize": "true", "width": "0.28", "height": "0.28", "margin": "0"}
        return {"label": _text(box.symbol), "style": ",".join(styles), **small, **known}
    double = {"peripheries": "2"} if box.closed else {}
    return {"label": _text(box.label), "style": ",".join(styles), **double, **known}


def _cluster(group: Group, level: int) -> dict[str, str]:
    return {
        # Arrows come in at the middle: a narrow title at the left, over wide boxes, stays clear of them.
        "label": "".join(f"{_text(line)}\\l" for line in group.title.split("\n")),
        "labeljust": "l",
        "fontsize": "9",
        "id": group.id,
        "tooltip": _text(group.tooltip),
        "style": "filled,rounded,dashed" if group.training else "filled,rounded",
        "color": "#BBBBBB",
        "fillcolor": GROUP_FILLS[level % len(GROUP_FILLS)],
        "margin": "10",
    }


def _edge(arrow: Arrow) -> dict[str, str]:
    label = {"label": f" {_text(arrow.label)} "} if arrow.label else {}
    return label | ({"style": "dashed"} if arrow.training else {})


def _text(text: str) -> str:
    r"""Text as it is, safe from DOT's escapes; a line break is `\n`."""
    return str(escape(text)).replace("\n", "\\n")


def _heading(drawing: Drawing) -> str:
    """Title, totals and legend, as an HTML-like label."""
    rows = [f'<TR><TD><FONT POINT-SIZE="18"><B>{html_escape(drawing.title)}</B></FONT></TD></TR>']
    rows += [f"<TR><TD>{html_escape(line)}</TD></TR>" for line in drawing.lines]
    rows += [f"<TR><TD>{_legend(drawing)}</TD></TR>"]
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>>'


def _legend(drawing: Drawing, columns: int = 4) -> str:
    """What occurs in the drawing: the colours, and the dashes of what runs in training only."""
    cells = list(_legend_cells(drawing))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    body = "".join(f"<TR>{''.join(row)}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="4" CELLPADDING="3" COLOR="{LINE}">{body}</TABLE>'


def _legend_cells(drawing: Drawing) -> Iterator[str]:
    boxes = list(drawing.boxes())
    roles = {box.role for box in boxes}
    for role, words in LEGEND.items():
        if role in roles:
            yield _cell(words, FILLS[role])
    if any(box.closed for box in boxes):
        yield _cell("double border: block, drawn closed", "#FFFFFF")
    if any(box.training for box in boxes):
        yield _cell("dashed: in training only", "#FFFFFF")


def _cell(words: str, fill: str) -> str:
    return f'<TD BGCOLOR="{fill}"><FONT POINT-SIZE="9">{html_escape(words)}</FONT></TD>'
