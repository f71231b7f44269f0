"""Every spec in the documentation reads, elaborates without a warning, and agrees with its figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archspec

DOCS = Path(__file__).parent.parent / "docs"
SPECS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```yaml\n(archspec: 1\n.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_in_the_docs_is_right(text: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    architecture = archspec.read(path)
    assert [str(warning) for warning in architecture.warnings] == []
    assert [verdict for verdict in architecture.figures if not verdict.fine] == []
