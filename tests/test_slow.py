"""The list of slow tests names tests that there are, and is written by measuring."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest

CASES = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_three(n):
    assert sum(range(12_000_000)) and n >= 0

def test_quick(): ...
"""


@pytest.mark.parametrize("function", conftest.slow_functions())
def test_a_slow_test_is_there(function: str) -> None:
    file, _, name = function.partition("::")
    assert f"def {name.rpartition('::')[2]}(" in (Path(__file__).parents[1] / file).read_text("utf-8")


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "in parallel"])
def test_what_is_slow_is_written_and_the_rest_kept(tmp_path: Path, workers: list[str]) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "conftest.py").write_text(
        Path(conftest.__file__).read_text("utf-8").replace("ENOUGH = 1.0", "ENOUGH = 0.3")
    )
    (folder / "test_cases.py").write_text(CASES)
    (folder / "slow.txt").write_text("tests/test_cases.py::test_quick\ntests/test_other.py::test_kept\n")

    def run(*options: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", *options, "tests"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    assert "4 passed" in run("--measure", *workers)
    kept = [line for line in (folder / "slow.txt").read_text().splitlines() if not line.startswith("#")]
    assert kept == ["tests/test_cases.py::test_three", "tests/test_other.py::test_kept"]
    assert "1 passed, 3 deselected" in run("-m", "not slow")
