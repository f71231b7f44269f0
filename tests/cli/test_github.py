"""`archspec check --format github`."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from archspec.api.check import Checked
from archspec.cli.github import workflow_commands
from archspec.language.diagnostics import Diagnostic
from archspec.language.source import Source, Span
from tests.cli.conftest import BROKEN, NET, Run

COMMAND = re.compile(r"::(error|warning) ([^:]*)::([^\r\n]*)")


def test_each_finding_is_an_annotation_at_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN)
    outcome = run("check", "net.yaml", "--format", "github")
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("::")]
    level, places, text = COMMAND.fullmatch(line).groups()  # type: ignore[union-attr]
    assert (outcome.code, level) == (1, "error")
    told = dict(each.split("=", 1) for each in places.split(","))
    row = BROKEN.splitlines()[int(told["line"]) - 1]
    assert told["file"] == "net.yaml" and told["title"] == "archspec unknown-field"
    assert row[int(told["col"]) - 1 : int(told["endColumn"]) - 1] == "kernal_size"
    assert unquote(text).endswith("\nhelp: did you mean `kernel_size`?")


def test_what_is_fine_has_none_and_what_cannot_be_read_names_its_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET)
    fine = run("check", "net.yaml", "--format", "github")
    assert fine.code == 0 and "::" not in fine.out
    assert (
        "::error file=none.yaml,title=archspec file-not-found::" in run("check", "none.yaml", "--format", "github").out
    )


@pytest.mark.parametrize("text", ["a,b", "a:b", "100%", "two\nlines", "::error::x", "%0A"])
def test_nothing_in_a_page_ends_the_command(text: str) -> None:
    span = Span(Source(text, "x"), 1, 1, 1, 2)
    (line,) = workflow_commands([Checked("x", None, None, (), (Diagnostic("code", text, span),))])
    level, places, told = COMMAND.fullmatch(line).groups()  # type: ignore[union-attr]
    assert unquote(told) == text and unquote(places.split(",")[0]) == f"file={text}" and level == "error"


def test_json_is_the_same_under_both_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET)
    assert run("check", "net.yaml", "--format", "json").data == run("check", "net.yaml", "--json").data
