"""What a run's folder says of the run: its record, held against what archspec writes before it is used."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, SpecError

SCHEMA = 1
LARGEST = 64 * 2**20
"""Bytes; a record of the largest data sets' classes has a few of them."""

DEEPEST = 32
"""How deep settings may be nested; those of a spec are flat lists at most."""


class DataRecord(Struct):
    """The data of a run, as far as it is used again."""

    root: str
    classes: list[str]
    uniform: bool = False


class LoadedRecord(Struct):
    """The tensors of the weights that a run began with."""

    loaded: list[str]
    fresh: list[str]
    unused: list[str]
    summed: list[str] = []


class Record(Struct):
    """The keys of a record that are used again, and their types; those with a default are used only to resume."""

    spec: str
    variant: str | None
    settings: dict[str, Any]
    status: str
    data: DataRecord
    name: str = ""
    begun: datetime | None = None
    seconds: float = 0.0
    weights: LoadedRecord | None = None
    versions: dict[str, str] = {}
    goes_on: bool = False


def read_record(path: Path) -> dict[str, Any]:
    """The record in a file; raises `SpecError` where it is none, and `FileNotFoundError` where there is no file."""
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(path, found=f"more than {LARGEST >> 20} MB")
        record = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(path, found=str(error)) from None
    except RecursionError:
        raise _unreadable(path, found="JSON that is nested too deeply") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        message = f"`{path}` was not written by this version of archspec, or was edited since"
        raise SpecError([Diagnostic("run-unreadable", message, expected=f"`schema`: {SCHEMA}")])
    try:
        msgspec.convert(record, Record)
        if _is_deep(record["settings"], DEEPEST):
            raise _unreadable(path, found="settings that are nested too deeply")
    except (msgspec.ValidationError, RecursionError) as error:
        message = f"`{path}` was not written by archspec, or was edited since"
        raise SpecError([Diagnostic("run-unreadable", message, found=_in_words(str(error)))]) from None
    return record


def check_resumable(path: Path, record: Mapping[str, Any]) -> None:
    """Raise `SpecError` where a record lacks what a run needs to resume."""
    for key in ("name", "begun", "seconds", "weights", "versions"):
        if key not in record:
            raise SpecError(
                [
                    Diagnostic(
                        "run-unreadable",
                        f"`{path}` was not written by archspec, or was edited since",
                        found=f"no `{key}`",
                    )
                ]
            )


def inside(folder: Path, name: str) -> Path:
    """The path of a file that a record names in its folder; raises `SpecError` where it leads out of it."""
    path = folder / name
    if "\0" in name or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        message = "the run's record names a spec outside of the run's folder, which is not read"
        raise SpecError(
            [Diagnostic("run-unreadable", message, expected="a file in the folder, such as `spec/net.yaml`")]
        )
    return path


def _is_deep(value: Any, most: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most < 0 or any(_is_deep(each, most - 1) for each in inner)


def _unreadable(path: Path, **details: str) -> SpecError:
    return SpecError([Diagnostic("run-unreadable", f"`{path}` cannot be read", **details)])  # type: ignore[arg-type]


def _in_words(reason: str) -> str:
    """What msgspec says, in the words of JSON.

    >>> _in_words("Expected `array`, got `int` - at `$.data.classes`")
    'a number in place of a list at `data.classes`'
    >>> _in_words("Object missing required field `spec`")
    'no `spec`'
    """
    if lacks := re.search(r"missing required field `(\w+)`", reason):
        return f"no `{lacks[1]}`"
    place = re.search(r"at `\$\.?(.*?)`$", reason)
    at = f" at `{place[1]}`" if place and place[1] else ""
    if kinds := re.match(r"Expected `(.*?)`, got `(.*?)`", reason):
        wanted, found = (" or ".join(_WORDS.get(each, each) for each in text.split(" | ")) for text in kinds.groups())
        return f"{found} in place of {wanted}{at}"
    return f"a value of another kind{at}"


_WORDS = {
    "array": "a list",
    "object": "a mapping",
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "datetime": "a time",
}
