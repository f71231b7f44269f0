"""Runs graphviz-pure, a self-contained Graphviz, in a child under a time limit."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from archspec.pictures.displayable import RenderError

TIME_LIMIT = 20.0
"""Seconds that a layout may take unless told otherwise."""


class LayoutTimeoutError(RenderError):
    """A layout took longer than it may."""


def run(dot: str, *options: str, time_limit: float = TIME_LIMIT) -> str:
    """What Graphviz makes of DOT; raises `LayoutTimeoutError` past the limit, `RenderError` where it fails."""
    return _run([*_command(), *options], dot.encode(), time_limit)


@cache
def _command() -> tuple[str, ...]:
    """The command of the graphviz-pure package, wherever it was installed."""
    name = "graphviz-pure.exe" if sys.platform == "win32" else "graphviz-pure"
    beside = Path(sysconfig.get_path("scripts"), name)
    if beside.is_file():
        return (str(beside),)
    from importlib.metadata import PackageNotFoundError, files

    try:
        recorded = [Path(str(file.locate())) for file in files("graphviz-pure") or () if file.name == name]
    except PackageNotFoundError:
        recorded = []
    found = next((str(place) for place in recorded if place.is_file()), None) or shutil.which(name)
    if found is None:
        raise RenderError("pictures are laid out by `graphviz-pure`, which is not installed: pip install graphviz-pure")
    return (found,)


def _run(command: Sequence[str], stdin: bytes, time_limit: float) -> str:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=time_limit, check=False)
    except subprocess.TimeoutExpired:
        raise LayoutTimeoutError(
            f"the picture was not laid out in {time_limit:g} s; draw it to a lesser depth"
        ) from None
    except OSError as error:
        raise RenderError(f"`{command[0]}` cannot be run: {error.strerror}") from None
    messages = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0 or not done.stdout:
        raise RenderError(
            f"the renderer failed: {messages.splitlines()[-1] if messages else f'exit {done.returncode}'}"
        )
    return done.stdout.decode()
