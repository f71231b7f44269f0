"""Formats that one edits hold each box with its words, and each wire from its box to its target."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

import archspec
from archspec.pictures.layout.graphviz import Point
from archspec.pictures.picture import Picture
from archspec.pictures.writers.connector_forms import Form, connector_form
from archspec.pictures.writers.tikz import escaped
from tests.samples import SPECS, sample

NODE = r"^  % (.*)\n(?:  \\(?:path|coordinate).*\n)*  \\node\[.*?\] \((n\d+)\)"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def edges(picture: Picture) -> list[tuple[str, str]]:
    return sorted((edge.source, edge.target) for sheet in picture.drawing.sheets for edge in sheet.edges)


def said(picture: Picture) -> dict[str, str]:
    return {box.id: "".join(map(str, box.lines)) for box in picture.drawing.boxes() if box.sign is None}


@pytest.mark.parametrize("name", SPECS)
def test_a_slide_has_a_shape_for_each_box_and_a_glued_connector_for_each_wire(name: str) -> None:
    picture: Any = sample(name).draw()
    (slide,) = Presentation(BytesIO(picture.bytes("pptx"))).slides
    names = {shape.shape_id: shape.name for shape in slide.shapes}
    assert len(names) == len(slide.shapes)
    texts = {shape.name: shape.text_frame.text.replace("\n", "") for shape in slide.shapes if shape.has_text_frame}
    assert said(picture).items() <= texts.items()
    glued = []
    for shape in slide.shapes:
        ends = [shape.element.find(f".//{DRAWING}{tag}") for tag in ("stCxn", "endCxn")]
        if ends[0] is not None:
            glued.append(tuple(names[int(end.get("id"))] for end in ends))
            for end in ends:
                (held,) = (each for each in slide.shapes if each.shape_id == int(end.get("id")))
                assert int(end.get("idx")) < len(held.element.findall(f".//{DRAWING}cxn"))
    assert sorted(glued) == edges(picture)


@pytest.mark.parametrize("name", SPECS)
def test_a_draw_io_document_has_a_cell_for_each_box_and_wire(name: str) -> None:
    picture: Any = sample(name).draw()
    root = ElementTree.fromstring(picture.bytes("drawio"))
    shapes = {each.get("id"): (each.get("tooltip") or "").split("\n")[0] for each in root.iter("object")}
    labels = {shapes[each.get("id")]: each.get("label") or "" for each in root.iter("object")}
    for id, text in said(picture).items():
        assert "".join(ElementTree.fromstring(f"<p>{labels[id].replace('<br>', '')}</p>").itertext()) == text
    cells = [cell for cell in root.iter("mxCell") if cell.get("source")]
    assert sorted((shapes[cell.get("source")], shapes[cell.get("target")]) for cell in cells) == edges(picture)
    ids = [each.get("id") for tag in ("object", "mxCell") for each in root.iter(tag) if each.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SPECS)
def test_tikz_has_a_named_node_for_each_box_and_a_wire_between_nodes(name: str) -> None:
    picture: Any = sample(name).draw()
    text = picture.bytes("tikz").decode()
    marks = re.findall(NODE, text, re.M)
    named = {node: address for address, node in marks}
    assert set(said(picture)) <= set(named.values())
    wires = re.findall(r"\\draw\[wire.*?\] \((?:\[.*?\])?(n\d+)\..*\((?:\[.*?\])?(n\d+)\.\w+\);", text)
    assert sorted((named[start], named[end]) for start, end in wires) == edges(picture)
    lines = [line for box in picture.drawing.boxes() if box.sign is None for line in box.lines]
    assert all(escaped(piece.text) in text for line in lines for piece in line.text)
    bare = re.sub(r"\\\\|\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert set(re.findall(r"(?:fill|draw)=([\w-]+)", text)) <= set(re.findall(r"definecolor\{([\w-]+)\}", text))


def test_latex_reads_every_sign_as_itself() -> None:
    assert escaped("a_b^2 ~ 50% #{x} \\ & $") == (
        r"a\_b\textasciicircum{}2 \textasciitilde{} 50\% \#\{x\} \textbackslash{} \& \$"
    )


@pytest.mark.parametrize("name", ["resnet50", "fasterrcnn_resnet50_fpn", "bert_base", "unet"])
@pytest.mark.parametrize("format", ["tikz", "drawio", "pptx"])
def test_bundled_networks_are_written_and_alike_each_time(name: str, format: str) -> None:
    first, second = (archspec.read(name).draw().bytes(format) for _ in range(2))
    assert first == second


def drawn(form: Form, element: str) -> list[Point]:
    """The way that PowerPoint draws of a connector: within its place, mirrored, then turned by a quarter."""
    width, height = form.at.width, form.at.height
    bends = [int(each) / 100_000 for each in re.findall(r"val (-?\d+)", element)]
    points = [(0.0, 0.0)]
    for number, bend in enumerate(bends):
        x, y = points[-1]
        points.append((x, bend * height) if number % 2 else (bend * width, y))
    x, y = points[-1]
    if "straight" not in element:
        points.append((x, height) if len(bends) % 2 else (width, y))
    points.append((width, height))
    middle_x, middle_y = form.at.middle
    found = []
    for across, down in points:
        aside, below = across - width / 2, down - height / 2
        aside *= -1 if "flipH" in form.attributes else 1
        below *= -1 if "flipV" in form.attributes else 1
        aside, below = (-below, aside) if "rot=" in form.attributes else (aside, below)
        found.append((middle_x + aside, middle_y + below))
    return found


@given(
    st.booleans(),
    st.lists(st.integers(-300, 300).filter(lambda far: abs(far) > 2), min_size=1, max_size=6),
)
def test_a_connector_goes_its_way(upright: bool, stretches: list[int]) -> None:
    way: list[Point] = [(500.0, 500.0)]
    for number, far in enumerate(stretches):
        x, y = way[-1]
        way.append((x, y + far) if (number % 2 == 0) == upright else (x + far, y))
    form = connector_form(way)
    if form.element:
        found = drawn(form, form.element)
        assert len(found) == len(way)
        assert all(abs(a - c) < 0.1 and abs(b - d) < 0.1 for (a, b), (c, d) in zip(found, way))
    else:
        assert len(way) > 6 or any(abs(end - start) < 0.1 for start, end in zip(way[0], way[-1]))
    assert all(one != other for one, other in pairwise(way))
