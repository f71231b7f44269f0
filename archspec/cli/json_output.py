"""Diagnostics, verdicts and architectures as plain data: what `--json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from msgspec import to_builtins

from archspec.api.architecture import Architecture
from archspec.api.build import Built
from archspec.api.catalogue import CatalogueEntry, Listed
from archspec.api.check import Checked
from archspec.api.from_module import Imported
from archspec.language.diagnostics import Diagnostic
from archspec.language.source import Span
from archspec.reports.architecture_json import figure_data, jsonable, sizes_data


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic; what it does not say is left out."""
    data = {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "node": diagnostic.node,
        "expected": diagnostic.expected,
        "found": diagnostic.found,
        "help": diagnostic.help,
        "notes": [{"message": note.message, **_place(note.span)} for note in diagnostic.notes] or None,
    }
    return {key: value for key, value in data.items() if value is not None}


def counts_data(architecture: Architecture) -> dict[str, Any]:
    """What is counted of an architecture as a whole."""
    return {
        "params": architecture.params,
        "macs": jsonable(architecture.macs),
        "depth": architecture.depth,
    }


def checked_data(checked: Checked) -> dict[str, Any]:
    """One line of `archspec check`."""
    return {
        "spec": checked.spec,
        "variant": checked.variant,
        "fine": checked.fine,
        **(counts_data(checked.architecture) if checked.architecture else {}),
        **sizes_data(checked.rules),
        "figures": [figure_data(verdict) for verdict in checked.verdicts],
        "diagnostics": [diagnostic_data(diagnostic) for diagnostic in checked.diagnostics],
    }


def listed_data(listed: Listed) -> dict[str, Any]:
    """One line of `archspec list`."""
    architecture = listed.architecture
    document = architecture.document
    return {
        "name": listed.name,
        "title": architecture.title,
        "spec": document.name,
        "about": document.about,
        "task": document.task,
        "year": listed.year,
        **counts_data(architecture),
        "figures": [figure_data(verdict) for verdict in architecture.figures],
    }


def entry_data(entry: CatalogueEntry) -> dict[str, Any]:
    """An op or a block."""
    return cast("dict[str, Any]", to_builtins(entry))


def built_data(built: Built, paths: Iterable[Path]) -> dict[str, Any]:
    """What `archspec build` did for one variant."""
    data = {
        "name": built.architecture.name,
        **counts_data(built.architecture),
        "figures": [figure_data(verdict) for verdict in built.verdicts],
        "weights": to_builtins(built.loaded) if built.loaded else None,
        "files": [str(path) for path in paths],
    }
    return {key: value for key, value in data.items() if value is not None}


def imported_data(imported: Imported, path: Path | None) -> dict[str, Any]:
    """What `archspec import` did."""
    proof = imported.proof
    return {
        "name": imported.architecture.name,
        **counts_data(imported.architecture),
        "flops": imported.flops,
        "seconds": imported.seconds,
        "memory": imported.memory,
        "proven": None if proof is None else proof.holds,
        "difference": None if proof is None else proof.difference,
        "first_difference": to_builtins(proof.first) if proof and proof.first else None,
        "missing": to_builtins(imported.missing),
        "diagnostics": [diagnostic_data(diagnostic) for diagnostic in imported.diagnostics],
        "file": str(path) if path else None,
    }


def _place(span: Span | None) -> dict[str, Any]:
    return {} if span is None else {"file": span.source.name, "line": span.line, "column": span.column}
