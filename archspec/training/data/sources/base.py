"""What every source of data says of itself: its fields, and how its splits are opened.

A source is a frozen pydantic model, found by its name; it reads no image before one is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.pydantic_models import Expects, Section
from archspec.training.data.network_inputs import Wanted

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SPLIT_NAMES: dict[str, Split] = {
    **{split: split for split in SPLITS},
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "testing": "test",
}
"""What folders, files and columns call the splits."""
Task = Literal["classification", "detection"]

Folder = Annotated[str, Expects("the path of a folder")]
Flag = Annotated[bool, Expects("true or false")]
Natural = Annotated[int, Field(ge=0), Expects("a whole number from 0")]
Positive = Annotated[int, Field(ge=1), Expects("a whole number from 1")]


class Drawable(Protocol):
    """Items by number: `(image, target)`, the image a `tv_tensors.Image` or `Video` of whole numbers up to 255."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


@dataclass(frozen=True)
class Items:
    """One split of a source: what can be drawn by number, and what is known of it without drawing.

    `labels` are the classes' numbers, `None` where an item has no one class; `files` the file or folder behind each
    item, none where the images lie in memory. `frames` are all files of each item, where it has several. `in_training`
    are the same items as training draws them, where that differs. `uniform` says that all images have one size.
    `problems` are what is wrong with the items, as far as it is known without reading them.
    """

    drawn: Drawable
    classes: tuple[str, ...]
    labels: Sequence[int] | None = None
    files: Sequence[Path] = field(default=())
    frames: Sequence[Sequence[Path]] = field(default=())
    in_training: Drawable | None = None
    uniform: bool = False
    problems: tuple[Diagnostic, ...] = ()

    def __len__(self) -> int:
        return len(self.drawn)

    def all_files(self, item: int) -> Sequence[Path]:
        """Every file that an item is read from."""
        return self.frames[item] if self.frames else self.files[item : item + 1]


class Source(Section, ABC):
    """The sources' base class. Subclasses are final; their docstring says what they read."""

    name: ClassVar[str]
    """The word that a recipe writes."""
    main: ClassVar[str] = "root"
    """The field that the name's own value fills: `{image_folder: photos}`."""
    task: ClassVar[Task] = "classification"
    default_root: ClassVar[str | None] = None
    """Where the data is looked for when nothing is said."""
    example: ClassVar[str]
    """The source as a recipe writes it."""

    root: Folder | None = None

    @abstractmethod
    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        """The splits there are, in the channels and frames that are wanted; no image is read yet.

        All splits have the same classes in the same order. Raises `SpecError` where the data is not there.
        """

    def place(self, given: Path | None) -> Path:
        """The folder: as given on the command line, else in the recipe, else the default."""
        root = given or (Path(self.root) if self.root else None) or (self.default_root and Path(self.default_root))
        if not root:
            raise data_error("data-missing", f"`{self.name}` does not say where the data is", help=HOW_TO_SAY)
        return Path(root).expanduser()

    def elsewhere(self) -> Source:
        """The source of data that lies where a user says it does: nothing is fetched to that place."""
        return self


HOW_TO_SAY = "give the folder: `root: …` in the recipe, or `--data PATH`"


def data_error(code: str, message: str, **details: str | None) -> SpecError:
    """An error about data, which has no place in a text."""
    return SpecError([Diagnostic(code, message, **details)])  # type: ignore[arg-type]


_SOURCES: dict[str, type[Source]] = {}


def register(source: type[Source]) -> type[Source]:
    """Class decorator: add a source. Registering a name twice raises."""
    if source.name in _SOURCES:
        raise ValueError(f"a source named {source.name!r} is registered already: {_SOURCES[source.name].__qualname__}")
    _SOURCES[source.name] = source
    return source
