"""The style sheet's colours: those that the pages use, in every theme."""

from __future__ import annotations

from collections.abc import Collection

from archspec.pictures.render.themes import Theme, paints

FRAME = ("page", "ink", "muted", "line", "rule", "panel", "frame-0", "frame-1", "frame-line", "line-convolution")
"""The colours of what is around the pages."""


def colours(used: Collection[str]) -> str:
    """Every colour as a variable, by theme, and a class for each that fills or draws.

    Without a theme the document is light, or dark as its reader prefers; on paper it is black and white.
    """
    names = sorted({*used, *FRAME} & set(paints("light")))
    classes = [f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in names]
    return "\n".join(
        [
            f":root{{color-scheme:light;{_variables('light', names)}}}",
            f"@media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{_variables('dark', names)}}}}}",
            *(f":root[data-theme={theme}]{{color-scheme:{theme};{_variables(theme, names)}}}" for theme in _CHOSEN),
            f":root[data-theme=print]{{color-scheme:light;{_variables('print', names)}}}",
            f"@media print{{:root,:root[data-theme]{{color-scheme:light;{_variables('print', names)}}}}}",
            *classes,
        ]
    )


_CHOSEN: tuple[Theme, ...] = ("light", "dark")


def _variables(theme: Theme, names: Collection[str]) -> str:
    values = paints(theme)
    return ";".join(f"--{name}:{values[name]}" for name in names)
