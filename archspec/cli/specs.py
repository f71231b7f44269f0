"""The spec that a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.cli import console
from archspec.cli.settings import parse_settings

if TYPE_CHECKING:
    from archspec.api.architecture import Architecture


def read_spec(spec: str, variant: str | None, settings: list[str]) -> Architecture:
    """The architecture, its warnings shown; raises `SpecError` with what is wrong in the spec or the settings."""
    from archspec.api.architecture import read_document
    from archspec.api.documents import open_document

    document, chosen = open_document(spec, variant)
    architecture = read_document(document, chosen, parse_settings(settings))
    console.report(architecture.warnings)
    return architecture
