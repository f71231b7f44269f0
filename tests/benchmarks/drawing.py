"""Time to draw, and how large pictures are, beside torchview, torchlens and torchvista where they are installed."""

from __future__ import annotations

import compileall
import contextlib
import io
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from timing import cases, report, seconds, times

import archspec

LIMIT = 180
"""Seconds that a peer may take."""
PEERS = {
    "torchview": (
        "from torchview import draw_graph\n"
        "graph = draw_graph(model, input_data=x, device='cpu', expand_nested=True).visual_graph\n"
        "graph.render(filename='peer', directory=OUT, format='svg')"
    ),
    "torchlens": (
        "from torchlens.visualization import show_model_graph\n"
        "from torchlens.options import VisualizationOptions as V\n"
        "show_model_graph(model, x, visualization="
        "V(container_path=OUT + '/peer', save_only=True, file_format='svg'))"
    ),
    "torchvista": (
        "from torchvista import trace_model\n"
        "trace_model(model, x, export_format='html', export_path=OUT + '/peer.html')"
    ),
}
"""What draws a model with each peer, after `model` and `x` are there."""
SETUP = """
import time, torch, torchvision
model = torchvision.models.{name}(weights=None{extra}).eval()
x = torch.zeros(1, 3, 224, 224)
start = time.perf_counter()
{code}
print("seconds", time.perf_counter() - start)
"""


def median(run: Callable[[], object], rounds: int) -> float:
    """The median seconds of several runs, after one that does not count."""
    run()
    return statistics.median(seconds(run) for _ in range(times(rounds)))


def command() -> None:
    """`archspec draw googlenet` as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        draw = [sys.executable, "-m", "archspec", "draw", "googlenet", "--out", f"{folder}/googlenet.svg"]
        subprocess.run(draw, check=True, capture_output=True)


def ours() -> None:
    """Our own times against their targets; pip compiles what it installs, a checkout may not be compiled."""
    compileall.compile_dir(Path(archspec.__file__).parent, quiet=1)
    googlenet, densenet = archspec.read("googlenet"), archspec.read("densenet201")
    deep = archspec.read("resnet50", depths=[3, 4, 3_322, 3])
    report("GoogLeNet's figure, seconds", median(lambda: googlenet.draw().svg(), 9), "at most 0.05")
    report("archspec draw googlenet, seconds", median(command, 5), "at most 0.5")
    report("DenseNet-201 in detail, seconds", median(lambda: densenet.draw("detail").svg(), 3), "at most 1")
    report("10,000 layers folded, seconds", median(lambda: deep.draw().svg(), 3), "at most 2")


def size(svg: str) -> str:
    """The width and height that an SVG says of itself."""
    found = re.search(r'<svg[^>]*?width="([\d.]+)(\w*)"[^>]*?height="([\d.]+)(\w*)"', svg)
    return f"{float(found[1]):.0f}×{float(found[3]):.0f} {found[2] or 'px'}" if found else "of no stated size"


def engine() -> str:
    """The Graphviz that archspec uses, for peers where no `dot` is installed."""
    return shutil.which("graphviz-pure") or str(Path(sysconfig.get_path("scripts"), "graphviz-pure"))


def peer(kind: str, name: str) -> str:
    """What a peer makes of a model, in a process of its own: its time and size, or why there is none."""
    extra = ", aux_logits=False, init_weights=False" if name == "googlenet" else ""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "dot").symlink_to(engine())
        path = {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}{folder}"}
        code = SETUP.format(name=name, extra=extra, code=PEERS[kind].replace("OUT", repr(folder)))
        try:
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT, env=path, check=False
            )
        except subprocess.TimeoutExpired:
            return f"not done after {LIMIT} s"
        if done.returncode:
            return f"fails: {(done.stderr.strip().splitlines() or ['without a word'])[-1][:100]}"
        taken = float(done.stdout.split("seconds ")[-1])
        pictures = [path.read_text("utf-8") for path in Path(folder).glob("*.svg")]
        what = size(pictures[0]) if pictures else "no SVG"
        return f"{taken:.2f} s, {what}"


def main() -> None:
    """Measure and print."""
    ours()
    for name in cases(("googlenet", "densenet201")):
        with contextlib.redirect_stdout(io.StringIO()):
            architecture = archspec.read(name)
            taken = seconds(lambda architecture=architecture: architecture.draw().svg())
        print(f"{name}: archspec {taken:.2f} s, {size(architecture.draw().svg())}")
        for kind in cases(list(PEERS)):
            print(f"{name}: {kind} {peer(kind, name)}")


if __name__ == "__main__":
    main()
