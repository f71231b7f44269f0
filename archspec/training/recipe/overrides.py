"""Values of a recipe set from outside: `--set epochs=3`, `--set data.batch_size=32`, `--set num_classes=2`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree


def overridden(tree: MappingTree, settings: Mapping[str, Tree], keys: frozenset[str]) -> MappingTree:
    """The recipe with these values; a name that is no key of a recipe is a param of the spec."""
    return reduce(lambda whole, each: _placed(whole, _path(each[0], keys), each[1]), settings.items(), tree)


def _path(name: str, keys: frozenset[str]) -> list[str]:
    first, *rest = name.split(".")
    return [first, *rest] if first in keys or rest else ["set", first]


def _placed(tree: Tree | None, path: list[str], value: Tree) -> MappingTree:
    """A mapping with a value at a path, the mappings on the way made where they do not exist."""
    first, *rest = path
    entries = tree.entries if isinstance(tree, MappingTree) else ()
    span = tree.span if isinstance(tree, MappingTree) else value.span
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        entries, span = ((tree, Scalar(None, tree.span)),), tree.span
    own = MappingTree(entries, span)
    key = own.key(first) or Scalar(first, value.span)
    new = _placed(own.get(first), rest, value) if rest else value
    if own.key(first) is None:
        return MappingTree((*entries, (key, new)), span)
    return MappingTree(tuple((k, new if k is key else v) for k, v in entries), span)
