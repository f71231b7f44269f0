"""The live page as one HTML document, which allows itself its own script and style and nothing from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files


@cache
def document() -> bytes:
    """The page's bytes."""
    style, script = _part("live.css"), _part("live.js")
    policy = (
        f"default-src 'none'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    text = _part("live.html")
    for name, part in (("POLICY", policy), ("STYLE", style), ("SCRIPT", script)):
        text = text.replace(f"@{name}@", part)
    return text.encode()


def _part(name: str) -> str:
    return (files("archspec.editor.live") / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
