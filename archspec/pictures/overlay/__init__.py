"""A comparison → its drawing: two networks over each other, each node once, with what became of it."""

from archspec.pictures.overlay.compose import overlay

__all__ = ["overlay"]
