"""What every picture can do: be written in some formats, be saved, and show itself in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from archspec.files.atomic import write_whole
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean

ENDINGS: Mapping[str, str] = {"mmd": "mermaid", "tex": "tikz"}
"""Endings of files that are not called like their format."""

Content: TypeAlias = bytes


class RenderError(Exception):
    """A picture cannot be made; the message says what would help."""


class Shown(ABC):
    """A picture that is made when it is asked for, once in each format."""

    def __init__(self) -> None:
        self._made: dict[str, Content] = {}

    @property
    @abstractmethod
    def name(self) -> str:
        """What is drawn, as a file of it would be called."""

    @property
    @abstractmethod
    def writers(self) -> Mapping[str, Callable[[], Content]]:
        """How each format is written, `svg` among them."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was asked for and is not drawn; known once the picture is made."""
        return ()

    def svg(self) -> str:
        """The picture as SVG; raises `RenderError` where it cannot be made."""
        return self.bytes("svg").decode()

    def bytes(self, format: str) -> Content:
        """The picture in one of its formats."""
        if format not in self.writers:
            raise RenderError(f"there is no format `{format}` of this picture; there are {', '.join(self.writers)}")
        if format not in self._made:
            self._made[format] = self.writers[format]()
        return self._made[format]

    def save(self, path: str | Path) -> None:
        """Write the picture, whole or not at all; the format is the path's suffix."""
        suffix = Path(path).suffix.removeprefix(".").lower()
        format = ENDINGS.get(suffix, suffix)
        if format not in self.writers:
            *most, last = (f".{ending(each)}" for each in self.writers)
            raise RenderError(f"`{path}` does not say the format: end it in {', '.join(most)} or {last}")
        write_whole(path, self.bytes(format))

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        """An image by itself: a page of several pictures would mix the ids and the colours of their elements."""
        return f'<img src="{svg_uri(self.bytes("svg"))}" alt="{escape(repr(self))}" style="max-width: 100%">'


def svg_uri(svg: bytes) -> str:
    """An SVG as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"


def chosen(value: str, what: str, options: Sequence[str]) -> None:
    """Raise `SpecError` where a value is none of the options, with the nearest of them."""
    if value not in options:
        nearest = did_you_mean(value, options)
        raise SpecError([Diagnostic("unknown-choice", f"there is no {what} `{value}` of a picture", help=nearest)])


def ending(format: str) -> str:
    """What the names of a format's files end with."""
    return next((suffix for suffix, named in ENDINGS.items() if named == format), format)
