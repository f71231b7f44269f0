"""A graph → its drawing under a view: the network's sheet, and one for each distinct block."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from archspec.analysis.verdicts import Verdict
from archspec.graph.model import Block, Graph
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.draw_section import DrawWishes
from archspec.pictures.drawing.aligned_children import Part, Parts
from archspec.pictures.drawing.captions import heading, verdict_lines
from archspec.pictures.drawing.cost_colours import coloured
from archspec.pictures.drawing.display_title import display_title
from archspec.pictures.drawing.expansion import FIGURE, Openings, View
from archspec.pictures.drawing.inference_only import in_inference
from archspec.pictures.drawing.model import Drawing, Sheet
from archspec.pictures.drawing.sheets import Maker
from archspec.pictures.drawing.tables import tabled
from archspec.pictures.drawing.wishes import check, wished
from archspec.pictures.drawing.without_shapes import without_shapes
from archspec.templates import Template

NO_WISHES = DrawWishes()
MAIN = "network"
"""The key of the network's own sheet."""


def compose(
    graph: Graph, view: View = FIGURE, verdicts: Sequence[Verdict] = (), wishes: DrawWishes = NO_WISHES
) -> Drawing:
    """The drawing of a graph under a view, with how its documented figures fare.

    Raises `SpecError` where a block to be opened is not there.
    """
    check(graph, wishes)
    if asked := (*view.open, *((view.only,) if view.only else ())):
        _check_addresses(graph, asked, "open" if view.open else "draw")
    shown = graph.nodes[view.only] if view.only else graph.root
    assert isinstance(shown, Block)
    parts = Parts.of(graph)
    keys = _keys(parts.order)

    def key_of(part: Part) -> str | None:
        template = parts.shared(part)
        return keys[id(template)] if template and view.kind == "figure" else None

    openings = Openings(view, parts, view.opened)
    maker = Maker(parts, openings, key_of, view.colour, view.kind == "overview", view.kind == "figure")
    title, name = _called(graph, shown)
    main = maker.sheet(MAIN, title, [shown])
    insets = _insets(graph, main, maker, keys) if view.kind == "figure" else []
    drawing = Drawing(
        name,
        title,
        tuple(heading(shown, shown.counts, view.training)),
        tuple(verdict_lines(() if view.only else verdicts)),
        main,
        tuple(insets),
        narrow=view == replace(view, kind="overview", depth=None, open=()),
        titled=view.title,
        explained=view.legend,
    )
    drawing = drawing if view.training else in_inference(drawing)
    drawing = drawing if view.shapes else without_shapes(drawing)
    return wished(coloured(drawing, view.colour), wishes.section)


def _called(graph: Graph, shown: Block) -> tuple[str, str]:
    """The title of what is drawn, and its name, as a file of it is called."""
    if shown is graph.root:
        return display_title(graph.title, graph.name, graph.document) or graph.title, graph.name
    return shown.title or shown.name, f"{graph.name}.{shown.address}"


def _check_addresses(graph: Graph, addresses: Sequence[str], doing: str) -> None:
    blocks = [address for address, node in graph.nodes.items() if isinstance(node, Block)]
    wrong = [address for address in addresses if address not in blocks]
    if wrong:
        raise SpecError(
            Diagnostic(
                "unknown-address",
                f"`{graph.name}` has no block `{address}` to {doing}",
                found="an op, which has nothing inside" if address in graph.nodes else None,
                help=did_you_mean(address, blocks),
            )
            for address in wrong
        )


def _keys(templates: Sequence[Template]) -> dict[int, str]:
    """A name for each template's sheet: its title, with a stroke for each earlier one of that title."""
    keys: dict[int, str] = {}
    for template in templates:
        title = template.title
        while title in keys.values():
            title += "′"
        keys[id(template)] = title
    return keys


def _insets(graph: Graph, main: Sheet, maker: Maker, keys: dict[int, str]) -> list[Sheet]:
    """A sheet for each template of which blocks are drawn closed, in the order in which a reader meets them."""
    made: dict[str, Sheet] = {}
    shown = _closed(main)
    for template in reversed(maker.parts.order):
        key = keys[id(template)]
        blocks = [block for block in template.instances if block.address in shown.get(key, ())]
        if not blocks:
            continue
        made[key] = tabled(maker.sheet(key, key, blocks), blocks, template, [main, *made.values()])
        for inner, addresses in _closed(made[key]).items():
            shown.setdefault(inner, set()).update(addresses)
    order = [main]
    for sheet in order:
        order += [made[key] for key in _closed(sheet) if made[key] not in order]
    return order[1:]


def _closed(sheet: Sheet) -> dict[str, set[str]]:
    """The blocks that a sheet draws closed, by the key of the sheet that opens them."""
    found: dict[str, set[str]] = {}
    for box in sheet.boxes():
        if box.inside is not None:
            found.setdefault(box.inside, set()).update(address for row in box.members for address in row)
    return found
