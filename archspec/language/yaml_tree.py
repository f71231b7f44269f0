"""A YAML text as a tree of plain values, each with its place; `yaml_parser` reads one."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from archspec.language.source import Span

Value: TypeAlias = bool | int | float | str | None


class Scalar(Struct, frozen=True):
    """One value; `quoted` where it was written in quotes or as a block of text, and so is a string whatever it says."""

    value: Value
    span: Span
    quoted: bool = False


class Sequence(Struct, frozen=True):
    """A list. The span of one written line by line is its first line only, so that a caret stays small."""

    items: tuple[Tree, ...]
    span: Span


class Mapping(Struct, frozen=True):
    """Names and what stands under them, in the order written; every key is a string, and no two are the same.

    The span of one written line by line is its first key only, so that a caret stays small.
    """

    entries: tuple[tuple[Scalar, Tree], ...]
    span: Span

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(key.value) for key, _ in self.entries)

    def get(self, name: str) -> Tree | None:
        """What stands under `name`, if anything does."""
        return next((value for key, value in self.entries if key.value == name), None)

    def key(self, name: str) -> Scalar | None:
        """The key `name` itself, for its place."""
        return next((key for key, _ in self.entries if key.value == name), None)


Tree: TypeAlias = Scalar | Sequence | Mapping


def plain(tree: Tree) -> object:
    """The tree's dicts, lists and values, without their places."""
    if isinstance(tree, Mapping):
        return {key.value: plain(value) for key, value in tree.entries}
    if isinstance(tree, Sequence):
        return [plain(item) for item in tree.items]
    return tree.value
