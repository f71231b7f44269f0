"""Short ways to read a spec in a test."""

from __future__ import annotations

from pathlib import Path

import archspec
from archspec import Architecture

HEAD = "archspec: 1\nname: net\ninput: [3, 32, 32]\n"


def read(text: str, folder: Path, variant: str | None = None, **params: object) -> Architecture:
    """Read a spec's text; without `archspec:` in front it is a small picture's network."""
    path = folder / "net.yaml"
    path.write_text(text if text.startswith("archspec:") else HEAD + text, "utf-8")
    return archspec.read(path, variant, **params)


def errors(text: str, folder: Path, variant: str | None = None, **params: object) -> list[tuple[str, str]]:
    """The code and message of every error."""
    try:
        read(text, folder, variant, **params)
    except archspec.SpecError as error:
        return [(item.code, item.message) for item in error.diagnostics if item.severity == "error"]
    return []


def wires(architecture: Architecture) -> dict[str, list[str]]:
    """Each node of the root with the nodes that it takes."""
    root = architecture.graph.root
    names = [child.name for child in root.children]
    return {
        child.name: [names[ref.child] if ref.child >= 0 else root.input_names[ref.output] for ref in child.inputs]
        for child in root.children
    }


def shapes(architecture: Architecture) -> dict[str, tuple[object, ...]]:
    """Each node's address with the shape of its first output."""
    return {address: node.shapes[0] for address, node in architecture.graph.nodes.items()}
