"""Ctrl-C at any moment of a command's beginning: it ends, and shows no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STARTED = """\
import os, signal, sys, threading
import archspec
signal.signal(signal.SIGINT, signal.default_int_handler)
seconds = float(sys.argv.pop(1))
timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
timer.daemon = True
timer.start()
from archspec.cli import main
main()
"""
"""The command line, whose process is interrupted so many seconds after Python itself has started, if it still runs."""


@pytest.mark.parametrize("seconds", [0.03, 0.06, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("command", [["train", "lenet_mnist", "--data", "nowhere"], ["check", "resnet50"]])
def test_ctrl_c_ends_it_without_a_traceback(command: list[str], seconds: float, tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", STARTED, str(seconds), *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert "Traceback" not in done.stderr and "internal" not in done.stderr, done.stderr
    assert done.returncode in (-signal.SIGINT, 0, 1, 130)
    assert time.monotonic() - began < 100
