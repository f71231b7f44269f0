"""A drawing → DOT, written with the graphviz package: a cluster for each sheet, for other layouts and other tools."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as html_escape
from typing import Any

from graphviz import Digraph, escape

from archspec.pictures.drawing import Box, Drawing, Edge, Item, Sheet, Table
from archspec.pictures.layout.graphviz import Direction

_FONT = {"fontname": "Helvetica,Arial,sans-serif"}
_SHAPES = {
    "pooling": "invtrapezium",
    "shape": "parallelogram",
    "regularization": "hexagon",
    "detection": "octagon",
    "recurrent": "cds",
    "linear": "component",
    "normalization": "ellipse",
    "other": "note",
}
_STYLES = {"activation": "rounded", "block": "bold"}


def dot(drawing: Drawing, paints: dict[str, str], direction: Direction = "TB") -> str:
    """The drawing's DOT text; equal drawings give equal bytes."""
    heading = "\n".join([drawing.title, *drawing.lines, *drawing.verdicts, *drawing.notes])
    graph = Digraph(
        graph_attr=_FONT | {"label": _text(heading), "labelloc": "t", "rankdir": direction, "ordering": "out"},
        node_attr=_FONT | {"fontsize": "11", "height": "0.3", "margin": "0.14,0.05", "shape": "box", "style": "filled"},
        edge_attr=_FONT | {"fontsize": "9", "arrowsize": "0.6", "color": paints["line"]},
    )
    for sheet in drawing.sheets:
        inner = Digraph(name=f"cluster_sheet_{sheet.key}")
        inner.attr(label=_text(_sheet_title(sheet)), labeljust="l", color="transparent", id=f"sheet-{sheet.key}")
        _fill(inner, sheet.items, paints)
        for edge in sheet.edges:
            inner.edge(escape(edge.source), escape(edge.target), **_edge(edge))
        if sheet.table:
            inner.node(f"table-{sheet.key}", label=_table(sheet.table), shape="plaintext", style="")
        graph.subgraph(inner)
    return str(graph.source)


def _sheet_title(sheet: Sheet) -> str:
    return f"{sheet.title} ×{len(sheet.instances)}" if len(sheet.instances) > 1 else sheet.title


def _fill(graph: Any, items: Iterable[Item], paints: dict[str, str]) -> None:
    for item in items:
        if isinstance(item, Box):
            graph.node(escape(item.id), **_node(item, paints))
        else:
            # Not graph.subgraph() as a context: that copies all that was written before.
            inner = Digraph(name=f"cluster_{item.id}")
            style, line = "rounded,dashed" if item.training else "rounded", paints["frame-line"]
            inner.attr(label=_text(item.title), id=item.id, tooltip=_text(item.tooltip), style=style, color=line)
            _fill(inner, item.items, paints)
            graph.subgraph(inner)


def _node(box: Box, paints: dict[str, str]) -> dict[str, str]:
    known = {"id": box.id, "tooltip": _text(box.tooltip)}
    if box.role in ("input", "output"):
        return {"label": _label(box), "shape": "plaintext", "style": "", **known}
    styles = ["filled", *([_STYLES[box.role]] if box.role in _STYLES else [])]
    styles += ["dashed"] * (box.training or box.status == "removed") + ["bold"] * (
        box.status == "added" and not box.closed
    )
    styles += ["dotted"] * (bool(box.members) and box.optional)
    colours = {
        "fillcolor": paints[f"fill-{box.paint}"],
        "color": paints[f"line-{box.paint}"],
        "fontcolor": paints["ink"],
    }
    if box.sign is not None:
        small = {"shape": "circle", "fixedsize": "true", "width": "0.28", "height": "0.28", "margin": "0"}
        return {"label": box.sign, "style": ",".join(dict.fromkeys(styles)), **small, **colours, **known}
    double = {"peripheries": "2"} if box.stacked else {}
    shape = {"shape": _SHAPES[box.role]} if box.role in _SHAPES else {}
    return {"label": _label(box), "style": ",".join(dict.fromkeys(styles)), **double, **shape, **colours, **known}


def _label(box: Box) -> str:
    return _text("\n".join([*map(str, box.lines), *["does not train"] * box.frozen]))


def _edge(edge: Edge) -> dict[str, str]:
    text = edge.text
    dashed = edge.training or edge.status == "removed"
    dotted = {"style": "dotted"} if edge.optional else {"style": "dashed", "arrowhead": "empty"} if edge.sized else {}
    style = {"style": "dashed"} if dashed else {"style": "bold"} if edge.status == "added" else dotted
    operand = {"headlabel": f" {_text(edge.operand)} "} if edge.operand else {}
    return ({"label": f" {_text(text)} "} if text else {}) | operand | style


def _table(table: Table) -> str:
    """A table as an HTML-like label."""
    rows = [[header.text for header in table.headers]]
    rows += [[row.name, str(len(row.addresses)), *(cell.text for cell in row.cells)] for row in table.rows]
    body = "".join("<TR>" + "".join(f"<TD>{html_escape(text)}</TD>" for text in row) + "</TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="3">{body}</TABLE>>'


def _text(text: str) -> str:
    r"""Text as it is, safe from DOT's escapes; a line break is `\n`."""
    return str(escape(text)).replace("\n", "\\n")
