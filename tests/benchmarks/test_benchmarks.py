"""Each benchmark runs to its end, in its smallest form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPTS = [path for path in sorted(HERE.glob("*.py")) if path.name != "timing.py" and not path.name.startswith("test_")]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_runs_to_its_end(script: Path) -> None:
    done = subprocess.run([sys.executable, str(script), "--smallest"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "target" in done.stdout


def test_all_are_listed() -> None:
    text = (HERE / "README.md").read_text("utf-8")
    assert [script.name for script in SCRIPTS if f"tests/benchmarks/{script.name}" not in text] == []
