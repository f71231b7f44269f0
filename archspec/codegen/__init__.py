"""A graph as readable PyTorch source. torch is not needed for it."""

from archspec.codegen.module_source import Written, source, written
from archspec.codegen.source_map import Lines

__all__ = ["Lines", "Written", "source", "written"]
