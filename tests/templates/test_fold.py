"""Folding: which blocks are one template, and what their parameters are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

import archspec
from archspec.codegen.inplace import with_inplace
from archspec.graph.model import ENCLOSING, Block, Graph, Node, Ref, Result, moved
from archspec.ops import ops
from archspec.ops.base import Module
from archspec.templates import Condition, Constant, Construct, Folding, Given, Listed, Template, fold
from archspec.templates.align import align, merged
from archspec.templates.equivalence import Copies, Forms
from archspec.templates.module_calls import own_modules
from tests.property.graphs import foldable, specs
from tests.samples import read

HEAD = "archspec: 1\nname: net\ntitle: Net\nabout: a test\ninput: [16, 8, 8]\n"


@pytest.fixture
def folded(tmp_path: Path):  # type: ignore[no-untyped-def]
    def fold_text(text: str) -> Folding:
        path = tmp_path / "net.yaml"
        path.write_text(HEAD + text)
        return fold(archspec.read(path).graph)

    return fold_text


def parameters(template: Template) -> dict[str, list[object]]:
    """The values of each parameter, plain where they are constants."""
    return {
        each.name: [value.value if isinstance(value, Constant) else value for value in each.values]
        for each in template.parameters
    }


def titles(folding: Folding) -> list[str]:
    return [template.title for template in folding.templates]


def test_what_differs_is_a_parameter_named_by_the_block(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {width: int, step: 1}\n"
        "    graph: {conv: {conv: width, kernel_size: 1, stride: step}, bn: batch_norm}\n"
        "graph: {a: {unit: 8}, b: {unit: 4, step: 2}, c: {unit: 12}}\n"
    ).templates
    assert parameters(unit) == {"in_channels": [16, 8, 4], "width": [8, 4, 12], "step": [1, 2, 1]}
    assert [each.leading for each in unit.parameters] == [True, True, False]
    assert [each.default for each in unit.parameters] == [None, None, Constant(1)]


def test_what_is_the_same_is_none(folded) -> None:  # type: ignore[no-untyped-def]
    unit, root = folded(
        "blocks:\n  unit: {graph: {conv: {conv: 16, kernel_size: 1}}}\ngraph: {a: unit, b: unit}\n"
    ).templates
    assert unit.parameters == ()
    assert len(unit.instances) == 2
    assert [child.maker for child in root.children] == [Construct(unit), Construct(unit)]


def test_a_multiple_of_a_size_is_no_parameter(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {width: int}\n"
        "    graph: {down: {conv: width, kernel_size: 1}, up: {conv: 4 * width, kernel_size: 1}}\n"
        "graph: {a: {unit: 8}, b: {unit: 4}, c: {unit: 12}}\n"
    ).templates
    assert list(parameters(unit)) == ["in_channels", "width"]


def test_sizes_by_dimension_are_made_of_parameters(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {kind: str, step: 1}\n"
        "    graph:\n"
        "      conv:\n"
        "        conv: 16\n"
        "        kernel_size: 3 if kind == 'full' else [1, 3]\n"
        "        padding: 1 if kind == 'full' else [0, 1]\n"
        "        stride: [1, step]\n"
        "graph: {a: {unit: full}, b: {unit: flat, step: 2}, c: {unit: flat}}\n"
    ).templates
    assert parameters(unit) == {"kernel_size": [3, 1, 1], "step": [1, 2, 1]}
    (conv,) = unit.children
    assert isinstance(conv.maker, Construct)
    sizes = {item.name: item.value for item in conv.maker.items}
    assert sizes["kernel_size"] == Listed((Given("kernel_size"), Constant(3)))
    assert sizes["stride"] == Listed((Constant(1), Given("step")))
    assert sizes["padding"] == Listed((Given("kernel_size", divisor=2), Constant(1)))


def test_a_list_that_is_the_blocks_own_word_stays_one(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit: {params: {kernel: list}, graph: {conv: {conv: 16, kernel_size: kernel}}}\n"
        "graph: {a: {unit: [1, 3]}, b: {unit: [3, 1]}}\n"
    ).templates
    assert parameters(unit) == {"kernel": [(1, 3), (3, 1)]}


def test_a_missing_child_is_optional(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {gate: true}\n"
        "    graph: {conv: {conv: 16, kernel_size: 1}, gate: {sigmoid: , when: gate}, pool: {max_pool: 2}}\n"
        "graph: {a: unit, b: {unit: , gate: false}}\n"
    ).templates
    assert [(child.node.name, child.optional) for child in unit.children] == [
        ("conv", False),
        ("gate", True),
        ("pool", False),
    ]
    assert parameters(unit) == {"gate": [True, False]}


def test_a_switch_that_follows_from_sizes_is_a_condition(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {width: int}\n"
        "    graph:\n"
        "      conv: {conv: width, kernel_size: 1}\n"
        "      short: {conv: width, kernel_size: 1, from: input, when: input.channels != width}\n"
        "      add: {add: [conv, short]}\n"
        "graph: {a: {unit: 16}, b: {unit: 8}, c: {unit: 8}}\n"
    ).templates
    assert list(parameters(unit)) == ["in_channels", "width"]
    assert isinstance(unit.children[1].present, Condition)


def test_another_expression_is_another_template(folded) -> None:  # type: ignore[no-untyped-def]
    folding = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {join: {type: op, default: add}}\n"
        "    graph: {one: {conv: 16, kernel_size: 1}, both: {use: join, from: [one, input]}}\n"
        "graph: {a: unit, b: {unit: , join: mul}}\n"
    )
    assert titles(folding) == ["Unit", "Unit", "Net"]
    assert not any(child.optional for template in folding.templates for child in template.children)


def test_other_wiring_is_another_template(folded) -> None:  # type: ignore[no-untyped-def]
    first, second = (
        folded(
            "blocks:\n"
            "  unit:\n"
            "    graph: {one: {conv: 16, kernel_size: 1}, two: {conv: 16, kernel_size: 1}, add: {add: [one, two]}}\n"
            "graph: {a: unit, b: unit}\n"
        )
        .templates[0]
        .instances
    )
    crossed = replace(second.children[1], inputs=(Ref(ENCLOSING),))
    other = replace(second, children=(second.children[0], crossed, second.children[2]))
    assert align([first, second], own_modules()) is not None
    assert align([first, other], own_modules()) is None


def test_other_numbers_of_copies_are_other_templates(folded) -> None:  # type: ignore[no-untyped-def]
    folding = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {times: int}\n"
        '    graph: {"c{i}": {conv: 16, kernel_size: 1, repeat: times}, add: {add: [previous, input]}}\n'
        "graph: {a: {unit: 1}, b: {unit: 2}, c: {unit: 2}}\n"
    )
    assert titles(folding) == ["Unit", "Unit", "Net"]
    assert [len(template.instances) for template in folding.templates] == [1, 2, 1]


def test_another_class_at_one_place_is_a_class_that_is_given(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n"
        "  unit:\n"
        "    params: {act: {type: op, default: tanh}}\n"
        "    graph: {one: {use: act}, conv: {conv: 16, kernel_size: 1}, two: {use: act}}\n"
        "graph: {a: unit, b: {unit: , act: sigmoid}}\n"
    ).templates
    (act,) = unit.parameters
    assert (act.name, act.sort) == ("act", "class")


def test_a_list_that_is_called_once_is_written_in_place(folded) -> None:  # type: ignore[no-untyped-def]
    folding = folded("blocks:\n  unit: {graph: [{conv: 16, kernel_size: 1}, relu]}\ngraph: {a: unit}\n")
    assert titles(folding) == ["Net"]


def test_lists_that_fold_into_one_are_a_class(folded) -> None:  # type: ignore[no-untyped-def]
    folding = folded("blocks:\n  unit: {graph: [{conv: 16, kernel_size: 1}, relu]}\ngraph: {a: unit, b: unit}\n")
    assert titles(folding) == ["Unit", "Net"]
    assert folding.templates[0].chain


def test_the_constructor_calls_are_the_callers_choice(folded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "net.yaml").write_text(HEAD + "graph: {a: relu}\n")
    graph = archspec.read(tmp_path / "net.yaml").graph
    (root,) = fold(graph, lambda leaf: Module("mine.ReLU")).templates
    assert root.children[0].maker == Construct("mine.ReLU")


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v3_large", "densenet121", "efficientnet_b0", "inception_v3"])
def test_every_instance_is_the_template_with_its_arguments(name: str) -> None:
    for template in fold(archspec.read(name).graph).templates:
        for number, block in enumerate(template.instances):
            call = template.calls[id(block)]
            assert isinstance(call, Construct)
            given = {item.name: item.value for item in call.items}
            for parameter in template.parameters:
                value = parameter.values[number]
                assert value is None or given.get(parameter.name, parameter.default) == value


def test_orders_that_contradict_each_other_do_not_merge() -> None:
    assert merged([[(0,), (1,), (2,)], [(0,), (2,), (1,)]]) is None
    assert merged([[(0,), (2,)], [(0,), (1,), (2,)], [(3,)]]) is not None


def told(folding: Folding) -> list[Any]:
    """All that a folding says, as plain values: templates by their numbers, nodes by their addresses."""
    numbers = {id(template): number for number, template in enumerate(folding.templates)}

    def plain(value: Any) -> Any:
        if isinstance(value, Template):
            return f"template {numbers[id(value)]}"
        if isinstance(value, Node):
            return value.address
        if isinstance(value, (tuple, list)):
            return [plain(each) for each in value]
        if isinstance(value, Constant) or not isinstance(value, Struct):
            return repr(value)
        return [type(value).__name__, *(plain(getattr(value, name)) for name in value.__struct_fields__)]

    def all_of(template: Template) -> Any:
        calls = [template.calls[id(block)] for block in template.instances]
        named = {name: getattr(template, name) for name in template.__struct_fields__} | {"calls": calls}
        return {name: plain(value) for name, value in named.items()}

    return [all_of(template) for template in folding.templates]


def check_copies(graph: Graph) -> None:
    """Folding one of all copies says what folding each of them does, for drawings and for source."""
    alone = mock.patch.object(Forms, "of", lambda self, block: id(block))
    for module_of in (None, with_inplace(graph)):
        together = told(fold(graph, module_of))
        with alone:
            assert together == told(fold(graph, module_of))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(foldable(), specs()))
def test_folding_one_of_all_copies_is_folding_all(text: str) -> None:
    check_copies(read(text).graph)


@pytest.mark.parametrize(
    "name", ["resnet50", "mobilenet_v3_large", "densenet121", "efficientnet_b0", "googlenet", "maskrcnn_resnet50_fpn"]
)
def test_folding_one_of_all_copies_is_folding_all_of_what_is_bundled(name: str) -> None:
    check_copies(archspec.read(name).graph)


def test_copies_are_few_forms_however_many_they_are() -> None:
    graph = archspec.read("resnet50", depths=[3, 4, 200, 3]).graph
    blocks = [node for node in graph.walk() if isinstance(node, Block) and node.kind == "bottleneck"]
    copies = Copies.of(blocks, Forms(own_modules()))
    assert len(copies.blocks) == 210
    assert [block.address for block in copies.firsts] == [
        f"layer{stage}.{number}" for stage in (1, 2, 3, 4) for number in (0, 1)
    ]
    assert copies.times == [1, 2, 1, 3, 1, 199, 1, 2]


@pytest.fixture
def block() -> Block:
    found = archspec.read("resnet50").graph.nodes["layer1.0"]
    assert isinstance(found, Block)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "basic_block"},
        {"title": "Other"},
        {"arguments": {"width": True}},
        {"input_shapes": ((32, 56, 56),)},
        {"numbered": True},
        {"input_names": ("x",)},
        {"results": (Result(None, Ref(0)),)},
        {"children": ()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_block_that_differs_is_of_another_form(changes: dict[str, Any], block: Block) -> None:
    forms = Forms(own_modules())
    assert forms.of(replace(block, **changes)) != forms.of(block)


OF_ANY_NODE: list[dict[str, Any]] = [
    {"slot": (9, 0)},
    {"name": "other"},
    {"inputs": (Ref(1),)},
    {"tied": 0},
    {"training": True},
    {"frozen": True},
    {"input_shapes": ((32, 56, 56),)},
]
LEAF, NESTED = 0, 8
"""The numbers of the children `conv1` and `downsample`."""


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        *((number, changes) for number in (LEAF, NESTED) for changes in OF_ANY_NODE),
        (LEAF, {"op": ops()["relu"]()}),
        (NESTED, {"children": ()}),
    ],
    ids=str,
)
def test_a_block_with_another_child_is_of_another_form(changes: dict[str, Any], number: int, block: Block) -> None:
    child = block.children[number]
    children = (*block.children[:number], replace(child, **changes), *block.children[number + 1 :])
    forms = Forms(own_modules())
    assert forms.of(replace(block, children=children)) != forms.of(block)


def test_a_block_with_another_module_is_of_another_form(block: Block) -> None:
    same, other = (replace(block, children=tuple(map(replace, block.children))) for _ in range(2))
    own, changed = own_modules(), Module("mine.Conv2d")
    forms = Forms(lambda leaf: changed if leaf is other.children[0] else own(leaf))
    assert forms.of(block) == forms.of(same) != forms.of(other)


def test_where_a_block_stands_is_no_part_of_its_form(block: Block) -> None:
    forms = Forms(own_modules())
    elsewhere = replace(moved(block, "body.7"), name="7", inputs=(Ref(6),), slot=(0, 7), frozen=True, training=True)
    assert forms.of(elsewhere) == forms.of(block)


def test_most_instances_are_counted_with_their_copies(folded) -> None:  # type: ignore[no-untyped-def]
    unit, _ = folded(
        "blocks:\n  unit: {params: {kernel: 3}, graph: {conv: {conv: 16, kernel_size: kernel}}}\n"
        "graph: {a: {unit: 2}, b: {unit: 3}, c: {unit: 1}, d: {unit: 1}, e: {unit: 1}}\n"
    ).templates
    assert [each.default for each in unit.parameters] == [Constant(1)]
