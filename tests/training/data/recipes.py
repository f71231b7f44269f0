"""What the tests of data share: a section read from text, and small specs to hold data against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import archspec
from archspec.graph.model import Graph
from archspec.language.diagnostics import Findings
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.training.data import Data, DataSettings, open_data, parse_data

NET = """\
archspec: 1
name: net
input: {input}
params: {{num_classes: 2}}
graph: [flatten, {{linear: num_classes}}]
"""


def settings(text: str) -> DataSettings:
    """A `data:` section without a fault."""
    findings = Findings()
    read = parse_data(parse(Source("recipe.yaml", text)), findings)
    assert read is not None, "\n\n".join(map(str, findings))
    return read


def told(text: str) -> str:
    """All that is told about a faulty section."""
    findings = Findings()
    assert parse_data(parse(Source("recipe.yaml", text)), findings) is None
    return "\n\n".join(map(str, findings))


def net(folder: Path, shape: str = "[1, 28, 28]", **params: Any) -> Graph:
    """A small spec for an input of that shape."""
    path = folder / "net.yaml"
    path.write_text(NET.format(input=shape))
    return archspec.read(path, **params).graph


def opened(text: str, graph: Graph, **arguments: Any) -> Data:
    return open_data(settings(text), graph, **arguments)
