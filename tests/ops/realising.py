"""An op as torch runs it, built from the source it gives, and the nodes that examples are written as."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import torch
import torchvision
import yaml
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archspec.codegen.copied_classes import definitions, is_copied
from archspec.ops import Op, ops
from archspec.ops.base import Argument, Module
from archspec.ops.shapes import FLOAT, Batch, Carried, Dim, Shape, dtype_of, form_of, shape_of, whole

BATCH = 2


def example(op: type[Op]) -> Op:
    """The op of its own example."""
    node = yaml.safe_load(op.example)
    if isinstance(node, str):
        node = {node: None}
    value = node.pop(op.name)
    node.pop("from", None)
    return op.of({**node, **({} if value is None or op.main is None else {op.main: value})})


def make(name: str, **fields: Any) -> Op:
    return ops()[name].of(fields)


def others() -> list[tuple[Op, tuple[Shape, ...]]]:
    """Ops whose fields or inputs ask for another module than that of their example, with input shapes."""
    same = {"kernel_size": 3, "stride": 2, "padding": "same"}
    standard = {"out_channels": 6, "weight_standardization": True, **same}
    return [
        *((make("conv", out_channels=4, **same), ((3, *(8,) * rank),)) for rank in (1, 2, 3)),
        *((make("conv", gamma=gamma, **standard), ((3, 8, 8),)) for gamma in (None, 1.5)),
        *((make(name, **same), ((3, *(8,) * rank),)) for name in ("max_pool", "avg_pool") for rank in (1, 2, 3)),
        (make("avg_pool", count_include_pad=False, **same), ((3, 9, 9),)),
        (make("sinusoid", width=8), ((4,),)),
        (make("grid_points", strides=[8, 16]), ((3, 8, 12), (3, 4, 6))),
        (make("layer_norm", dim=1), ((4, 5, 6),)),
    ]


def written(argument: Argument) -> bool:
    return argument.value != argument.default and argument.value is not None


def realise(op: Op, *shapes: Shape, **given: Any) -> Any:
    """The module or the expression as a callable on the inputs; `given` overrides arguments."""
    module = op.module(*shapes)
    namespace = names_of(module)
    if module is None:
        namespace["self"] = SimpleNamespace(training=True)
        names = [f"x{place}" for place in range(len(shapes))]
        return eval(f"lambda {', '.join(names)}: {op.call(names, shapes)}", namespace)
    arguments = {each.name: each for each in module.arguments if written(each)}
    call = [repr(each.value) for each in arguments.values() if each.positional]
    call += [f"{name}={each.value!r}" for name, each in arguments.items() if not each.positional and name not in given]
    call += [f"{name}={value!r}" for name, value in given.items()]
    return called(op, eval(f"{callee(module)}({', '.join(call)})", namespace), shapes)


def called(op: Op, module: nn.Module, shapes: Sequence[Shape]) -> nn.Module:
    """The module with a `forward` that takes the inputs and gives the outputs as a generated one would."""
    names = [f"x{place}" for place in range(len(shapes))]
    outputs = [f"y{place}" for place in range(len(op.infer(*shapes)))]
    arguments, targets = op.passed(names, shapes), op.targets(*outputs)
    returned = [op.output(place, name) for place, name in enumerate(outputs)]
    if (arguments, targets, returned) == (tuple(names), ", ".join(outputs), outputs):
        return module
    body = f"{targets} = made.forward(self, {', '.join(arguments)}); return {', '.join(returned)}"
    namespace: dict[str, Any] = {"made": type(module)}
    exec(f"def forward(self, {', '.join(names)}): {body}", namespace)
    module.__class__ = type(type(module).__name__, (type(module),), {"forward": namespace["forward"]})
    return module


def callee(module: Module) -> str:
    return module.callee.rpartition(".")[2] if is_copied(module.callee) else module.callee


def names_of(module: Module | None) -> dict[str, Any]:
    """What the source of a module may use: its class, where it is taken along, is made of the text that is taken."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "Tensor": Tensor, "torchvision": torchvision}
    for each in definitions(module.callee) if module and is_copied(module.callee) else ():
        for name, path in each.imports.items():
            package, _, own = path.rpartition(".")
            names[name] = getattr(import_module(package), own) if package else import_module(own)
        exec(each.text, names)
    return names


def data(*shapes: Shape, requires_grad: bool = False) -> list[Any]:
    """Noise of these shapes, in the form that each is carried in."""
    return [
        batch(shape).requires_grad_(requires_grad)
        if form_of(shape) in ("tensor", "folded") and dtype_of(shape) == FLOAT
        else batch(shape)
        for shape in shapes
    ]


def batch(shape: Shape) -> Any:
    """Noise for a batch; zeros for whole numbers, ones for labels, and boxes for rows of 4 that are called so."""
    if not isinstance(shape, Carried):
        return torch.randn(BATCH, *shape)
    if shape.form == "records":
        return [{name: item(each, name) for name, each in shape.fields} for _ in range(BATCH)]
    if shape.form == "scalars":
        return {name: torch.rand(()) for name, _ in shape.fields}
    if shape.form == "sizes":
        return [tuple(shape)] * BATCH
    if shape.form == "list":
        return [item(shape, "boxes" if shape[1:] == (4,) else "") for _ in range(BATCH)]
    sizes = [BATCH * dim.count if type(dim) is Batch else dim for dim in whole(shape)]
    return torch.zeros(sizes, dtype=getattr(torch, shape.dtype)) if shape.dtype != FLOAT else torch.randn(sizes)


def item(shape: Shape, name: str) -> torch.Tensor:
    """What one example has under a name."""
    if name == "boxes":
        return (torch.rand(shape[0], 2, 2) * 20 + 1).cumsum(1).flatten(1)
    if dtype_of(shape) != FLOAT:
        return torch.full(shape, int(name == "labels"), dtype=getattr(torch, dtype_of(shape)))
    return torch.rand(shape)


def with_dims(shape: Shape, dims: Iterable[Dim]) -> Shape:
    """A shape of other dimensions that is carried alike."""
    if not isinstance(shape, Carried):
        return tuple(dims)
    return Carried(dims, shape.form, count=shape.count, fields=shape.fields, dtype=shape.dtype, optional=shape.optional)


@contextmanager
def counted() -> Iterator[Callable[[], float]]:
    """Counts the MACs of one example; attention's by its two products, since torch does not count it on a CPU."""
    with without_onednn(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        yield lambda: counter.get_total_flops() / 2 / BATCH


@contextmanager
def without_onednn() -> Iterator[None]:
    """Without oneDNN's recurrent layers, which torch cannot count, nor compile with a gradient."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "TF32 acceleration")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def outputs(result: Any) -> tuple[torch.Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def sizes(result: Any) -> tuple[Shape, ...]:
    """The shapes of the outputs without the batch, which must have come through, items folded into it and all."""
    return tuple(_size(each) for each in outputs(result))


def _size(output: torch.Tensor) -> Shape:
    count, rest = divmod(output.shape[0], BATCH)
    assert rest == 0
    return shape_of((Batch(count), *output.shape[1:]), str(output.dtype).removeprefix("torch."))
