from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path

import pytest
import torch

from archspec.api import build
from archspec.files import outputs
from archspec.files.atomic import write_whole

from .conftest import BROKEN, MISMATCHED, Run

FILES = ["build/net/net.html", "build/net/net.json", "build/net/net.py", "build/net/net.svg"]


def tree(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in str(path)
    )


def test_writes_the_source_the_picture_and_the_report(run: Run, net: Path, tmp_path: Path) -> None:
    outcome = run("build", "net.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "net: 402 parameters, 4.18 k MACs; torch agrees on every count and shape\n"
        "  ✓ params 402, counted 402 [counted by hand]\n"
        "  ≠ depth 3, counted 2; differs as explained: the act was counted [a rumour]\n"
        "wrote build/net/net.py, build/net/net.svg, build/net/net.html, build/net/net.json\n"
    )
    assert tree(tmp_path) == [*FILES, "net.yaml"]


def test_the_source_is_a_module_that_runs_alone(run: Run, net: Path, tmp_path: Path) -> None:
    run("build", "net.yaml")
    spec = importlib.util.spec_from_file_location("net", tmp_path / "build/net/net.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.Net()(torch.zeros(2, 3, 8, 8)).shape == (2, 2)


def test_the_report_and_the_picture_can_be_read(run: Run, net: Path, tmp_path: Path) -> None:
    run("build", "net.yaml")
    report = json.loads((tmp_path / "build/net/net.json").read_text())
    assert (report["name"], report["counts"]["params"]) == ("net", 402)
    assert (tmp_path / "build/net/net.svg").read_text().lstrip().startswith("<?xml")


def test_builds_the_same_bytes_again_over_its_own_files(run: Run, net: Path, tmp_path: Path) -> None:
    run("build", "net.yaml")
    first = {name: (tmp_path / name).read_bytes() for name in FILES}
    assert run("build", "net.yaml").code == 0
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == first


def test_builds_every_variant_into_a_folder_of_its_own(run: Run, net: Path, tmp_path: Path) -> None:
    outcome = run("build", "net.yaml", "--all-variants", "--out", "nets")
    assert outcome.code == 0
    assert [name for name in tree(tmp_path) if name.endswith(".py")] == ["nets/net/net.py", "nets/net_wide/net_wide.py"]


def test_set_changes_the_network_and_no_figure_is_claimed(run: Run, net: Path, tmp_path: Path) -> None:
    outcome = run("build", "net.yaml", "--set", "width=8", "--set", "act=silu")
    assert outcome.out.splitlines()[:2] == [
        "net: 802 parameters, 8.35 k MACs; torch agrees on every count and shape",
        "  no documented figure holds for these settings",
    ]
    assert "SiLU" in (tmp_path / "build/net/net.py").read_text()


def test_json_says_what_was_built_and_where(run: Run, net: Path) -> None:
    (built,) = run("build", "net.yaml", "--json").data
    assert (built["name"], built["params"], built["macs"], built["depth"]) == ("net", 402, 4176, 2)
    assert [figure["status"] for figure in built["figures"]] == ["agrees", "differs as explained"]
    assert built["files"] == ["build/net/net.py", "build/net/net.svg", "build/net/net.html", "build/net/net.json"]


@pytest.mark.parametrize("text", [BROKEN, MISMATCHED])
@pytest.mark.parametrize("options", [[], ["--all-variants"], ["--json"]])
def test_a_wrong_spec_or_figure_writes_nothing(run: Run, tmp_path: Path, text: str, options: list[str]) -> None:
    (tmp_path / "net.yaml").write_text(text)
    outcome = run("build", "net.yaml", *options)
    assert outcome.code == 1
    assert tree(tmp_path) == ["net.yaml"]
    assert not (tmp_path / "build").exists()


def test_the_missed_figures_of_all_variants_are_told_at_once(run: Run, tmp_path: Path) -> None:
    wrong = "\n  - {variant: net_wide, params: 803, source: counted by hand}\n"
    (tmp_path / "net.yaml").write_text(MISMATCHED + wrong.lstrip("\n"))
    outcome = run("build", "net.yaml", "--all-variants")
    assert re.findall(r"--> (.*)", outcome.err) == ["net.yaml:12:28", "net.yaml:14:33"]


def test_json_says_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(MISMATCHED)
    outcome = run("build", "net.yaml", "--json")
    assert outcome.err == ""
    assert [each["code"] for each in outcome.data["diagnostics"]] == ["figure-mismatch"]


def test_a_file_that_was_edited_is_not_overwritten(run: Run, net: Path, tmp_path: Path) -> None:
    run("build", "net.yaml")
    edited = tmp_path / "build/net/net.py"
    edited.write_text(edited.read_text() + "# mine\n")
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    outcome = run("build", "net.yaml", "--set", "width=8")
    assert (outcome.code, outcome.err) == (
        1,
        "error[foreign-file]: `build/net/net.py` exists, and was not written by archspec or was edited since\n"
        "  = help: `--force` overwrites it, `--out` writes elsewhere\n\n",
    )
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before
    assert run("build", "net.yaml", "--force").code == 0
    assert "# mine" not in edited.read_text()


def test_every_foreign_file_is_named(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "build/net").mkdir(parents=True)
    for name in FILES:
        (tmp_path / name).write_text("mine")
    outcome = run("build", "net.yaml")
    assert outcome.code == 1
    assert [name for name in FILES if f"`{name}` exists" in outcome.err] == FILES


def test_what_cannot_be_written_is_said_and_nothing_is_left(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where a folder is needed")
    outcome = run("build", "net.yaml", "--out", "taken")
    assert (outcome.code, outcome.err) == (1, "error: taken/net: not a directory\n")
    assert tree(tmp_path) == ["net.yaml", "taken"]


def test_a_disk_that_fills_up_leaves_no_new_file(
    run: Run, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise OSError(28, os.strerror(28), str(path))
        write_whole(path, content)

    monkeypatch.setattr(outputs, "write_whole", full)
    outcome = run("build", "net.yaml")
    assert (outcome.code, outcome.err) == (1, "error: build/net/net.json: no space left on device\n")
    assert tree(tmp_path) == ["net.yaml"]
    assert not (tmp_path / "build").exists()


def test_a_contradiction_by_torch_fails_the_build(
    run: Run, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archspec.runtime import verify

    found = [verify.Mismatch("conv", "output shapes", [(4, 6, 6)], [(4, 7, 7)])]
    monkeypatch.setattr(verify, "verify", lambda graph, module: found)
    outcome = run("build", "net.yaml")
    assert (outcome.code, outcome.err) == (
        1,
        "error[verify]: torch contradicts the output shapes that archspec inferred\n"
        "  --> net.yaml:7:10\n"
        "  |\n"
        "7 |   conv: {conv: width, kernel_size: 3}\n"
        "  |          ^^^^\n"
        "  = node: conv\n"
        "  = expected: [(4, 6, 6)]\n"
        "  = found: [(4, 7, 7)]\n"
        "  = help: a bug in archspec, not a fault of the spec\n\n",
    )
    assert tree(tmp_path) == ["net.yaml"]


def test_torch_running_out_of_memory_is_no_traceback(run: Run, net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archspec.api.architecture import Architecture

    def build(self: Architecture) -> None:
        raise RuntimeError("not enough memory: you tried to allocate much\nsecond line")

    monkeypatch.setattr(Architecture, "build", build)
    outcome = run("build", "net.yaml")
    assert (outcome.code, outcome.err) == (
        1,
        "error[torch]: torch could not build and run `net`\n"
        "  = found: not enough memory: you tried to allocate much\n\n",
    )


def test_weights_are_loaded_and_must_fit(run: Run, net: Path, tmp_path: Path) -> None:
    import archspec

    module = archspec.load(net)
    torch.save(module.state_dict(), tmp_path / "net.pt")
    outcome = run("build", "net.yaml", "--weights", "net.pt")
    assert outcome.out.splitlines()[1] == "  weights: 4 tensors loaded"
    wide = run("build", "net.yaml", "--variant", "net_wide", "--weights", "net.pt")
    assert wide.code == 1
    assert wide.err.startswith("error[weights-mismatch]: the weights do not fit `net_wide`\n")
    assert tree(tmp_path) == [*FILES, "net.pt", "net.yaml"]


def test_a_variant_and_all_variants_contradict_each_other(run: Run, net: Path) -> None:
    outcome = run("build", "net.yaml", "--variant", "net", "--all-variants")
    assert outcome.code == 2
    assert "Invalid value for '--all-variants': not together with --variant" in outcome.err


def test_build_tells_what_it_does(net: Path) -> None:
    from archspec import read

    told: list[str] = []
    build.build(read(net), doing=told.append)
    assert told == [
        "net: importing torch",
        "net: building the module and running it once",
        "net: writing its source, picture, atlas and report",
    ]


def test_interrupting_ends_quietly(run: Run, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "build_all", interrupted)
    outcome = run("build", "net.yaml")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")
    assert tree(tmp_path) == ["net.yaml"]
