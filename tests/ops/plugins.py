"""Ops of packages that are not installed: a module in a folder, found as an entry point is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest

from archspec import ops as vocabulary
from archspec.ops import base


@contextmanager
def plugged_in(name: str, source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The op `name`, which `source` registers, as if a package with it were installed."""
    module = f"{name}_plugin"
    (folder / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(folder)
    entry, real = metadata.EntryPoint(name, module, "archspec.ops"), metadata.entry_points
    ours = {"group": "archspec.ops"}
    monkeypatch.setattr(metadata, "entry_points", lambda **given: [entry] if given == ours else real(**given))
    vocabulary._with_entry_points.cache_clear()
    yield
    base._OPS.pop(name, None)
    sys.modules.pop(module, None)
    vocabulary._with_entry_points.cache_clear()
