"""torch.nn's own modules in archspec's words: the fields are read off the live module.

Before: `MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)`, run on 64×112×112.
After:  `{max_pool: 3, stride: 2, padding: 1}`.

No table is kept: an op is named after its class, and its fields are its keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError
from torch import nn

from archspec.ops import Op, OpError, lifting, ops
from archspec.ops.base import REQUIRED
from archspec.ops.shapes import Shape


def op_of(module: nn.Module, inputs: Sequence[Shape], outputs: Sequence[Shape], **more: Any) -> Op | None:
    """The op that does what a module of torch's own did with these inputs; `None` where there is none.

    `more` are fields that its attributes do not say; the class of an op with some may be archspec's own.
    """
    title = torch_class(module)
    named = _op_named(title) if title else None
    if named is None:
        return None
    try:
        op = named.of({**dict(_fields(module, named)), **more})
        made = op.module(*inputs)
        fits = _gives(op, inputs, outputs) and getattr(module, "batch_first", True)
        same = op.parameters(*inputs) == {name: tuple(each.shape) for name, each in module.named_parameters()}
    except (ValidationError, OpError, TypeError, ValueError):
        return None
    return op if made and (more or made.callee == f"nn.{title}") and fits and same else None


def _gives(op: Op, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> bool:
    """Whether an op gives what is read of a module: all, or its main output where no state is read."""
    made = lifting.infer(op, inputs)
    return made == tuple(outputs) or (op.has_main_output and made[:1] == tuple(outputs))


def torch_class(module: nn.Module) -> str | None:
    """The name of torch's own class that a module is of, or is derived from."""
    return next(
        (each.__name__ for each in type(module).__mro__ if each.__module__.startswith("torch.nn.modules.")), None
    )


def may_have_word(module: nn.Module) -> bool:
    """Whether an op is named after a module's class, which is torch's own and not derived from one."""
    own = type(module).__module__.startswith("torch.nn.modules.")
    return own and _op_named(type(module).__name__) is not None


def may_be_called(module: nn.Module, target: str) -> bool:
    """Whether a function of torch's is all that a class derived from one of torch's own computes."""
    title = torch_class(module)
    named = _op_named(title) if title and title != "Module" else None
    return named is not None and target.strip("_").rstrip("123d") in (named.name, named.name.replace("_", ""))


@cache
def _op_named(title: str) -> type[Op] | None:
    """The op named after a class, with its rank or without: `AvgPool2d`, `Dropout2d`."""
    words = {name.replace("_", ""): name for name in ops()}
    plain = title.lower()
    found = words.get(plain) or words.get(re.sub(r"[123]d$", "", plain))
    return ops()[found] if found else None


def _fields(module: nn.Module, op: type[Op]) -> Iterator[tuple[str, Any]]:
    """The fields that a module's attributes say; those that the input tells anyway are left out."""
    for name, info in op.model_fields.items():
        if name in ("inplace", *op.internal) or not hasattr(module, name):
            continue
        default = REQUIRED if info.is_required() else info.default
        value = _plain(getattr(module, name), name, op)
        if not _says_nothing(module, name, value) and value != default:
            yield name, value


def _plain(value: Any, name: str, op: type[Op]) -> Any:
    """An attribute as a field holds it: whether there is a bias, and one number for a list of equal ones."""
    if name == "bias":
        return value is not None and value is not False
    many = isinstance(value, (tuple, list)) and len(value) > 0
    if many and name in (*op.per_dimension, "output_size") and len(set(value)) == 1:
        return value[0]
    return tuple(value) if isinstance(value, list) else value


def _says_nothing(module: nn.Module, name: str, value: Any) -> bool:
    """Whether a field follows from others: a window's stride from its size, a norm's shape from the input."""
    if name == "stride" and hasattr(module, "kernel_size") and "Pool" in type(module).__name__:
        return bool(module.stride == module.kernel_size)
    if name == "normalized_shape":
        return len(value) == 1
    return name == "bias" and getattr(module, "elementwise_affine", True) is False
