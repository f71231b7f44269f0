"""How source reaches a module by its name in the block around it, and the containers that names with dots stand in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import accumulate

from archspec.language.identifiers import is_attribute


def access(name: str, by_key: bool = False) -> str:
    """The expression for a child: an attribute, or in a dictionary a key.

    >>> access("conv1"), access("0", by_key=True), access("convs.0"), access("branches.0.1", by_key=True)
    ('self.conv1', 'self["0"]', 'self.convs["0"]', 'self["branches"]["0"]["1"]')
    """
    first, *inner = name.split(".")
    start = f"self[{json.dumps(first)}]" if by_key else f"self.{first}"
    return start + "".join(f"[{json.dumps(each)}]" for each in inner)


def first_is_attribute(name: str) -> bool:
    """Whether what a child's name begins with can be written after `self.`."""
    return is_attribute(name.partition(".")[0])


def containers(names: Iterable[str], by_key: bool = False) -> Iterator[str]:
    """The statements that make the dictionaries in which names with dots stand, the outer ones first.

    >>> [*containers(["conv", "convs.0", "convs.1", "a.b.0"])]
    ['self.convs = nn.ModuleDict()', 'self.a = nn.ModuleDict()', 'self.a["b"] = nn.ModuleDict()']
    """
    around = dict.fromkeys(
        path for name in names for path in accumulate(name.split(".")[:-1], lambda outer, own: f"{outer}.{own}")
    )
    yield from (f"{access(path, by_key)} = nn.ModuleDict()" for path in around)
