"""The pages that come with archspec, to be read and to start from: specs, recipes and blocks by their names."""

from __future__ import annotations

import re
from typing import NamedTuple

from archspec.api import zoo
from archspec.api.architecture import read_document
from archspec.elaborate import default_variant
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.language.read_text import read_source


class BundledPage(NamedTuple):
    """A page's text, and the key under which it has its name."""

    text: str
    key: str


def bundled_page(name: str) -> BundledPage:
    """The page that an architecture, a variant, a recipe or a block of this name is on.

    A spec goes before a block of its name. Raises `SpecError` with the nearest name where there is none.
    """
    if zoo.is_recipe_name(name):
        return BundledPage(read_source(zoo.folder() / "recipes" / f"{name}.yaml").text, "name")
    if name in standard_names() and zoo.find(name) is None:
        return BundledPage(standard_block(name).source.text, "block")
    document, _ = zoo.open_spec(name)
    return BundledPage(document.source.text, "name")


def copied(name: str, new: str) -> str:
    """The page of that name as one of one's own, called `new`: of a variant, what the variant is alone."""
    text, key = bundled_page(name)
    found = None if key == "block" or zoo.is_recipe_name(name) else zoo.find(name)
    if found is not None and found[1] not in (None, default_variant(found[0])):
        text = read_document(found[0], found[1], {}).to_yaml()
    if key == "block":
        text = re.sub(rf"^(example: .*?)\b{name}\b", rf"\g<1>{new}", text, flags=re.MULTILINE)
    return re.sub(rf"^{key}:.*$", f"{key}: {new}", text, count=1, flags=re.MULTILINE)
