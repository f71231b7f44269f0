"""Why a module cannot be followed, in the user's terms: what was tried, at which line, and what to try."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.fx import Node

from archspec.importing.user_code import in_words, place_in, place_of_error, span_at
from archspec.language.diagnostics import Diagnostic


def explain(error: Exception, module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> Diagnostic:
    """What stopped the export of a module.

    It is run on the example itself first: what fails there is told in the sizes that the user gave.
    """
    title = f"`{type(module).__name__}`"
    own = _own_failure(module, inputs, keywords)
    cause = own or error.__cause__ or error
    place, said = place_of_error(cause), in_words(cause)
    if _is_cuda(said):
        message = f"torch.export cannot follow {title}: it needs a GPU"
        help_ = "let it follow its input's device (`x.device`), or run this where there is one"
        return Diagnostic("import", message, place, found=said, help=help_)
    if own is not None:
        message = f"{title} itself fails on inputs of {_sizes(inputs, keywords)}"
        return Diagnostic("import", message, place, found=said, help="give it inputs that it takes, with `--input`")
    for signs, message, help_ in _KINDS:
        if any(sign in f"{type(cause).__name__} {cause}" for sign in signs):
            return Diagnostic("import", f"torch.export cannot follow {title}: it {message}", place, help=help_)
    message = f"torch.export cannot follow {title}, though it runs"
    return Diagnostic("import", message, place, found=said, help="write this line with functions of torch alone")


_KINDS = (
    (
        ("GuardOnDataDependent", "data-dependent", "DataDependentOutput", "aten._local_scalar_dense"),
        "decides by the values of its input, not by their shapes",
        "write both ways as tensors (`torch.where`), or give the module a setting that takes one way",
    ),
    (
        ("numpy() is not supported", "__array__", "Cannot convert symbols", "can't convert meta", "tolist()"),
        "leaves torch: it reads the values of a tensor as numbers",
        "compute this line with functions of torch",
    ),
    (
        ("assigned during export", "mutat"),
        "changes itself as it runs",
        "register what it changes as a buffer, or leave the change out in evaluation mode",
    ),
)
"""What stands in an exception, what it means, and what to try."""


def read_values(module: nn.Module, program: ExportedProgram) -> Diagnostic | None:
    """The error for a module that reads values as numbers, or takes as many as these say; `None` for any other."""
    for node in program.graph.nodes:
        made = node.meta.get("val")
        sized = isinstance(made, torch.Tensor) and not all(isinstance(size, int) for size in made.shape)
        if sized or _is_read_as_number(node):
            does = "takes as many values as others say" if sized else "reads the value of a tensor as a number"
            message = f"torch.export cannot follow `{type(module).__name__}`: it {does}"
            help_ = "keep their number (`torch.where`, a product with a mask)" if sized else "leave out `.item()`"
            return Diagnostic("import", message, span_at(place_in(node.meta.get("stack_trace"))), help=help_)
    return None


def _is_read_as_number(node: Node) -> bool:
    """Whether a tensor's value is taken out of it, for more than to be checked."""
    read = str(node.target).startswith(("aten.item", "aten._local_scalar_dense"))
    return read and any("assert" not in str(user.target) and "constrain" not in str(user.target) for user in node.users)


def changed_buffer(module: nn.Module, program: ExportedProgram) -> Diagnostic | None:
    """The error for a module that writes into a tensor of its own in evaluation mode; `None` for one that does not."""
    held = {**program.graph_signature.inputs_to_buffers, **program.graph_signature.inputs_to_parameters}
    for node in program.graph.nodes:
        for name in _written(node):
            if name in held:
                message = f"`{type(module).__name__}` changes itself as it runs: it writes into its own `{held[name]}`"
                place = span_at(place_in(node.meta.get("stack_trace")))
                help_ = (
                    "leave the change out in evaluation mode (`if self.training:`), or take what it holds as an input"
                )
                return Diagnostic("import", message, place, help=help_)
    return None


def _written(node: Node) -> Iterator[str]:
    """The names of the values that an operation writes into."""
    schema = getattr(node.target, "_schema", None)
    for argument, value in zip(schema.arguments if schema else (), node.args):
        if argument.is_write and isinstance(value, Node):
            yield value.name


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Within it torch's own reports of what failed, and what a module prints, go nowhere."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def _own_failure(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> Exception | None:
    """What the module itself raises on the example."""
    try:
        with torch.no_grad(), quietly():
            module(*copy.deepcopy(inputs), **copy.deepcopy(dict(keywords)))
    except Exception as error:  # whatever the user's own code raises
        return error
    return None


def _is_cuda(said: str) -> bool:
    return any(word in said for word in ("NVIDIA", "CUDA", "cuda", "Triton", "triton"))


def _sizes(inputs: tuple[Any, ...], keywords: Mapping[str, Any]) -> str:
    """The sizes of the inputs, the batch among them."""
    named = [(None, value) for value in inputs] + [*keywords.items()]
    sizes = [
        f"{f'{name} ' if name else ''}{'×'.join(map(str, value.shape)) or 'one number'}"
        for name, value in named
        if isinstance(value, torch.Tensor)
    ]
    return f"{' and '.join(sizes)}, the first number being the batch" if sizes else "no tensors"
