"""Files in which networks are kept: each format is one file of this folder, and is found by being there.

A format's module has

    ENDING   what the names of its files end with, such as `.cfg`
    SIGNS    texts that all stand in such a file, where its ending alone does not tell
    ABOUT    what it is, in a few words
    read     a path and settings → a `Described`

and raises `SpecError` for what it cannot read. It is only imported once a file of its kind is given.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from archspec.importing.example_inputs import ExampleInput
from archspec.language.read_text import is_file

if TYPE_CHECKING:
    from torch import nn

    from archspec.importing.trace import Traced


class Described(Struct, frozen=True):
    """The network of a file: a module that computes it, and the inputs that the file tells, if it does.

    `examples` are tensors that the module takes, where it takes no others. `follow` traces the module, of the page's
    name, where it cannot be followed like others.
    """

    module: nn.Module
    name: str
    inputs: tuple[ExampleInput, ...] = ()
    examples: tuple[Any, ...] = ()
    follow: Callable[[str], Traced] | None = None


Read = Callable[[Path, Mapping[str, Any]], Described]


class Format(Struct, frozen=True):
    """A format, as the head of its file tells it."""

    name: str
    ending: str
    about: str
    signs: tuple[str, ...] = ()

    @property
    def read(self) -> Read:
        """What reads a file of it."""
        return cast("Read", import_module(f"{__name__}.{self.name}").read)


def format_of(path: str | Path) -> Format | None:
    """The format that a file is of; `None` where it is of none."""
    return next((each for each in formats() if _is_of(each, Path(path))), None)


@cache
def formats() -> tuple[Format, ...]:
    """All formats. Their heads are read off their sources, since what they import takes long."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple(_head(file) for file in files if file.stem != "__init__")


def _head(file: Path) -> Format:
    told = {name: ast.literal_eval(value) for name, value in _HEAD.findall(file.read_text("utf-8"))}
    return Format(file.stem, told["ENDING"], told["ABOUT"], told.get("SIGNS", ()))


_HEAD = re.compile(r"^(ENDING|ABOUT|SIGNS) = (.+)$", re.MULTILINE)


def _is_of(format: Format, path: Path) -> bool:
    if path.suffix.lower() != format.ending or not is_file(path):
        return False
    if not format.signs:
        return True
    with path.open("rb") as file:
        text = file.read(1 << 20).decode("utf-8", "replace")
    return all(re.search(sign, text, re.MULTILINE) for sign in format.signs)
