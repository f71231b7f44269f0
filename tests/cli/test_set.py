from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run


@pytest.mark.parametrize(
    ("text", "params"),
    [("width=8", 802), ("width=4 + 4", 802), ("act=silu", 402), ("width= 8", 802), ("width=0x8", 802)],
)
def test_values_are_yaml_and_expressions_and_words(run: Run, net: Path, text: str, params: int) -> None:
    outcome = run("summary", "net.yaml", "--set", text, "--json")
    assert outcome.data["counts"]["params"] == params


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "wdth=8",
            "error[unknown-setting]: `net` has no param `wdth`\n"
            "  --> --set:1:1\n  |\n1 | wdth=8\n  | ^^^^\n  = help: did you mean `width`?\n\n",
        ),
        (
            "width=[1, ]]",
            "error[yaml-syntax]: ",
        ),
        (
            "width={a: 1}",
            "error[wrong-type]: a setting is a value or a list\n"
            "  --> --set:1:7\n  |\n1 | width={a: 1}\n  |       ^^^^^^\n"
            "  = expected: a value such as `10`, `silu` or `[1, 2]`\n  = found: a mapping\n\n",
        ),
        (
            "width=2.5",
            "error[wrong-type]: `width` cannot be `2.5`\n  --> --set:1:7\n  |\n1 | width=2.5\n  |       ^^^\n",
        ),
        (
            "width=.nan",
            "error[not-finite]: `.nan` is not a finite number\n  --> --set:1:7\n  |\n1 | width=.nan\n  |       ^^^^\n"
            "  = help: quote it if it is a word\n\n",
        ),
    ],
)
def test_a_wrong_value_is_shown_in_the_text_that_was_typed(run: Run, net: Path, text: str, message: str) -> None:
    outcome = run("summary", "net.yaml", "--set", text)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(message)


def test_all_wrong_values_are_told_at_once(run: Run, net: Path) -> None:
    outcome = run("summary", "net.yaml", "--set", "width=[", "--set", "act={a: b}")
    assert outcome.code == 1
    assert "--set:1:" in outcome.err
    assert outcome.err.count("error[") == 2


@pytest.mark.parametrize("command", ["summary", "draw", "build"])
@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["width"], "'width' is not of the form name=value"),
        (["=8"], "'=8' is not of the form name=value"),
        (["width=8", "width=9"], "`width` is set twice"),
    ],
)
def test_what_is_no_setting_is_wrong_usage(run: Run, net: Path, command: str, texts: list[str], message: str) -> None:
    outcome = run(command, "net.yaml", *(word for text in texts for word in ("--set", text)))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"Invalid value for '--set': {message}" in outcome.err


def test_a_setting_that_changes_nothing_is_a_warning(run: Run, net: Path) -> None:
    (net.parent / "idle.yaml").write_text(net.read_text().replace("{width: 4,", "{width: 4, idle: 1,"))
    outcome = run("summary", "idle.yaml", "--set", "idle=2")
    assert outcome.code == 0
    assert outcome.err.startswith("warning[idle-setting]: setting `idle` changes nothing in `net`\n")
