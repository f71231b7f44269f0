"""Ctrl-C while a command is still being imported: there is nothing to finish, and no traceback to be shown."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quitting_at_once() -> Iterator[None]:
    """Within it, Ctrl-C ends the process as the system ends it, where Python alone would heed it."""
    heeded = threading.current_thread() is threading.main_thread()
    if not heeded or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
