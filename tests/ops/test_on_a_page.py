"""Every op that takes tensors, as its example writes it, on a page: read, built, and held against its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import archspec
from archspec.ops import Op, ops
from archspec.ops.shapes import dtype_of, form_of
from archspec.runtime.verify import verify

from .realising import example

TENSORS = [
    op
    for op in ops().values()
    if op.example_inputs and op.name != "compute" and all(form_of(shape) == "tensor" for shape in op.example_inputs)
]


def page(op: type[Op]) -> dict[str, Any]:
    """A network of the op alone, over inputs of its example's shapes."""
    node = yaml.safe_load(op.example)
    node = {node: None} if isinstance(node, str) else node
    names = [f"x{place}" for place in range(len(op.example_inputs))]
    given = {name: {"shape": [*shape], "dtype": dtype_of(shape)} for name, shape in zip(names, op.example_inputs)}
    if isinstance(node[op.name], list) and op.kind == "join":
        numbers = [each for each in node[op.name] if not isinstance(each, str)]
        node[op.name] = [*names, *numbers][: max(op.inputs[0], len(names))]
    else:
        node["from"] = names
    outputs = len(example(op).infer(*op.example_inputs))
    gives = {f"y{number}": f"node[{number}]" for number in range(outputs)} if outputs > 1 else "node"
    return {"archspec": 1, "name": "net", "input": given, "graph": {"node": node}, "output": gives}


@pytest.mark.parametrize("op", TENSORS, ids=[op.name for op in TENSORS])
def test_its_example_runs_as_it_is_written(op: type[Op], tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(yaml.safe_dump(page(op), sort_keys=False))
    architecture = archspec.read(path)
    assert verify(architecture.graph, archspec.load(path)) == []


@pytest.mark.parametrize(
    ("call", "source"),
    [
        ("{upsample: 2, mode: nearest-exact}", 'mode="nearest-exact"'),
        ("{masked_fill: -inf, from: [x, mask]}", 'float("-inf")'),
        ("{masked_fill: inf, from: [x, mask]}", 'float("inf")'),
        ("{masked_fill: -n, from: [x, mask]}", "-3"),
        ("{einsum: 'bchw,bdhw->bcd', from: [x, x]}", '"bchw,bdhw->bcd"'),
    ],
)
def test_a_word_that_is_no_name_stands_for_itself(call: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: net\ninput: {x: [4, 8, 8], mask: {shape: [4, 8, 8], dtype: bool}}\nparams: {n: 3}\n"
        f"graph:\n  same: {{identity: , from: x}}\n  y: {call}\n"
    )
    architecture = archspec.read(path)
    assert source in architecture.source()
    assert verify(architecture.graph, archspec.load(path)) == []
