"""The generated files, read as a reviewer would; `ARCHSPEC_UPDATE_GOLDENS=1` writes them anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.codegen import source
from tests.codegen.samples import HERE, NAMES, graph_of

GOLDENS = HERE / "goldens"
RUFF = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("name", NAMES)
def test_source_is_the_golden(name: str) -> None:
    text = source(graph_of(name), header=f"From specs/{name}.yaml.")
    golden = GOLDENS / f"{name}.py"
    if os.environ.get("ARCHSPEC_UPDATE_GOLDENS"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_goldens_are_those_of_the_specs() -> None:
    assert sorted(path.stem for path in GOLDENS.glob("*.py")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_source_is_deterministic(name: str) -> None:
    assert source(graph_of(name)) == source(graph_of(name))


@pytest.mark.skipif(RUFF is None, reason="ruff is not installed")
@pytest.mark.parametrize("command", ["format --check", "check --select E,F,I,B,UP,SIM,C4,N,RET,PIE"])
def test_goldens_are_formatted_and_clean(command: str) -> None:
    arguments = [*command.split(), "--isolated", "--line-length", "100", str(GOLDENS)]
    done = subprocess.run([str(RUFF), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
