from __future__ import annotations

import re
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import archspec
from archspec.language.diagnostics import SpecError
from archspec.pictures import LayoutTimeoutError, View, draw
from archspec.pictures.displayable import RenderError
from archspec.pictures.drawing import Box
from archspec.pictures.fonts import text_width
from archspec.pictures.layout import graphviz_process
from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.writers import pdf as pdf_module
from tests.samples import SPECS, golden, sample

SVG = "{http://www.w3.org/2000/svg}"
CODE_SIGNS = {
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "html": b"<!DOCTYPE html>",
    "dot": b"digraph",
    "mermaid": b"---",
    "tikz": b"% ",
    "drawio": b"<?xml",
    "pptx": b"PK",
}


@pytest.mark.parametrize("name", SPECS)
def test_svg_has_every_box_by_its_address_with_a_tooltip_and_every_text(name: str) -> None:
    picture = sample(name).draw()
    root = ElementTree.fromstring(picture.svg())
    groups = {element.get("id"): element for element in root.iter(f"{SVG}g")}
    texts = {"".join(element.itertext()) for element in root.iter(f"{SVG}text")}
    for box in picture.drawing.boxes():
        assert groups[box.id].find(f"{SVG}title").text == box.tooltip  # type: ignore[union-attr]
        assert box.sign or set(map(str, box.lines)) <= texts
    assert root.find(f"{SVG}title").text == picture.drawing.title  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text  # type: ignore[union-attr]
    ids = re.findall(r' id="([^"]*)"', picture.svg())
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SPECS)
def test_dot_is_as_recorded(name: str) -> None:
    dot = sample(name).draw().bytes("dot").decode()
    assert dot == golden(f"{name}.dot", dot)


@pytest.mark.parametrize("name", ["residual", "mini_inception"])
def test_mermaid_is_as_recorded(name: str) -> None:
    text = sample(name).draw().bytes("mermaid").decode()
    assert text == golden(f"{name}.mmd", text)


@pytest.mark.parametrize("name", SPECS)
def test_dot_is_what_graphviz_reads(name: str) -> None:
    assert "<svg" in graphviz_process.run(
        sample(name).draw().bytes("dot").decode().encode("ascii", "replace").decode(), "-Tsvg"
    )


@pytest.mark.parametrize("format", CODE_SIGNS)
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_format_in_every_theme_and_the_same_bytes_each_time(format: str, theme: str) -> None:
    pictures = [sample("unet").draw(theme=theme) for _ in range(2)]  # type: ignore[arg-type]
    first, second = (each.bytes(format) for each in pictures)
    assert first.startswith(CODE_SIGNS[format])
    assert first == second


def test_without_a_theme_a_readers_preference_decides() -> None:
    assert "prefers-color-scheme:dark" in sample("residual").draw().svg()
    assert "@media print" in sample("residual").draw().svg()
    assert "@media" not in sample("residual").draw(theme="light").svg()


@pytest.mark.parametrize("colour", ["params", "macs", "memory"])
def test_costs_are_written_in_the_boxes_and_on_a_scale(colour: str) -> None:
    drawing = archspec.read("vgg16").draw(colour=colour).drawing  # type: ignore[arg-type]
    largest = {"params": "120 M in all 2", "macs": "4.62 G in all 3", "memory": "51.4 M in all 2"}[colour]
    assert drawing.scale is not None
    assert [str(box.lines[-1]) for box in drawing.boxes() if box.shade == 8][:1] == [largest]
    free = colour != "memory"
    assert all((box.shade == 0) == free for box in drawing.boxes() if box.role == "pooling")
    assert list(drawing.scale.amounts) == sorted(drawing.scale.amounts)


@pytest.mark.parametrize("asked", [{"depth": 2}, {"open": ["layer1", "layer3.0"]}, {"view": "detail"}, {}])
def test_an_address_is_the_id_of_one_thing(asked: dict[str, Any]) -> None:
    ids = re.findall(r' id="([^"]*)"', archspec.read("resnet50").draw(**asked).svg())
    assert len(ids) == len(set(ids)) > 10


def test_a_legend_has_only_what_occurs() -> None:
    texts = set(re.findall(r">([^<>]+)</text>", sample("symbolic").draw("overview").svg()))
    assert "convolution" in texts
    assert not {"pooling", "recurrent", "training only", "does not train", "repeated"} & texts


def test_frozen_and_training_parts_are_marked() -> None:
    boxes = {box.id: box for box in sample("shared").draw().drawing.boxes()}
    assert boxes["one.conv"].frozen
    assert boxes["one.pair"].frozen
    dashed = {box.id for box in sample("mini_inception").draw("detail", training=True).drawing.boxes() if box.training}
    assert {"aux1.pool", "aux1.fc2", "output-aux1"} <= dashed
    assert all(each.startswith("aux1") or each == "output-aux1" for each in dashed)


