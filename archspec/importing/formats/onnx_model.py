"""An `.onnx` model: its nodes as torch's modules and functions, with its weights, under the names of the graph.

A node of constants alone is computed at once, so what only works out a shape leaves nothing behind. A weight's name
says the module that holds it (`layer1.0.conv1.weight`), and a node's name, or what an exporter noted beside it, the
blocks that it stands in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everywhere

from archspec.importing.example_inputs import ExampleInput
from archspec.importing.export import BATCH
from archspec.importing.formats import Described
from archspec.importing.layers import layer_of
from archspec.importing.rebatch import rebatched
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
        raise SpecError([Diagnostic("model-file", message, help="pip install onnx")]) from error
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
    return ExampleInput(tuple(dims[1:]), _DTYPES.get(kind.elem_type, "float32"))


_DTYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 2: "uint8"}
"""ONNX's numbers for element types."""


class Function(nn.Module):
    """A node without tensors of its own: a function of its settings and of the values that it is called with."""

    def __init__(self, function: Callable[..., Any], settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._function, self._settings = function, settings

    def forward(self, *values: Any) -> Any:
        """As the node of ONNX."""
        return self._function(self._settings, *values)


class Node(Struct, frozen=True):
    """A node of ONNX as plain data; an input that is left out is an empty name."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[str, Any]
    scope: str
    proto: Any = None


class Network(nn.Module):
    """A graph of ONNX as a module: each node a module at its address, called in order."""

    def __init__(self, graph: Any, constants: Mapping[str, np.ndarray[Any, Any]], inputs: Sequence[str]) -> None:
        super().__init__()
        self._inputs, self._outputs = [*inputs], [each.name for each in graph.output]
        self._constants: dict[str, Any] = dict(constants)
        self._steps: list[tuple[Node, str, int]] = []
        nodes = [_plain(each) for each in graph.node]
        self._alone = _of_one_kind(nodes)
        for node in _joined([*_told(nodes, self._constants)], self._constants):
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
                results = _worked_out(node, given)
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
        layer = _layer(node, self._constants)
        if layer is not None:
            self._steps.append((node, self._put(_owner(node) or self._address(node), layer), 1))
        elif node.kind in _FUNCTIONS:
            module = type(node.kind, (Function,), {})(_FUNCTIONS[node.kind], node.settings)
            self._steps.append((node, self._put(self._address(node), module), len(node.inputs)))
        elif node.kind in _OF_SIZES:
            self._steps.append((node, "", len(node.inputs)))
        else:
            message = f"no operation `{node.kind}` of ONNX is known (in `{node.name or node.outputs[0]}`)"
            raise SpecError([Diagnostic("model-file", message, help=did_you_mean(node.kind, _FUNCTIONS))])

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


def _plain(proto: Any) -> Node:
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


def _of_one_kind(nodes: Sequence[Node]) -> set[str]:
    """The scopes that are modules which do one thing: all nodes in them are of one kind, and no scope is inside."""
    kinds: dict[str, set[str]] = {}
    for node in nodes:
        kinds.setdefault(node.scope, set()).add(node.kind)
    around = {scope.rpartition(".")[0] for scope in kinds}
    return {scope for scope, each in kinds.items() if scope and len(each) == 1 and scope not in around}


def _told(nodes: Sequence[Node], constants: dict[str, Any]) -> Iterator[Node]:
    """The nodes but for those that only tell a constant, which is noted."""
    for node in nodes:
        if node.kind == "Constant":
            constants[node.outputs[0]] = _worked_out(node, ())[0]
        elif node.kind == "Identity" and node.inputs[0] in constants:
            constants[node.outputs[0]] = constants[node.inputs[0]]
        else:
            yield node


def _joined(nodes: Sequence[Node], constants: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[Node]:
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


def _worked_out(node: Node, given: Sequence[Any]) -> list[Any]:
    """What a node gives of constants alone."""
    from onnx.reference import ReferenceEvaluator

    feeds = {name: each for name, each in zip(node.inputs, given) if name}
    return [np.asarray(each) for each in ReferenceEvaluator(node.proto).run(None, feeds)]


_OF_SIZES = frozenset({"Shape", "Size", "Range", "ConstantOfShape"})
"""Operations that give numbers which follow from shapes."""


def _layer(node: Node, constants: Mapping[str, np.ndarray[Any, Any]]) -> nn.Module | None:
    """The layer of torch's that a node with weights is."""
    tell = _LAYERS.get(node.kind)
    if tell is None or any(name and name not in constants for name in node.inputs[1:]):
        return None
    tensors = [torch.from_numpy(constants[name].copy()) if name else None for name in node.inputs[1:]]
    return tell(node.settings, *tensors)


def _conv(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    padding = _even_pads(settings, weight.dim() - 2)
    if padding is None:
        return None
    given = {"weight": weight, "bias": bias, "stride": settings.get("strides", [1]), "padding": padding}
    more = {"dilation": settings.get("dilations", [1]), "groups": settings.get("group", 1)}
    return layer_of(f"conv{weight.dim() - 2}d", {**given, **more}, weight.dim())


def _conv_transposed(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    padding = _even_pads(settings, weight.dim() - 2)
    if padding is None or "output_shape" in settings:
        return None
    given = {"weight": weight, "bias": bias, "stride": settings.get("strides", [1]), "padding": padding}
    more = {"dilation": settings.get("dilations", [1]), "groups": settings.get("group", 1)}
    extra = {"output_padding": settings.get("output_padding", [0])}
    return layer_of(f"conv_transpose{weight.dim() - 2}d", {**given, **more, **extra}, weight.dim())


def _even_pads(settings: Mapping[str, Any], dims: int) -> tuple[int, ...] | None:
    """The padding of each dimension; `None` where its two sides differ."""
    pads = settings.get("pads", [0] * 2 * dims)
    if settings.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or pads[:dims] != pads[dims:]:
        return None
    return tuple(pads[:dims])


def _gemm(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    if settings.get("transA") or settings.get("alpha", 1.0) != 1.0 or settings.get("beta", 1.0) != 1.0:
        return None
    weight = weight if settings.get("transB") else weight.T.contiguous()
    return layer_of("linear", {"weight": weight, "bias": bias}, 2)


def _linear(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None) -> nn.Module | None:
    return layer_of("linear", {"weight": weight.T.contiguous(), "bias": bias}, 3)


def _batch_norm(
    settings: Mapping[str, Any], scale: Tensor, bias: Tensor, mean: Tensor, var: Tensor
) -> nn.Module | None:
    own = {"weight": scale, "bias": bias, "running_mean": mean, "running_var": var}
    return layer_of("batch_norm", {**own, "eps": _eps(settings), "momentum": 0.1}, 4)


def _layer_norm(settings: Mapping[str, Any], scale: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    given = {"weight": scale, "bias": bias, "normalized_shape": scale.shape, "eps": _eps(settings)}
    return layer_of("layer_norm", given, 3)


def _eps(settings: Mapping[str, Any]) -> float:
    """A small number as it was written, before it became one of 32 bits."""
    return float(f"{settings.get('epsilon', 1e-5):.6g}")


_LAYERS: Mapping[str, Callable[..., nn.Module | None]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transposed,
    "Gemm": _gemm,
    "Linear": _linear,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
}

Settings = Mapping[str, Any]


def _number(value: Any) -> Any:
    """A constant of one number as that; of several, as a tensor."""
    if isinstance(value, np.ndarray):
        return value.item() if value.size == 1 else torch.from_numpy(value.copy())
    return value


def _pairwise(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda settings, one, other: function(_number(one), _number(other))


def _each(function: Callable[[Tensor], Any]) -> Callable[..., Any]:
    return lambda settings, x: function(x)


def _ints(value: Any) -> list[int]:
    return [int(each) for each in np.asarray(value).reshape(-1)]


def _clip(settings: Settings, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    low = settings.get("min") if low is None else float(np.asarray(low))
    high = settings.get("max") if high is None else float(np.asarray(high))
    if (low, high) == (0.0, 6.0):
        return F.relu6(x)
    return x.clamp(low, high)


def _pool(settings: Settings, x: Tensor, greatest: bool) -> Tensor:
    kernel = settings["kernel_shape"]
    dims = len(kernel)
    pads = settings.get("pads", [0] * 2 * dims)
    even = pads[:dims] == pads[dims:]
    if not even:
        sides = [side for at in reversed(range(dims)) for side in (pads[at], pads[at + dims])]
        x = F.pad(x, sides, value=float("-inf") if greatest else 0.0)
    padding = pads[:dims] if even else [0] * dims
    stride, ceil = settings.get("strides", [1] * dims), bool(settings.get("ceil_mode", 0))
    if greatest:
        pool = getattr(F, f"max_pool{dims}d")
        return pool(x, kernel, stride, padding, settings.get("dilations", 1), ceil)  # type: ignore[no-any-return]
    counted = bool(settings.get("count_include_pad", 0))
    return getattr(F, f"avg_pool{dims}d")(x, kernel, stride, padding, ceil, counted)  # type: ignore[no-any-return]


def _global(greatest: bool) -> Callable[..., Tensor]:
    def pool(settings: Settings, x: Tensor) -> Tensor:
        function = getattr(F, f"adaptive_{'max' if greatest else 'avg'}_pool{x.dim() - 2}d")
        return function(x, 1)  # type: ignore[no-any-return]

    return pool


def _reshape(settings: Settings, x: Tensor, shape: Any) -> Tensor:
    sizes = [x.shape[at] if size == 0 else size for at, size in enumerate(_ints(shape))]
    return x.reshape(rebatched(x.shape, sizes, BATCH if x.shape and _holds_batch(x) else x.shape[0]))


def _holds_batch(x: Tensor) -> bool:
    return any(size % BATCH == 0 for size in x.shape)


def _expand(settings: Settings, x: Tensor, shape: Any) -> Tensor:
    sizes = _ints(shape)
    sizes = [1] * (x.dim() - len(sizes)) + sizes
    new = len(sizes) - x.dim()
    return x.expand([-1 if at >= new and size == 1 else size for at, size in enumerate(sizes)])


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(settings: Settings, x: Tensor, axes: Any = None) -> Any:
        dims = settings.get("axes") if axes is None else _ints(axes)
        return function(x, dims or [*range(x.dim())], keepdim=bool(settings.get("keepdims", 1)))

    return reduce


def _axes(settings: Settings, axes: Any) -> list[int]:
    return settings["axes"] if axes is None else _ints(axes)


def _squeeze(settings: Settings, x: Tensor, axes: Any = None) -> Tensor:
    for axis in sorted((axis % x.dim() for axis in _axes(settings, axes)), reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(settings: Settings, x: Tensor, axes: Any = None) -> Tensor:
    axes = _axes(settings, axes)
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(settings: Settings, *values: Any) -> Tensor:
    tensors = [torch.from_numpy(each.copy()) if isinstance(each, np.ndarray) else each for each in values]
    batched = next((each for each in tensors if each.dim() and _holds_batch(each)), tensors[0])
    if settings["axis"] != 0:  # what is to stand in each example
        tensors = [_given_to(each, batched.shape[0]) for each in tensors]
    return torch.cat(tensors, settings["axis"])


def _given_to(x: Tensor, batch: int) -> Tensor:
    return x.expand(batch, *x.shape[1:]) if x.shape[0] == 1 != batch else x


def _split(settings: Settings, x: Tensor, sizes: Any = None) -> Any:
    told = settings.get("split") if sizes is None else _ints(sizes)
    axis = settings.get("axis", 0)
    return x.chunk(settings["num_outputs"], axis) if told is None else torch.split(x, told, axis)


def _slice(settings: Settings, x: Tensor, *told: Any) -> Tensor:
    starts, ends, axes, steps = [*told, None, None, None, None][:4]
    if starts is None:
        starts, ends, axes = settings["starts"], settings["ends"], settings.get("axes")
    for at, (start, end) in enumerate(zip(_ints(starts), _ints(ends))):
        axis = _ints(axes)[at] if axes is not None else at
        step = _ints(steps)[at] if steps is not None else 1
        x = torch.ops.aten.slice.Tensor(x, axis % x.dim(), start, min(end, 2**62), step)
    return x


def _gather(settings: Settings, x: Any, index: Any) -> Tensor:
    axis = settings.get("axis", 0)
    if isinstance(index, np.ndarray):
        if index.ndim == 0:
            return torch.as_tensor(x).select(axis, int(index))
        index = torch.from_numpy(index.copy())
    if axis == 0 and isinstance(x, Tensor) and x.dim() == 2:
        return F.embedding(index, x)
    return torch.as_tensor(x).index_select(axis, index)


def _pad(settings: Settings, x: Tensor, pads: Any = None, value: Any = None, axes: Any = None) -> Tensor:
    told = settings["pads"] if pads is None else _ints(pads)
    dims = len(told) // 2
    on = [axis % x.dim() for axis in _ints(axes)] if axes is not None else [*range(dims)]
    sides = {axis: (told[at], told[at + dims]) for at, axis in enumerate(on)}
    first = min((axis for axis, each in sides.items() if any(each)), default=x.dim() - 1)
    flat = [side for axis in range(x.dim() - 1, first - 1, -1) for side in sides.get(axis, (0, 0))]
    mode = str(settings.get("mode", "constant"))
    mode = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    if mode != "constant":
        return F.pad(x, flat, mode)
    return F.pad(x, flat, value=0.0 if value is None else float(np.asarray(value)))


def _resize(settings: Settings, x: Tensor, *told: Any) -> Tensor:
    _, scales, sizes = [*told, None, None, None][:3] if len(told) != 1 else (None, told[0], None)
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(settings.get("mode", "nearest"), "nearest")
    corners = None if mode == "nearest" else settings.get("coordinate_transformation_mode") == "align_corners"
    if sizes is not None and np.size(sizes):
        return F.interpolate(x, _ints(sizes)[2:], mode=mode, align_corners=corners)
    factors = [float(each) for each in np.asarray(scales).reshape(-1)[2:]]
    return F.interpolate(x, scale_factor=factors, mode=mode, align_corners=corners)


def _hard_sigmoid(settings: Settings, x: Tensor) -> Tensor:
    slope, shift = settings.get("alpha", 0.2), settings.get("beta", 0.5)
    if abs(slope - 1 / 6) < 1e-6 and shift == 0.5:
        return F.hardsigmoid(x)
    clipped: Tensor = (x * slope + shift).clamp(0.0, 1.0)
    return clipped


def _leaky(settings: Settings, x: Tensor) -> Tensor:
    return F.leaky_relu(x, float(f"{settings.get('alpha', 0.01):.6g}"))


def _matmul_plus(settings: Settings, x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    x = x.T if settings.get("transA") else x
    weight = weight.T if settings.get("transB") else weight
    made: Tensor = torch.as_tensor(x) @ torch.as_tensor(weight) * settings.get("alpha", 1.0)
    return made if bias is None else made + torch.as_tensor(bias) * settings.get("beta", 1.0)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _each(getattr(torch, name.lower())) for name in ("Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Neg", "Abs")},
    **{name: _each(getattr(torch, name.lower())) for name in ("Erf", "Reciprocal", "Sin", "Cos", "Floor", "Ceil")},
    "Relu": _each(F.relu),
    "HardSwish": _each(F.hardswish),
    "HardSigmoid": _hard_sigmoid,
    "LeakyRelu": _leaky,
    "Elu": lambda settings, x: F.elu(x, settings.get("alpha", 1.0)),
    "Selu": _each(F.selu),
    "Mish": _each(F.mish),
    "Softplus": _each(F.softplus),
    "Gelu": lambda settings, x: F.gelu(x, approximate=settings.get("approximate", "none")),
    "Softmax": lambda settings, x: x.softmax(settings.get("axis", -1)),
    "LogSoftmax": lambda settings, x: x.log_softmax(settings.get("axis", -1)),
    "Clip": _clip,
    "Add": _pairwise(lambda one, other: one + other),
    "Sub": _pairwise(lambda one, other: one - other),
    "Mul": _pairwise(lambda one, other: one * other),
    "Div": _pairwise(lambda one, other: one / other),
    "Pow": _pairwise(lambda one, other: one**other),
    "MatMul": _pairwise(lambda one, other: one @ other),
    "Gemm": _matmul_plus,
    "MaxPool": lambda settings, x: _pool(settings, x, greatest=True),
    "AveragePool": lambda settings, x: _pool(settings, x, greatest=False),
    "GlobalAveragePool": _global(greatest=False),
    "GlobalMaxPool": _global(greatest=True),
    "Flatten": lambda settings, x: x.flatten(settings.get("axis", 1)),
    "Reshape": _reshape,
    "Expand": _expand,
    "Transpose": lambda settings, x: x.permute(settings.get("perm") or [*reversed(range(x.dim()))]),
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "ReduceMax": _reduced(torch.amax),
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "Dropout": lambda settings, x, *rest: x.clone(),
    "Identity": lambda settings, x: x.clone(),
    "Cast": lambda settings, x: x.to(getattr(torch, _DTYPES.get(settings["to"], "float32"))),
}
"""What each operation of ONNX computes, in functions of torch; the first argument are its settings."""
