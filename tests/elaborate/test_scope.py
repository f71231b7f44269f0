"""Where names hold: params, `let`, rows, blocks, files beside, standard blocks, and other specs as parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.api import architecture
from archspec.graph.labels import op_words
from archspec.graph.model import Block, Leaf
from tests.elaborate.reading import errors, read, shapes


def test_let_is_computed_from_params_and_what_stands_before_it(tmp_path: Path) -> None:
    text = "params: {w: 2}\nlet: {a: w * 2, b: a + 1}\ngraph: [{conv: b, kernel_size: 1}]"
    assert shapes(read(text, tmp_path, w=4)) == {"0": (9, 32, 32)}


def test_the_row_hides_the_param(tmp_path: Path) -> None:
    text = "params: {w: 2}\ngraph: [{conv: w, kernel_size: 1, each: [{w: 5}]}, {conv: w, kernel_size: 1}]"
    assert shapes(read(text, tmp_path)) == {"0": (5, 32, 32), "1": (2, 32, 32)}


def test_words_that_a_field_accepts_need_no_quotes(tmp_path: Path) -> None:
    text = "graph: [{conv: 3, kernel_size: 3, padding: 1, padding_mode: reflect}]"
    assert read(text, tmp_path).graph.nodes["0"].op.padding_mode == "reflect"  # type: ignore[union-attr]


def test_a_param_comes_before_a_word(tmp_path: Path) -> None:
    text = "params: {reflect: zeros}\ngraph: [{conv: 3, kernel_size: 3, padding: 1, padding_mode: reflect}]"
    assert read(text, tmp_path).graph.nodes["0"].op.padding_mode == "zeros"  # type: ignore[union-attr]


UNIT = "{unit: {params: {size: 1}, graph: [{conv: 3, kernel_size: size}]}}"
WORDS = [
    ("{w: 8, x: w}", "{conv: x, kernel_size: 1}", {}, "8"),
    ("{w: 8, x: w}", "{conv: x, kernel_size: 1}", {"x": 9}, "9"),
    ("{w: [4, 8], x: w}", "{conv: 'x[1]', kernel_size: 1}", {"x": [4, 9]}, "9"),
    ("{w: false, x: w}", "{conv: 8 if x else 9, kernel_size: 1}", {"x": True}, "8"),
    ("{x: relu}", "{use: x}", {}, "relu"),
    ("{x: relu}", "{use: x}", {"x": {"leaky_relu": 0.1}}, "leaky_relu 0.1"),
    ("{w: relu, x: w}", "{use: x}", {"x": {"leaky_relu": 0.1}}, "leaky_relu 0.1"),
    ("{x: {default: relu, about: its activation}}", "{use: x}", {"x": {"leaky_relu": 0.1}}, "leaky_relu 0.1"),
    ("{x: unit}", "{use: x}", {}, "1×1"),
    ("{x: unit}", "{use: x}", {"x": {"unit": 3}}, "3×3"),
    ("{x: nearest}", "{upsample: 2, mode: x}", {"x": "bilinear"}, "bilinear"),
    ("{x: ./part.yaml}", "{use: x}", {}, "gelu"),
    ("{x: relu}", "{use: x}", {"x": 3}, "wrong-type"),
    ("{w: 8, x: w}", "{conv: x, kernel_size: 1}", {"x": "wide"}, "unknown-name"),
    ("{w: 8, x: w}", "{conv: x, kernel_size: 1}", {"x": 8.5}, "wrong-type"),
    ("{x: rleu}", "{use: x}", {}, "unknown-op"),
    ("{x: w, w: 8}", "{conv: x, kernel_size: 1}", {}, "unknown-name"),
]


@pytest.mark.parametrize(("params", "node", "given", "expected"), WORDS)
@pytest.mark.parametrize("place", ["document", "variant", "block"])
def test_a_bare_word_as_a_default_is_what_it_names(
    place: str, params: str, node: str, given: dict[str, object], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "part.yaml").write_text("archspec: 1\nname: part\ninput: [3, 32, 32]\ngraph: [gelu]\n")
    said = json.dumps(given)
    if place == "block":
        blocks = f"{UNIT[:-1]}, own: {{params: {params}, graph: [{node}]}}}}"
        text = f"blocks: {blocks}\ngraph: [{{own: , {said[1:-1]}}}]\n" if given else f"blocks: {blocks}\ngraph: [own]\n"
    else:
        variant = f"variants: {{net: {said}}}\n" if place == "variant" else ""
        text = f"params: {params}\n{variant}blocks: {UNIT}\ngraph: [{node}]\n"
    settings = given if place == "document" else {}
    if expected.islower() and "-" in expected:
        assert [code for code, _ in errors(text, tmp_path, **settings)][:1] == [expected]
        return
    (leaf,) = [each for each in read(text, tmp_path, **settings).graph.walk() if isinstance(each, Leaf)]
    slope = getattr(leaf.op, "negative_slope", "")
    assert expected in f"{op_words(leaf.op, *leaf.input_shapes)} {leaf.op.name} {slope}"


def test_input_channels_and_shape(tmp_path: Path) -> None:
    text = """
