from __future__ import annotations

from pathlib import Path

import pytest

from archspec.api.check import check

from .conftest import BROKEN, MISMATCHED, NET, Run


def told(path: str) -> str:
    """What stderr says of the faults of a spec's first variant."""
    return "".join(f"{diagnostic}\n\n" for diagnostic in next(check(path)).diagnostics)


def test_says_for_each_variant_that_it_is_fine(run: Run, net: Path) -> None:
    outcome = run("check", "net.yaml")
    assert outcome.out == (
        "net.yaml\n"
        "  net                 402 params  4.18 k MACs  ok: 1 agrees, 1 differs as explained\n"
        "  net_wide            802 params  8.35 k MACs  ok, no figure is documented\n"
        "2 checked, all fine\n"
    )
    assert (outcome.code, outcome.err) == (0, "")


def test_checks_the_variant_that_is_named(run: Run, net: Path) -> None:
    assert run("check", "net.yaml", "--variant", "net_wide").out == (
        "net.yaml\n  net_wide            802 params  8.35 k MACs  ok, no figure is documented\n1 checked, all fine\n"
    )


def test_checks_only_the_variant_that_the_name_means(run: Run) -> None:
    outcome = run("check", "resnet18", "--json")
    assert [(each["variant"], each["params"]) for each in outcome.data] == [("resnet18", 11_689_512)]


def test_a_missed_figure_fails_and_is_shown_at_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(MISMATCHED)
    outcome = run("check", "net.yaml")
    assert outcome.code == 1
    assert "  net                 402 params  4.18 k MACs  WRONG: 1 MISMATCH, 1 differs as explained\n" in outcome.out
    assert outcome.out.endswith("2 checked, 1 wrong\n")
    assert outcome.err == told("net.yaml")
    assert outcome.err.startswith("error[figure-mismatch]: ")
    assert "   --> net.yaml:12:28\n" in outcome.err


def test_a_fault_that_all_variants_share_is_told_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN)
    outcome = run("check", "net.yaml")
    assert outcome.code == 1
    assert outcome.out == "net.yaml\n  net       WRONG\n  net_wide  WRONG\n2 checked, 2 wrong\n"
    assert outcome.err == told("net.yaml")
    assert "error[unknown-field]: `conv` has no field `kernal_size`\n" in outcome.err


def test_one_wrong_file_of_several_fails_them_all_and_hides_none(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(BROKEN)
    outcome = run("check", "net.yaml", "nowhere.yaml", "other.yaml")
    assert outcome.code == 1
    assert outcome.out.endswith("5 checked, 3 wrong\n")
    assert outcome.err == told("nowhere.yaml") + told("other.yaml")


def test_json_holds_everything_and_nothing_goes_to_stderr(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(MISMATCHED)
    outcome = run("check", "net.yaml", "--json")
    assert (outcome.code, outcome.err) == (1, "")
    first, second = outcome.data
    assert (first["spec"], first["variant"], first["fine"], first["params"]) == ("net.yaml", "net", False, 402)
    assert first["figures"][0] == {
        "quantity": "params",
        "documented": "403",
        "counted": 402,
        "status": "MISMATCH",
        "settings": {},
        "source": "counted by hand",
        "differs": None,
        "hints": first["figures"][0]["hints"],
        "line": 12,
    }
    place = {key: first["diagnostics"][0][key] for key in ("severity", "code", "file", "line", "column")}
    assert place == {"severity": "error", "code": "figure-mismatch", "file": "net.yaml", "line": 12, "column": 28}
    assert (second["fine"], second["figures"], second["diagnostics"]) == (True, [], [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["resnet51"],
            "error[unknown-spec]: there is no bundled architecture `resnet51`, and no such file\n"
            "  = help: did you mean `resnet50`?\n\n",
        ),
        (
            ["resnet50", "--variant", "resnet18"],
            "error[unknown-variant]: `resnet50` is a variant itself, so `resnet18` cannot be one of it\n\n",
        ),
        (
            ["net.yaml", "--variant", "net_wid"],
            "error[unknown-variant]: `net` has no variant `net_wid`\n  = help: did you mean `net_wide`?\n\n",
        ),
    ],
)
def test_a_wrong_name_gets_the_nearest(run: Run, net: Path, arguments: list[str], message: str) -> None:
    outcome = run("check", *arguments)
    assert (outcome.code, outcome.err) == (1, message)


@pytest.mark.parametrize("content", [b"", b"\0\0", b"a: [", b"\xff", b"- 1", b"archspec: 1", (b"[" * 2000)])
def test_no_content_brings_a_traceback(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.yaml").write_bytes(content)
    outcome = run("check", "net.yaml")
    assert outcome.code == 1
    assert outcome.err.startswith("error[")


def test_every_bundled_spec_is_checked_by_its_document(run: Run, net: Path) -> None:
    assert NET.count("figures") == 1
    names = [each["variant"] for each in run("check", "resnet", "--json").data]
    assert {"resnet18", "resnet50", "resnext50_32x4d"} <= set(names)


HALVED = """archspec: 1
name: net
input: [1, H, 32]
graph:
  a: {conv: 4, kernel_size: 3, padding: 1}
  p: {max_pool: 2}
  u: {upsample: 2}
  j: {concat: [u, a]}
"""


def test_says_what_symbolic_sizes_must_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(HALVED)
    outcome = run("check", "net.yaml")
    assert "\n    H must be divisible by 2, as `j` asks\n" in outcome.out
    assert outcome.code == 0
    (data,) = run("check", "net.yaml", "--json").data
    assert data["sizes"] == [{"rule": "H must be divisible by 2", "nodes": ["j"]}]
    assert "\nsizes       H must be divisible by 2\n" in run("summary", "net.yaml").out
    assert run("build", "net.yaml").code == 0


def test_variants_warn_of_a_line_once(run: Run) -> None:
    variants = "params: {w: 8}\nvariants: {a: {}, b: {w: 9}, c: {w: 10}}\n"
    Path("warned.yaml").write_text(
        f"archspec: 1\nname: warned\ninput: [3, 9, 9]\n{variants}graph: [{{conv: w, kernel_size: 3}}, {{linear: 3}}]\n"
    )
    outcome = run("check", "warned.yaml")
    assert outcome.code == 0 and outcome.err.count("warning[linear-on-map]") == 1
