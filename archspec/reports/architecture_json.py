"""An architecture → its report: everything known of it as plain JSON values.

The keys, in this order:

* `schema`: the version of this form, 1.
* `name`, `title`, `variant`, `document`, `about`, `task`, `references`, `settings` (the params as resolved), `given`
  (the settings that the user gave).
* `inputs`, `outputs`: a list of `{name, shape}`; shapes are without the batch. An output has also `from`, as below.
* `sizes`, where symbolic sizes must be something: each `rule` in words, and the `nodes` that ask for it.
* `counts`: `params`, `trainable`, `frozen`, `buffers`, `macs`, `depth`.
* `figures`: each documented figure with `quantity`, `documented`, `counted`, `status`, `settings`, `source`, `differs`,
  `hints`, `line`.
* `roundings`: each number that the document rounds, with `node`, `of`, `expression`, `raw`, `rounded`.
* `nodes`: every node but the root, parents before children, in the order of the spec: `address`; `op` and `fields`, or
  `block`, `title` and `arguments`; `inputs`; `input_shapes`; `shapes`; `parameters` and `buffers` (tensor name → shape,
  of ops); `counts`; `training`, `frozen`; `tied` (the address of the node whose weights are used again, whose inside is
  then not repeated); `file`, `line`.

A value that a node takes is `{"from": address}` of a node in the same block, with `output` where that has several, or
`{"input": name}`, an input of the enclosing block. A size or count that depends on a symbolic size is text (`"H/2"`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from archspec.analysis.verdicts import Verdict
from archspec.graph.labels import file_name, tied_address
from archspec.graph.model import ENCLOSING, Block, Counts, Leaf, NodeType, Ref
from archspec.graph.size_rules import Rule, size_rules
from archspec.language.visible_text import json_text
from archspec.language.yaml_tree import plain
from archspec.ops.shapes import Carried
from archspec.reports.summary import Summary

if TYPE_CHECKING:
    from archspec.api.architecture import Architecture

SCHEMA = 1


def report(architecture: Architecture) -> dict[str, Any]:
    """The report, as the module's text says; equal architectures give equal reports.

    >>> import archspec
    >>> report(archspec.read("resnet50"))["counts"]["params"]
    25557032
    """
    graph, document = architecture.graph, architecture.document
    root = graph.root
    return {
        "schema": SCHEMA,
        "name": graph.name,
        "title": graph.title,
        "variant": graph.variant,
        "document": graph.document,
        "about": document.about,
        "task": document.task,
        "references": [reference.model_dump(exclude_none=True) for reference in document.references],
        "settings": jsonable(graph.settings),
        "given": {name: jsonable(plain(tree)) for name, tree in architecture.given.items()},
        "inputs": [
            {"name": name, "shape": jsonable(shape)} for name, shape in zip(root.input_names, root.input_shapes)
        ],
        "outputs": [
            {"name": result.name, "shape": jsonable(shape), **_value(root, result.ref)}
            for result, shape in zip(root.results, root.shapes)
        ],
        **sizes_data(size_rules(graph).rules),
        "counts": {**_counts(graph.counts), "depth": graph.depth},
        "figures": [figure_data(verdict) for verdict in architecture.figures],
        "roundings": [
            {"node": each.address, "of": each.what.replace("`", ""), "expression": each.expression}
            | {"raw": jsonable(each.raw), "rounded": each.rounded}
            for each in graph.roundings
        ],
        "nodes": list(_nodes(root)),
    }


def report_json(architecture: Architecture) -> str:
    """The report as JSON text, one node a line."""
    lines = []
    for key, value in report(architecture).items():
        if isinstance(value, list) and value:
            items = ",\n".join(f"    {_dumps(item)}" for item in value)
            lines.append(f"  {_dumps(key)}: [\n{items}\n  ]")
        else:
            lines.append(f"  {_dumps(key)}: {_dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def sizes_data(rules: Sequence[Rule]) -> dict[str, Any]:
    """What symbolic sizes must be, where not all will do."""
    return {"sizes": [{"rule": rule.text, "nodes": list(rule.nodes)} for rule in rules]} if rules else {}


def summary_data(summary: Summary) -> dict[str, Any]:
    """A summary as plain JSON values: what `archspec summary --json` prints."""
    return {
        "schema": SCHEMA,
        "name": summary.name,
        "title": summary.title,
        "inputs": [{"name": port.name, "shape": jsonable(port.shape)} for port in summary.inputs],
        "outputs": [{"name": port.name, "shape": jsonable(port.shape)} for port in summary.outputs],
        **sizes_data(summary.rules),
        "counts": {**_counts(summary.counts), "depth": summary.depth},
        "figures": [figure_data(verdict) for verdict in summary.verdicts],
        "rows": [{**jsonable(asdict(row)), "counts": _counts(row.counts)} for row in summary.rows],
        "audit": [
            {
                "stage": audited.stage.address,
                "params": audited.params,
                "roundings": [
                    {"of": each.what.replace("`", ""), "expression": each.expression}
                    | {"raw": jsonable(each.raw), "rounded": each.rounded}
                    for each in audited.stage.roundings
                ],
            }
            for audited in summary.audit
        ],
    }


def figure_data(verdict: Verdict) -> dict[str, Any]:
    """A documented figure, what was counted, and whether they agree."""
    figure = verdict.figure
    return {
        "quantity": figure.quantity,
        "documented": figure.documented,
        "counted": jsonable(verdict.counted),
        "status": verdict.status,
        "settings": jsonable(verdict.settings),
        "source": figure.source,
        "differs": figure.differs,
        "hints": list(verdict.hints),
        "line": figure.span.line,
    }


def jsonable(value: Any) -> Any:
    """A value of a graph as JSON holds it: tuples as lists, symbolic sizes and infinities as text.

    The shape of a value that is more than a tensor of floats is a mapping of what it is.
    """
    if isinstance(value, Carried):
        return _carried(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return value if isinstance(value, float) and abs(value) < float("inf") else str(value)


def _carried(shape: Carried) -> dict[str, Any]:
    parts = {
        "form": shape.form,
        "sizes": None if shape.fields else jsonable(tuple(shape)),
        "items": jsonable(shape.count) if shape.form == "folded" else None,
        "fields": jsonable(dict(shape.fields)) if shape.fields else None,
        "dtype": None if shape.fields else shape.dtype,
        "optional": True if shape.optional else None,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _nodes(block: Block) -> Iterator[dict[str, Any]]:
    for node in block.children:
        yield _node(node, block)
        if isinstance(node, Block) and node.tied is None:
            yield from _nodes(node)


def _node(node: NodeType, block: Block) -> dict[str, Any]:
    return {
        "address": node.address,
        **(_op(node) if isinstance(node, Leaf) else _block(node)),
        "inputs": [_value(block, ref) for ref in node.inputs],
        "input_shapes": jsonable(node.input_shapes),
        "shapes": jsonable(node.shapes),
        **(_tensors(node) if isinstance(node, Leaf) else {}),
        "counts": _counts(node.counts),
        "training": node.training,
        "frozen": node.frozen,
        "tied": tied_address(node, block),
        "file": file_name(node.span),
        "line": node.span.line,
    }


def _op(leaf: Leaf) -> dict[str, Any]:
    return {"op": leaf.op.name, "fields": {name: jsonable(getattr(leaf.op, name)) for name in leaf.op.field_names()}}


def _block(block: Block) -> dict[str, Any]:
    return {"block": block.kind, "title": block.title, "arguments": jsonable(block.arguments)}


def _tensors(leaf: Leaf) -> dict[str, dict[str, Any]]:
    return {"parameters": jsonable(leaf.parameters), "buffers": jsonable(leaf.buffers)}


def _value(block: Block, ref: Ref) -> dict[str, Any]:
    if ref.child == ENCLOSING:
        return {"input": block.input_names[ref.output]}
    source = block.children[ref.child]
    return {"from": source.address} | ({"output": ref.output} if len(source.shapes) > 1 else {})


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "params": counts.params,
        "trainable": counts.trainable,
        "frozen": counts.frozen,
        "buffers": counts.buffers,
        "macs": jsonable(counts.macs),
    }


def _dumps(value: Any) -> str:
    return json_text(value, allow_nan=False)