graph:
  a: {conv: input.channels * 2, kernel_size: 1}
  b: {graph: [{conv: "input.channels + input.shape[1]", kernel_size: 1}]}
"""
    assert shapes(read(text, tmp_path))["b.0"] == (38, 32, 32)


BLOCK = "blocks:\n  unit:\n    params: {w: int, k: 1, twice: w * 2}\n"


def test_a_blocks_params_defaults_and_let(tmp_path: Path) -> None:
    text = BLOCK + "    let: {all: w + twice + k}\n    graph: [{conv: all, kernel_size: k}]\ngraph: [{unit: 4, k: 3}]"
    net = read(text, tmp_path)
    assert shapes(net)["0.0"] == (15, 30, 30)
    block = net.graph.nodes["0"]
    assert isinstance(block, Block)
    assert (block.kind, block.title, dict(block.arguments)) == ("unit", "Unit", {"w": 4, "k": 3, "twice": 8})


def test_a_list_fills_a_blocks_params_in_order(tmp_path: Path) -> None:
    text = BLOCK + "    graph: [{conv: w + k + twice, kernel_size: 1}]\ngraph: [{unit: [1, 10, 100]}]"
    assert shapes(read(text, tmp_path))["0"] == (111, 32, 32)


def test_a_documents_block_sees_the_documents_params(tmp_path: Path) -> None:
    text = "params: {w: 7}\nblocks: {unit: {graph: [{conv: w, kernel_size: 1}]}}\ngraph: [unit]"
    assert shapes(read(text, tmp_path, w=5))["0"] == (5, 32, 32)


def test_a_block_does_not_see_its_callers_row(tmp_path: Path) -> None:
    text = "blocks: {unit: {graph: [{conv: w, kernel_size: 1}]}}\ngraph: [{unit: , each: [{w: 5}]}]"
    assert [code for code, _ in errors(text, tmp_path)] == ["unknown-name"]


def test_a_file_beside_is_found_and_does_not_see_the_params(tmp_path: Path) -> None:
    (tmp_path / "unit.yaml").write_text("block: unit\nparams: {k: 1}\ngraph: [{conv: w, kernel_size: k}]\n")
    (tmp_path / "other.yaml").write_text("block: other\nparams: {k: 1}\ngraph: [{conv: 4, kernel_size: k}]\n")
    assert shapes(read("graph: [{other: 3}]", tmp_path))["0"] == (4, 30, 30)
    assert [code for code, _ in errors("params: {w: 3}\ngraph: [unit]", tmp_path)] == ["unknown-name"]


def test_a_documents_block_hides_a_standard_one(tmp_path: Path) -> None:
    text = "blocks: {bottleneck: {params: {w: int}, graph: [{conv: w, kernel_size: 1}]}}\ngraph: [{bottleneck: 5}]"
    assert shapes(read(text, tmp_path))["0"] == (5, 32, 32)


def test_a_standard_blocks_inner_calls_are_not_hijacked(tmp_path: Path) -> None:
    """`dense_block` calls `dense_layer`: its own, whatever the document calls so."""
    plain = read("graph: [{dense_block: 2, growth: 4}]", tmp_path)
    hijacked = read(
        "blocks: {dense_layer: {params: {growth: int}, graph: [{conv: growth, kernel_size: 1}]}}\n"
        "graph: [{dense_block: 2, growth: 4}]",
        tmp_path,
    )
    assert hijacked.params == plain.params
    assert hijacked.graph.fingerprint == plain.graph.fingerprint


def test_a_standard_block_does_not_see_the_params(tmp_path: Path) -> None:
    text = "params: {stride: 2, width: 9, expansion: 1}\ngraph: [{bottleneck: 16}]"
    assert shapes(read(text, tmp_path))["0"] == (64, 32, 32)


def test_a_spec_as_a_part(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        "archspec: 1\nname: part\ninput: [3, 8, 8]\nparams: {w: 4}\nvariants: {part: {}, wide: {w: 64}}\n"
        "blocks: {unit: {graph: [{conv: w, kernel_size: 1}]}}\ngraph: {body: unit, act: relu}\n"
        "output: {features: body, last: act}\n"
    )
    net = read("params: {w: 1}\ngraph: {p: {use: part.yaml, w: w + 8}, r: {relu: , from: p.features}}", tmp_path)
    assert shapes(net)["p.body.0"] == (9, 32, 32)
    part = net.graph.nodes["p"]
    assert isinstance(part, Block)
    assert (part.kind, part.title) == ("part", "Part")


def test_a_bundled_variant_as_a_part(tmp_path: Path) -> None:
    net = read("archspec: 1\nname: net\ninput: [3, 224, 224]\ngraph: {body: {use: resnet18, num_classes: 7}}", tmp_path)
    assert net.params == archspec.read("resnet18", num_classes=7).params


def test_two_specs_of_one_name_are_not_a_recursion(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    for folder, use in ((tmp_path / "one", "{use: ../two.yaml}"), (tmp_path, "relu")):
        name = "one.yaml" if folder != tmp_path else "two.yaml"
        (folder / name).write_text(f"archspec: 1\nname: same\ninput: [3, 8, 8]\ngraph: [{use}]\n")
    assert list(read("graph: [{use: one/one.yaml}]", tmp_path).graph.nodes) == ["0", "0.0", "0.0.0"]


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    net = read(
        """archspec: 1
