"""Which names of a spec may become names in Python's source."""

from __future__ import annotations

import keyword

NAME_RULE = "letters, digits and underscores, first a letter, no Python keyword"


def is_identifier(name: str) -> bool:
    """Whether a name can be an attribute in Python's source."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
