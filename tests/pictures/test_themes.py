"""Whether everyone can read a picture: contrast, colour-blindness, and paper without colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import get_args

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE

import archspec
from archspec.analysis.comparison import compare
from archspec.api import zoo
from archspec.ops import ops
from archspec.ops.base import Kind
from archspec.pictures.drawing import Box, Drawing, Line, Piece, Sheet
from archspec.pictures.drawing.legend import LegendEntry, kind_words
from archspec.pictures.drawing.model import Role
from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.overlay_picture import Overlay
from archspec.pictures.render.legend import swatch
from archspec.pictures.render.marks import Part, Path, Words
from archspec.pictures.render.sheet import shape_marks
from archspec.pictures.render.themes import Theme, paints
from archspec.pictures.writers.dot import dot
from archspec.pictures.writers.mermaid import mermaid

KINDS = kind_words()
THEMES: tuple[Theme, ...] = get_args(Theme)
LEGIBLE = 4.5
"""WCAG 2.2, success criterion 1.4.3: the contrast of text of this size."""
SEEN = 3.0
"""WCAG 2.2, success criterion 1.4.11: the contrast of what one must see to understand a picture."""
APART = 6.9
"""The distance of two kinds in CAM02-UCS, where 1 is just noticeable."""
BLINDNESS = ("deuteranomaly", "protanomaly", "tritanomaly")
STROKED = frozenset({"linear", "normalization", "recurrent", "other"})
"""Kinds of boxes with lines in them."""
ROLES: tuple[Role, ...] = (*get_args(Kind), "block")


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def written(theme: Theme) -> Iterator[tuple[str, str]]:
    """Every paint of text, with the paints that it may stand on."""
    named = paints(theme)
    boxes = [name for name in named if name.startswith(("fill-", "shade-"))]
    grounds = ["page", "panel", "fan", *(name for name in named if re.fullmatch(r"frame-\d", name))]
    yield from ((text, ground) for text in ("ink", "muted-box") for ground in boxes)
    yield from ((text, ground) for text in ("ink", "muted") for ground in grounds)
    yield "faded", "fill-unchanged"


def test_the_measure_of_contrast_is_the_standards() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_what_it_stands_on(theme: Theme) -> None:
    named = paints(theme)
    found = {(text, ground): contrast(named[text], named[ground]) for text, ground in written(theme)}
    assert {pair: value for pair, value in found.items() if value < LEGIBLE} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_edges_of_boxes_are_seen(theme: Theme) -> None:
    named = paints(theme)
    for role in ROLES:
        assert contrast(named[f"line-{role}"], named["page"]) >= SEEN
        assert contrast(named[f"line-{role}"], named[f"fill-{role}"]) >= SEEN
    assert contrast(named["line"], named["page"]) >= SEEN


def seen(colour: str, blindness: str | None) -> np.ndarray:
    """A colour as a reader sees it who lacks one sort of cones."""
    if blindness is None:
        return np.array(rgb(colour))
    space = {"name": "sRGB1+CVD", "cvd_type": blindness, "severity": 100}
    return np.clip(cspace_convert(rgb(colour), space, "sRGB1"), 0, 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_kinds_are_told_apart_by_colour_blind_readers(theme: Theme, blindness: str | None) -> None:
    named = paints(theme)

    def distance(one: str, other: str) -> float:
        ways = ((seen(named[f"{part}-{role}"], blindness) for role in (one, other)) for part in ("fill", "line"))
        return max(float(deltaE(*way, input_space="sRGB1")) for way in ways)

    found = {pair: distance(*pair) for pair in combinations(ROLES, 2)}
    assert {pair: value for pair, value in found.items() if value < APART} == {}


def test_print_knows_black_and_white_alone() -> None:
    assert set(paints("print").values()) == {"#000000", "#FFFFFF"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("googlenet", {}),
        ("capsnet", {"view": "detail"}),
        ("resnet50", {"view": "overview"}),
        ("alexnet", {"colour": "params"}),
        ("faster_rcnn", {}),
        ("lenet", {"view": "volumes"}),
    ],
)
def test_print_is_black_and_white(name: str, options: dict[str, str]) -> None:
    drawn = archspec.read(name).draw(**options, theme="print").svg()  # type: ignore[arg-type]
    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", drawn)) == {"#000000", "#FFFFFF"}


def test_a_comparison_is_black_and_white_in_print() -> None:
    compared = compare(archspec.read("lenet").graph, archspec.read("lenet_1998").graph)
    drawn = Overlay(compared, theme="print").svg()
    assert set(re.findall(r"#[0-9A-F]{6}", drawn)) == {"#000000", "#FFFFFF"}


def form(role: Role, **given: object) -> tuple[Path, ...]:
    """The lines of a box at one place, without their paints."""
    box = Box("x", role, (Line((Piece("x"),)),), "", ((("x",),)), **given)  # type: ignore[arg-type]
    marks = [mark for mark in shape_marks(box, Rect(0.0, 0.0, 80.0, 30.0)) if isinstance(mark, Path)]
    return tuple(Path(mark.steps, None, None, mark.width, mark.dash) for mark in marks)


def test_each_kind_has_a_form_of_its_own() -> None:
    forms = {role: form(role) for role in get_args(Kind) if role != "join"} | {
        "block": form("block"),
        **{sign: form("join", sign=sign) for sign in "+×−∥"},
    }
    assert [pair for pair in combinations(forms, 2) if forms[pair[0]] == forms[pair[1]]] == []


def kinds_drawn() -> Drawing:
    """A box of each kind."""
    line = (Line((Piece("x"),)),)
    roles: tuple[Role, ...] = (*KINDS, "block")
    boxes = tuple(Box(role, role, line, "", ((role,),)) for role in roles)
    return Drawing("x", "x", (), (), Sheet("x", "x", ("",), boxes, ()))


def test_each_kind_has_a_form_of_its_own_for_other_tools() -> None:
    text = dot(kinds_drawn(), paints("print"))
    nodes = re.findall(rf"^\t+(?:{'|'.join([*KINDS, 'block'])}) \[(.*)\]", text, re.MULTILINE)
    forms = {tuple(re.findall(r'(?:shape|style)=(?:"[^"]*"|\S+)', node)) for node in nodes}
    assert len(forms) == len(nodes) == len(KINDS) + 1
    lines = mermaid(kinds_drawn(), paints("print")).splitlines()
    boxes = {role: next(line.strip() for line in lines if line.endswith(f":::{role}")) for role in (*KINDS, "block")}
    thick = {role: any(f"classDef {role} " in line and "stroke-width" in line for line in lines) for role in boxes}
    assert len({(re.sub(r"^n\d+|:::.*", "", each), thick[role]) for role, each in boxes.items()}) == len(boxes)


def test_what_became_of_a_box_changes_its_form() -> None:
    for role in ("convolution", "linear", "pooling", "block"):
        forms = [form(role, status=status) for status in ("unchanged", "changed", "added", "removed")]
        assert len(set(forms)) == 4


def test_the_amount_of_a_box_is_a_length_too() -> None:
    lengths = []
    for shade in range(1, 9):
        bar = form("convolution", shade=shade)[-1]
        (_, ((start, _),)), (_, ((end, _),)) = bar.steps
        lengths.append(end - start)
    assert lengths == pytest.approx([lengths[0] * step for step in range(1, 9)])
    assert form("convolution", shade=0) == form("convolution")


@pytest.mark.parametrize("role", KINDS)
def test_the_legend_shows_the_form_of_its_kind(role: Role) -> None:
    shown = [mark for mark in swatch(LegendEntry("kind", "", role)) if isinstance(mark, Path)]
    box = Box("x", role, (Line((Piece("x"),)),), "")
    inner = [mark for mark in shape_marks(box, Rect(0.0, 3.0, 22.0, 12.0)) if isinstance(mark, Path)]
    assert shown == inner


def test_every_kind_has_a_colour_and_a_place_in_the_legend() -> None:
    assert {op.kind for op in ops().values()} <= set(get_args(Kind))
    assert set(get_args(Kind)) - {"join"} == set(KINDS)
    for theme in THEMES:
        assert {f"{part}-{role}" for part in ("fill", "line") for role in ROLES} <= paints(theme).keys()


@pytest.mark.parametrize("name", zoo.documents())
def test_no_text_touches_the_lines_in_its_box(name: str) -> None:
    """The strokes at the sides of a box leave its text free."""
    drawn = archspec.read(name).draw("detail")
    boxes = {box.id: box for box in drawn.drawing.boxes()}
    for part in drawn.page.marks:
        box = boxes.get(part.id) if isinstance(part, Part) else None
        if box is None or box.role not in STROKED:
            continue
        texts = [mark for mark in part.marks if isinstance(mark, Words)]
        lines = [mark for mark in part.marks if isinstance(mark, Path) and len(mark.steps) == 2]
        assert [(box.id, text.pieces) for text in texts for line in lines if touches(line, text)] == []


def touches(line: Path, text: Words) -> bool:
    (_, ((x, y),)), (_, ((end_x, end_y),)) = line.steps
    across = min(x, end_x) < text.x + text.width / 2 and max(x, end_x) > text.x - text.width / 2
    return across and min(y, end_y) < text.y and max(y, end_y) > text.y - text.size * 0.72
