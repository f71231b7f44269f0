"""The small specs that pictures and reports are tested with, their goldens, and the text of a spec read as one."""

from __future__ import annotations

import os
from pathlib import Path

import archspec
from archspec.api.architecture import read_document
from archspec.language.diagnostics import Findings
from archspec.language.document import parse_document
from archspec.language.source import Source

HERE = Path(__file__).parent
SPECS = sorted(path.stem for path in (HERE / "drawn").glob("*.yaml"))
FORMS = sorted(path.stem for path in (HERE / "forms").glob("*.yaml"))


def sample(name: str) -> archspec.Architecture:
    """One of the small specs, elaborated."""
    return archspec.read(HERE / "drawn" / f"{name}.yaml")


def form(name: str) -> archspec.Architecture:
    """One of the networks that papers draw in forms of their own, elaborated."""
    return archspec.read(HERE / "forms" / f"{name}.yaml")


def read(text: str) -> archspec.Architecture:
    """The text of a spec that uses no other file, elaborated."""
    findings = Findings()
    document = parse_document(Source("spec.yaml", text), findings)
    findings.check()
    return read_document(document, None, {})


def golden(name: str, text: str) -> str:
    """The golden of that name; ARCHSPEC_UPDATE_GOLDENS=1 writes it anew."""
    path = HERE / "goldens" / name
    if os.environ.get("ARCHSPEC_UPDATE_GOLDENS"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")
