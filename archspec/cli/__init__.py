"""The command line: arguments → calls → exit code. One file a command; what they do is done below.

Nothing here imports torch, graphviz or rich before a command needs it.
"""

import gc
import os

# A command lives for a moment: what a collector would free is freed with the process, and looking for pydantic's
# plugins through all installed packages takes longer than a check.
gc.set_threshold(100_000)
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from archspec.cli.interrupts import quitting_at_once  # noqa: E402

with quitting_at_once():
    from archspec.cli.app import main

__all__ = ["main"]
