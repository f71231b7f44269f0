"""What training came to, epoch by epoch: one row each, kept in the checkpoints and written as metrics.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archspec.files.atomic import write_whole
from archspec.training.run.early_stopping import Ended

Row = Mapping[str, "float | int | str"]
Told = Callable[[Row], None]


@dataclass
class History:
    """The rows so far; `file` is written anew with each, and `told` hears of it, as `told_end` does of an early end."""

    file: Path | None = None
    told: Told = lambda row: None
    told_end: Callable[[Ended], None] = lambda ended: None
    rows: list[dict[str, float | int | str]] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    """The phases that ended early."""

    def add(self, row: dict[str, float | int | str]) -> None:
        """Take down an epoch."""
        self.rows.append(row)
        if self.file is not None:
            write_whole(self.file, as_csv(self.rows))
        self.told(row)

    def end(self, ended: Ended) -> None:
        """Take down the early end of a phase."""
        self.ends.append(ended)
        self.told_end(ended)


def as_csv(rows: list[dict[str, float | int | str]]) -> str:
    """The rows as text, a column for every name that occurs.

    >>> as_csv([{"epoch": 1, "train_loss": 0.5}, {"epoch": 2, "train_loss": 0.25, "val_loss": 0.3}])
    'epoch,train_loss,val_loss\\n1,0.5,\\n2,0.25,0.3\\n'
    """
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
