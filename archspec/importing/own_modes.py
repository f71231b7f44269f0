"""A module's own mode, which it has again after it was run in another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def modes_kept(module: nn.Module) -> Iterator[None]:
    """After it a module and each of its parts are in the mode in which they were."""
    modes = {each: each.training for each in module.modules()}
    try:
        yield
    finally:
        for each, training in modes.items():
            each.training = training
