"""What torch, torchvision and Lightning have for a recipe, kept by their versions: read in place of importing them.

To import them takes seconds, which is long to wait for the message of a mistyped word. `words.json` is what
`python -m archspec.training.recipe.write_index` finds and writes; where other versions are installed, they are
imported, and what is found is kept in the user's cache. Of a package that is not installed, any version's words do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from msgspec import Struct

from archspec.files.atomic import write_whole
from archspec.training.recipe.signatures import signature, written

SHIPPED = Path(__file__).with_name("words.json")
PACKAGES = ("torch", "torchvision", "lightning")


class Named:
    """A function or class that is imported when it is called; its signature is known before."""

    def __init__(self, module: str, name: str, parameters: list[list[Any]]) -> None:
        self.module, self.__name__ = module, name
        self.__signature__ = signature(parameters)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return getattr(import_module(self.module), self.__name__)(*given, **named)


class Kind(Struct, frozen=True):
    """Words of one kind, and the module that has a function for each; `find` imports it and looks for them.

    Of those that are `annotated` the annotations are needed, and not their texts alone.
    """

    name: str
    module: str
    find: Callable[[], Mapping[str, Callable[..., Any]]]
    annotated: bool = False

    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions by the names that a recipe has for them, from the index where it is of these versions."""
        if self.name not in _known():
            _known()[self.name] = self.words()
            _keep()
        known = _known()[self.name]
        return {name: Named(self.module, own, parameters) for name, (own, parameters) in known.items()}

    def words(self) -> dict[str, Any]:
        """What the index says of them: what Python calls each, and its parameters."""
        return {name: [each.__name__, written(each, self.annotated)] for name, each in self.find().items()}


@cache
def versions() -> tuple[str, ...]:
    """The installed versions of what is indexed; `-` for what is not installed."""
    return tuple(map(_version, PACKAGES))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-"


@cache
def _known() -> dict[str, Any]:
    """What is kept of the installed versions, by kind."""
    return next(_current(), {})


def _current() -> Iterator[dict[str, Any]]:
    for place in (_shipped, _cached):
        try:
            kept = json.loads(place().read_text(encoding="utf-8"))
            if all(here in ("-", kept_for) for here, kept_for in zip(versions(), kept["versions"], strict=True)):
                yield kept["words"]
        except (OSError, RuntimeError, ValueError, KeyError, TypeError):  # absent, or not whole: looked for anew
            continue


def _shipped() -> Path:
    return SHIPPED


def _cached() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "archspec" / "recipe_words.json"


def _keep() -> None:
    """Keep what was found for the next time; without a place to write, nothing is kept."""
    try:
        _cached().parent.mkdir(parents=True, exist_ok=True)
        write_whole(_cached(), text(_known()))
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        pass


def text(words: Mapping[str, Any]) -> str:
    """The index of the installed versions as a file holds it."""
    kinds = (f"  {json.dumps(kind)}: {{\n{_lines(each)}\n  }}" for kind, each in words.items())
    head = f'{{\n"versions": {json.dumps(versions())},\n"words": {{\n'
    return head + ",\n".join(kinds) + "\n}\n}\n"


def _lines(words: Mapping[str, Any]) -> str:
    return ",\n".join(f"    {json.dumps(name)}: {json.dumps(each)}" for name, each in words.items())
