"""Which op says what torch did: a function for each operation, one file a family."""

from archspec.importing.words import arithmetic, attention, conversion, layers, pointwise, reshaping
from archspec.importing.words.registry import Word, word_of

__all__ = ["Word", "arithmetic", "attention", "conversion", "layers", "pointwise", "reshaping", "word_of"]
