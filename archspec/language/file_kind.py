"""What a text is, before it is read: a spec, a block, a recipe or a study."""

from __future__ import annotations

import re

from archspec.language.source import Source


def is_block_file(source: Source) -> bool:
    """Whether a text holds a block rather than a spec."""
    return re.search(r"^block\s*:", source.text, re.MULTILINE) is not None


def is_recipe(source: Source) -> bool:
    """Whether a text is a recipe for training rather than a spec."""
    return re.search(r"^recipe\s*:", source.text, re.MULTILINE) is not None


def is_study(source: Source) -> bool:
    """Whether a text is a study of a spec rather than one."""
    return re.search(r"^study\s*:", source.text, re.MULTILINE) is not None
