"""What a page or a file's name holds is shown as text: no control character of it reaches a terminal, a file or a pipe.

The page has an escape wherever the language lets a free text stand; every command shows it in every format.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from .conftest import Run
from .test_process import COLOUR, on_terminal, shell

PAGE = r"""
archspec: 1
name: hostile
about: "a\e[31mb\u009b2J \x7f"
task: "t\e[31m\u202e"
input: [3, 8, 8]
params:
  width: {default: 4, about: "p\e[31m"}
  word: "'x\\x1b[31my'"
  other: {type: str, default: "'z\\x9b1m\\u202e'"}
let: {computed: "'k\\x1b[31m'"}
blocks:
  unit:
    about: "u\e[31m"
    params: {v: int, tag: {type: str, default: "'q\\x1b[31m'"}}
    graph:
      - {conv: v, kernel_size: 3, padding: 1, when: tag != "none"}
      - batch_norm
      - relu
graph:
  a: {unit: 4, tag: word}
  b: {unit: 4, tag: other}
  c: {unit: 8, tag: computed}
figures:
  - {params: 5k, source: "s\e]0;title\a\e[2J", differs: "d\e[31m\u202e"}
  - {macs: 5, source: "s\e]0;title\a\e[2J", differs: "d\e[31m", with: {word: "'l\\x1b[31m'"}}
references: [{authors: "A\e[31m", title: "t\e[31m", year: 2000, venue: "v\e[31m", link: "l\e[31m"}]
"""
FAULTY = PAGE.replace("- relu", '- {"re\\e[31mlu": }').replace("width:", '"wi\\u009bdth":')
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SHOWN = [
    ["check"],
    ["check", "--json"],
    ["summary"],
    ["summary", "--audit", "--depth", "9"],
    ["summary", "--json"],
    ["diff", "lenet"],
    ["diff", "lenet", "--json"],
    ["diff", "lenet", "--out", "-"],
    ["diff", "--set", "word=\x1b[2J"],
    ["build", "--force"],
    ["build", "--force", "--json"],
    *(
        ["draw", "--format", format, "--view", view, "--out", "-"]
        for format, view in [
            *(("svg", view) for view in ("figure", "overview", "detail", "volumes")),
            *((format, "figure") for format in ("dot", "mermaid", "html")),
        ]
    ),
]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "hostile.yaml").write_text(PAGE.lstrip(), "utf-8")
    (tmp_path / "faulty.yaml").write_text(FAULTY.lstrip(), "utf-8")
    return tmp_path


@pytest.mark.parametrize("command", SHOWN, ids=" ".join)
def test_nothing_that_is_printed_or_written_has_a_control_character(run: Run, pages: Path, command: list[str]) -> None:
    outcome = run(command[0], "hostile.yaml", *command[1:])
    assert outcome.code == ("word=\x1b[2J" in command)
    hold(outcome.out, outcome.err, *(file.read_text("utf-8") for file in pages.rglob("build/**/*.*")))


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_nor_has_a_message(run: Run, pages: Path, options: list[str]) -> None:
    outcome = run("check", "faulty.yaml", *options)
    assert outcome.code == 1
    hold(outcome.out, outcome.err)


def hold(*texts: str) -> None:
    for text in texts:
        assert not (found := CONTROL.search(text)), text[found.start() - 80 : found.start() + 10]


@pytest.mark.parametrize("command", ["check", "summary"])
def test_a_terminal_gets_no_control_character_but_colours(pages: Path, command: str) -> None:
    shown = on_terminal(command, str(pages / "hostile.yaml"), *["--audit"] * (command == "summary"))
    assert COLOUR.search(shown) and ("␛" in shown or command == "check")
    assert not CONTROL.search(COLOUR.sub("", shown.replace("\x1b[?25l", "").replace("\x1b[?25h", "")))


@pytest.mark.parametrize("command", ["check", "build", "draw", "summary", "plot", "diff"])
def test_a_name_that_is_not_utf_8(pages: Path, command: str) -> None:
    name = os.fsdecode(b"caf\xe9\x1b[2J.yaml")
    (pages / "hostile.yaml").rename(pages / name)
    done = shell(command, name, cwd=pages)
    assert (done.returncode, done.stderr) == (0, "")
    assert not CONTROL.search(done.stdout)
    hold(*(file.read_text("utf-8") for file in pages.rglob("*.*") if file.suffix != ".png"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "{}"),
        ("check", "{}"),
        ("build", "{}"),
        ("evaluate", "{}"),
        ("predict", "{}", "{}"),
        ("build", "lenet", "--weights", "{}"),
        ("build", "lenet", "--weights", "{}.pt"),
        ("train", "lenet_mnist", "--set", "weights={}"),
        ("train", "lenet_mnist", "--set", "model={}"),
    ],
)
def test_an_argument_longer_than_a_file_may_be_called(run: Run, arguments: tuple[str, ...]) -> None:
    for long in ("a" * 300, "\0"):
        outcome = run(*(each.replace("{}", long) for each in arguments))
        assert outcome.code == 2 or (outcome.code == 1 and re.search("^error", outcome.err, re.MULTILINE)), outcome
        assert "internal" not in outcome.err


@pytest.mark.parametrize("page", ["graph: [{}]", "graph: [{{use: {}}}]", "graph: [{{use: ./{}.yaml}}]"])
def test_a_word_longer_than_a_file_may_be_called(run: Run, tmp_path: Path, page: str) -> None:
    (tmp_path / "net.yaml").write_text("archspec: 1\nname: net\ninput: [3]\n" + page.format("a" * 300), "utf-8")
    outcome = run("check", "net.yaml")
    assert outcome.code == 1
    assert re.match(r"error\[(unknown-op|file-unreadable)\]: ", outcome.err)
