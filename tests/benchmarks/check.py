"""A cold `archspec check specs/googlenet.yaml` against `python -c "import torch"`."""

from __future__ import annotations

import compileall
import subprocess
import sys
from pathlib import Path

from timing import paired, report

import archspec

SPEC = Path(__file__).parents[2] / "specs" / "googlenet.yaml"


def run(*arguments: str) -> None:
    """One cold process."""
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def main() -> None:
    """Measure and print; pip compiles what it installs, a checkout may not be compiled."""
    compileall.compile_dir(Path(archspec.__file__).parent, quiet=1)
    ours, peer = paired(lambda: run("-m", "archspec", "check", str(SPEC)), lambda: run("-c", "import torch"), rounds=9)
    print(f"archspec check {ours:.3f} s, import torch {peer:.3f} s")
    report("cold check / import torch", ours / peer, "at most 0.20")


if __name__ == "__main__":
    main()
