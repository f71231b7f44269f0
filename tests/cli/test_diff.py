from __future__ import annotations

from pathlib import Path

import pytest

import archspec

from .conftest import BROKEN, NET, Run

CHANGED = NET.replace("conv: width", "conv: width * 2").replace(
    "flatten: flatten", "pool: {max_pool: 2}\n  flatten: flatten"
)
TEXT = """\
Net → Net

   node     what              changes             output         parameters  MACs             weights
~  conv     3×3 conv, 8       out_channels 4 → 8  4×6×6 → 8×6×6  112 → 224   3.89 k → 7.78 k  misshapen
~  act      ReLU                                  4×6×6 → 8×6×6
+  pool     2×2 max pool, /2                      8×3×3
~  flatten  flatten                               144 → 72
~  fc       fc 2                                  2              290 → 146   288 → 144        1 carry over, 1 misshapen

input       3×8×8
output      2
parameters  402 → 370 (-8.0%)
MACs        4.18 k → 7.92 k (+89.7%)
depth       2

weights of net in net
  carry over  1 of 4 tensors, 2 of 370 elements
  misshapen   3: conv.weight 4×3×3×3 → 8×3×3×3, conv.bias 4 → 8, fc.weight 2×144 → 2×72
"""


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    path = tmp_path / "changed.yaml"
    path.write_text(CHANGED)
    return path


def test_two_specs(run: Run, net: Path, changed: Path) -> None:
    outcome = run("diff", "net.yaml", "changed.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == TEXT


def test_in_python_it_is_the_same(run: Run, net: Path, changed: Path) -> None:
    assert f"{archspec.diff(net, changed)}\n" == TEXT
    assert f"{archspec.diff(archspec.read(net), changed)}\n" == TEXT


def test_one_spec_under_another_setting(run: Run, net: Path) -> None:
    outcome = run("diff", "net.yaml", "--set", "act=silu")
    out = outcome.out
    assert outcome.err == ""
    assert "~  act         SiLU                op relu → silu  4×6×6\n" in out
    assert "settings\n  act  relu → silu\n" in out
    assert "carry over  4 of 4 tensors, 402 of 402 elements" in out


def test_one_spec_under_another_variant(run: Run, net: Path) -> None:
    assert run("diff", "net.yaml", "--variant", "net_wide").out.startswith("Net → Net (net_wide)\n")
    assert run("diff", "net.yaml", "--own-variant", "net_wide").out.startswith("Net (net_wide) → Net\n")
    both = run("diff", "net.yaml", "--set", "width=8", "--own-variant", "net_wide").out
    assert both == "Net (net_wide) → Net\nnothing differs\n"
    assert run("diff", "net.yaml", "--set", "width=8", "--own-set", "width=8").out == "Net → Net\nnothing differs\n"


def test_neighbours_to_which_the_same_happened_stand_in_one_row(run: Run) -> None:
    lines = run("diff", "resnet50", "resnet101").out.splitlines()
    assert [" ".join(line.split()) for line in lines[3:8]] == [
        "conv1…layer2 6 nodes, unchanged 512×28×28 1,444,928 1.81 G carry over",
        "~ layer3 Stage depth 6 → 23 1024×14×14 7,098,368 → 26,090,496 1.46 G → 5.18 G 114 carry over, 306 missing",
        "0…5 6 nodes, unchanged 1024×14×14 7,098,368 1.46 G carry over",
        "+ 6…22 Bottleneck ×17 1024×14×14 18,992,128 3.71 G missing",
        "layer4…fc 4 nodes, unchanged 1000 17,013,736 811 M carry over",
    ]


def test_depth_closes_blocks(run: Run) -> None:
    closed = run("diff", "resnet50", "resnext50_32x4d", "--depth", 1).out
    assert "~  layer1 " in closed and "Bottleneck" not in closed


def test_every_tensor_is_named_where_asked(run: Run) -> None:
    few = run("diff", "vgg11", "vgg13").out
    every = run("diff", "vgg11", "vgg13", "--weights").out
    assert "and 15 more" in few and "    features.22.bias 512" not in few
    assert "more" not in every and "    features.22.bias 512" in every
    assert "    features.18.weight → features.22.weight" in every


def test_as_json(run: Run, net: Path, changed: Path) -> None:
    data = run("diff", "net.yaml", "changed.yaml", "--json").data
    assert data["schema"] == 1
    assert (data["old"]["params"], data["new"]["params"]) == (402, 370)
    nodes = {node["new"]: node for node in data["nodes"]}
    assert nodes.keys() == {"conv", "act", "pool", "flatten", "fc"}
    assert nodes["conv"]["changes"]["out_channels"] == [4, 8]
    assert nodes["pool"] == {"status": "added", "old": None, "new": "pool", "changes": {}}
    assert data["weights"] == {
        "carry_over": ["fc.bias"],
        "misshapen": {
            "conv.weight": [[4, 3, 3, 3], [8, 3, 3, 3]],
            "conv.bias": [[4], [8]],
            "fc.weight": [[2, 144], [2, 72]],
        },
        "missing": {},
        "extra": {},
        "renamed": {},
    }


def test_every_row_counts_its_weights_and_all_rows_count_all() -> None:
    pairs = [("resnet18", "resnet50"), ("lenet", "lenet_1998"), ("densenet121", "efficientnet_b0")]
    heads = [
        ("fasterrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn"),
        ("fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn"),
    ]
    for old, new in [*pairs, *heads]:
        shown = archspec.diff(old, new)
        fits = shown.comparison.weights
        sums = [row.weights.numbers for row in shown.rows if row.indent == 0]
        everything = len(fits.fitting), len(fits.misshapen), len(fits.missing), len(fits.extra)
        assert tuple(map(sum, zip(*sums))) == everything
        counted = [[row.counts[side] for row in shown.rows if row.indent == 0] for side in (0, 1)]
        for graph, column in zip((shown.comparison.old, shown.comparison.new), counted):
            assert sum(each.params for each in column if each) == graph.counts.params
            assert sum(each.macs for each in column if each) == graph.counts.macs


def test_symbolic_sizes_can_be_compared(run: Run, tmp_path: Path) -> None:
    text = "archspec: 1\nname: net\ninput: [3, H, W]\ngraph: {{conv: {{conv: {}, kernel_size: 3}}}}\n"
    for name, width in (("old", 4), ("new", 8)):
        (tmp_path / f"{name}.yaml").write_text(text.format(width))
    out = run("diff", "old.yaml", "new.yaml").out
    assert "4×(H - 2)×(W - 2) → 8×(H - 2)×(W - 2)" in out
    assert run("diff", "old.yaml", "new.yaml", "--json").code == 0


def test_a_wrong_spec_is_told(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    outcome = run("diff", "net.yaml", "broken.yaml")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[unknown-field]" in outcome.err
    assert run("diff", "net.yaml", "nte.yaml").code == 1


def test_out_draws_both_over_each_other(run: Run, net: Path, changed: Path, tmp_path: Path) -> None:
    out = tmp_path / "diff.svg"
    done = run("diff", net, changed, "--out", out)
    assert (done.code, done.out) == (0, f"wrote {out}\n")
    assert "+ 2×2 max pool, /2" in out.read_text("utf-8")


def test_a_picture_loses_nothing(run: Run, net: Path, changed: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.svg"
    own.write_text("drawn by hand")
    assert run("diff", net, changed, "--out", own).code == 1
    assert own.read_text() == "drawn by hand"
    assert run("diff", net, changed, "--out", tmp_path / "no" / "such.svg", "--json").code == 2
    assert run("diff", net, changed, "--theme", "print").code == 2
