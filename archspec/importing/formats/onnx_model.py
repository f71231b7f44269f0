"""An `.onnx` model: its nodes as torch's modules and functions, with its weights, under the names of the graph.

A node of constants alone is computed at once, so what only works out a shape leaves nothing behind. A weight's name
says the module that holds it (`layer1.0.conv1.weight`), and a node's name, or what an exporter noted beside it, the
blocks that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.formats import Described
from archspec.importing.formats.modules.onnx_functions import DTYPES, FUNCTIONS, OF_SIZES
from archspec.importing.formats.modules.onnx_layers import layer_of_node
from archspec.importing.formats.modules.onnx_nodes import Node, joined, of_one_kind, plain, told, worked_out
from archspec.importing.targets import page_name
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.identifiers import class_name, free, snake

ENDING = ".onnx"
ABOUT = "an ONNX model"


def read(path: Path, settings: Mapping[str, Any]) -> Described:
    """The network of a model. `settings` give the sizes that it leaves open, by their names."""
    try:
        import onnx
        from onnx import numpy_helper, shape_inference
    except ImportError as error:
        message = "`onnx` is not installed, which reading an ONNX model needs"
        raise SpecError([Diagnostic("model-file", message, help='`pip install "archspec-nn[onnx]"`')]) from error
    try:
        model = onnx.load(path)
        model = shape_inference.infer_shapes(model)
    except Exception as error:  # onnx has no class of its own for what it cannot read
        message = f"`{path}` is no ONNX model that can be read"
        raise SpecError([Diagnostic("model-file", message, found=str(error).split("\n")[0])]) from error
    graph = model.graph
    constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in constants]
    name = page_name(path.stem)
    module = type(class_name(name), (Network,), {})(graph, constants, [each.name for each in inputs])
    return Described(module.eval(), name, tuple(_example(each, settings) for each in inputs))


def _example(given: Any, settings: Mapping[str, Any]) -> ExampleInput:
    """An input as the model tells it; raises where a size is open and no setting gives it."""
    kind = given.type.tensor_type
    dims = [each.dim_value or int(settings.get(each.dim_param, 0)) for each in kind.shape.dim]
    if 0 in dims[1:]:
        at = dims.index(0, 1)
        word = kind.shape.dim[at].dim_param or f"of dimension {at}"
        message = f"the model leaves the size `{word}` of its input `{given.name}` open"
        raise SpecError([Diagnostic("example-input", message, help=f"`--set {word}=224`, or all sizes by `--input`")])
    return ExampleInput(tuple(dims[1:]), DTYPES.get(kind.elem_type, "float32"))


class Function(nn.Module):
    """A node without tensors of its own: a function of its settings and of the values that it is called with."""

    def __init__(self, function: Callable[..., Any], settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._function, self._settings = function, settings

    def forward(self, *values: Any) -> Any:
        """As the node of ONNX."""
        return self._function(self._settings, *values)


class Network(nn.Module):
    """A graph of ONNX as a module: each node a module at its address, called in order."""

    def __init__(self, graph: Any, constants: Mapping[str, np.ndarray[Any, Any]], inputs: Sequence[str]) -> None:
        super().__init__()
        self._inputs, self._outputs = [*inputs], [each.name for each in graph.output]
        self._constants: dict[str, Any] = dict(constants)
        self._steps: list[tuple[Node, str, int]] = []
        nodes = [plain(each) for each in graph.node]
        self._alone = of_one_kind(nodes)
        for node in joined([*told(nodes, self._constants)], self._constants):
            self._add(node)
        for name in self._constants:
            self._hold(name)

    def forward(self, image: Tensor, *more: Tensor) -> Any:
        """The graph's outputs; one alone as it is."""
        values: dict[str, Any] = {**self._constants, **dict(zip(self._inputs, (image, *more)))}
        values |= {name: self.get_parameter(own) for name, own in self._held.items()}
        for node, path, taken in self._steps:
            given = [values[name] if name else None for name in node.inputs]
            if node.kind == "Shape":
                results: Any = np.array(values[node.inputs[0]].shape, dtype=np.int64)
            elif path and any(isinstance(each, Tensor) for each in given):
                results = self.get_submodule(path)(*given[:taken])
            else:
                results = worked_out(node, given)
            values.update(zip(node.outputs, results if isinstance(results, (tuple, list)) else (results,)))
        outputs = [values[name] for name in self._outputs]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    @property
    def _held(self) -> dict[str, str]:
        """The weights that are no layer's, and what they are called here."""
        return {name: _identifier(name) for name in self._constants if hasattr(self, _identifier(name))}

    def _hold(self, name: str) -> None:
        """Let a tensor of weights that is no layer's be the network's own."""
        value = self._constants[name]
        readers = [node for node, _, taken in self._steps if name in node.inputs[:taken]]
        if (
            value.dtype.kind == "f"
            and value.size > 1
            and any(node.kind not in ("Resize", "Upsample") for node in readers)
        ):
            self.register_parameter(_identifier(name), nn.Parameter(torch.from_numpy(value.copy())))

    def _add(self, node: Node) -> None:
        """A step for a node, with its module at its address."""
        layer = layer_of_node(node, self._constants)
        if layer is not None:
            self._steps.append((node, self._put(_owner(node) or self._address(node), layer), 1))
        elif node.kind in FUNCTIONS:
            module = type(node.kind, (Function,), {})(FUNCTIONS[node.kind], node.settings)
            self._steps.append((node, self._put(self._address(node), module), len(node.inputs)))
        elif node.kind in OF_SIZES:
            self._steps.append((node, "", len(node.inputs)))
        else:
            message = f"no operation `{node.kind}` of ONNX is known (in `{node.name or node.outputs[0]}`)"
            raise SpecError([Diagnostic("model-file", message, help=did_you_mean(node.kind, FUNCTIONS))])

    def _address(self, node: Node) -> str:
        """The address of a node: its scope's, where that is a module which does this alone; else a part of it."""
        scope = [each if each.isdigit() else _identifier(each) for each in node.scope.split(".") if each]
        return ".".join(scope if node.scope in self._alone else [*scope, _identifier(snake(node.kind))])

    def _put(self, path: str, module: nn.Module) -> str:
        """Put a module at an address, or at the next that is free."""
        *around, name = path.split(".")
        holder: nn.Module = self
        for each in around:
            if each not in holder._modules:
                holder.add_module(each, nn.Sequential())
            holder = holder._modules[each]  # type: ignore[assignment]
        taken = {*holder._modules, *dir(holder)} if name not in holder._modules else {*holder._modules}
        own = free(name, taken)
        holder.add_module(own, module)
        return ".".join([*around, own])


def _identifier(text: str) -> str:
    """A name of the graph as an attribute may be called."""
    word = re.sub(r"\W+", "_", text).strip("_").lower()
    return word if word[:1].isalpha() else f"tensor_{word}"


def _owner(node: Node) -> str | None:
    """The address of the layer whose weights a node takes, where their names say it."""
    for name in node.inputs[1:]:
        path, dot, tensor = name.rpartition(".")
        if dot and tensor in ("weight", "bias", "running_mean"):
            return ".".join(each if each.isdigit() else _identifier(each) for each in path.split("."))
    return None
