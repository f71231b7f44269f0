from __future__ import annotations

from archspec.graph.roundings import stages
from archspec.reports.summary import summarise
from tests.samples import sample


def test_each_stage_shows_its_raw_and_rounded_width_and_depth_and_its_count() -> None:
    architecture = sample("scaled")
    audit = summarise(architecture.graph, audit=True).audit
    shown = [(each.stage.address, [(one.expression, one.rounded) for one in each.stage.roundings]) for each in audit]
    width, depth = "divisible(out * width)", "ceil(layers * depth)"
    assert shown == [
        ("", [("round(64 * 1.15 ** phi)", 74)]),
        ("stem", [("divisible(32 * width)", 32)]),
        ("stages.0", [(width, 16), (depth, 2)]),
        ("stages.1", [(width, 24), (depth, 3)]),
        ("stages.2", [(width, 48), (depth, 3)]),
        ("stages.3", [(width, 48), (depth, 3)]),
    ]
    for each in audit[1:]:
        assert each.params == architecture.graph.nodes[each.stage.address].counts.params
    assert abs(audit[3].stage.roundings[0].raw - 26.4) < 1e-9


def test_what_standard_blocks_round_is_not_shown() -> None:
    assert stages(sample("residual").graph.roundings) == ()
    assert {each.expression for each in sample("scaled").graph.roundings} == {
        "round(64 * 1.15 ** phi)",
        "divisible(32 * width)",
        "divisible(out * width)",
        "ceil(layers * depth)",
    }
