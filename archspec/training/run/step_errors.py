"""Errors of a training step, reported at the node in the spec or at the recipe's line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from types import FrameType

import torch

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.runtime.torch_errors import reason
from archspec.training.recipe.recipe import Recipe

_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


@contextmanager
def told_of_steps(recipe: Recipe) -> Iterator[None]:
    """What fails in a step on the data, the network or the losses that a user gave becomes a message."""
    try:
        yield
    except SpecError:
        raise
    except Exception as error:
        if not _is_of_values(error):
            raise
        raise SpecError([step_fault(error, recipe)]) from error


def _is_of_values(error: Exception) -> bool:
    """Whether torch or Lightning failed over values, and not archspec's own code, nor the disk."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    module = module_of(frame)
    if module.startswith("archspec."):  # torch's kernels have no frames of their own
        return isinstance(error, (RuntimeError, ValueError, IndexError))
    return module.startswith(("torch", "lightning")) and not isinstance(error, OSError)


def module_of(frame: FrameType) -> str:
    """The name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__", ""))


def step_fault(error: Exception, recipe: Recipe, graph: Graph | None = None, address: str | None = None) -> Diagnostic:
    """The message of a step that failed."""
    if isinstance(error, torch.OutOfMemoryError) or _MEMORY.search(str(error)):
        size = recipe.data.batch_size
        help_ = f"take a smaller `batch_size` than {size}; `trainer: {{accumulate_grad_batches: 2}}` makes up for it"
        return Diagnostic("out-of-memory", "a step does not fit in memory", recipe.data.at("batch_size"), help=help_)
    node = graph.nodes.get(address) if graph and address else None
    message = f"`{address}` cannot compute what the data gives it" if address else "a step of training fails"
    advice = "leave `compile` out" if recipe.section.compile and "dynamo" in type(error).__module__ else None
    return Diagnostic("step", message, node.span if node else None, node=address, found=reason(error), help=advice)


def trainer_span(recipe: Recipe, named: str = "") -> Span | None:
    """The keyword of the recipe's `trainer` that a text speaks of, or all of it."""
    section, key = recipe.tree.get("trainer"), recipe.tree.key("trainer")
    if not isinstance(section, MappingTree) or key is None:
        return None
    return next((each for each, _ in section.entries if str(each.value) in named), key).span
