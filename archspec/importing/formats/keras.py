"""A Keras model's JSON, as `model.to_json()` gives it: sequential, or layers that name what they take.

Keras has channels last, and torch first: an input of 224×224×3 is one of 3×224×224 here, and what flattens maps has its
numbers in another order. The forms are those of Keras 2 and 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.formats import Described
from archspec.importing.formats.modules.keras_layers import LAYERS
from archspec.importing.formats.modules.wired import wired
from archspec.importing.targets import page_name
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import read_source

ENDING = ".json"
ABOUT = "a Keras model's JSON"
SIGNS = (r'"class_name"', r'"config"')


def read(path: Path, settings: Mapping[str, Any]) -> Described:
    """The network of a model's JSON; it has no settings."""
    try:
        model = json.loads(read_source(path).text)
        config, kind = model["config"], model["class_name"]
        layers = config["layers"] if isinstance(config, dict) else config
        graph = [*(_chained(layers) if kind == "Sequential" else _wired(layers))]
    except (json.JSONDecodeError, KeyError, TypeError, IndexError) as error:
        raise SpecError([Diagnostic("model-file", f"`{path}` is not a Keras model", help=_HELP)]) from error
    shapes = {each.name: each.size for each in graph if each.kind == "InputLayer" or (each.size and not each.takes)}
    network = _Network(graph, dict(shapes))
    gives = [_name_of(each) for each in _ends(config)] if kind != "Sequential" else [graph[-1].name]
    name = page_name(str(config.get("name") if isinstance(config, dict) else path.stem))
    module = wired(name, network.layers, network.takes, [*shapes], gives)
    return Described(module, name, tuple(ExampleInput(size) for size in shapes.values()))


_HELP = "write it with `model.to_json()`"


class _Layer:
    """One layer: what it is, its settings, the names of what it takes; of an input its size, channels first."""

    def __init__(self, entry: Mapping[str, Any], takes: Sequence[str]) -> None:
        self.kind: str = entry["class_name"]
        self.config: dict[str, Any] = entry["config"]
        self.name = _name_of(entry.get("name") or self.config["name"])
        self.takes = [*takes]
        shape = self.config.get("batch_shape") or self.config.get("batch_input_shape")
        self.size = _channels_first(shape[1:]) if shape else ()


def _chained(layers: Sequence[Mapping[str, Any]]) -> Iterator[_Layer]:
    """The layers of a sequential model, each taking the one before; an input, where the first tells its size."""
    before: list[str] = []
    for entry in layers:
        layer = _Layer(entry, before)
        if layer.size and not before and layer.kind != "InputLayer":
            given = {"name": "input", "batch_shape": [None, *layer.config["batch_input_shape"][1:]]}
            yield _Layer({"class_name": "InputLayer", "config": given}, [])
            layer.takes = ["input"]
        before = [layer.name]
        yield layer


def _wired(layers: Sequence[Mapping[str, Any]]) -> Iterator[_Layer]:
    for entry in layers:
        nodes = entry.get("inbound_nodes") or []
        yield _Layer(entry, [_name_of(each) for each in _histories(nodes[0] if nodes else [])])


def _histories(node: Any) -> Iterator[str]:
    """The names of the layers in a call: `["conv", 0, 0, {}]` in Keras 2, a tensor's `keras_history` in Keras 3."""
    if isinstance(node, dict):
        if "keras_history" in node:
            yield node["keras_history"][0]
        else:
            for each in node.values():
                yield from _histories(each)
    elif isinstance(node, list):
        if len(node) in (3, 4) and isinstance(node[0], str) and isinstance(node[1], int):
            yield node[0]
        else:
            for each in node:
                yield from _histories(each)


def _ends(config: Mapping[str, Any]) -> list[str]:
    ends = config["output_layers"]
    return [ends[0]] if isinstance(ends[0], str) else [each[0] for each in ends]


def _name_of(name: str) -> str:
    """A layer's name as a module may have it."""
    return name.replace(".", "_").replace("/", "_")


def _channels_first(shape: Sequence[int | None]) -> tuple[int, ...]:
    sizes = tuple(each or 0 for each in shape)
    return (sizes[-1], *sizes[:-1])


class _Network:
    """The layers as torch's, each made once the shape of what it takes is known: by running them without values."""

    def __init__(self, graph: Sequence[_Layer], sizes: Mapping[str, tuple[int, ...]]) -> None:
        self.layers: dict[str, nn.Module] = {}
        self.takes: dict[str, list[str]] = {}
        values = {name: torch.empty(1, *size, device="meta") for name, size in sizes.items()}
        for each in graph:
            if each.kind == "InputLayer":
                continue
            taken = [values[name] for name in each.takes]
            made = self.layers[each.name] = _made(each, taken)
            self.takes[each.name] = each.takes
            with torch.no_grad():
                values[each.name] = _on_meta(made, taken)


def _on_meta(module: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    """What a layer would give, its weights left where they are."""
    weights = {name: each.to("meta") for name, each in module.state_dict().items()}
    training = module.training
    given: Any = torch.func.functional_call(module.eval(), weights, tuple(inputs))
    module.train(training)
    return cast("Tensor", given)


def _made(layer: _Layer, taken: Sequence[Tensor]) -> nn.Module:
    make = LAYERS.get(layer.kind)
    if make is None:
        help_ = did_you_mean(layer.kind, LAYERS)
        message = f"no layer of Keras `{layer.kind}` is known (in `{layer.name}`)"
        raise SpecError([Diagnostic("model-file", message, help=help_)])
    try:
        return make(layer.config, taken[0])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        message = f"the settings of `{layer.name}`, a `{layer.kind}`, are not understood"
        raise SpecError([Diagnostic("model-file", message, found=str(error))]) from error
