"""Every `data:` section in the documentation reads, and the page knows every source and every key."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from archspec.language.diagnostics import Findings
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping
from archspec.training.data import DataSettings, parse_data
from archspec.training.data.sources import packages, sources

PAGE = Path(__file__).parents[3] / "docs" / "training-data.md"
TEXT = PAGE.read_text("utf-8")
SECTIONS = re.findall(r"```yaml\n(data:\n.*?)```", TEXT, re.DOTALL)


def galaxies(root: str, train: bool = True, redshift: float = 0.1) -> None: ...


@pytest.mark.parametrize("text", SECTIONS)
def test_a_section_reads(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = metadata.EntryPoint("galaxies", f"{__name__}:galaxies", packages.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry])
    packages.installed.cache_clear()
    findings = Findings()
    tree = parse(Source("page", text))
    assert isinstance(tree, Mapping)
    data = tree.get("data")
    assert data is not None
    read = parse_data(data, findings)
    assert list(map(str, findings)) == []
    assert isinstance(read, DataSettings)


@pytest.mark.parametrize("name", sources())
def test_every_source_has_its_words(name: str) -> None:
    assert re.search(rf"^\*\*.*`{name}`.*\*\*", TEXT, re.MULTILINE)


def test_every_key_is_told_of() -> None:
    keys = set(DataSettings.model_fields) - {"source", "places"}
    assert sorted(key for key in keys if f"`{key}`" not in TEXT) == []
