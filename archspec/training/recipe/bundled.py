"""The bundled recipes by name."""

from __future__ import annotations

from pathlib import Path

from archspec.api import zoo
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import is_file, read_source
from archspec.language.source import Source


def folder() -> Path:
    """Where the bundled recipes lie, beside the specs."""
    return zoo.folder() / "recipes"


def recipes() -> tuple[str, ...]:
    """The names of the bundled recipes."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml")))


def open_recipe(name: str) -> Source:
    """The text of a recipe, by its path or bundled name; the nearest names where there is none."""
    path = Path(name)
    if is_file(path) or name.endswith((".yaml", ".yml")) or "/" in name:
        return read_source(path, name)
    if name in recipes():
        return read_source(folder() / f"{name}.yaml", f"specs/recipes/{name}.yaml")
    message = f"there is no bundled recipe `{name}`, and no such file"
    raise SpecError([Diagnostic("unknown-recipe", message, help=did_you_mean(name, recipes()))])
