"""Where data comes from: each source is one class in one file, found by its name in a recipe.

A Python package adds one through an entry point of the group `archspec.datasets`, which names a function that gives a
torch `Dataset`, or a `Source` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.training.data.sources.base import _SOURCES, SPLITS, Items, Source, Split, Task, register
from archspec.training.data.sources.packages import installed, installed_names

__all__ = ["SPLITS", "Items", "Source", "Split", "Task", "register", "sources"]


def sources() -> Mapping[str, type[Source]]:
    """Every source by its name, the installed packages' own included."""
    _builtin()
    return _ALL


@cache
def _builtin() -> Mapping[str, type[Source]]:
    for module in sorted(module.name for module in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return _SOURCES


class _Sources(Mapping[str, type[Source]]):
    """The registered sources. A package's own is loaded when it is asked for."""

    def __getitem__(self, name: str) -> type[Source]:
        return _SOURCES[name] if name in _SOURCES else installed(name)

    def __contains__(self, name: object) -> bool:
        return name in _SOURCES or name in installed_names()

    def __iter__(self) -> Iterator[str]:
        yield from _SOURCES
        yield from (name for name in installed_names() if name not in _SOURCES)

    def __len__(self) -> int:
        return len(list(iter(self)))


_ALL = _Sources()
