"""An op as torch runs it, built from the source it gives, and the nodes that examples are written as."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torchvision
import yaml
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archspec.ops import Op, ops
from archspec.ops.base import Argument
from archspec.shapes import FLOAT, Carried, Dim, Shape, dtype_of, folded, items

BATCH = 2


def example(op: type[Op]) -> Op:
    """The op of its own example."""
    node = yaml.safe_load(op.example)
    if isinstance(node, str):
        node = {node: None}
    value = node.pop(op.name)
    node.pop("from", None)
    return op(**node, **({} if value is None or op.main is None else {op.main: value}))


def make(name: str, **fields: Any) -> Op:
    return ops()[name](**fields)


def written(argument: Argument) -> bool:
    return argument.value != argument.default and argument.value is not None


def realise(op: Op, *shapes: Shape, **given: Any) -> Callable[..., Any]:
    """The module or the expression as a callable; `given` overrides arguments."""
    namespace: dict[str, Any] = {"torch": torch, "nn": nn, "torchvision": torchvision}
    module = op.module(*shapes)
    if module is None:
        names = [f"x{place}" for place in range(len(shapes))]
        return eval(f"lambda {', '.join(names)}: {op.expression(*names)}", namespace)
    if module.helper:
        exec(module.helper, namespace)
    arguments = {each.name: each for each in module.arguments if written(each)}
    call = [repr(each.value) for each in arguments.values() if each.positional]
    call += [f"{name}={each.value!r}" for name, each in arguments.items() if not each.positional and name not in given]
    call += [f"{name}={value!r}" for name, value in given.items()]
    return eval(f"{module.callee}({', '.join(call)})", namespace)


def data(*shapes: Shape, requires_grad: bool = False) -> list[torch.Tensor]:
    """Noise of these shapes; zeros for whole numbers."""
    return [
        torch.randn(BATCH * items(shape), *shape, requires_grad=requires_grad)
        if dtype_of(shape) == FLOAT
        else torch.zeros(BATCH, *shape, dtype=getattr(torch, dtype_of(shape)))
        for shape in shapes
    ]


def with_dims(shape: Shape, dims: Iterable[Dim]) -> Shape:
    """A shape of other dimensions that is carried alike."""
    if not isinstance(shape, Carried):
        return tuple(dims)
    return Carried(dims, shape.form, count=shape.count, dtype=shape.dtype)


@contextmanager
def counted() -> Iterator[Callable[[], float]]:
    """Counts the MACs of one example."""
    with without_onednn(), FlopCounterMode(display=False) as counter:
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
    return tuple(output.shape[1:]) if count == 1 else folded(output.shape[1:], count)
