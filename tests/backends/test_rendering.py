from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from backend_samples import SPECS, sample

from archspec.backends.graphviz import RenderError, draw
from archspec.backends.graphviz import render as rendering
from archspec.backends.graphviz.alphabet import StandIns

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", SPECS)
def test_svg_has_every_box_by_its_address_and_every_text(name: str) -> None:
    picture = draw(sample(name).graph)
    root = ElementTree.fromstring(picture.svg())
    ids = {element.get("id") for element in root.iter(f"{SVG}g")}
    texts = {element.text for element in root.iter(f"{SVG}text")}
    for box in picture.drawing.boxes():
        assert box.id in ids
        assert set((box.symbol or box.label).split("\n")) <= texts
    for arrow in picture.drawing.arrows:
        assert not arrow.label or arrow.label in {(text or "").strip() for text in texts}


@pytest.mark.parametrize("name", SPECS)
def test_no_text_of_a_box_is_wider_than_the_box(name: str) -> None:
    """Held against the widths of Helvetica, which is what the font families in the SVG share."""
    root = ElementTree.fromstring(draw(sample(name).graph).svg())
    for group in root.iter(f"{SVG}g"):
        polygon = group.find(f".//{SVG}polygon")
        if group.get("class", "").split(" ")[0] != "node" or polygon is None:
            continue
        across = [float(point.split(",")[0]) for point in polygon.get("points", "").split()]
        for text in group.iter(f"{SVG}text"):
            size = float(text.get("font-size", "14"))
            assert helvetica(text.text or "") * size <= max(across) - min(across)


def helvetica(text: str) -> float:
    narrow, wide = " .,:;/|ijlt'", "mwMW"
    return sum(0.28 if each in narrow else 0.89 if each in wide else 0.56 for each in text)


def test_png_and_dot_are_saved_by_suffix(tmp_path: Path) -> None:
    picture = draw(sample("residual").graph)
    picture.save(tmp_path / "net.png")
    picture.save(tmp_path / "net.dot")
    assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "net.dot").read_text(encoding="utf-8") == picture.dot
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.dot", "net.png"]


@pytest.mark.skipif(find_spec("pygraphviz") is None, reason="pygraphviz draws PDF")
def test_pdf(tmp_path: Path) -> None:
    draw(sample("residual").graph).save(tmp_path / "net.pdf")
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")


def test_pdf_without_a_renderer_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "find_spec", lambda name: None)
    monkeypatch.setattr(rendering.shutil, "which", lambda name: None)
    with pytest.raises(RenderError, match=r"a PDF needs another renderer: pip install 'pygraphviz>=2\.0\.4'"):
        draw(sample("residual").graph).bytes("pdf")


def test_a_suffix_that_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="does not say the format"):
        draw(sample("residual").graph).save(tmp_path / "net.jpeg2000")
    assert not list(tmp_path.iterdir())


def test_a_renderer_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_embedded", lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(RenderError, match=r"not drawn in 0\.2 s; draw it to a lesser depth"):
        rendering.render("digraph {}", "svg", time_limit=0.2)


def test_a_renderer_that_fails() -> None:
    with pytest.raises(RenderError, match=r"the renderer failed: .*syntax error"):
        rendering.render("digraph {", "svg")


def test_what_the_renderer_says_is_not_swallowed() -> None:
    with pytest.warns(UserWarning, match="size too small for label"):
        rendering.render('digraph { a [label="much too long" fixedsize=true width=0.1] }', "svg")


def test_stand_ins_come_back_and_never_take_a_character_in_use() -> None:
    text = "7×7 · a~b é"
    stand_ins = StandIns.of(text)
    assert stand_ins.put(text).isascii()
    assert "~" not in stand_ins.of_character.values()
    assert stand_ins.take_out(stand_ins.put(text)) == text


def test_the_same_bytes_each_time() -> None:
    assert draw(sample("unet").graph).svg() == draw(sample("unet").graph).svg()


def test_shows_itself_in_a_notebook() -> None:
    assert re.search(r"<svg ", draw(sample("residual").graph)._repr_svg_())
