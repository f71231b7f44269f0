"""A graph → its page: the text that a person would have written."""

from archspec.importing.page.family import write_family
from archspec.importing.page.write import write

__all__ = ["write", "write_family"]
