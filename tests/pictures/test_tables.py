"""The tables beside blocks: every word of them is found in the picture, and few rows say all."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.api import zoo
from archspec.pictures.drawing import compose
from archspec.pictures.drawing.legend import SIGNS
from archspec.pictures.drawing.model import Sheet, Table
from archspec.pictures.drawing.symbols import short_names

NAMES = [name for name, _ in zoo.variants()]


def inset(name: str, title: str) -> tuple[Sheet, Table]:
    sheet = next(each for each in compose(archspec.read(name).graph).insets if each.title == title)
    assert sheet.table is not None
    return sheet, sheet.table


def column(table: Table, header: str) -> dict[str, str]:
    at = [each.text for each in table.headers].index(header) - 2
    return {row.name: row.cells[at].text for row in table.rows}


@pytest.mark.parametrize("name", NAMES)
def test_every_header_is_found_in_the_picture(name: str) -> None:
    """A column that says which blocks have a box is called as the box is, or as the legend calls its sign."""
    for sheet in compose(archspec.read(name).graph).insets:
        texts = {str(line).split(",")[0] for box in sheet.boxes() for line in box.lines}
        symbols = {piece.text for box in sheet.boxes() for line in box.lines for piece in line.text if piece.symbol}
        for header in sheet.table.headers if sheet.table else ():
            words = set() if header.text in ("block", "×", "in", "output") else set(header.text.split(", "))
            assert words <= (symbols if header.symbol else texts | set(SIGNS.values())), header


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_found_in_the_picture(name: str) -> None:
    """A row of blocks that another sheet draws as one box is called as that box is, or by blocks around them."""
    drawing = compose(archspec.read(name).graph)
    for sheet in drawing.insets:
        around = [each for each in drawing.sheets if len(each.instances) == 1]
        named = {
            member: str(box.lines[0])
            for each in around
            for box in each.boxes()
            for row in box.members
            for member in row
            if box.lines and box.lines[0].rank == "name" and len(row) > 1
        }
        for row in sheet.table.rows if sheet.table else ():
            called = {named[address] for address in row.addresses if address in named}
            assert len(row.addresses) == 1 or called <= {row.name}


OPTIONAL = """
archspec: 1
name: optional
input: [8, 16, 16]
blocks:
  cell:
    params: {on: true, size: 3, width: 8}
    graph:
      main: {conv: width, kernel_size: 1}
      down: {conv: width, kernel_size: size, padding: size // 2, from: input, when: on}
      join: {add: [main, down]}
graph:
  a: {cell: true, width: 16}
  b: {cell: false, width: 16}
  c: {cell: true, size: 5}
"""


def test_a_number_that_no_box_of_a_block_tells_is_none(tmp_path: Path) -> None:
    (tmp_path / "optional.yaml").write_text(OPTIONAL, "utf-8")
    _, table = inset(str(tmp_path / "optional.yaml"), "Cell")
    assert column(table, "size") == {"a": "3", "b": "–", "c": "5"}
    assert column(table, "down") == {"a": "•", "b": "–", "c": "•"}


def test_boxes_that_come_and_go_together_are_named_together() -> None:
    _, table = inset("efficientnet_b0", "MBConv")
    assert column(table, "drop path, sum")["features.2"] == "not first"


def test_a_box_that_some_blocks_lack_shows_the_name_by_which_the_table_calls_it() -> None:
    sheet, table = inset("resnet50", "Bottleneck")
    assert column(table, "downsample")["layer1"] == "first"
    (box,) = (box for box in sheet.boxes() if box.members and box.optional)
    assert [str(line) for line in box.lines] == ["downsample", "1×1 conv, 4·width, /s", "BN"]


def test_a_stage_that_takes_many_words_is_told_by_the_blocks_that_divide_it() -> None:
    _, table = inset("r2plus1d_18", "Conv2Plus1D")
    assert [row.name for row in table.rows] == ["layer1", "layer2", "layer3", "layer4"]
    assert column(table, "middle")["layer2"] == "230, 230, 288, 288"


def test_numbered_blocks_within_a_block_are_called_from_that_block_on() -> None:
    drawing = compose(archspec.read("fasterrcnn_mobilenet_v3_large_fpn").graph)
    (body,) = (sheet for sheet in drawing.insets if sheet.title == "MobileNetV3")
    names = [str(box.lines[0]) for box in body.boxes() if box.closed]
    assert names == ["body.1", "body.2, 3", "body.4–6", "body.7–10", "body.11, 12", "body.13", "body.14, 15"]
    _, table = inset("fasterrcnn_mobilenet_v3_large_fpn", "SqueezeExcite")
    assert [row.name for row in table.rows] == ["body.4–6", "body.11, 12", "body.13", "body.14, 15"]


def test_symbols_are_short_where_nobody_else_has_them() -> None:
    assert short_names(["conv_stride", "conv_stride2", "width"]) == {
        "conv_stride": "s",
        "conv_stride2": "s₂",
        "width": "width",
    }
    assert short_names(["stride", "pool_stride"]) == {"stride": "stride", "pool_stride": "pool_stride"}


def test_a_box_in_a_frame_is_not_called_as_the_frame() -> None:
    picture = archspec.read("densenet121").draw(open=["features.denseblock1"])
    (frame,) = (each for each in picture.drawing.main.groups() if each.title.startswith("denseblock1"))
    (box,) = frame.items
    assert str(box.lines[0]) == "denselayer1–6"  # type: ignore[union-attr]
    assert box.id != frame.id


CHAIN = """
archspec: 1
name: chain
input: [8, 9000]
blocks:
  layer:
    params: {d: int}
    graph:
      filter: {conv: 8, kernel_size: 2, dilation: d}
      gate: {conv: 8, kernel_size: 2, dilation: d, from: input}
      out: {mul: [filter, gate]}
graph:
  stack: [{layer: DILATION, repeat: COUNT}]
"""


@pytest.mark.parametrize(
    ("dilation", "count", "rows"),
    [
        ("2 ** (i % 10)", 40, ["stack.0–9", "stack.10–19", "stack.20–29", "stack.30–39"]),
        ("1 + i % 20", 40, ["stack.0–19", "stack.20–39"]),
        ("3 ** (i // 8)", 32, ["stack.0–7", "stack.8–15", "stack.16–23", "stack.24–31"]),
        ("2 ** (i % 4)", 16, [f"stack.{number}" for number in range(16)]),
    ],
)
def test_a_long_chain_of_equal_blocks_has_a_row_for_each_series(
    dilation: str, count: int, rows: list[str], tmp_path: Path
) -> None:
    (tmp_path / "chain.yaml").write_text(CHAIN.replace("DILATION", dilation).replace("COUNT", str(count)), "utf-8")
    graph = archspec.read(tmp_path / "chain.yaml").graph
    _, table = inset(str(tmp_path / "chain.yaml"), "Layer")
    assert [row.name for row in table.rows] == rows
    blocks = [node for node in graph.nodes.values() if node.name.isdigit()]
    assert [address for row in table.rows for address in row.addresses] == [block.address for block in blocks]
    outputs = [value for row in table.rows for value in row.cells[-1].values]
    assert outputs == [f"8×{block.shapes[0][1]}" for block in blocks]
