"""Over which bundled networks the matrices of pictures go: a sample, or all of them with ARCHSPEC_PICTURES=all."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest

from archspec.api import zoo

FOLDER = Path(__file__).parent
EVERY = 4
"""Of so many families one is in the sample of a test, in one of its views and by one of its variants."""
MATRIX = 20
"""A test over so many families is a matrix; one that names a few takes all of them."""


@cache
def families() -> dict[str, str]:
    """The document of each bundled network that can be named."""
    return {name: name for name in zoo.documents()} | {name: document.name for name, document in zoo.variants()}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("ARCHSPEC_PICTURES") == "all":
        return
    left_out = {item.nodeid for cases in _matrices(items) for item in _not_sampled(cases)}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


def _matrices(items: Iterable[pytest.Item]) -> Iterable[dict[str, list[pytest.Item]]]:
    """The cases of each test that goes over bundled networks, by their families."""
    found: defaultdict[str, defaultdict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") and item.path.parent == FOLDER else {}
        if (family := families().get(params.get("name", ""))) is not None:
            found[item.nodeid.partition("[")[0]][family].append(item)
    return [cases for cases in found.values() if len(cases) >= MATRIX]


def _not_sampled(cases: dict[str, Sequence[pytest.Item]]) -> Iterable[pytest.Item]:
    """All but one case of every few families; another network more or less changes nothing for the others."""
    for family, own in cases.items():
        first, *others = sorted(own, key=lambda item: crc32(item.nodeid.encode()))
        yield from others
        if crc32(f"{first.nodeid.partition('[')[0]} {family}".encode()) % EVERY:
            yield first
