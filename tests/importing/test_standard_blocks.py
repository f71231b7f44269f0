"""A block that is a standard one under another name is written as a call of it, whatever its functions are called."""

from __future__ import annotations

import re

import pytest
import yaml

from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.graph.same_values import SameValues
from archspec.importing.page import write
from tests.samples import read

UNSAID = {
    "dense_block",
    "digit_rbf",
    "ghost_module",
    "padded_shortcut",
    "res2net_split",
    "split_heads",
    "time_distributed",
    "yolo_boxes",
}
"""Blocks of which nothing inside says the params: copies under counted names, and functions alone."""


def page_with_own(name: str) -> str:
    """A page that defines a standard block as its own, and calls it as its example does."""
    block = standard_block(name)
    parts = yaml.safe_load(block.source.text)
    example = re.sub(rf"\b{name}\b", "mine", str(parts["example"]))
    own = {key: parts[key] for key in ("inputs", "params", "let", "graph", "output") if key in parts}
    shape = parts.get("example_input", [64, 56, 56])
    page = {"archspec": 1, "name": "page", "input": shape, "blocks": {"mine": own}, "graph": [yaml.safe_load(example)]}
    return yaml.safe_dump(page, sort_keys=False)


@pytest.mark.parametrize("name", sorted(standard_names()))
def test_a_block_that_archspec_has_is_called_by_its_name(name: str) -> None:
    try:
        graph = read(page_with_own(name)).graph
    except Exception:
        pytest.skip("its example is more than one call")
    page = write(graph, renames=True)
    values = SameValues()
    assert values.of(read(page).graph.root) == values.of(graph.root)
    assert "blocks:" not in page or name in UNSAID, page