name: net
input: {left: [3, 8, 8], right: [5, 8, 8]}
blocks:
  pair:
    inputs: [one, other]
    graph: {both: {concat: [one, other]}, act: relu}
    output: {both: both, act: act}
graph:
  a: {conv: 5, kernel_size: 1}
  p: {pair: , from: [a, right]}
  b: {relu: , from: p.act}
output: {first: p.both, second: b}
""",
        tmp_path,
    )
    root = net.graph.root
    assert root.input_names == ("left", "right")
    assert [(result.name, root.resolve(result.ref)) for result in root.results] == [
        ("first", (10, 8, 8)),
        ("second", (10, 8, 8)),
    ]
    assert shapes(net)["a"] == (5, 8, 8)


def test_an_output_that_is_switched_off_is_left_out(tmp_path: Path) -> None:
    text = """
params: {aux: true}
graph: {a: relu, side: {tanh: , training: true, when: aux}, b: relu}
output: {main: b, side: side}
"""
    assert [result.name for result in read(text, tmp_path).graph.root.results] == ["main", "side"]
    assert [result.name for result in read(text, tmp_path, aux=False).graph.root.results] == ["main"]


def test_a_symbolic_size_flows(tmp_path: Path) -> None:
    net = read(
        "archspec: 1\nname: net\ninput: [3, H, W]\ngraph: [{conv: 8, kernel_size: 3}, {adaptive_avg_pool: 1}, flatten]",
        tmp_path,
    )
    assert [str(size) for size in net.graph.nodes["0"].shapes[0]] == ["8", "H - 2", "W - 2"]
    assert net.graph.nodes["2"].shapes[0] == (8,)
    assert net.params == 224
    assert {str(symbol) for symbol in net.macs.free_symbols} == {"H", "W"}


@pytest.mark.parametrize(
    ("variants", "default"),
    [
        ("{other: {}, net: {w: 5}}", "net"),
        ("{wide: {w: 5}, plain: {}}", "plain"),
        ("{wide: {w: 5}, wider: {w: 6}}", "wide"),
    ],
)
def test_the_default_variant(variants: str, default: str, tmp_path: Path) -> None:
    text = f"params: {{w: 4}}\nvariants: {variants}\ngraph: [{{conv: w, kernel_size: 1}}]"
    assert read(text, tmp_path).variant == default


def test_settings_come_before_the_variants(tmp_path: Path) -> None:
    text = "params: {w: 4, v: w * 2}\nvariants: {net: {w: 5}}\ngraph: [{conv: v, kernel_size: 1}]"
    assert shapes(read(text, tmp_path))["0"] == (10, 32, 32)
    assert shapes(read(text, tmp_path, w=6))["0"] == (12, 32, 32)
    assert shapes(read(text, tmp_path, w="2 + 1"))["0"] == (6, 32, 32)
    assert read(text, tmp_path, w=6).graph.settings == {"w": 6, "v": 12}


def test_an_idle_setting_warns(tmp_path: Path) -> None:
    text = "params: {w: 4, idle: 1}\ngraph: [{conv: w, kernel_size: 1}]"
    assert [warning.code for warning in read(text, tmp_path, idle=2).warnings] == ["idle-setting"]
    assert read(text, tmp_path, w=2).warnings == ()
    assert read(text, tmp_path, idle=1).warnings == ()


def test_whether_a_setting_is_idle_is_found_out_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four settings a network is elaborated once; four times more where its warnings are wanted."""
    elaborated: list[int] = []
    elaborate = architecture.elaborate

    def counted(*given: Any) -> Any:
        elaborated.append(1)
        return elaborate(*given)

    monkeypatch.setattr(architecture, "elaborate", counted)
    text = "params: {a: 1, b: 2, c: 3, d: 4}\ngraph: {conv: {conv: a + b + c + d, kernel_size: 1}}\n"
    net = read(text, tmp_path, a=2, b=3, c=4, d=5)
    assert len(elaborated) == 1 and net.params == 14 * 4
    assert net.warnings == () and len(elaborated) == 5
    assert net.warnings == () and len(elaborated) == 5
