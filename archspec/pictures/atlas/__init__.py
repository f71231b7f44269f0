"""The atlas: a network's figure and all its blocks in one HTML file, to be walked through, read or printed."""

from archspec.pictures.atlas.document import atlas

__all__ = ["atlas"]
