"""What a shell offers for the words of a command: names of what comes with archspec, files, and a spec's own names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from archspec.language.diagnostics import SpecError


def specs(incomplete: str) -> list[str]:
    """Architectures and their variants, and the YAML files that are there."""
    from archspec.api import zoo

    names = {*zoo.documents(), *(name for name, _ in zoo.variants())}
    return _beginning(incomplete, [*names, *_files(incomplete)])


def pages(incomplete: str) -> list[str]:
    """All that comes with archspec and is a page."""
    from archspec.api import zoo
    from archspec.elaborate.symbol_table import standard_names

    recipes = (path.stem for path in (zoo.folder() / "recipes").glob("*.yaml"))
    return _beginning(incomplete, [*specs(incomplete), *recipes, *standard_names()])


def callables(incomplete: str) -> list[str]:
    """The ops and standard blocks."""
    from archspec.elaborate.symbol_table import standard_names
    from archspec.ops import ops

    return _beginning(incomplete, [*ops(), *standard_names()])


def variants(context: typer.Context, incomplete: str) -> list[str]:
    """The variants of the spec that is named."""
    return _of_spec(context, incomplete, lambda document, _: document.variants)


def settings(context: typer.Context, incomplete: str) -> list[str]:
    """The params of the spec that is named, as `--set` takes them."""
    return _of_spec(context, incomplete, lambda document, _: (f"{name}=" for name in document.params))


def addresses(context: typer.Context, incomplete: str) -> list[str]:
    """The addresses of the blocks of the spec that is named."""
    from archspec.api.architecture import read_document
    from archspec.graph.model import Block

    def blocks(document: Any, variant: str | None) -> Iterator[str]:
        nodes = read_document(document, variant, {}).graph.walk()
        return (node.address for node in nodes if isinstance(node, Block))

    return _of_spec(context, incomplete, blocks)


def _of_spec(context: typer.Context, incomplete: str, names: Callable[[Any, str | None], Iterable[str]]) -> list[str]:
    from archspec.api.documents import open_document

    given = context.params.get("spec") or context.params.get("specs") or ()
    # An argument in front of an option that is not whole yet is left over.
    spec = given if isinstance(given, str) else next(iter((*given, *context.args)), None)
    with suppress(SpecError):
        if spec is not None:
            return _beginning(incomplete, names(*open_document(spec, context.params.get("variant"))))
    return []


def _files(incomplete: str) -> Iterator[str]:
    """Folders and YAML files beside what is typed."""
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    with suppress(OSError, ValueError):
        for path in folder.iterdir():
            if path.suffix in (".yaml", ".yml") or path.is_dir():
                yield f"{path}/" if path.is_dir() else str(path)


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if word.startswith(incomplete)})
