from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from archspec.cli.app import application

NET = """\
archspec: 1
name: net
input: [3, 8, 8]
params: {width: 4, act: {type: op, default: relu}}
variants: {net: {}, net_wide: {width: 8}}
graph:
  conv: {conv: width, kernel_size: 3}
  act: {use: act}
  flatten: flatten
  fc: {linear: 2}
figures:
  - {variant: net, params: 402, source: counted by hand}
  - {variant: net, depth: 3, source: a rumour, differs: the act was counted}
"""
MISMATCHED = NET.replace("402", "403")
BROKEN = NET.replace("kernel_size", "kernal_size")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHSPEC_TRACEBACK", "1")
    monkeypatch.setenv("TERMINAL_WIDTH", "120")

    def run(*arguments: object) -> Outcome:
        result = CliRunner().invoke(application(), [str(argument) for argument in arguments], catch_exceptions=False)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path
