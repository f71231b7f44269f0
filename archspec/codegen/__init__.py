"""A graph as readable PyTorch source. torch is not needed for it."""

from archspec.codegen.module_source import source

__all__ = ["source"]
