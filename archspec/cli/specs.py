"""What a command is about: a spec, or a TARGET in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from archspec.cli import console
from archspec.cli.settings import parse_settings, with_input

if TYPE_CHECKING:
    from archspec.api.architecture import Architecture


def read_spec(spec: str, variant: str | None, settings: Sequence[str], inputs: Sequence[str] = ()) -> Architecture:
    """The architecture, its warnings shown; raises `SpecError` with what is wrong in the spec or the settings."""
    (architecture,) = read_specs(spec, variant, settings, inputs)
    return architecture


def read_specs(
    spec: str, variant: str | None, settings: Sequence[str], inputs: Sequence[str] = (), all_variants: bool = False
) -> list[Architecture]:
    """As `read_spec`; all variants where these are asked for."""
    from archspec.api.architecture import read_document
    from archspec.api.documents import open_document, variants_of
    from archspec.api.import_target import is_target

    if is_target(spec):
        architectures = [_imported(spec, variant, settings, inputs)]
    else:
        document, chosen = open_document(spec, variant)
        given = with_input(parse_settings(settings), inputs)
        names = variants_of(document) if all_variants else [chosen]
        architectures = [read_document(document, name, given) for name in names]
    console.report(warning for each in architectures for warning in each.warnings)
    return architectures


def of_target(spec: str, inputs: Sequence[str]) -> Sequence[str]:
    """The inputs for what is a TARGET, where a spec beside it keeps its own."""
    from archspec.api.import_target import is_target

    return inputs if is_target(spec) else ()


def _imported(target: str, variant: str | None, settings: Sequence[str], inputs: Sequence[str]) -> Architecture:
    from archspec.api.import_target import Asked, import_target

    if variant is not None:
        raise typer.BadParameter(f"{target!r} is a TARGET, which has no variants", param_hint="'--variant'")
    asked = Asked(parse_settings(settings), tuple(inputs), proof=False)
    with console.progress() as doing:
        return import_target(target, asked, doing).architecture
