"""Trees → lines of YAML: what fits stands in one line, in braces; the rest one line for each entry."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from archspec.importing.page.scalars import Tree, Word, quoted, scalar

WIDTH = 110
"""Characters of a line, at most, where it can be helped."""

DEEPEST = 3
"""So many mappings and lists in each other are still read in one line."""


def lines(tree: Tree, indent: int = 0) -> Iterator[str]:
    """The lines of a mapping or list in block style."""
    pad = " " * indent
    if isinstance(tree, list) and all(isinstance(value, Word) for value in tree):
        yield from _filled(pad, tree)
    elif isinstance(tree, dict):
        for name, value in tree.items():
            yield from _entry(f"{pad}{quoted(name)}:", value, indent)
    else:
        for value in tree:
            yield from _item(pad, value, indent)


def _filled(pad: str, words: list[Word]) -> Iterator[str]:
    """A list of words in as few lines as hold it."""
    text = f"[{', '.join(map(scalar, words))}]"
    yield from wrap(text, WIDTH, initial_indent=pad, subsequent_indent=f"{pad} ", break_long_words=False)


def _entry(head: str, value: Tree, indent: int) -> Iterator[str]:
    text = flow(value)
    if _fits(head, value, text):
        yield f"{head} {text}".rstrip()
    else:
        yield head
        yield from lines(value, indent + 2)


def _item(pad: str, value: Tree, indent: int) -> Iterator[str]:
    text = flow(value)
    if _fits(f"{pad}-", value, text):
        yield f"{pad}- {text}"
        return
    first, *rest = lines(value, indent + 2)
    yield f"{pad}- {first.lstrip()}"
    yield from rest


def _fits(head: str, value: Tree, text: str) -> bool:
    return isinstance(value, Word) or (len(head) + 1 + len(text) <= WIDTH and not _is_body(value))


def _is_body(tree: Tree) -> bool:
    """Whether a tree is too much to be read in one line."""
    if isinstance(tree, Word):
        return False
    return isinstance(tree, Body) or depth(tree) > DEEPEST


class Body(dict):  # type: ignore[type-arg]
    """A mapping that stands on lines of its own however short it is."""


def depth(tree: Tree) -> int:
    """How many mappings and lists stand in each other."""
    if isinstance(tree, Word):
        return 0
    return 1 + max(map(depth, tree.values() if isinstance(tree, dict) else tree), default=0)


def flow(tree: Tree) -> str:
    """A tree in one line.

    >>> flow({Word("conv"): Word("64"), Word("stride"): Word("2")})
    '{conv: 64, stride: 2}'
    """
    if isinstance(tree, dict):
        entries = (f"{quoted(name)}: {flow(value)}" for name, value in tree.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(tree, list):
        return f"[{', '.join(map(flow, tree))}]"
    return scalar(tree) if tree else ""
