"""Example inputs as text, `3x224x224` or `ids=16:int64`, and the tensors that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool")

EXAMPLES = 2
"""So many examples stand in a batch: one alone would hide what mixes them up."""


class ExampleInput(Struct, frozen=True):
    """One input: the size of each example, the batch left out; its name where it is given by keyword."""

    size: tuple[int, ...]
    dtype: str = "float32"
    name: str | None = None

    @property
    def text(self) -> str:
        """As the command line takes it."""
        sizes = "x".join(map(str, self.size)) or "scalar"
        name = f"{self.name}=" if self.name else ""
        return f"{name}{sizes}" + (f":{self.dtype}" if self.dtype != "float32" else "")

    def tensor(self, examples: int = EXAMPLES, device: Any = None) -> Tensor:
        """A batch: normal noise, zeros and ones where numbers are whole; always the same."""
        import torch

        dtype = getattr(torch, self.dtype)
        shape = (examples, *self.size)
        if device is not None and torch.device(device).type == "meta":
            return torch.empty(shape, dtype=dtype, device=device)
        generator = torch.Generator().manual_seed(0)
        if dtype.is_floating_point:
            return torch.randn(shape, generator=generator).to(dtype)
        return torch.randint(0, 2, shape, generator=generator).to(dtype)


def parse_inputs(texts: Iterable[str]) -> tuple[ExampleInput, ...]:
    """Every `--input`; raises `SpecError` for what is of no such form.

    >>> [each.text for each in parse_inputs(["3x224x224", "ids=16:int64", "time=scalar"])]
    ['3x224x224', 'ids=16:int64', 'time=scalar']
    """
    return tuple(map(_parsed, texts))


_FORM = re.compile(r"(?:(?P<name>[^\W\d]\w*(?:\.\w+)*)=)?(?P<size>scalar|\d+(?:[x,×]\d+)*)(?::(?P<dtype>\w+))?")


def _parsed(text: str) -> ExampleInput:
    match = _FORM.fullmatch(text.strip().strip("[]").replace(" ", ""))
    if match is None:
        expected = "the size of one example, such as `3x224x224`, `16:int64` or `mask=16:bool`; `scalar` for a number"
        raise SpecError([Diagnostic("example-input", f"`{text}` is not the size of an input", expected=expected)])
    dtype = match["dtype"] or "float32"
    if dtype not in DTYPES:
        message = f"an input cannot be of the type `{dtype}`"
        raise SpecError([Diagnostic("example-input", message, help=did_you_mean(dtype, DTYPES))])
    size = () if match["size"] == "scalar" else tuple(map(int, re.split("[x,×]", match["size"])))
    if 0 in size:
        raise SpecError([Diagnostic("example-input", f"the input `{text}` has a size of zero")])
    return ExampleInput(size, dtype, match["name"])


def tensors_in(inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """The tensors of a module's arguments one by one, those inside lists and mappings too, as a page's inputs are."""
    from torch import Tensor
    from torch.utils._pytree import tree_leaves

    return tuple(each for each in tree_leaves((inputs, dict(keywords))) if isinstance(each, Tensor))


def tensors_of(inputs: Iterable[ExampleInput], device: Any = None) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """The tensors that a module is called with: those in order, and those by keyword.

    >>> tensors_of(parse_inputs(["3x8x8", "batch.mask=16:bool"]))[1]["batch"]["mask"].shape
    torch.Size([2, 16])
    """
    inputs = [*inputs]
    ordered = tuple(each.tensor(device=device) for each in inputs if each.name is None)
    named: dict[str, Any] = {}
    for each in inputs:
        if each.name is not None:
            *around, last = each.name.split(".")
            reduce(lambda inner, key: inner.setdefault(key, {}), around, named)[last] = each.tensor(device=device)
    return ordered, named
