"""What the documentation teaches is reached from `archspec` itself: no example imports from inside."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import archspec
from archspec.language.diagnostics import SpecError
from tests.docs.test_readme import ROOT, blocks

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INSIDE = re.compile(r"(?:from|import) archspec\.|from archspec import (?!" + "|".join(archspec.__all__) + r")")
ATTRIBUTE = re.compile(r"\barchspec\.([A-Za-z_]\w*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_example_imports_from_inside(page: Path) -> None:
    assert [line for line in _python(page.read_text("utf-8")) if INSIDE.search(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_an_example_uses_of_archspec_is_public(page: Path) -> None:
    used = {name for line in _python(page.read_text("utf-8")) for name in ATTRIBUTE.findall(line)}
    assert used - {*archspec.__all__, "yaml"} == set()


def test_an_import_from_inside_would_be_found() -> None:
    text = "```python\n>>> from archspec.graph.model import Graph\n```\n"
    assert [line for line in _python(text) if INSIDE.search(line)]


@pytest.mark.parametrize("name", archspec.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(archspec, name) is not None


def test_the_version_is_that_of_the_package() -> None:
    assert archspec.__version__ == metadata.version("archspec-nn")


def test_to_import_archspec_imports_nothing_else() -> None:
    script = "import sys, archspec; assert not {'torch', 'pydantic', 'yaml', 'matplotlib'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    plot = archspec.plot("lenet", "lenet_1998")
    plot.save(tmp_path / "lenet.svg")
    assert (tmp_path / "lenet.svg").read_bytes() == plot.bytes("svg")
    stages = archspec.plot(archspec.read("lenet"))
    assert "activations, float32" in stages.svg()
    with pytest.raises(archspec.RenderError, match="there is no format `gif`"):
        stages.bytes("gif")


def test_a_plot_of_stages_is_of_one() -> None:
    with pytest.raises(SpecError, match="of one architecture, found 2"):
        archspec.plot("lenet", "vgg", of="stages")
    with pytest.raises(SpecError, match="no plot `stage` of a picture"):
        archspec.plot("lenet", of="stage")  # type: ignore[arg-type]


def _python(text: str) -> Iterator[str]:
    """The lines of Python examples."""
    return (line for language, content in blocks(text) if language == "python" for line in content.splitlines())
