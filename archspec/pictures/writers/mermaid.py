"""A drawing → Mermaid, which GitHub and many notebooks draw: a subgraph for each sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archspec.pictures.drawing import Box, Drawing, Edge, Item, Sheet, Table
from archspec.pictures.layout.graphviz import Direction

_OUTLINES: Mapping[str, tuple[str, str]] = {
    "pooling": ("[\\", "/]"),
    "shape": ("[/", "/]"),
    "normalization": ("(", ")"),
    "activation": ("([", "])"),
    "regularization": ("{{", "}}"),
    "linear": ("[[", "]]"),
    "recurrent": ("[(", ")]"),
    "detection": ("[/", "\\]"),
    "other": (">", "]"),
    "input": ("([", "])"),
    "output": ("([", "])"),
}
"""What stands around a box's text, by its role."""
THICK = frozenset({"block", "added"})
"""Paints of what has a thick line around it."""


def mermaid(drawing: Drawing, paints: Mapping[str, str], direction: Direction = "TB") -> str:
    """The drawing as a Mermaid flowchart."""
    names = {box.id: f"n{number}" for number, box in enumerate(drawing.boxes())}
    lines = ["---", f"title: {_quoted(drawing.title)}", "---", f"flowchart {direction}"]
    for number, sheet in enumerate(drawing.sheets):
        lines += (f"  {line}" for line in _sheet(sheet, f"s{number}", names, direction))
    kinds = sorted({box.paint for box in drawing.boxes() if box.role not in ("input", "output")})
    for kind in kinds:
        fill, stroke = paints[f"fill-{kind}"], paints[f"line-{kind}"]
        thick = ",stroke-width:2px" if kind in THICK else ""
        lines.append(f"  classDef {kind} fill:{fill},stroke:{stroke},color:{paints['ink']}{thick}")
    dashed = [names[box.id] for box in drawing.boxes() if box.training or box.status == "removed"]
    optional = [names[box.id] for box in drawing.boxes() if box.members and box.optional]
    if optional:
        lines += ["  classDef optional stroke-dasharray:2 2", f"  class {','.join(optional)} optional"]
    edges = [edge for sheet in drawing.sheets for edge in sheet.edges]
    for dash, numbers in {
        "2 2": [number for number, edge in enumerate(edges) if edge.optional],
        "6 2 2 2": [number for number, edge in enumerate(edges) if edge.sized and not edge.optional],
    }.items():
        lines += [f"  linkStyle {','.join(map(str, numbers))} stroke-dasharray:{dash}"] if numbers else []
    if dashed:
        lines += ["  classDef training stroke-dasharray:5 4", f"  class {','.join(dashed)} training"]
    return "\n".join(lines) + "\n"


def _sheet(sheet: Sheet, name: str, names: Mapping[str, str], direction: Direction) -> Iterator[str]:
    times = f" ×{len(sheet.instances)}" if len(sheet.instances) > 1 else ""
    yield f"subgraph {name} [{_quoted(sheet.title + times)}]"
    yield f"  direction {direction}"
    yield from (f"  {line}" for line in _items(sheet.items, names))
    for edge in sheet.edges:
        yield f"  {names[edge.source]} {_arrow(edge)} {names[edge.target]}"
    if sheet.table:
        yield f"  {name}t[{_quoted(_table(sheet.table))}]"
    yield "end"


def _items(items: Iterable[Item], names: Mapping[str, str]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Box):
            yield _node(item, names[item.id])
        else:
            first = next(box for box in _boxes(item.items))
            yield f"subgraph g{names[first.id]}_{item.id.count('.')} [{_quoted(item.title)}]"
            yield from (f"  {line}" for line in _items(item.items, names))
            yield "end"


def _boxes(items: Iterable[Item]) -> Iterator[Box]:
    for item in items:
        if isinstance(item, Box):
            yield item
        else:
            yield from _boxes(item.items)


def _node(box: Box, name: str) -> str:
    kind = "" if box.role in ("input", "output") else f":::{box.paint}"
    if box.sign is not None:
        return f"{name}(({_quoted(box.sign)})){kind}"
    start, end = _OUTLINES.get(box.role, ("[", "]"))
    return f"{name}{start}{_quoted(chr(10).join([*map(str, box.lines), *['does not train'] * box.frozen]))}{end}{kind}"


def _arrow(edge: Edge) -> str:
    text = "\n".join(filter(None, [edge.text, f"as {edge.operand}" if edge.operand else ""]))
    line = "==>" if edge.status == "added" else "-.->" if edge.training or edge.status == "removed" else "-->"
    return f"{line}|{_quoted(text)}|" if text else line


def _table(table: Table) -> str:
    rows = [" · ".join(header.text for header in table.headers)]
    rows += [" · ".join([row.name, str(len(row.addresses)), *(c.text for c in row.cells)]) for row in table.rows]
    return "\n".join(rows)


def _quoted(text: str) -> str:
    """A text in quotes, safe from Mermaid's and Markdown's signs."""
    escaped = text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return '"' + escaped.replace("`", "#96;").replace("\n", "<br/>") + '"'
