"""The seal on a file that archspec wrote: a short digest of the rest of it, in a comment of its format.

By its seal a file is known as archspec's own and unedited, so that writing over it loses nothing.
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from pathlib import Path

_WORDS = b"archspec: sha256 "
_COMMENTS = {
    "py": b"\n# %s\n",
    "svg": b"<!-- %s -->\n",
    "html": b"<!-- %s -->\n",
    "dot": b"// %s\n",
    "pdf": b"%% %s\n",
    "mermaid": b"%%%% %s\n",
    "tikz": b"%% %s\n",
    "drawio": b"<!-- %s -->\n",
    "json": b',\n  "seal": "%s"',
}
_TAILS = {"json": len(b"\n}\n"), "png": 12}
"""How much must stay at a file's end: a JSON object's bracket, a PNG's closing chunk."""
_ZIPS = {"pptx"}
"""Archives end with a comment, and its length before that."""
_NO_COMMENT = b"\0\0"


def sealed(content: bytes, format: str) -> bytes:
    """The content with its seal, in a file of a format that is known here.

    >>> sealed(b"graph {}\\n", "dot")
    b'graph {}\\n// archspec: sha256 edefd5992892f0a0\\n'
    """
    if format in _ZIPS:
        return content.removesuffix(_NO_COMMENT) + _zip_comment(content)
    at = len(content) - _TAILS.get(format, 0)
    return content[:at] + _seal(content, format) + content[at:]


def is_sealed(content: bytes, format: str) -> bool:
    """Whether archspec wrote the content, and it is unchanged.

    >>> is_sealed(sealed(b"x = 1\\n", "py"), "py"), is_sealed(b"x = 2\\n", "py")
    (True, False)
    """
    if format in _ZIPS:
        bare = content[: -len(_zip_comment(b""))]
        return any(sealed(bare + end, format) == content for end in (_NO_COMMENT, b""))
    tail = _TAILS.get(format, 0)
    start, end = len(content) - tail - len(_seal(b"", format)), len(content) - tail
    return start >= 0 and sealed(content[:start] + content[end:], format) == content


def is_ours(path: Path, format: str | None = None) -> bool:
    """Whether archspec wrote a file of a format (its suffix says which); an empty one may be written over too."""
    format = format or path.suffix.removeprefix(".")
    content = path.read_bytes()
    return not content or (format in (*_COMMENTS, *_TAILS, *_ZIPS) and is_sealed(content, format))


def _zip_comment(content: bytes) -> bytes:
    words = _WORDS + sha256(content).hexdigest()[:16].encode()
    return len(words).to_bytes(2, "little") + words


def _seal(content: bytes, format: str) -> bytes:
    words = _WORDS + sha256(content).hexdigest()[:16].encode()
    return _COMMENTS[format] % words if format in _COMMENTS else _png_chunk(b"tEXt", b"Comment\0" + words)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
