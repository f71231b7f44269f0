"""The vocabulary: torch.nn's classes in snake_case, one file a family.

A Python package adds an op through an entry point of the group `archspec.ops` that names a module which registers it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.ops.base import _OPS, Argument, Module, Op, OpError, register

__all__ = ["Argument", "Module", "Op", "OpError", "builtin_ops", "ops", "register"]


def ops() -> Mapping[str, type[Op]]:
    """Every op by its name, the installed packages' own included."""
    return _ALL


def builtin_ops() -> Mapping[str, type[Op]]:
    """The ops that are known without looking through the installed packages."""
    return _BUILTIN


@cache
def _families() -> Mapping[str, str]:
    """The module that registers each of archspec's own ops, by the op's name.

    It is read off the sources: importing them all would take a quarter of the time of checking a spec.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return {op: file.stem for file in sources for op in _NAME.findall(file.read_text("utf-8"))}


_NAME = re.compile(r'^    name = "(\w+)"$', re.MULTILINE)


class _Builtin(Mapping[str, type[Op]]):
    """archspec's own ops; a family is imported when one of it is asked for."""

    def __getitem__(self, name: str) -> type[Op]:
        if name not in _OPS:
            import_module(f"{__name__}.{_families()[name]}")
        return _OPS[name]

    def __contains__(self, name: object) -> bool:
        return name in _families()

    def __iter__(self) -> Iterator[str]:
        return iter(_families())

    def __len__(self) -> int:
        return len(_families())


class _Ops(Mapping[str, type[Op]]):
    """All ops. The installed packages are looked through when a name is not archspec's own."""

    def __getitem__(self, name: str) -> type[Op]:
        if name in _OPS:
            return _OPS[name]
        return _BUILTIN[name] if name in _BUILTIN else _with_entry_points()[name]

    def __contains__(self, name: object) -> bool:
        return name in _OPS or name in _BUILTIN or name in _with_entry_points()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*_BUILTIN, *_with_entry_points())))

    def __len__(self) -> int:
        return len(list(iter(self)))


_BUILTIN = _Builtin()
_ALL = _Ops()


@cache
def _with_entry_points() -> Mapping[str, type[Op]]:
    """What is registered after a look through the installed packages; none may take a name of archspec's own."""
    from importlib import metadata

    entries = metadata.entry_points(group="archspec.ops")
    for family in set(_families().values()) if entries else ():
        import_module(f"{__name__}.{family}")
    for entry in entries:
        entry.load()
    return _OPS
