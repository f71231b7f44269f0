"""Pictures as they were and as they are, side by side: `python docs/before_after.py REVISION --out page.html`.

The revision's pictures are drawn by its own code, in a work tree of git beside this one; a page of its own holds all of
the bundled networks, or those that are named, and any specs of one's own.
"""

from __future__ import annotations

import argparse
import base64
import os
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
DRAWN = """
import sys, archspec
for name in sys.argv[2:]:
    try:
        print(name, archspec.read(name).draw(sys.argv[1] or None, theme="light").svg().encode().hex(), flush=True)
    except Exception as error:
        print(name, str(error).encode().hex(), flush=True)
"""
"""Draws networks with the archspec that Python finds, a line each."""
STYLE = "body{font:14px sans-serif;margin:2em} .pair{display:flex;gap:1em} .pair>*{width:50%} img{max-width:100%}"


def drawn(code: Path, view: str, names: list[str]) -> dict[str, str]:
    """What the code in a folder draws of each network: an SVG, or why there is none."""
    given = {**os.environ, "PYTHONPATH": str(code)}
    command = [sys.executable, "-c", DRAWN, view, *names]
    text = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name: bytes.fromhex(made).decode() for name, made in (line.split(" ") for line in text.splitlines())}


def page(title: str, before: dict[str, str], after: dict[str, str]) -> str:
    """The page; pictures that are the same are told, and drawn once."""
    rows = []
    for name, new in after.items():
        old = before.get(name, "not drawn")
        pair = f"<p>unchanged</p>{shown(new)}" if old == new else f'<div class="pair">{shown(old)}{shown(new)}</div>'
        rows.append(f"<h2>{escape(name)}</h2>\n{pair}")
    changed = sum(before.get(name) != new for name, new in after.items())
    head = f"<title>{escape(title)}</title><meta charset='utf-8'><style>{STYLE}</style>"
    return f"<!DOCTYPE html>{head}<h1>{escape(title)}</h1><p>{changed} of {len(after)} changed</p>{''.join(rows)}\n"


def shown(made: str) -> str:
    """A picture as an image, or the words why there is none."""
    if not made.startswith("<?xml"):
        return f"<pre>{escape(made)}</pre>"
    return f'<img alt="" src="data:image/svg+xml;base64,{base64.b64encode(made.encode()).decode()}">'


def main(arguments: list[str]) -> None:
    """Draw with both and write the page."""
    parser = argparse.ArgumentParser(description="Pictures of a revision of git and of this work tree, side by side.")
    parser.add_argument("revision")
    parser.add_argument("names", nargs="*", help="specs; all bundled networks where none is named")
    parser.add_argument("--view", default="", help="figure, overview, detail or volumes")
    parser.add_argument("--out", default="before_after.html")
    asked = parser.parse_args(arguments)
    names = asked.names or sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        subprocess.run(["git", "worktree", "add", "--detach", "-q", old, asked.revision], cwd=ROOT, check=True)
        try:
            before = drawn(old, asked.view, names)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", old], cwd=ROOT, check=True)
    Path(asked.out).write_text(page(f"{asked.revision} and now", before, drawn(ROOT, asked.view, names)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
