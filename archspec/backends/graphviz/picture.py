"""A picture that is laid out when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from archspec.backends.graphviz.drawing import Drawing
from archspec.backends.graphviz.render import FORMATS, TIME_LIMIT, RenderError, render
from archspec.files import write_whole


@dataclass(frozen=True)
class Picture:
    """A drawing and its DOT text; shows itself in a notebook."""

    drawing: Drawing
    dot: str
    _made: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<Picture of {self.drawing.title}: {sum(1 for _ in self.drawing.boxes())} boxes>"

    def svg(self, time_limit: float = TIME_LIMIT) -> str:
        """The picture as SVG; raises `RenderError` where it cannot be drawn in `time_limit` seconds."""
        return self.bytes("svg", time_limit).decode()

    def bytes(self, format: str, time_limit: float = TIME_LIMIT) -> bytes:
        """The picture as `svg`, `png`, `pdf` or `dot`."""
        if format == "dot":
            return self.dot.encode()
        if format not in self._made:
            self._made[format] = render(self.dot, format, time_limit)
        return self._made[format]

    def save(self, path: str | Path, time_limit: float = TIME_LIMIT) -> None:
        """Write the picture, whole or not at all; the format is the path's suffix."""
        format = Path(path).suffix.removeprefix(".").lower()
        if format not in (*FORMATS, "dot"):
            raise RenderError(f"`{path}` does not say the format: end it in .svg, .png, .pdf or .dot")
        write_whole(path, self.bytes(format, time_limit))

    def _repr_svg_(self) -> str:
        return self.svg()
