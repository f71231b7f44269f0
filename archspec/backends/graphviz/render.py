"""DOT → SVG, PNG or PDF, by a renderer that comes with Python packages; each runs in a child under a time limit."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

from archspec.backends.graphviz.alphabet import StandIns

FORMATS = ("svg", "png", "pdf")
TIME_LIMIT = 60.0
"""Seconds a renderer may take unless told otherwise."""

_PYGRAPHVIZ = """
import sys
sys.path[:] = [path for path in sys.path if path]
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


class RenderError(Exception):
    """A picture cannot be rendered; the message says what would help."""


def render(dot: str, format: str, time_limit: float = TIME_LIMIT) -> bytes:
    """A picture in one of `FORMATS`.

    SVG and PNG are drawn by graphviz-pure, PDF by pygraphviz or else by a `dot` on the path. Raises `RenderError` where
    none is there, where it fails, or where it takes longer than `time_limit` seconds.
    """
    if format == "svg":
        return _svg(dot, time_limit)
    if format == "png":
        # Here the characters are drawn, so none may stand for another; only warnings about their widths are left out.
        return _run([*_embedded(), "-q", "-Tpng", "-Gdpi=144"], dot.encode(), time_limit)
    if format == "pdf":
        # What these say on success is about the fonts of the machine.
        return _run(_pdf_command(), dot.encode(), time_limit, heeded=False)
    raise RenderError(f"there is no format `{format}`; there are {', '.join(FORMATS)} and dot")


def _svg(dot: str, time_limit: float) -> bytes:
    stand_ins = StandIns.of(dot)
    svg = _run([*_embedded(), "-Tsvg"], stand_ins.put(dot).encode(), time_limit)
    return stand_ins.take_out(svg.decode()).encode()


def _embedded() -> list[str]:
    """The command of the graphviz-pure package, wherever it was installed."""
    name = "graphviz-pure.exe" if sys.platform == "win32" else "graphviz-pure"
    try:
        recorded = [Path(str(file.locate())) for file in files("graphviz-pure") or () if file.name == name]
    except PackageNotFoundError:
        recorded = []
    for place in [*recorded, Path(sysconfig.get_path("scripts"), name)]:
        if place.is_file():
            return [str(place)]
    found = shutil.which(name)
    if found is None:
        raise RenderError("pictures are drawn by `graphviz-pure`, which is not installed: pip install graphviz-pure")
    return [found]


def _pdf_command() -> list[str]:
    if find_spec("pygraphviz") is not None:
        return [sys.executable, "-c", _PYGRAPHVIZ, "pdf"]
    system = shutil.which("dot")
    if system is not None:
        return [system, "-Tpdf"]
    raise RenderError(
        "a PDF needs another renderer: pip install 'pygraphviz>=2.0.4', or install Graphviz; SVG and PNG do not"
    )


def _run(command: Sequence[str], stdin: bytes, time_limit: float, heeded: bool = True) -> bytes:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=time_limit, check=False)
    except subprocess.TimeoutExpired:
        raise RenderError(f"the picture was not drawn in {time_limit:g} s; draw it to a lesser depth") from None
    except OSError as error:
        raise RenderError(f"`{command[0]}` cannot be run: {error.strerror}") from None
    messages = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0 or not done.stdout:
        raise RenderError(
            f"the renderer failed: {messages.splitlines()[-1] if messages else f'exit {done.returncode}'}"
        )
    if messages and heeded:
        warnings.warn(f"the renderer says: {messages}", stacklevel=4)
    return done.stdout
