"""A run folder: what training leaves behind, complete enough to rebuild the trained network on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from archspec.api import zoo
from archspec.api.architecture import Architecture, read_document, setting_trees
from archspec.api.run_record import SCHEMA, inside, read_record
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import is_file
from archspec.language.visible_text import json_text

RECORD = "run.json"


class Run(Struct, frozen=True):
    """A run's folder, and what lies where in it."""

    folder: Path

    @property
    def record(self) -> Path:
        """What the run is, as JSON: the spec's settings, the data, the versions, and what came of it."""
        return self.folder / RECORD

    @property
    def recipe(self) -> Path:
        """The recipe with all that was set."""
        return self.folder / "recipe.yaml"

    @property
    def spec(self) -> Path:
        """The folder with the spec and the files beside it that it uses."""
        return self.folder / "spec"

    @property
    def source(self) -> Path:
        """The module's source."""
        return self.folder / "model.py"

    @property
    def weights(self) -> Path:
        """The trained weights."""
        return self.folder / "weights.safetensors"

    @property
    def last(self) -> Path:
        """The checkpoint from which a run resumes."""
        return self.folder / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint that was best in the metric that the recipe keeps by."""
        return self.folder / "checkpoints" / "best.ckpt"

    @property
    def metrics(self) -> Path:
        """A row for each epoch."""
        return self.folder / "metrics.csv"

    @property
    def curves(self) -> Path:
        """How the losses and measures went, as a picture."""
        return self.folder / "curves.png"

    @property
    def confusion(self) -> Path:
        """Which classes were taken for which, as a picture."""
        return self.folder / "confusion.png"

    @property
    def report(self) -> Path:
        """Everything on one page."""
        return self.folder / "report.html"

    def read(self) -> dict[str, Any]:
        """The record; raises `SpecError` where the folder is no run's, or its record not as archspec writes it."""
        try:
            return read_record(self.record)
        except FileNotFoundError:
            raise _no_run(self.folder) from None

    def architecture(self) -> Architecture:
        """The architecture that was trained."""
        record = self.read()
        document, _ = zoo.open_spec(inside(self.folder, record["spec"]))
        return read_document(document, record["variant"], setting_trees(record["settings"]))


def is_run(folder: str | Path) -> bool:
    """Whether a folder holds a run."""
    return is_file(Path(folder) / RECORD)


def record_text(record: Mapping[str, Any]) -> str:
    """The record as it is written."""
    return json_text({"schema": SCHEMA, **record}, indent=2) + "\n"


def _no_run(folder: Path) -> SpecError:
    if not folder.is_dir():
        names = [each.name for each in folder.parent.iterdir()] if folder.parent.is_dir() else []
        close = did_you_mean(folder.name, names) if names else None
        return SpecError([Diagnostic("no-run", f"there is no folder `{folder}`", help=close)])
    return SpecError([Diagnostic("no-run", f"`{folder}` holds no run", expected=f"a folder with `{RECORD}` in it")])
