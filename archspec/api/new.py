"""A commented spec to start from."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from archspec.language.diagnostics import Diagnostic, SpecError


def starter(name: str) -> str:
    """The text of a small spec of that name.

    >>> starter("tiny").splitlines()[6]
    'name: tiny'
    """
    text = (resources.files("archspec.api") / "starter.yaml").read_text("utf-8")
    return text.replace("NAME", name)


def starter_path(name: str) -> Path:
    """Where the spec of that name or path goes; raises `SpecError` where it names no network or is taken."""
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        message, expected = f"`{path.stem}` cannot name a network", "a name of small letters, digits and underscores"
        raise SpecError([Diagnostic("name", message, expected=expected, help=_suggestion(path.stem))])
    if path.exists():
        raise SpecError([Diagnostic("file-exists", f"`{path}` exists already", help="choose another name")])
    return path


def _suggestion(name: str) -> str | None:
    close = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"for example `{close}`" if re.fullmatch(r"[a-z][a-z0-9_]*", close) else None
