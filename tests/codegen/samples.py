"""The specs that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import archspec
from archspec.graph.model import Graph

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE / "specs").glob("*.yaml"))


def graph_of(name: str, **params: Any) -> Graph:
    """The graph of a spec in `specs/`."""
    return archspec.read(HERE / "specs" / f"{name}.yaml", **params).graph


def graph_from(folder: Path, text: str) -> Graph:
    """The graph of a spec given as text, less its first lines."""
    path = folder / "net.yaml"
    path.write_text("archspec: 1\nname: net\ntitle: Net\nabout: a test\n" + text)
    return archspec.read(path).graph
