"""The PyTorch backend: a graph as readable source, and that source as a module that runs."""

from archspec.backends.pytorch.source import source

__all__ = ["source"]
