"""The nodes of an ONNX graph as plain data, without those that only tell a constant, or are a part of a layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct


class Node(Struct, frozen=True):
    """A node of ONNX as plain data; an input that is left out is an empty name."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[str, Any]
    scope: str
    proto: Any = None


def plain(proto: Any) -> Node:
    """A node of ONNX's own kind as plain data."""
    from onnx import helper

    noted = {each.key: each.value for each in proto.metadata_props}
    scopes = re.findall(r"'([^']*)'", noted.get("pkg.torch.onnx.name_scopes", ""))
    settings = {each.name: _setting(helper.get_attribute_value(each)) for each in proto.attribute}
    scope = scopes[-2] if len(scopes) > 1 else _scope_of(proto.name)
    return Node(proto.op_type, proto.name, tuple(proto.input), tuple(proto.output), settings, scope, proto)


def _setting(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _scope_of(name: str) -> str:
    """The address in a node's name, as torch's older exporter has it: `/layer1/layer1.0/conv1/Conv` → `layer1.0.conv1`.

    >>> _scope_of("/layer1/layer1.0/conv1/Conv"), _scope_of("Conv_12")
    ('layer1.0.conv1', '')
    """
    path: list[str] = []
    for part in name.strip("/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1:] = [part]
        else:
            path.append(part)
    return ".".join(path)


def of_one_kind(nodes: Sequence[Node]) -> set[str]:
    """The scopes that are modules which do one thing: all nodes in them are of one kind, and no scope is inside."""
    kinds: dict[str, set[str]] = {}
    for node in nodes:
        kinds.setdefault(node.scope, set()).add(node.kind)
    around = {scope.rpartition(".")[0] for scope in kinds}
    return {scope for scope, each in kinds.items() if scope and len(each) == 1 and scope not in around}


def told(nodes: Sequence[Node], constants: dict[str, Any]) -> Iterator[Node]:
    """The nodes but for those that only tell a constant, which is noted."""
    for node in nodes:
        if node.kind == "Constant":
            constants[node.outputs[0]] = worked_out(node, ())[0]
        elif node.kind == "Identity" and node.inputs[0] in constants:
            constants[node.outputs[0]] = constants[node.inputs[0]]
        else:
            yield node


def joined(nodes: Sequence[Node], constants: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[Node]:
    """The nodes, those that multiply by a matrix of weights, and add a bias to that, being one linear layer."""
    readers = Counter(name for node in nodes for name in node.inputs)
    sums = {name: node for node in nodes if node.kind == "Add" for name in node.inputs if name not in constants}
    done: set[str] = set()
    for node in nodes:
        if node.outputs[0] in done:
            continue
        if node.kind != "MatMul" or _rank(node.inputs[1], constants) != 2:
            yield node
            continue
        after = sums.get(node.outputs[0]) if readers[node.outputs[0]] == 1 else None
        bias = next((name for name in after.inputs if _rank(name, constants) == 1), "") if after else ""
        outputs = after.outputs if after and bias else node.outputs
        done |= {outputs[0]}
        yield Node("Linear", node.name, (*node.inputs, bias), outputs, {}, node.scope)


def _rank(name: str, constants: Mapping[str, np.ndarray[Any, Any]]) -> int:
    return constants[name].ndim if name in constants else -1


def worked_out(node: Node, given: Sequence[Any]) -> list[Any]:
    """What a node gives of constants alone."""
    from onnx.reference import ReferenceEvaluator

    feeds = {name: each for name, each in zip(node.inputs, given) if name}
    return [np.asarray(each) for each in ReferenceEvaluator(node.proto).run(None, feeds)]
