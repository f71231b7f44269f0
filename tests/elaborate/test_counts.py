"""What is counted: shared, frozen and training-only parts, depth, and documented verdicts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.analysis import verdicts
from archspec.language.figures import Figure
from archspec.language.source import Source, Span
from tests.elaborate.reading import errors, read, shapes

CONV = "{conv: 3, kernel_size: 3, padding: 1}"
PARAMS = 3 * 3 * 9 + 3
MACS = 3 * 3 * 9 * 32 * 32


def test_shared_weights_count_once_and_their_work_each_time(tmp_path: Path) -> None:
    net = read(f"graph: {{a: {CONV}, b: relu, c: {{share: a}}}}", tmp_path)
    assert (net.params, net.macs, net.depth) == (PARAMS, 2 * MACS, 2)
    assert net.graph.nodes["c"].tied == 0


def test_a_share_of_a_share_is_tied_to_the_first(tmp_path: Path) -> None:
    net = read(f"graph: {{a: {CONV}, b: {{share: a}}, c: {{share: b}}}}", tmp_path)
    assert net.params == PARAMS
    assert net.graph.nodes["c"].tied == 0


def test_a_block_is_shared_on_another_size(tmp_path: Path) -> None:
    net = read(f"graph: {{a: [{CONV}, relu], p: {{max_pool: 2}}, b: {{share: a}}}}", tmp_path)
    assert shapes(net)["b"] == (3, 16, 16)
    assert (net.params, net.macs) == (PARAMS, MACS + MACS // 4)


def test_a_shared_node_with_several_outputs(tmp_path: Path) -> None:
    text = """
graph:
  stem: {conv: 4, kernel_size: 1}
  a: {chunk: 2}
  x: {relu: , from: "a[0]"}
  wide: {concat: ["a[1]", x]}
  b: {share: a}
  y: {add: ["b[0]", "b[1]"]}
