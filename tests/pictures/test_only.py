"""One block by itself: a block of a network, or a standard block by its name."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.language.diagnostics import SpecError


def test_a_block_is_drawn_as_it_is_in_its_network() -> None:
    whole: Any = archspec.read("googlenet").draw("detail").drawing  # type: ignore[attr-defined]
    picture: Any = archspec.read("googlenet").draw("detail", only="inception3a")
    drawing = picture.drawing
    assert (drawing.title, drawing.name) == ("Inception", "googlenet.inception3a")
    assert drawing.lines[0] == "input 192×28×28 · 156 k parameters · 122 M MACs"
    own = {box.id: box.lines for box in drawing.boxes() if box.role not in ("input", "output")}
    inside = {box.id: box.lines for box in whole.boxes() if box.id.startswith("inception3a.")}
    assert own == inside
    assert [box.role for box in drawing.main.boxes()][:1] == ["input"]


def test_what_a_block_holds_has_sheets_of_its_own() -> None:
    drawing: Any = archspec.read("resnet50").draw(only="layer3").drawing  # type: ignore[attr-defined]
    assert [sheet.title for sheet in drawing.sheets] == ["Stage", "Bottleneck"]
    assert [len(sheet.instances) for sheet in drawing.sheets] == [1, 6]


@pytest.mark.parametrize(
    ("address", "message", "help"),
    [
        ("layer9", "`resnet50` has no block `layer9` to draw", "did you mean `layer4`?"),
        ("conv1", "`resnet50` has no block `conv1` to draw", None),
    ],
)
def test_what_is_no_block_is_told(address: str, message: str, help: str | None) -> None:
    with pytest.raises(SpecError) as raised:
        archspec.read("resnet50").draw(only=address)
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.message, diagnostic.help) == (message, help)


def test_a_standard_block_is_a_network_by_its_name() -> None:
    drawing: Any = archspec.read("inception").draw().drawing  # type: ignore[attr-defined]
    assert drawing.title == "Inception"
    assert any("3×3 conv, 128" in str(line) for box in drawing.boxes() for line in box.lines)
    assert archspec.read("swin").title == "Swin Transformer"  # a network goes before a block
