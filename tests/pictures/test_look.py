"""Pictures for paper: as wide as was asked, with text that can be read, and with what was left out left out."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest

import archspec
from archspec.api import zoo
from archspec.language.diagnostics import SpecError
from archspec.pictures.drawing.display_title import display_title
from archspec.pictures.render.marks import Page, Part, Words
from tests.samples import sample

COLUMN, SHEET = "85mm", "178mm"
POINTS = {COLUMN: 85 * 72 / 25.4, SHEET: 178 * 72 / 25.4}


def smallest(page: Page) -> float:
    marks, sizes = list(page.marks), []
    for mark in marks:
        if isinstance(mark, Part):
            marks.extend(mark.marks)
        elif isinstance(mark, Words):
            sizes.append(mark.size)
    return min(sizes)


SMALL: dict[tuple[str, str], set[str]] = {
    ("overview", COLUMN): {"clip", "ddpm", "dit", "raft", "ssd", "ssdlite", "stable_diffusion_v1", "vae"},
    ("figure", SHEET): {"clip", "mvit", "raft"},
}
"""Networks that do not fit: each goes from here once it does."""


@pytest.mark.parametrize("name", zoo.documents())
@pytest.mark.parametrize(("view", "width"), [("overview", COLUMN), ("figure", SHEET)])
def test_a_picture_is_as_wide_as_was_asked_and_its_text_can_be_read(name: str, view: str, width: str) -> None:
    picture: Any = archspec.read(name).draw(view, width=width)  # type: ignore[arg-type]
    assert picture.sheet.width == pytest.approx(POINTS[width])
    assert (smallest(picture.sheet) >= 5.95) == (name not in SMALL[view, width])


def test_a_picture_that_does_not_fit_says_so() -> None:
    picture = archspec.read("resnet50").draw("detail", width="40mm", min_pt=9)
    picture.svg()
    (note,) = (each for each in picture.notes if "paper" in each)
    assert re.fullmatch(r"the text is \d\.\d pt: the paper is too small for 9 pt; an overview needs less", note)
    picture = archspec.read("resnet18").draw(width="178mm")
    picture.svg()
    assert not picture.notes


def test_a_slide_has_its_ratio_whatever_is_drawn() -> None:
    for name in ("residual", "unet"):
        picture: Any = sample(name).draw(width="16:9", title=False)
        assert picture.sheet.width / picture.sheet.height == pytest.approx(16 / 9)
        assert (picture.sheet.width, picture.page.width) != (picture.page.width, picture.sheet.width)


def test_a_png_has_so_many_pixels_to_an_inch_and_says_so() -> None:
    content = sample("residual").draw(width="85mm", dpi=300).bytes("png")
    width = struct.unpack(">I", content[16:20])[0]
    assert abs(width - 85 / 25.4 * 300) < 2
    at = content.index(b"pHYs")
    assert struct.unpack(">IIB", content[at + 4 : at + 13]) == (11811, 11811, 1)
    wide, plain = (sample("residual").draw(scale=scale).bytes("png") for scale in (2.0, 1.0))
    assert abs(struct.unpack(">I", wide[16:20])[0] - 2 * struct.unpack(">I", plain[16:20])[0]) < 4


def test_a_transparent_picture_has_no_ground_and_a_font_is_asked_for_first() -> None:
    plain, bare = (sample("residual").draw(theme="light", transparent=each).svg() for each in (False, True))
    assert plain.count("<rect") == bare.count("<rect") + 1
    written = sample("residual").draw(font="Times New Roman")
    assert 'font-family="Times New Roman, Arimo' in written.svg()
    assert b"Times New Roman" in written.bytes("drawio")
    written.bytes("pdf")
    assert "the PDF is not in Times New Roman: it has a font of its own" in written.notes


def test_without_shapes_no_wire_says_its_shape() -> None:
    drawing: Any = sample("unet").draw(shapes=False).drawing  # type: ignore[attr-defined]
    assert not any(edge.label for sheet in drawing.sheets for edge in sheet.edges)
    assert any(edge.label for sheet in sample("unet").draw().drawing.sheets for edge in sheet.edges)  # type: ignore[attr-defined]
    ends = [box for box in drawing.boxes() if box.role in ("input", "output")]
    assert ends and all(len(box.lines) == 1 for box in ends)


@pytest.mark.parametrize(
    "asked",
    [{"width": "85"}, {"width": "5mm"}, {"width": "16:0"}, {"min_pt": 0}, {"scale": 0}, {"dpi": 9e9}, {"font": "a<b"}],
)
def test_what_no_picture_can_have_is_told(asked: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as raised:
        sample("residual").draw(**asked)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "unknown-choice" and diagnostic.expected


@pytest.mark.parametrize(
    ("title", "name", "document", "wanted"),
    [
        ("ResNet", "resnet50", "resnet", "ResNet-50"),
        ("ViT", "vit_b_16", "vit", "ViT-B/16"),
        ("EfficientNet", "efficientnet_b0", "efficientnet", "EfficientNet-B0"),
        ("MobileNetV3", "mobilenet_v3_large", "mobilenet_v3", "MobileNetV3-Large"),
        ("YOLOv8", "yolov8n", "yolov8", "YOLOv8n"),
        ("GPT-2", "gpt2_medium", "gpt2", "GPT-2 Medium"),
        ("MnasNet", "mnasnet0_5", "mnasnet", "MnasNet-0.5"),
        ("ResNet", "resnet", "resnet", None),
        ("ResNet", "wide_resnet50_2", "resnet", None),
        ("Faster R-CNN", "fasterrcnn_resnet50_fpn", "faster_rcnn", None),
    ],
)
def test_a_variant_is_titled_as_papers_write_it(title: str, name: str, document: str, wanted: str | None) -> None:
    assert display_title(title, name, document) == wanted
    assert archspec.read("resnet50").draw().drawing.title == "ResNet-50"  # type: ignore[attr-defined]
