"""Graphs of one line of YAML, in which the examples at the heads of the passes are written."""

from __future__ import annotations

from archspec.elaborate import elaborate
from archspec.graph.model import Graph
from archspec.language.diagnostics import Findings
from archspec.language.document import written_document


def example(graph: str, input: str = "[3, 32, 32]", **sections: str) -> Graph:
    """The graph of a page with these sections; it can use no other page.

    >>> [(node.address, node.shapes) for node in example("[{conv: 8, kernel_size: 3}, relu]").walk()]
    [('0', ((8, 30, 30),)), ('1', ((8, 30, 30),))]
    """
    lines = {"archspec": "1", "name": "net", "input": input, **sections, "graph": graph}
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return elaborate(written_document("net.yaml", text), None, {}, Findings(), lambda name, beside: None)
