"""Where data comes from: each source is one class in one file, found by its name in a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.training.data.sources.base import _SOURCES, SPLITS, Items, Source, Split, Task, register

__all__ = ["SPLITS", "Items", "Source", "Split", "Task", "register", "sources"]


@cache
def sources() -> Mapping[str, type[Source]]:
    """Every source by its name."""
    for module in sorted(module.name for module in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return _SOURCES
