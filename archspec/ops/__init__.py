"""The vocabulary: torch.nn's classes in snake_case, one file a family.

A Python package adds an op through an entry point of the group `archspec.ops` that names a module which registers it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module, metadata
from pkgutil import iter_modules

from archspec.ops.base import _OPS, Argument, Module, Op, OpError, register

__all__ = ["Argument", "Module", "Op", "OpError", "builtin_ops", "ops", "register"]


def ops() -> Mapping[str, type[Op]]:
    """Every op by its name, the installed packages' own included."""
    builtin_ops()
    return _ALL


@cache
def builtin_ops() -> Mapping[str, type[Op]]:
    """The ops that are known without looking through the installed packages."""
    for family in sorted(module.name for module in iter_modules(__path__)):
        import_module(f"{__name__}.{family}")
    return _OPS


class _Ops(Mapping[str, type[Op]]):
    """The registered ops. The installed packages are looked through when a name is not archspec's own."""

    def __getitem__(self, name: str) -> type[Op]:
        return _OPS[name] if name in _OPS else _with_entry_points()[name]

    def __contains__(self, name: object) -> bool:
        return name in _OPS or name in _with_entry_points()

    def __iter__(self) -> Iterator[str]:
        return iter(_with_entry_points())

    def __len__(self) -> int:
        return len(_with_entry_points())


_ALL = _Ops()


@cache
def _with_entry_points() -> Mapping[str, type[Op]]:
    for entry in metadata.entry_points(group="archspec.ops"):
        entry.load()
    return _OPS
