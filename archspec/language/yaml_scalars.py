"""What an unquoted YAML scalar means, by the core schema of YAML 1.2: `no` is a word and `1e-3` a number."""

from __future__ import annotations

import math
import re

from archspec.language.yaml_tree import Value

_INTEGER = re.compile("[-+]?[0-9]+(?:_[0-9]+)*")
_OCTAL = re.compile("0o[0-7]+")
_HEXADECIMAL = re.compile("0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(f"{sign}inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


def resolve(text: str) -> Value:
    """What an unquoted scalar means, by YAML 1.2's core schema; digits may be grouped by single underscores.

    >>> [resolve(text) for text in ("no", "1e-3", "3:30", "0x1F", "6_624_904", "~")]
    ['no', 0.001, '3:30', 31, 6624904, None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        # Python refuses to read integers of thousands of digits.
        return int(text) if len(text) < 100 else math.inf
    if _FLOAT.fullmatch(text):
        return float(text)
    for pattern, base in ((_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(text, base)
    return text