"""
    assert shapes(read(text, tmp_path))["y"] == (2, 32, 32)


def test_weights_that_do_not_fit_cannot_be_shared(tmp_path: Path) -> None:
    assert [code for code, _ in errors("graph: {a: {conv: 8, kernel_size: 1}, b: {share: a}}", tmp_path)] == ["share"]


@pytest.mark.parametrize(
    "graph",
    [
        f"{{a: {{conv: 3, kernel_size: 3, padding: 1, freeze: true}}, b: {CONV}}}",
        f"{{a: {{graph: [{CONV}], freeze: true}}, b: {CONV}}}",
        f"{{a: {{nodes: {{n: {CONV}}}, freeze: true}}, b: {CONV}}}",
        f"{{a: {{graph: {{x: [{CONV}]}}, freeze: 1 < 2}}, b: {CONV}}}",
    ],
)
def test_frozen_parameters_do_not_train(graph: str, tmp_path: Path) -> None:
    counts = read(f"graph: {graph}", tmp_path).graph.counts
    assert (counts.params, counts.frozen, counts.trainable) == (2 * PARAMS, PARAMS, PARAMS)


def test_statistics_are_buffers(tmp_path: Path) -> None:
    counts = read("graph: [batch_norm]", tmp_path).graph.counts
    assert (counts.params, counts.buffers) == (6, 7)


def test_training_only_parts_have_parameters_but_no_work_and_no_depth(tmp_path: Path) -> None:
    aux = f"{{graph: [{CONV}, {CONV}], training: true}}"
    net = read(f"graph: {{a: {CONV}, aux: {aux}, b: relu}}\noutput: {{main: b, aux: aux}}", tmp_path)
    assert (net.params, net.macs, net.depth) == (3 * PARAMS, MACS, 1)


def test_a_training_value_may_not_leak(tmp_path: Path) -> None:
    aux = "aux: {relu: , training: true}"
    assert not errors(f"graph: {{a: relu, {aux}, b: {{tanh: , from: aux, training: true}}, c: relu}}", tmp_path)
    for graph in (f"{{{aux}, b: {{add: [aux, input]}}}}", f"{{n: {{nodes: {{{aux}, b: {{tanh: , from: aux}}}}}}}}"):
        assert [code for code, _ in errors(f"graph: {graph}", tmp_path)] == ["training"]


def test_depth_is_that_of_the_longest_path(tmp_path: Path) -> None:
    text = f"graph: {{j: {{add: {{l: {CONV}, r: [{CONV}, {CONV}, relu]}}}}, f: flatten, c: {{linear: 3}}}}"
    assert read(text, tmp_path).depth == 3


def test_connection_tables(tmp_path: Path) -> None:
    text = "graph: [{conv: 2, kernel_size: 1, connections: [[0], [0, 1, 2]]}]"
    assert read(text, tmp_path).params == 4 + 2


def documented(amount: str) -> Figure:
    return Figure(None, "params", amount, "x", None, {}, Span(Source("x", ""), 1, 1, 1, 1))


@pytest.mark.parametrize(
    ("amount", "count", "agrees"),
    [
        ("1_000", 1000, True),
        ("1000", 1001, False),
        ("60M", 61_100_840, True),
        ("60M", 65_000_000, False),
        ("61M", 61_100_840, True),
        ("25.6M", 25_557_032, True),
        ("25.5M", 25_557_032, False),
        ("0.39G", 394_000_000, True),
        ("0.70G", 700_000_000, True),
        ("0.70G", 706_000_000, False),
        ("0.7G", 706_000_000, True),
        ("5M", 4_500_000, True),
        ("5M", 4_499_999, False),
        ("4M", 4_499_999, True),
    ],
)
def test_a_rounded_figure_carries_its_tolerance(amount: str, count: int, agrees: bool) -> None:
    assert documented(amount).agrees(count) is agrees


@given(st.integers(1, 10**13), st.integers(0, 4), st.sampled_from([("k", 10**3), ("M", 10**6), ("G", 10**9)]))
def test_a_count_agrees_with_its_own_rounding(count: int, places: int, scale: tuple[str, int]) -> None:
    unit, size = scale
    rounded = (Decimal(count) / size).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert documented(f"{rounded}{unit}").agrees(count)


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_a_whole_figure_agrees_with_nothing_else(documented_count: int, count: int) -> None:
    assert documented(str(documented_count)).agrees(count) is (documented_count == count)


@given(st.integers(10, 999), st.sampled_from(["k", "M", "G", "T"]))
def test_a_rounded_figure_agrees_half_a_step_around_itself(number: int, scale: str) -> None:
    figure, unit = documented(f"{number / 10:.1f}{scale}"), {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}[scale]
    value, half = number * unit // 10, unit // 20
    assert figure.agrees(value - half) and figure.agrees(value) and figure.agrees(value + half - 1)
    assert not figure.agrees(value - half - 1) and not figure.agrees(value + half)


def statuses(text: str, folder: Path, variant: str | None = None) -> list[str]:
    return [verdict.status for verdict in read(text, folder, variant).figures]


NET = "params: {w: 3}\nvariants: {net: {}, wide: {w: 8}}\ngraph: [{conv: w, kernel_size: 1}]\n"


def test_the_verdicts(tmp_path: Path) -> None:
    text = NET + (
        "figures:\n  - {params: 12, source: x}\n  - {params: 13, source: x}\n"
        "  - {params: 13, source: x, differs: why}\n  - {params: 12, source: x, differs: why}\n"
        "  - {params: 32, source: x, with: {w: 8}}\n  - {params: 1, variant: wide, source: x}\n"
    )
    assert statuses(text, tmp_path) == [
        "agrees",
        "MISMATCH",
        "differs as explained",
        "explained but agrees",
        "agrees",
    ]
    assert statuses(text, tmp_path, "wide")[-1] == "MISMATCH"


def test_a_figure_agrees_under_any_habit_of_counting_that_it_names(tmp_path: Path) -> None:
    text = "graph: [{conv: 8, kernel_size: 3}, batch_norm]\nfigures: [{params: 256, source: Keras}]"
    (verdict,) = read(text, tmp_path).figures
    assert verdict.status == "MISMATCH"
    assert verdict.hints[0] == "agrees with buffers counted too, as Keras does (16)"
    assert [item.code for item in verdicts.diagnostics([verdict])] == ["figure-mismatch"]


def test_stacked_recurrent_layers_count_one_by_one_in_depth_and_by_steps_in_macs(tmp_path: Path) -> None:
    text = "archspec: 1\nname: net\ninput: [T, 8]\ngraph: {a: {gru: 4, num_layers: 2, bidirectional: true}}"
    net = read(text, tmp_path)
    matrices = 2 * (3 * 4 * 8 + 3 * 4 * 4) + 2 * (3 * 4 * 8 + 3 * 4 * 4)
    assert (net.depth, net.params) == (2, matrices + 2 * 2 * 2 * 3 * 4)
    assert str(net.macs) == f"{matrices}*T"
