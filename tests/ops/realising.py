"""An op as torch runs it, built from the source it gives, and the nodes that examples are written as."""

from collections.abc import Callable
from typing import Any

import torch
import torchvision
import yaml
from torch import nn

from archspec.ops import Op, ops
from archspec.ops.base import Argument
from archspec.shapes import Shape

BATCH = 2


def example(op: type[Op]) -> Op:
    """The op of its own example."""
    node = yaml.safe_load(op.example)
    if isinstance(node, str):
        node = {node: None}
    value = node.pop(op.name)
    is_join = op.inputs != (1, 1)
    return op(**node, **({} if value is None or is_join else {op.main: value}))


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
    return [torch.randn(BATCH, *shape, requires_grad=requires_grad) for shape in shapes]


def outputs(result: Any) -> tuple[torch.Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def sizes(result: Any) -> tuple[Shape, ...]:
    """The shapes of the outputs without the batch, which must have come through."""
    assert all(each.shape[0] == BATCH for each in outputs(result))
    return tuple(tuple(each.shape[1:]) for each in outputs(result))
