"""Folding: which blocks are one template, and what their parameters are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import archspec
from archspec.graph import ENCLOSING, Ref
from archspec.ops.base import Module
from archspec.templates import Condition, Constant, Construct, Folding, Template, fold
from archspec.templates.align import align, merged
from archspec.templates.modules import own_modules

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
