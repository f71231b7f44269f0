from __future__ import annotations

import re
from pathlib import Path

import pytest

import archspec
from archspec.api import zoo
from archspec.api.catalogue import entries

from .conftest import NET, Run

EVERYTHING = [entry.name for entry in entries()]


def test_summary_shows_the_table(run: Run, net: Path) -> None:
    outcome = run("summary", "net.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == "Net"
    assert "parameters  402" in outcome.out


def test_summary_opens_as_many_levels_as_asked(run: Run) -> None:
    assert len(run("summary", "resnet18", "--depth", 3).out) > len(run("summary", "resnet18").out)


def test_summary_as_json(run: Run, net: Path) -> None:
    data = run("summary", "net.yaml", "--variant", "net_wide", "--json").data
    assert (data["name"], data["counts"]["params"], len(data["rows"])) == ("net_wide", 802, 4)


def test_list_shows_every_architecture_under_its_task(run: Run) -> None:
    head, *groups = run("list").out.strip().split("\n\n")
    assert head.split() == ["name", "year", "params", "MACs", "figures", "title"]
    rows = {title: [line.split() for line in lines] for title, *lines in map(str.splitlines, groups)}
    names = [row[0] for group in rows.values() for row in group]
    assert sorted(names) == sorted(name for name, _ in zoo.variants())
    for title, group in rows.items():
        assert {zoo.open_spec(row[0])[0].task for row in group} == {title}
    years = {row[0]: row[1] for group in rows.values() for row in group}
    assert (years["lenet"], years["resnet50"], years["resnext50_32x4d"]) == ("1998", "2016", "2017")


def test_list_as_json_agrees_with_read(run: Run) -> None:
    listed = {each["name"]: each for each in run("list", "--json").data}
    resnet = archspec.read("resnet50")
    assert (listed["resnet50"]["params"], listed["resnet50"]["macs"]) == (resnet.params, resnet.macs)
    assert (listed["resnet50"]["title"], listed["resnet50"]["spec"]) == ("ResNet", "resnet")
    assert listed["resnet50"]["year"] == 2016
    assert [each["status"] for each in listed["resnet50"]["figures"]] == ["agrees", "agrees"]


def test_blocks_lists_every_op_and_block(run: Run) -> None:
    lines = run("blocks").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == EVERYTHING
    assert [each["name"] for each in run("blocks", "--json").data] == EVERYTHING


@pytest.mark.parametrize("name", EVERYTHING)
def test_blocks_shows_each_in_full(run: Run, name: str) -> None:
    outcome = run("blocks", name)
    assert (outcome.code, outcome.err) == (0, "")
    shown = run("blocks", name, "--json").data
    assert outcome.out.startswith(f"{name}: {shown['sort']}\n")
    assert shown["about"] and shown["example"]
    assert all(f"  {field['name']} " in outcome.out for field in shown["fields"])


def test_an_op_in_full(run: Run) -> None:
    assert run("blocks", "linear").out == (
        "linear: op\n"
        "\n"
        f"{next(entry.about for entry in entries() if entry.name == 'linear')}\n"
        "\n"
        "fields\n"
        "\n"
        "  name          default     accepts\n"
        "  out_features  (required)  a whole number from 1\n"
        "  bias          true        true or false\n"
        "\n"
        "example\n"
        "\n"
        "  {linear: 1000}\n"
    )


def test_a_block_is_shown_with_its_definition(run: Run) -> None:
    out = run("blocks", "mbconv").out
    assert "\ndefinition\n\n  block: mbconv\n" in out
    assert "  kernel_size  3           a whole number\n" in out


def test_an_unknown_op_gets_the_nearest(run: Run) -> None:
    outcome = run("blocks", "mbcnov")
    assert (outcome.code, outcome.err) == (
        1,
        "error[unknown-op]: there is no op or standard block `mbcnov`\n  = help: did you mean `mbconv`?\n\n",
    )


@pytest.mark.parametrize("name", ["my_net", "my_net.yaml", "nets/my_net.yaml"])
def test_new_writes_a_spec_that_builds(run: Run, tmp_path: Path, name: str) -> None:
    path = name if name.endswith(".yaml") else f"{name}.yaml"
    outcome = run("new", name)
    assert (outcome.code, outcome.out) == (0, f"wrote {path}; next: archspec build {path}\n")
    assert run("build", path).code == 0
    assert run("check", path).out.endswith("2 checked, all fine\n")


def test_the_starters_comments_hold(run: Run, tmp_path: Path) -> None:
    run("new", "my_net")
    text = (tmp_path / "my_net.yaml").read_text().replace("# figures:", "figures:").replace("#   - {", "  - {")
    (tmp_path / "my_net.yaml").write_text(text)
    assert "ok: 1 agrees" in run("check", "my_net.yaml").out
    assert run("summary", "my_net.yaml", "--set", "width=32").code == 0


def test_new_never_overwrites(run: Run, net: Path) -> None:
    outcome = run("new", "net")
    assert (outcome.code, outcome.err) == (
        1,
        "error[file-exists]: `net.yaml` exists already\n  = help: choose another name\n\n",
    )
    assert net.read_text() == NET


@pytest.mark.parametrize(
    ("name", "help_"), [("My-Net", "for example `my_net`"), ("3d", None), ("", None), ("a/", None)]
)
def test_new_takes_plain_names_only(run: Run, tmp_path: Path, name: str, help_: str | None) -> None:
    outcome = run("new", name)
    assert outcome.code == 1
    assert outcome.err.startswith("error[name]: ")
    assert (help_ or "= expected: a name of small letters, digits and underscores") in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", ["build", "check", "summary", "draw", "diff", "plot", "fit", "list", "blocks", "new"]
)
def test_help_says_what_it_does_and_shows_examples(run: Run, command: str) -> None:
    outcome = run(command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert re.search(rf"^ *Examples *$.*^ *archspec {command}\b", outcome.out, re.MULTILINE | re.DOTALL)
    assert re.search(rf"│ {command} ", run("--help").out)
