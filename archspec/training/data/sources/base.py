"""What every source of data says of itself: its fields, and how its splits are opened.

A source is a frozen pydantic model, found by its name; it reads no image before one is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.validation import Expects, Section

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Task = Literal["classification", "detection"]

Folder = Annotated[str, Expects("the path of a folder")]
Whole = Annotated[int, Expects("a whole number")]


class Drawable(Protocol):
    """Items by number: `(image, target)`, the image a `tv_tensors.Image` of whole numbers up to 255."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


@dataclass(frozen=True)
class Items:
    """One split of a source: what can be drawn by number, and what is known of it without drawing.

    `labels` are the classes' numbers, `None` where an item has no one class; `files` the file behind each item, none
    where the images lie in memory. `uniform` says that all images have one size.
    """

    drawn: Drawable
    classes: tuple[str, ...]
    labels: Sequence[int] | None = None
    files: Sequence[Path] = field(default=())
    uniform: bool = False

    def __len__(self) -> int:
        return len(self.drawn)


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
    def open(self, root: Path, channels: int | None) -> Mapping[Split, Items]:
        """The splits there are; images come with so many channels. Raises `SpecError` where the data is not there."""

    def place(self, given: Path | None) -> Path:
        """The folder: as given on the command line, else in the recipe, else the default."""
        root = given or (Path(self.root) if self.root else None) or (self.default_root and Path(self.default_root))
        if not root:
            raise data_error("data-missing", f"`{self.name}` does not say where the data is", help=_HOW_TO_SAY)
        return Path(root).expanduser()


_HOW_TO_SAY = "give the folder: `root: …` in the recipe, or `--data PATH`"


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
