"""What a page says of its pictures: words, colours and frames of its author's own, which change no count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Struct, field
from pydantic import AfterValidator

from archspec.language.diagnostics import Findings
from archspec.language.named_entries import is_empty
from archspec.language.pydantic_models import Expects, Section, validate
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise ValueError(text)
    return text


Addresses = Annotated[list[str], Expects("a list of addresses, in which `*` is any name")]
Words = Annotated[str, Expects("a text")]
Colour = Annotated[str, AfterValidator(_colour), Expects("a colour such as `'#FFD166'`")]


class DrawSection(Section):
    """How the pictures of a network are to look."""

    title: Words | None = None
    """What stands above a picture, for each variant that `titles` does not name."""
    titles: Annotated[dict[str, str], Expects("a mapping of variants to titles")] = {}
    """What stands above the picture of a variant."""
    labels: Annotated[dict[str, str], Expects("a mapping of addresses to words")] = {}
    """What boxes and frames are called."""
    colours: Annotated[
        dict[str, Colour], Expects("a mapping of kinds or addresses to colours such as `'#FFD166'`")
    ] = {}
    """The colours of boxes, by their kind or address."""
    brackets: Annotated[dict[str, Addresses], Expects("a mapping of words to lists of addresses")] = {}
    """Boxes that stand in one frame, by what it says."""
    hide: Addresses = []
    """What is not drawn; what it takes goes on to what takes it."""
    open: Addresses = []
    """Blocks that stand open."""
    emphasis: Addresses = []
    """What is drawn with a thick line, such as what is new."""
    caption: Words | None = None
    """What stands below."""


class DrawWishes(Struct, frozen=True):
    """A page's section with the place of each address in it."""

    section: DrawSection = field(default_factory=DrawSection)
    places: Mapping[str, Span] = field(default_factory=dict)


def parse_draw(tree: Tree | None, findings: Findings) -> DrawWishes:
    """The section `draw` of a page; what is wrong with it becomes findings."""
    if tree is None or is_empty(tree):
        return DrawWishes()
    section = validate(DrawSection, tree, "`draw`", findings)
    return DrawWishes(section, dict(_places(tree))) if section else DrawWishes()


def _places(tree: Tree) -> Iterator[tuple[str, Span]]:
    """Every key and text with its place."""
    if isinstance(tree, MappingTree):
        for key, value in tree.entries:
            yield str(key.value), key.span
            yield from _places(value)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _places(item)
    elif isinstance(tree, Scalar):
        yield str(tree.value), tree.span