def test_a_node_with_the_weights_of_another_says_so() -> None:
    boxes = {box.id: box for box in sample("shared").draw().drawing.boxes()}
    assert [str(line) for line in boxes["other"].lines] == ["other", "Twin", "weights of one"]
    assert boxes["other"].inside is None


def test_calls_of_one_head_side_by_side_are_one_box_with_one_edge_for_all_levels() -> None:
    drawing = archspec.read("fasterrcnn_resnet50_fpn").draw().drawing
    rpn = next(sheet for sheet in drawing.insets if sheet.key == "RPN")
    (head,) = (box for box in rpn.boxes() if box.lanes > 1 and box.closed)
    assert [str(line) for line in head.lines] == ["head", "RPNHead", "×5 side by side", "shared weights"]
    assert head.members == (("rpn.head", "rpn.head_2", "rpn.head_3", "rpn.head_4", "rpn.head_5"),)
    into, *out = (edge for edge in rpn.edges if head.id in (edge.source, edge.target))
    boxes = {box.id: [str(line) for line in box.lines] for box in rpn.boxes()}
    assert boxes[into.source] == ["maps0–4", "256×200×200 … 13×13"]
    assert [(edge.name, edge.outputs) for edge in out] == [
        ("objectness", (0, 2, 4, 6, 8)),
        ("deltas", (1, 3, 5, 7, 9)),
    ]
    labels = {(edge.source, edge.target): f"{edge.name} {edge.label}" for edge in drawing.main.edges}
    assert labels["backbone", "rpn"] == "[0–4] 256×200×200 … 13×13"
    assert labels["backbone", "roi_heads"] == "[0–3] "


def test_what_calls_side_by_side_hold_is_drawn_once_in_a_frame() -> None:
    drawing = archspec.read("retinanet_resnet50_fpn").draw().drawing
    head = next(sheet for sheet in drawing.insets if sheet.key == "Head")
    assert [group.title.split("\n") for group in head.groups()] == [
        ["classification_head: Subnet", "×5 side by side", "shared weights"],
        ["regression_head: Subnet", "×5 side by side", "shared weights"],
    ]
    assert [[str(line) for line in box.lines] for box in next(head.groups()).items if isinstance(box, Box)] == [
        ["3×3 conv, 256  ×4", "ReLU"],
        ["3×3 conv, 819"],
    ]
    assert len(head.edges) == 6


def test_an_overview_tells_records_by_name_and_their_fields_where_they_leave() -> None:
    architecture = archspec.read("retinanet_resnet50_fpn")
    texts = {
        view: {
            (edge.source, edge.target): edge.text for edge in architecture.draw(view, training=True).drawing.main.edges
        }
        for view in ("figure", "overview")
    }
    found = texts["figure"]["detect", "detections"], texts["overview"]["detect", "detections"]
    assert found == ("losses\nclassification\nbbox_regression", "losses")
    ends = {
        box.id: [str(line) for line in box.lines]
        for box in architecture.draw("overview", training=True).drawing.boxes()
    }
    assert ends["output-output"] == ["output", "boxes 300×4", "scores 300", "labels 300"]
    assert ends["input-targets"] == ["targets", "(optional)", "boxes N×4", "labels N"]


def test_a_block_around_another_is_drawn_as_what_it_holds_and_rows_of_a_table_have_names_of_their_own() -> None:
    drawing = archspec.read("r2plus1d_18").draw().drawing
    assert [sheet.key for sheet in drawing.insets] == ["BasicBlock", "Conv2Plus1D"]
    for sheet in drawing.insets:
        assert sheet.table is not None
        names = [row.name for row in sheet.table.rows]
        assert len(names) == len(set(names))


def test_a_transposed_convolution_says_that_it_enlarges() -> None:
    lines = [str(line) for box in sample("unet").draw().drawing.boxes() for line in box.lines]
    assert "2×2 transposed conv, out, ↑2" in lines


def test_symbolic_sizes_are_written_as_such() -> None:
    drawing = sample("symbolic").draw(colour="macs").drawing
    assert drawing.lines[-1].startswith("input 3×H×W · 242 parameters")


def test_what_is_not_a_block_cannot_be_opened() -> None:
    with pytest.raises(SpecError) as caught:
        archspec.read("resnet50").draw(open=["layer3.7", "conv1"])
    assert str(caught.value).splitlines() == [
        "error[unknown-address]: `resnet50` has no block `layer3.7` to open",
        "  = help: did you mean `layer3.5`?",
        "",
        "error[unknown-address]: `resnet50` has no block `conv1` to open",
        "  = found: an op, which has nothing inside",
    ]


def test_saved_by_suffix(tmp_path: Path) -> None:
    picture = sample("residual").draw()
    for suffix, format in {"svg": "svg", "png": "png", "pdf": "pdf", "dot": "dot", "mmd": "mermaid"}.items():
        picture.save(tmp_path / f"net.{suffix}")
        assert (tmp_path / f"net.{suffix}").read_bytes() == picture.bytes(format)
    with pytest.raises(RenderError, match="does not say the format"):
        picture.save(tmp_path / "net.jpeg2000")
    assert len(list(tmp_path.iterdir())) == 5


