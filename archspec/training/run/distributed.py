"""The processes of one run: which of them leads, and that all of them mean the same folder."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = "ARCHSPEC_RUN"
"""The environment variable by which the leader tells the processes that it starts where the run lies."""


def is_leader() -> bool:
    """Whether this process is the one that writes and speaks."""
    from lightning.pytorch.utilities import rank_zero_only

    return int(getattr(rank_zero_only, "rank", 0) or 0) == 0


def share_folder(folder: Path) -> None:
    """Tell the processes that are started from here on."""
    os.environ[_FOLDER] = str(folder.resolve())


def shared_folder() -> Path | None:
    """The folder that the leading process announced."""
    return Path(told) if (told := os.environ.get(_FOLDER)) else None
