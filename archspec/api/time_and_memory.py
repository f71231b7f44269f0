"""The time and the memory that a call takes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


def measured(call: Callable[[], T]) -> tuple[T, float, int]:
    """What a call gives, the seconds it takes, and by how many bytes it raises the most memory the process ever had."""
    before, start = _peak(), perf_counter()
    given = call()
    return given, perf_counter() - start, _peak() - before


def _peak() -> int:
    """The most memory that the process has had so far, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
