"""A study by its path, or by the name of one that comes with archspec."""

from __future__ import annotations

from pathlib import Path

from archspec.api import zoo
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.file_kind import is_study
from archspec.language.read_text import is_file, read_source
from archspec.search.study.page import Study, parse_study


def bundled_studies() -> tuple[str, ...]:
    """The names of the studies that come with archspec."""
    return tuple(sorted(path.stem for path in (zoo.folder() / "studies").glob("*.yaml")))


def open_study(study: str | Path) -> Study:
    """The study that a path or bundled name means; raises `SpecError` where there is none or it is wrong."""
    path = Path(study)
    if not is_file(path):
        if str(study) not in bundled_studies():
            message = f"there is no bundled study `{study}`, and no such file"
            help_ = did_you_mean(str(study), bundled_studies())
            raise SpecError([Diagnostic("unknown-spec", message, help=help_)])
        path = zoo.folder() / "studies" / f"{study}.yaml"
    source = read_source(path)
    if not is_study(source):
        message = f"`{source.name}` is no study"
        raise SpecError([Diagnostic("unknown-spec", message, expected="a page that begins with `study: 1`")])
    return parse_study(source)
