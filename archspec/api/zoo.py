"""The bundled architectures by name: each file of specs/ and each of its variants."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.document import Document, parse_document
from archspec.language.file_kind import is_recipe, is_study
from archspec.language.read_text import is_file, read_source


@cache
def folder() -> Path:
    """Where the bundled specs lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


@cache
def documents() -> tuple[str, ...]:
    """The names of the bundled specs."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml")))


@cache
def bundled(name: str) -> Document:
    """A bundled spec by its file's name."""
    findings = Findings()
    document = parse_document(read_source(folder() / f"{name}.yaml", f"specs/{name}.yaml"), findings)
    findings.check()
    return document


def variants() -> Iterator[tuple[str, Document]]:
    """Every architecture that can be named: each document's variants, or the document itself where it has none."""
    for name in documents():
        document = bundled(name)
        for variant in document.variants or (name,):
            yield variant, document


def find(name: str, beside: Path | None = None) -> tuple[Document, str | None] | None:
    """The document that a name or path means, and the variant where the name is a variant's.

    A path is taken from the folder of `beside` where it is given. `None` where there is nothing of that name; raises
    `SpecError` for a path that cannot be read.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        path = (beside.parent if beside else Path()) / name
        source = read_source(path, str(path))
        if is_recipe(source):
            raise SpecError([_recipe_for_a_spec(source.name)])
        if is_study(source):
            raise SpecError([_study_for_a_spec(source.name)])
        return parse_document(source, Findings()), None
    if name in documents():
        return bundled(name), None
    return next(((document, name) for document in _likely(name) if name in document.variants), None)


def open_spec(spec: str | Path) -> tuple[Document, str | None]:
    """The document that a user names by path, bundled name or variant; the nearest names where there is none."""
    found = find(str(spec)) if not is_file(Path(spec)) else find(_as_path(spec))
    if found is None:
        names = [*documents(), *(variant for variant, _ in variants())]
        if is_recipe_name(str(spec)):
            raise SpecError([_recipe_for_a_spec(str(spec))])
        message = f"there is no bundled architecture `{spec}`, and no such file"
        help_ = did_you_mean(str(spec), names) or "`archspec list` shows them all"
        raise SpecError([Diagnostic("unknown-spec", message, help=help_)])
    return found


def is_recipe_name(name: str) -> bool:
    """Whether a bundled recipe is called so."""
    return name.isidentifier() and is_file(folder() / "recipes" / f"{name}.yaml")


def _recipe_for_a_spec(name: str) -> Diagnostic:
    message = f"`{name}` is a recipe, and a spec is needed"
    help_ = f"`archspec check {name}` checks it, `archspec train {name}` trains by it; its `model` names the spec"
    return Diagnostic("unknown-spec", message, help=help_)


def _study_for_a_spec(name: str) -> Diagnostic:
    message = f"`{name}` is a study, and a spec is needed"
    return Diagnostic("unknown-spec", message, help=f"`archspec search {name} --dry-run` counts its networks")


def _as_path(spec: str | Path) -> str:
    text = str(spec)
    return text if text.endswith((".yaml", ".yml")) or "/" in text else f"./{text}"


def _likely(name: str) -> Iterator[Document]:
    """The bundled documents, those whose name begins the variant's first: most are found without reading the others."""
    for document in sorted(documents(), key=lambda each: not name.startswith(each)):
        yield bundled(document)
