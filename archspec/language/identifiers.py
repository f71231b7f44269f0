"""Which names of a spec may become names in Python's source."""

from __future__ import annotations

import keyword
import re

NAME_RULE = "letters, digits and underscores, first a letter, no Python keyword"


def is_identifier(name: str) -> bool:
    """Whether a name can be an attribute in Python's source."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


def class_name(words: str) -> str:
    """The name of the class for what is called so in print.

    >>> class_name("Faster R-CNN"), class_name("basic_block"), class_name("GoogLeNet")
    ('FasterRCNN', 'BasicBlock', 'GoogLeNet')
    """
    name = "".join(part[0].upper() + part[1:] for part in re.findall("[A-Za-z0-9]+", words))
    return name if name.isidentifier() else f"Block{name}"


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in no more than how they are written.

    >>> same_name("Faster R-CNN", "faster_rcnn")
    True
    """
    return class_name(one).lower() == class_name(other).lower()
