"""The atlas: one HTML file of a network's figure and all its blocks, to be walked through in a browser, read or printed."""

from archspec.backends.atlas.document import atlas

__all__ = ["atlas"]
