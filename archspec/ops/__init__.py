"""The vocabulary: torch.nn's classes in snake_case, one file a family.

A Python package adds an op through an entry point of the group `archspec.ops` that names a module which registers it.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module, metadata
from pkgutil import iter_modules
from types import MappingProxyType

from archspec.ops.base import _OPS, Argument, Module, Op, OpError, register

__all__ = ["Argument", "Module", "Op", "OpError", "ops", "register"]


@cache
def ops() -> Mapping[str, type[Op]]:
    """Every op by its name, the installed packages' own included."""
    for family in sorted(module.name for module in iter_modules(__path__)):
        import_module(f"{__name__}.{family}")
    for entry in metadata.entry_points(group="archspec.ops"):
        entry.load()
    return MappingProxyType(_OPS)
