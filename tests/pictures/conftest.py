"""The small specs that pictures are tested with are those of the backends."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "backends"))