def test_pdf_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_module, "find_spec", lambda name: None)
    with pytest.raises(RenderError, match="pip install reportlab"):
        sample("residual").draw().bytes("pdf")


def test_past_the_time_limit_a_deeper_fold_is_drawn_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    honest, tried = graphviz_process.run, []

    def slow(dot: str, *options: str, time_limit: float) -> str:
        tried.append(len(dot))
        if len(tried) == 1:
            raise LayoutTimeoutError("too slow")
        return honest(dot, *options)

    monkeypatch.setattr("archspec.pictures.layout.graphviz.run", slow)
    picture = archspec.read("resnet18").draw("detail")
    picture.svg()
    assert picture.notes == ("the detail was not laid out in 20 s, so this is the figure",)
    assert picture.notes[0] in picture.svg()
    assert tried[1] < tried[0]


def test_a_layout_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_process, "_command", lambda: (sys.executable, "-c", "import time; time.sleep(60)"))
    with pytest.raises(LayoutTimeoutError, match=r"not laid out in 0\.2 s; draw it to a lesser depth"):
        draw(sample("residual").graph, time_limit=0.2).svg()


def test_a_renderer_that_fails() -> None:
    with pytest.raises(RenderError, match=r"the renderer failed: .*syntax error"):
        graphviz_process.run("digraph {", "-Tsvg")


def test_shows_itself_in_a_notebook() -> None:
    network = archspec.read("lenet")
    figure, volumes = network.draw(), network.draw("volumes")
    for shown, drawn in ((network, figure), (figure, figure), (volumes, volumes)):
        images = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="&lt;\w+ of', shown._repr_html_())
        assert [b64decode(image) for image in images] == [drawn.bytes("svg")]
        assert "<svg" not in shown._repr_html_()


def test_widths_are_those_of_the_fonts() -> None:
    fonts = pytest.importorskip("reportlab.pdfbase.ttfonts")
    from archspec.pictures.fonts import font_file

    for face in ("Regular", "Bold", "Italic"):
        font = fonts.TTFont(f"test-{face}", str(font_file(face)))  # type: ignore[arg-type]
        for text in ("3×3 conv, 64, /2", "Łódź – ∑ α≤β", "WWWiii"):
            assert text_width(text, 10, face) == pytest.approx(font.stringWidth(text, 10), rel=1e-3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SPECS)
def test_no_text_of_a_box_is_wider_than_the_box(name: str) -> None:
    root = ElementTree.fromstring(sample(name).draw().svg())
    boxes = {box.id: box for box in sample(name).draw().drawing.boxes()}
    for group in root.iter(f"{SVG}g"):
        box = boxes.get(group.get("id", ""))
        if box is None or box.sign or box.role in ("input", "output"):
            continue
        shape = group.find(f"{SVG}path")
        assert shape is not None
        across = [float(x) for x in re.findall(r"([-\d.]+),", shape.get("d", ""))]
        for line in box.lines:
            assert pieces_width(line.text, 9.5) <= max(across) - min(across)


def test_ten_thousand_layers_fold(tmp_path: Path) -> None:
    spec = tmp_path / "long.yaml"
    spec.write_text(
        "archspec: 1\nname: long\ninput: [4, 8, 8]\ngraph:\n  - {basic_block: 4, repeat: 1500}\n", encoding="utf-8"
    )
    drawing = archspec.read(spec).draw().drawing
    assert [[str(line) for line in box.lines] for box in drawing.main.boxes()][1] == ["0–1499", "BasicBlock ×1500"]
    assert View() == View("figure")


@pytest.mark.parametrize(
    ("what", "given", "nearest"),
    [("view", "figur", "figure"), ("theme", "drak", "dark"), ("colour", "param", "params"), ("direction", "RL", "LR")],
)
def test_an_unknown_choice_gives_the_nearest(what: str, given: str, nearest: str) -> None:
    with pytest.raises(SpecError) as caught:
        archspec.read("lenet").draw(**{what: given})
    first, second = str(caught.value).splitlines()
    assert first == f"error[unknown-choice]: there is no {what} `{given}` of a picture"
    assert second.startswith("  = help: ")
    assert f"`{nearest}`" in second


@pytest.mark.parametrize("name", ["resnet50", "fasterrcnn_resnet50_fpn"])
@pytest.mark.parametrize("view", ["figure", "overview"])
def test_a_picture_without_a_title_and_a_legend_is_so_much_less_high(name: str, view: Any) -> None:
    whole = archspec.read(name).draw(view)
    for asked, gone, left in (
        ({"title": False}, "parameters · ", "pooling"),
        ({"legend": False}, "pooling", "parameters · "),
    ):
        bare = archspec.read(name).draw(view, **asked)
        texts = " ".join(re.findall(r">([^<>]+)</text>", bare.svg()))
        assert gone not in texts and (left in texts or view == "overview")
        assert bare.page.height < whole.page.height  # type: ignore[attr-defined]
